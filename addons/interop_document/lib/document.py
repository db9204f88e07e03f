"""The value every flow works with: one canonical business document."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON value that claims to be of a document type.

    `body` is plain JSON (dict, list, str, int, float, bool, None) and never contains wire formats.
    `business_key` is how people find it again: partner, type, number and revision.
    `plain` says that the body is known to be plain JSON (it was checked, or read from a checked
    text), so that nobody needs to walk it again.
    The text form tells the type only, so that a document may appear in a log line or a traceback.
    """

    type: str
    version: str
    body: dict[str, Any]
    business_key: str = ""
    plain: bool = False

    @property
    def name(self) -> str:
        """Type and version as people write them: `PurchaseOrder 1.0`."""
        return f"{self.type} {self.version}"

    def __repr__(self) -> str:
        return f"<Document {self.name}>"
