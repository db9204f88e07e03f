"""One text for one value: what digests and snapshots are made of."""

import hashlib
import json
from typing import Any

from odoo.addons.interop_base.lib.failures import DataError

from .plain import NotPlain, require_plain

_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
)


def canonical_json(value: Any, plain: bool = False) -> bytes:
    """`value` as UTF-8 JSON with sorted names and no spaces.

    Equal values give equal bytes, and reading the bytes back and writing them again changes
    nothing. `1` and `1.0` are different values. What is not plain JSON (NaN, infinity, names that
    are not text, half a surrogate pair, other Python types) raises `DataError`. `plain`: this was
    made sure already; for values of unknown origin it never is.
    """
    if plain:
        return _ENCODER.encode(value).encode()
    try:
        require_plain(value)
    except NotPlain as problem:
        reason = str(problem)
    else:
        return _ENCODER.encode(value).encode()
    # Outside the handler: the frames of the original exception hold the value.
    raise DataError(f"Not a JSON value: {reason}.")


def digest(data: bytes) -> str:
    """SHA-256 of `data`, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
