"""What the benchmark may ask the process inside Odoo to do, by name."""

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from odoo import SUPERUSER_ID, api

COMMANDS: dict[str, Callable[..., Any]] = {}


def command(function: Callable[..., Any]) -> Callable[..., Any]:
    """Register `function(registry, **arguments)`; it returns what JSON can hold."""
    COMMANDS[function.__name__] = function
    return function


@contextmanager
def transaction(registry):
    """One business transaction, as a request has one: a fresh cursor and environment."""
    with registry.cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})


@command
def set_up(registry, partner_url, orders):
    with transaction(registry) as env:
        facts = env["interop.bench"]._set_up(partner_url, orders)
        env.flush_all()
    registry.signal_changes()
    return facts


@command
def whole_body(registry):
    """The document of an order as it was composed, before any policy."""
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        body = env["interop.bench"]._whole_body()
        cr.rollback()
        return body


@command
def use_policy(registry, rules=None, clearance="", guard=""):
    """Publish the flow of orders with another policy; without arguments, as it was before."""
    with transaction(registry) as env:
        env["interop.bench"]._use_policy(rules, clearance, guard)
        env.flush_all()
    registry.signal_changes()
