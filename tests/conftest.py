"""Fixtures for tests that look at the suite from outside: real Odoo, real partner, real browser."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "setup" / "lib")]

from interop_setup import browser as chromium  # noqa: E402
from interop_setup import machine  # noqa: E402
from interop_setup.databases import Databases  # noqa: E402
from interop_setup.server import Server  # noqa: E402
from running import (  # noqa: E402
    RunningOdoo,
    RunningPartner,
    World,
    build_assets,
    running_odoo,
    running_partner,
)

_ARMED_FOR = "automated tests"
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


@pytest.fixture(scope="session")
def world_template(
    databases: Databases, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, World]]:
    """A database with the demo world and the web client's assets, made once and then copied.

    Two companies, people, products, a connector to the partner and published flows. The partner's
    port stands in it: it is bound here, so that nobody else gets it, and not listened to.
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        with databases.scratch(databases.suite_template(), "world") as name:
            databases.arm(name, _ARMED_FOR)
            folder = tmp_path_factory.mktemp("world")
            world = World.make(server, name, folder, held.getsockname()[1])
            build_assets(server, name, folder)
            yield name, world


@dataclass(frozen=True)
class Place:
    """A database with the demo world, and what runs over it."""

    database: str
    world: World
    odoo: RunningOdoo
    partner: RunningPartner


@pytest.fixture(scope="session")
def opened() -> Iterator[ExitStack]:
    """What is put away as soon as a test module has a place of its own.

    The address of the partner stands in the world: one partner at a time listens there.
    """
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="session")
def common(
    opened: ExitStack,
    server: Server,
    databases: Databases,
    world_template: tuple[str, World],
    tmp_path_factory: pytest.TempPathFactory,
) -> Place:
    """The place of all test modules that are marked `common`. They come first.

    They leave the world as they found it, but for records of their own, and each of them has a
    start of Odoo less to wait for.
    """
    template, made = world_template
    database = opened.enter_context(databases.scratch(template, "common"))
    world = made.copied(tmp_path_factory.mktemp("world"))
    odoo = opened.enter_context(running_odoo(server, database, arm=_ARMED_FOR, patience=0.5))
    partner = opened.enter_context(running_partner(server, world, odoo.url))
    return Place(database, world, odoo, partner)


def _is_common(item: pytest.Item | pytest.Collector) -> bool:
    return item.get_closest_marker("common") is not None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not _is_common(item))


@pytest.fixture(scope="module")
def shared(request: pytest.FixtureRequest, opened: ExitStack) -> Place | None:
    """The common place, if this test module is one of those that share it."""
    if _is_common(request.node):
        found: Place = request.getfixturevalue("common")
        return found
    opened.close()
    return None


@pytest.fixture(scope="module")
def world_db(
    databases: Databases,
    world_template: tuple[str, World],
    shared: Place | None,
    request: pytest.FixtureRequest,
) -> Iterator[str]:
    """A database with the whole suite and the demo world in it."""
    if shared:
        yield shared.database
        return
    with databases.scratch(world_template[0], request.module.__name__) as name:
        yield name


@pytest.fixture(scope="module")
def suite_db(databases: Databases, world_db: str) -> str:
    """The same, armed, for tests in which no Odoo serves it."""
    databases.arm(world_db, _ARMED_FOR)
    return world_db


@pytest.fixture(scope="module")
def world(
    world_template: tuple[str, World],
    world_db: str,
    shared: Place | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> World:
    """What was made in `world_db`."""
    return shared.world if shared else world_template[1].copied(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def odoo_server(server: Server, world_db: str, shared: Place | None) -> Iterator[RunningOdoo]:
    """Odoo as in production (prefork, scheduled actions) over `world_db`, armed."""
    if shared:
        yield shared.odoo
        return
    with running_odoo(server, world_db, arm=_ARMED_FOR, patience=0.5) as odoo:
        yield odoo


@pytest.fixture(scope="module")
def sandbox_partner(
    server: Server, world: World, odoo_server: RunningOdoo, shared: Place | None
) -> Iterator[RunningPartner]:
    """The simulated partner of `world`, which answers to `odoo_server`."""
    if shared:
        yield shared.partner
        return
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
