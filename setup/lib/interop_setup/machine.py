"""The steps that both commands share, in their order."""

from __future__ import annotations

from . import environment, odoo
from .layout import Layout
from .postgres import Cluster
from .server import Server


def prepare(lock: str, server_environment: str) -> Server:
    """Everything but a running PostgreSQL: folders, Odoo, Python packages."""
    layout = Layout.here()
    layout.prepare()
    with layout.locked("setup"):
        found = odoo.provide(layout)
        environment.provide(layout, lock)
    return Server(layout, found, Cluster(layout), server_environment)
