"""Mappers by code: rows, and classes of modules of their own for dialects beyond rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from odoo.addons.interop_base.lib.registry import Registry

from ..lookup import Lookup


class Mapper(Protocol):
    """From one shape to the other. Pure: the same body and codes give the same result."""

    def __call__(self, body: dict[str, Any], lookup: Lookup) -> dict[str, Any]:
        """Raises `DataError` (see `MappingError`, `UnmappedCodes`); changes nothing."""
        ...


class MakeMapper(Protocol):
    """Makes a mapper of what was published about it; raises `DataError` if it cannot be used."""

    def __call__(self, snapshot: Mapping[str, Any]) -> Mapper: ...


MAPPERS: Registry[MakeMapper] = Registry("mapping")


def identity(body: dict[str, Any], lookup: Lookup) -> dict[str, Any]:
    """The mapping of a partner that speaks our own document types."""
    return body


MAPPERS.register("identity", lambda snapshot: identity)
