"""Odoo's external API (XML-RPC) as one of its users, with the standard library only."""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Sequence
from typing import Any

Record = dict[str, Any]


class DidNotHappen(Exception):
    """A step of the story did not happen in time, or not as it should. The text says which."""


class Person:
    """One user of Odoo and what this user sees through the external API (XML-RPC)."""

    def __init__(self, url: str, database: str, login: str, password: str) -> None:
        self.login = login
        self._database = database
        self._password = password
        self._models = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/object", allow_none=True)
        common = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/common")
        uid = common.authenticate(database, login, password, {})
        if not uid:
            raise DidNotHappen(f"Odoo does not let {login} in: wrong login or password.")
        self.uid = uid

    def call(self, model: str, method: str, *args: Any, **options: Any) -> Any:
        given = (self._database, self.uid, self._password, model, method, list(args), options)
        return self._models.execute_kw(*given)

    def look(self, model: str, domain: Sequence[Any], names: Sequence[str]) -> list[Record]:
        return list(self.call(model, "search_read", list(domain), list(names), order="id"))

    def one(self, model: str, domain: Sequence[Any], names: Sequence[str]) -> Record:
        found = self.look(model, domain, names)
        if len(found) != 1:
            shown = ", ".join(f"{part[0]} {part[1]} {part[2]}" for part in domain)
            raise DidNotHappen(f"{self.login} finds {len(found)} records of {model} ({shown}).")
        return found[0]


def name(reference: Any) -> str:
    """The display name in a Many2one value."""
    return str(reference[1]) if reference else "-"


def money(amount: float, currency: Any) -> str:
    return f"{amount:,.2f} {name(currency)}"
