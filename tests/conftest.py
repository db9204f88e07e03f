"""Fixtures for tests that look at the suite from outside: real Odoo, real partner, real browser."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "setup" / "lib")]

from interop_setup import browser as chromium  # noqa: E402
from interop_setup import machine  # noqa: E402
from interop_setup.databases import Databases  # noqa: E402
from interop_setup.server import Server  # noqa: E402
from running import RunningOdoo, RunningPartner, World, running_odoo, running_partner  # noqa: E402

_CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """How to call Odoo, with the project's PostgreSQL running."""
    made = machine.prepare("test", "test")
    with made.cluster.in_use():
        made.provide_keyring()
        yield made


@pytest.fixture(scope="session")
def databases(server: Server) -> Databases:
    """Makes copies of databases that have Odoo's or the suite's modules installed."""
    return Databases(server)


@pytest.fixture(scope="module")
def suite_db(databases: Databases, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of this test module's own, with the whole suite installed and armed."""
    with databases.scratch(databases.suite_template(), request.module.__name__) as name:
        databases.arm(name, "automated tests")
        yield name


@pytest.fixture(scope="module")
def world(server: Server, suite_db: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Two companies, people, products, a connector to the partner and published flows."""
    return World.make(server, suite_db, tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def odoo_server(server: Server, suite_db: str) -> Iterator[RunningOdoo]:
    """Odoo as in production (prefork, scheduled actions) over `suite_db`."""
    with running_odoo(server, suite_db) as odoo:
        yield odoo


@pytest.fixture(scope="module")
def sandbox_partner(
    server: Server, world: World, odoo_server: RunningOdoo
) -> Iterator[RunningPartner]:
    """The simulated partner of `world`, which answers to `odoo_server`."""
    with running_partner(server, world, odoo_server.url) as partner:
        yield partner


@pytest.fixture(scope="session")
def browser(server: Server) -> Iterator[object]:
    """Debian's Chromium under Playwright. Never wait for `networkidle`: the bus stays connected."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium.provide(server.layout), args=_CHROMIUM_FLAGS
        )
        yield running
        running.close()
