"""What an exception tells about the business document it stands for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Summary:
    """References and money only.

    A business model that sends or receives documents answers `_interop_summary()` with
    ``{record id: Summary}`` for its records; an exception then names the document, its partner and
    the money that hangs on it. Models that do not are named by their display name.
    """

    reference: str
    partner_id: int | None = None
    amount: float | None = None
    currency_id: int | None = None
