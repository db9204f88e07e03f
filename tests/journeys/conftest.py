from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "setup" / "lib")]

from desk import SIZE, Desk  # noqa: E402
from journey import Demo, Mailbox, Partner  # noqa: E402
from running import RunningOdoo, RunningPartner, World  # noqa: E402


@pytest.fixture(scope="module")
def running_demo(world: World, odoo_server: RunningOdoo, sandbox_partner: RunningPartner) -> Demo:
    """The demo world in a running Odoo, its partner running beside it."""
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
def desk(browser: Any, odoo_server: Any, demo: Demo, tmp_path: Path):
    @contextmanager
    def sit_down(login: str) -> Iterator[Desk]:
        context = browser.new_context(viewport=SIZE, timezone_id="UTC", locale="en-US")
        sitting = Desk(context.new_page(), odoo_server.web)
        try:
            sitting.log_in(login)
            yield sitting
            sitting.check()
        except Exception:
            picture = tmp_path / "failed.png"
            sitting.page.screenshot(path=picture)
            print(f"What {login} saw at the end: {picture}")
            raise
        finally:
            context.close()

    return sit_down
