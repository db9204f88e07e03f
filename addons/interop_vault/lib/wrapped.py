"""The vault's tables of wrapped keys (interop_base/lib/wrapped.py)."""

from odoo.addons.interop_base.lib.wrapped import WRAPPED, WrappedTable

from .sealing import Place
from .secret_places import token_place, value_place


def associated_data(instance: str, uuid: str, kind: str, generation: str) -> bytes:
    """What content's keys were wrapped with."""
    return Place(instance, uuid, kind, int(generation)).associated_data()


def secret_associated_data(instance: str, uuid: str, generation: str) -> bytes:
    """What secrets' keys were wrapped with, wherever the value stands."""
    return value_place(instance, uuid, generation).associated_data()


def access_token_associated_data(instance: str, uuid: str, generation: str) -> bytes:
    """What the keys of access tokens were wrapped with."""
    return token_place(instance, uuid, generation).associated_data()


def token_associated_data(instance: str, uuid: str) -> bytes:
    """What tokens' keys were wrapped with."""
    return Place(instance, uuid, "token", 1).associated_data()


def register_tables() -> None:
    """Let them take part in what is done to keys."""
    WRAPPED.register(
        "interop_vault_content",
        WrappedTable(
            table="interop_vault_content",
            label="sealed content",
            place=("uuid", "kind", "generation"),
            associated_data=associated_data,
            period=("retention_class", "period"),
        ),
    )
    WRAPPED.register(
        "interop_vault_secret",
        WrappedTable(
            table="interop_vault_secret",
            label="secrets",
            place=("uuid", "sealed_generation"),
            associated_data=secret_associated_data,
            key_id="sealed_key_id",
            wrapped_key="sealed_wrapped_key",
        ),
    )
    WRAPPED.register(
        "interop_vault_token",
        WrappedTable(
            table="interop_vault_token",
            label="tokens",
            place=("uuid",),
            associated_data=token_associated_data,
        ),
    )
    WRAPPED.register(
        "interop_vault_secret_value",
        WrappedTable(
            table="interop_vault_secret_value",
            label="secrets' other values",
            place=("uuid", "generation"),
            associated_data=secret_associated_data,
        ),
    )
    WRAPPED.register(
        "interop_vault_access_token",
        WrappedTable(
            table="interop_vault_access_token",
            label="access tokens",
            place=("uuid", "generation"),
            associated_data=access_token_associated_data,
        ),
    )
