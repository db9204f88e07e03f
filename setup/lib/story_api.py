"""What the story is told with: Odoo's external API (JSON-2) as one of its users, and a printer of
steps. The standard library is all it needs."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]


class DidNotHappen(Exception):
    """A step of the story did not happen in time, or not as it should. The text says which."""


class Refused(DidNotHappen):
    """Odoo answered with an error."""


@dataclass(frozen=True)
class Person:
    """One user of Odoo and what this user sees through the external API."""

    url: str
    database: str
    login: str
    key: str = field(repr=False)

    def call(self, model: str, method: str, **arguments: Any) -> Any:
        """Call a public method; `ids` names its records, everything else its arguments."""
        request = urllib.request.Request(
            f"{self.url}/json/2/{model}/{method}",
            json.dumps(arguments).encode(),
            {
                "Authorization": f"bearer {self.key}",
                "Content-Type": "application/json",
                "X-Odoo-Database": self.database,
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            what = f"{model}.{method} of {self.login}"
            raise Refused(f"Odoo refuses {what}: {_reason(error)}") from error
        except OSError as error:
            raise DidNotHappen(f"Odoo at {self.url} does not answer: {error}") from error

    def look(self, model: str, domain: Sequence[Any], names: Sequence[str]) -> list[Record]:
        found: list[Record] = self.call(
            model, "search_read", domain=list(domain), fields=list(names), order="id"
        )
        return found

    def one(self, model: str, domain: Sequence[Any], names: Sequence[str]) -> Record:
        found = self.look(model, domain, names)
        if len(found) != 1:
            shown = ", ".join(f"{part[0]} {part[1]} {part[2]}" for part in domain)
            raise DidNotHappen(f"{self.login} finds {len(found)} records of {model} ({shown}).")
        return found[0]


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        told = json.load(error)
        return str(told["message"]).strip().splitlines()[-1]
    except (ValueError, KeyError, TypeError, IndexError):
        return f"HTTP {error.code}"


def name(reference: Any) -> str:
    """The display name in a Many2one value."""
    return str(reference[1]) if reference else "-"


def money(amount: float, currency: Any) -> str:
    return f"{amount:,.2f} {name(currency)}"


def first_line(text: str) -> str:
    return text.splitlines()[0] if text else "-"


@dataclass
class Teller:
    """Prints the steps with the seconds since the order was confirmed."""

    started: float = field(default_factory=time.monotonic)
    number: int = 0

    def step(self, title: str, *facts: str) -> None:
        self.number += 1
        seconds = time.monotonic() - self.started
        print(f"\n  {self.number}. {title}  ({seconds:.2f} s)", flush=True)
        self.tell(*facts)

    def tell(self, *facts: str) -> None:
        for fact in facts:
            print(f"       {fact}", flush=True)
