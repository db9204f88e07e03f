"""What a partner speaks: its own words for an order and for the answer to it.

A dialect reads an order as it came over the wire into what ``answers.py`` works with, and writes
the answer as the partner would. ``plain`` is the one of Interop's own documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from odoo.addons.interop_base.lib.registry import Registry

Order = Mapping[str, Any]


class Dialect(Protocol):
    @property
    def code(self) -> str: ...

    @property
    def label(self) -> str: ...

    def order_of(self, body: Any) -> Any:
        """The order in plain words. Raises `KeyError`, `TypeError` or `ValueError`."""
        ...

    def answer_with(self, answer: Mapping[str, Any], body: Any) -> dict[str, Any]:
        """The answer to the order that came as `body`."""
        ...


DIALECTS: Registry[Dialect] = Registry("dialect of the sandbox partner")


@dataclass(frozen=True, slots=True)
class Plain:
    """Interop's own documents, as they are."""

    code: str = "plain"
    label: str = "Interop's own documents"

    def order_of(self, body: Any) -> Any:
        return body

    def answer_with(self, answer: Mapping[str, Any], body: Any) -> dict[str, Any]:
        return dict(answer)


# How Nordwind says what became of an order and of a line.
_ORDER_STATES = {"accepted": "10", "partial": "20", "rejected": "30"}
_LINE_STATES = {"accepted": "A", "backordered": "R", "changed": "X", "rejected": "N"}
_BERLIN = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True, slots=True)
class Nordwind:
    """A supplier of invented manners: everything nested, quantities in pieces, prices for so many
    pieces, German dates and decimals, codes of its own, articles by its own numbers.

    It counts in pieces and remembers for each line in what packs it was ordered.
    """

    code: str = "nordwind"
    label: str = "Nordwind: nested, in pieces, prices per hundred, dates as 31.12.2026"
    renamed: Mapping[str, str] = field(default_factory=dict)  # units that it calls otherwise now

    def order_of(self, body: Any) -> Any:
        document = body["Beleg"]
        head = document["Kopf"]
        order: dict[str, Any] = {
            "number": head["BelegNr"],
            "revision": int(head["Aenderungsstand"]),
            "currency": head["Waehrung"],
            "lines": [self._line(each, head) for each in document["Positionen"]["Position"]],
        }
        if head.get("Wunschtermin"):
            order["requested_date"] = _day(head["Wunschtermin"]).isoformat()
        return order

    def _line(self, position: Any, head: Any) -> dict[str, Any]:
        if not position["Artikel"]["LiefArtNr"]:
            raise ValueError("An article is known by our number only.")
        if position["Menge"]["Einheit"] != "STK":
            raise ValueError("Quantities are in pieces.")
        line: dict[str, Any] = {
            "line_number": int(position["PosNr"]),
            "quantity": float(_decimal(position["Menge"]["Anzahl"])),
            "pack": position["Menge"]["Gebinde"],
        }
        price = position.get("Preis")
        if price:
            line["per"] = price["Je"]
            line["unit_price"] = {
                "amount": float(_decimal(price["Betrag"])),
                "currency": head["Waehrung"],
            }
        if position.get("Termin"):
            line["requested_date"] = _day(position["Termin"]).isoformat()
        return line

    def answer_with(self, answer: Mapping[str, Any], body: Any) -> dict[str, Any]:
        asked = {line["line_number"]: line for line in self.order_of(body)["lines"]}
        moment = datetime.fromisoformat(answer["acknowledged_at"]).astimezone(_BERLIN)
        return {
            "Auftragsbestaetigung": {
                "Kopf": {
                    "BelegNr": answer["order_number"],
                    "Aenderungsstand": str(answer["order_revision"]),
                    "AuftragNr": answer["supplier_reference"],
                    "Zeit": f"{moment:%d.%m.%Y %H:%M:%S}",
                    "Status": _ORDER_STATES[answer["status"]],
                    "Waehrung": answer["currency"],
                },
                "Positionen": {
                    "Position": [
                        self._answer(line, asked[line["line_number"]]) for line in answer["lines"]
                    ]
                },
            }
        }

    def _answer(self, line: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
        unit = asked["pack"]["Art"]
        pack = {**asked["pack"], "Art": self.renamed.get(unit, unit)}
        quantity: dict[str, Any] = {"Einheit": "STK", "Gebinde": pack}
        for ours, theirs in (("quantity_accepted", "Bestaetigt"), ("quantity_backordered", "Rest")):
            if ours in line:
                quantity[theirs] = _text(line[ours], 3)
        position: dict[str, Any] = {
            "PosNr": f"{line['line_number']:06d}",
            "Status": _LINE_STATES[line["status"]],
            "Menge": quantity,
        }
        if "unit_price" in line:
            price = _text(line["unit_price"]["amount"], 4)
            position["Preis"] = {"Betrag": price, "Je": asked["per"]}
        for ours, theirs in (("promised_date", "Liefertermin"), ("backorder_date", "Resttermin")):
            if ours in line:
                position[theirs] = f"{date.fromisoformat(line[ours]):%d.%m.%Y}"
        if "reason" in line:
            position["Grund"] = line["reason"]
        return position


def _day(text: str) -> date:
    day, month, year = text.split(".")
    return date(int(year), int(month), int(day))


def _decimal(text: str) -> Decimal:
    if "." in text.rpartition(",")[2]:
        raise ValueError("Decimals have a comma.")
    try:
        return Decimal(text.replace(".", "").replace(",", "."))
    except InvalidOperation:
        raise ValueError("A number is needed.") from None


def _text(value: float, places: int) -> str:
    return f"{Decimal(str(value)):,.{places}f}".translate(str.maketrans(",.", ".,"))


_RENAMED = Nordwind(
    "nordwind_renamed",
    "Nordwind after a change of its system: pieces are ST in its answers",
    {"STK": "ST"},
)

for _dialect in (Plain(), Nordwind(), _RENAMED):
    DIALECTS.register(_dialect.code, _dialect)
