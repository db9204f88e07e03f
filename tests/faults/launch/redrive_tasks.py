"""What a child of the nursery can do with redrives at scale."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from typing import Any

from chunk_tasks import work_at
from tasks import task, transaction

from odoo import api

from odoo.addons.interop_queue.engine import transaction as transactions
from odoo.addons.interop_traffic.models.interop_redrive_running import PAUSE


@task
def begin_redrive(database: str, keys: Sequence[str], per_minute: int = 6000) -> int:
    """Start a redrive of these messages, by an operator of all areas."""
    with transaction(database) as env:
        login = f"redriver-{uuid.uuid4().hex[:8]}"
        user = env["res.users"].create(
            {
                "name": login,
                "login": login,
                "company_ids": [(6, 0, env["res.company"].search([]).ids)],
                "group_ids": [(4, env.ref("interop_base.group_operator").id)],
                "interop_area_ids": [(6, 0, env["interop.area"].search([]).ids)],
            }
        )
        companies = {"allowed_company_ids": user.company_ids.ids}
        messages = env(user=user.id, su=False, context=companies)["interop.message"]
        chosen = messages.search([("uuid", "in", list(keys))])
        number = chosen.action_redrive_at_scale()["res_id"]
        redrive = messages.env["interop.redrive"].browse(number)
        redrive.write({"reason": "The partner is back", "per_minute": per_minute})
        redrive.action_start()
        return int(number)


@task
def redrive_at_scale(database: str, number: int, chunk: int | None = None, **death: Any) -> str:
    """Work at a redrive until it or this process does not run any more. `death`: see `work_at`.

    With a `chunk`, so many at a time and as fast as it goes; without, as many as its pace allows.
    """

    def step(env: api.Environment) -> str:
        found = env["interop.redrive"].browse(number)
        if found.state == "running" and found._run_chunk(chunk) == 0:
            time.sleep(PAUSE)
        return str(found.state)

    return work_at(database, step, **death)


@task
def decide_redrive(database: str, number: int, act: str) -> None:
    """What a person decides while it runs: `pause`, `resume`, `cancel`."""

    def decide() -> None:
        with transaction(database) as env:
            getattr(env["interop.redrive"].browse(number), f"action_{act}")()

    transactions.retrying(decide, tries=20)
