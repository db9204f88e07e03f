"""Where the sealed bytes of secrets belong. Their wrapped keys stand in three tables, see
``sql_secret.py``: those of values in two of them, those of access tokens in the third.
"""

from .sealing import Place


def value_place(instance: str, uuid: str, generation: int | str) -> Place:
    """A value of a secret, whether present, previous or next: its generation says which."""
    return Place(instance, uuid, "secret", int(generation))


def token_place(instance: str, uuid: str, generation: int | str) -> Place:
    """An access token that was granted for a secret."""
    return Place(instance, uuid, "secret.token", int(generation))
