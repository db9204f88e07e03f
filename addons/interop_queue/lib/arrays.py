"""PostgreSQL's text form of one-dimensional arrays.

Values that are quoted one by one cost as much as PostgreSQL's own work on them: a statement takes a
dozen columns of a hundred rows. As one text per column they are quoted once.
"""

from collections.abc import Sequence

Scalar = str | int | float | bool | None


def array(values: Sequence[Scalar]) -> str:
    r"""`values` as text to be cast to an array (manual of PostgreSQL, section 8.15.6).

    >>> array([1, None, 2.5, True])
    '{1,NULL,2.5,t}'
    >>> print(array(['a "b"', "c\\d", ""]))
    {"a \"b\"","c\\d",""}
    """
    if not values:
        return "{}"
    first = values[0]
    if values.count(first) == len(values):  # one flow, one connector: most columns are like that
        return "{" + ",".join([_element(first)] * len(values)) + "}"
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: Scalar) -> str:
    kind = type(value)
    if kind is str:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'  # type: ignore[union-attr]
    if value is None:
        return "NULL"
    if kind is bool:
        return "t" if value else "f"
    if kind is int or kind is float:
        return repr(value)
    raise TypeError(f"no array of {kind.__name__}")
