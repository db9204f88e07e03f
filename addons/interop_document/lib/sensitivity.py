"""How much harm a field can do in the wrong hands, and where a schema says so."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any


class Sensitivity(IntEnum):
    """Classes from harmless to never to be shown. A connector's clearance is one of them."""

    public = 0
    internal = 1
    confidential = 2
    personal = 3
    health = 4
    secret = 5

    @property
    def label(self) -> str:
        return self.name.capitalize()

    @classmethod
    def parse(cls, text: str) -> "Sensitivity":
        """The class of that name; an unknown name is an error, never a guess."""
        try:
            return cls[text]
        except KeyError:
            known = ", ".join(cls.__members__)
            raise ValueError(f"Unknown sensitivity; known are {known}.") from None

    @classmethod
    def selection(cls) -> list[tuple[str, str]]:
        """For selection fields: stored by name, so that a class may be added between others."""
        return [(item.name, item.label) for item in cls]


def sensitivities(schema: Mapping[str, Any]) -> dict[str, Sensitivity]:
    """The sensitivity of each leaf of a schema, by path.

    Paths are written `lines[].item.gtin`, where `[]` is any element. A leaf that says nothing has
    what its nearest ancestor says; if none says anything it is `secret` (fail closed).
    """
    from .fields import walk_fields  # fields needs the class above

    return {field.path: field.sensitivity for field in walk_fields(schema) if field.is_leaf}
