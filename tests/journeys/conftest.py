from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "setup" / "lib")]

from desk import SETTINGS, Desk  # noqa: E402
from interop_setup.postgres import PORT, ROLE  # noqa: E402
from journey import Demo, Mailbox, Partner  # noqa: E402
from running import RunningOdoo, RunningPartner, World  # noqa: E402


def _sql(server: Any, database: str, text: str, values: Any = None) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(
        host=os.fspath(server.cluster.home), port=PORT, user=ROLE, dbname=database
    )
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        found = cursor.fetchall() if cursor.description else []
    connection.close()
    return found


@pytest.fixture(scope="module")
def running_demo(
    server: Any, world: World, odoo_server: RunningOdoo, sandbox_partner: RunningPartner
) -> Demo:
    """The demo world in a running Odoo, its partner running beside it.

    Without circuit breakers: a partner that fails on purpose in one test would be left in peace in
    the next ones.
    """
    _sql(
        server,
        odoo_server.database,
        "UPDATE interop_endpoint SET breaker_failures = 0, breaker_rate = 0",
    )
    secrets = json.loads(world.secrets.read_text())
    return Demo(
        odoo_server.url,
        odoo_server.database,
        Partner(sandbox_partner.url),
        Mailbox(odoo_server.url, secrets["callback"]),
        world.facts["keys"],
    )


@pytest.fixture
def demo(running_demo: Demo) -> Demo:
    """The running demo world, the partner playing its everyday script."""
    running_demo.partner.script(behaviour="mixed", delay=0.5, times=2, retry_after=2, then="accept")
    return running_demo


@pytest.fixture
def rows(server, odoo_server):
    """SQL on the demo's database: states that would take the queue hours to come into."""

    def run(sql, **values):
        return _sql(server, odoo_server.database, sql, values)

    return run


@pytest.fixture(scope="session")
def desks() -> Iterator[list[Any]]:
    """Browser contexts that nobody sits at. They have the web client's scripts in their cache."""
    free: list[Any] = []
    yield free
    for context in free:
        context.close()


@pytest.fixture
def desk(browser: Any, desks: list[Any], odoo_server: Any, demo: Demo, tmp_path: Path):
    @contextmanager
    def sit_down(login: str) -> Iterator[Desk]:
        context = desks.pop() if desks else browser.new_context(**SETTINGS)
        sitting = Desk(context.new_page(), odoo_server.web, odoo_server.database)
        try:
            sitting.log_in(login)
            yield sitting
            sitting.check()
        except Exception:
            picture = tmp_path / "failed.png"
            sitting.page.screenshot(path=picture)
            print(f"What {login} saw at the end: {picture}")
            context.close()
            raise
        sitting.leave()
        desks.append(context)

    return sit_down
