"""One text for one value: what digests and snapshots are made of."""

import hashlib
import json
from typing import Any

import orjson

from odoo.addons.interop_base.lib.failures import DataError

from .plain import NotPlain, require_plain

_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
)


def canonical_json(value: Any) -> bytes:
    """`value` as UTF-8 JSON with sorted names and no spaces.

    Equal values give equal bytes, and reading the bytes back and writing them again changes
    nothing. `1` and `1.0` are different values. What is not plain JSON (NaN, infinity, names that
    are not text, half a surrogate pair, other Python types) raises `DataError`.
    """
    _check(value)
    return _ENCODER.encode(value).encode()


def quick_json(value: Any, plain: bool = False) -> bytes:
    """The same, several times faster, for bytes that travel or are kept.

    Equal values give equal bytes here too. What is digested and compared over years is
    `canonical_json`, whose text for a number with an exponent is Python's own and no library's.
    `plain`: it was made sure already that the value is plain JSON; for values of unknown origin it
    never is.
    """
    if not plain:
        _check(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _check(value: Any) -> None:
    try:
        require_plain(value)
    except NotPlain as problem:
        reason = str(problem)
    else:
        return
    # Outside the handler: the frames of the original exception hold the value.
    raise DataError(f"Not a JSON value: {reason}.")


def read_json(data: bytes) -> Any:
    """The value of JSON that we wrote ourselves. What comes from outside goes through its codec."""
    return orjson.loads(data)


def digest(data: bytes) -> str:
    """SHA-256 of `data`, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
