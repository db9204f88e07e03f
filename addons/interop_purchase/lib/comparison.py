"""Compare a supplier's acknowledgement with the order it answers.

Pure: in go what we ordered and what the supplier said, out come what to note on each line and what
a person has to decide. Nothing here writes, and a price is never among what is only noted.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from .amounts import exact
from .answer import Comparison, Difference, Noted, Ordered, OrderedLine
from .differences import identity, line_differences


def problems(ordered: Ordered, answer: Mapping[str, Any]) -> list[str]:
    """Why the answer cannot belong to this order, as sentences without values; empty if it can."""
    known = {line.number for line in ordered.lines}
    seen: set[int] = set()
    found = []
    for position, line in enumerate(answer["lines"], start=1):
        number = line["line_number"]
        if number not in known:
            found.append(f"lines {position}, line_number: the order has no line with this number")
        elif number in seen:
            found.append(f"lines {position}, line_number: this line was answered before")
        seen.add(number)
    return found


def compare(ordered: Ordered, answer: Mapping[str, Any]) -> Comparison:
    """Compare the acknowledgement `answer` (a valid document body) with the order.

    Lines that the answer does not name follow the status of the whole order; if that is
    "partial", nothing is said about them and they stay as they are. The caller has made sure that
    `problems` finds none.
    """
    lines = {line.number: line for line in ordered.lines}
    answers = list(answer["lines"])
    if answer["status"] in ("accepted", "rejected"):
        named = {line["line_number"] for line in answers}
        answers += [
            {"line_number": number, "status": answer["status"]}
            for number, line in lines.items()
            if number not in named and line.quantity
        ]
    noted: list[Noted] = []
    differences: list[Difference] = []
    for theirs in answers:
        ours = lines[theirs["line_number"]]
        stops = list(identity(ordered, ours, theirs))
        if stops:
            # Another item or unit: its quantities and prices cannot be compared with ours.
            differences += stops
            continue
        note = _note(ours, theirs)
        noted.append(note)
        differences += line_differences(ordered, ours, theirs, note, answer.get("currency"))
    return Comparison(tuple(noted), tuple(differences))


def _note(ours: OrderedLine, theirs: Mapping[str, Any]) -> Noted:
    status = theirs["status"]
    accepted = _number(theirs.get("quantity_accepted"))
    backordered = _number(theirs.get("quantity_backordered"))
    if status == "rejected":
        accepted = backordered = Decimal(0)
    elif status == "backordered":
        if backordered is None:
            backordered = max(ours.quantity - (accepted or Decimal(0)), Decimal(0))
        if accepted is None:
            accepted = max(ours.quantity - backordered, Decimal(0))
    else:
        backordered = backordered or Decimal(0)
        if accepted is None:
            accepted = max(ours.quantity - backordered, Decimal(0))
    return Noted(
        number=ours.number,
        status=status,
        accepted=accepted,
        backordered=backordered,
        promised_date=_date(theirs.get("promised_date")),
        backorder_date=_date(theirs.get("backorder_date")),
        reason=theirs.get("reason") or "",
    )


def _number(value: float | None) -> Decimal | None:
    return None if value is None else exact(value)


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
