from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "setup" / "lib")]

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
