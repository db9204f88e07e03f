"""One text for one value: what digests and snapshots are made of."""

import hashlib
import json
from typing import Any

import orjson

from odoo.addons.interop_base.lib.failures import DataError

from .plain import MAX_DEPTH, MAX_VALUES, NotPlain, is_bounded, require_plain

_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
)
_QUICK = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_SUBCLASS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
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
    What is not JSON raises `DataError` here too, but for a tuple (written as a list), a UUID and a
    member of an Enum (as text). `plain`: it was made sure already that the value is plain JSON; for
    values of unknown origin it never is.
    """
    try:
        data = orjson.dumps(value, option=_QUICK)
    except orjson.JSONEncodeError:
        data = None
    if data is None or not plain and not _is_bounded(value, data):
        _check(value)
    if data is None:
        raise DataError("Not a JSON value.")
    return data


def _is_bounded(value: Any, data: bytes) -> bool:
    """Whether `data`, which orjson made of `value`, keeps what `require_plain` demands.

    Most documents are small enough to be seen from their bytes that they do. A number that is not
    finite was written as null.
    """
    if b"\\u0000" in data:
        return False
    finite = b"null" not in data
    small = len(data) <= MAX_VALUES and data.count(b"{") + data.count(b"[") <= MAX_DEPTH
    return finite and small or is_bounded(value, finite)


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
