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
