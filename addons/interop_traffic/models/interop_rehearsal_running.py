import json
import time

from odoo import api, models
from odoo.modules.registry import Registry

from odoo.addons.interop_queue.engine.rehearsing import rehearse
from odoo.addons.interop_queue.lib.rehearsal import IMPOSSIBLE, MOST, Rehearsed

from ..chunks import chunk

BUDGET = 20.0
CHUNK = 200


class InteropRehearsalRunning(models.AbstractModel):
    """The work of a rehearsal. Messages are run in transactions that cannot write."""

    _name = "interop.rehearsal.running"
    _description = "Rehearsal: Runs"

    @api.model
    def _call(self) -> None:
        self.env.ref("interop_traffic.cron_rehearsal")._trigger()

    @api.model
    def _cron_run(self) -> None:
        """Go on with those that run, a chunk at a time."""
        registry = self.env.registry
        numbers = self.env["interop.rehearsal"].sudo().search([("state", "=", "running")]).ids
        self.env["ir.cron"]._commit_progress(remaining=0)
        deadline = time.monotonic() + BUDGET
        for number in reversed(numbers):
            while time.monotonic() < deadline and _chunk(registry, number):
                pass
        left = self.env["interop.rehearsal"].sudo().search_count([("state", "=", "running")])
        if left:
            self._call()

    def _run_chunk(self, at_most: int = CHUNK) -> int:
        """Rehearse the next ones and keep which fields differ; how many there were."""
        self.ensure_one()
        if not self.try_lock_for_update() or self.state != "running":
            return 0
        pending = self.env["interop.rehearsal.result"].search(
            [("rehearsal_id", "=", self.id), ("outcome", "=", "pending")],
            order="id",
            limit=at_most,
        )
        allowed = self._within_reach(pending.message_id.ids)
        found = {
            each.message_id: each for each in rehearse(self.env.registry, allowed, self.against)
        }
        out_of_reach = self.env._("Whoever started it may not see it any more.")
        for result in pending:
            number = result.message_id.id
            fallback = Rehearsed(number, IMPOSSIBLE, "internal", out_of_reach)
            result.write(_kept(found.get(number, fallback)))
        if len(pending) < at_most or not self._pending():
            self.write({"state": "done", "ended_at": self.env.cr.now()})
        return len(pending)

    def _stop(self, sentence: str) -> None:
        """End it and say why; what was looked at is kept."""
        self.action_cancel()
        self.stopped_because = sentence

    def _pending(self) -> int:
        return self.env["interop.rehearsal.result"].search_count(
            [("rehearsal_id", "=", self.id), ("outcome", "=", "pending")], limit=1
        )

    def _within_reach(self, ids: list[int]) -> list[int]:
        user = self.started_by_id
        if not user.active or not user.has_group("interop_base.group_operator"):
            return []
        messages = self.env(user=user.id, su=False)["interop.message"].with_context(
            allowed_company_ids=user.company_ids.ids
        )
        return messages.browse(ids)._filtered_access("read").ids


def _kept(found: Rehearsed) -> dict:
    """What is kept of it: which fields differ, and no values."""
    changes = [[each.kind, each.path] for each in found.changes[:MOST]]
    return {
        "outcome": found.outcome,
        "failure_class": found.failure_class or False,
        "sentence": found.sentence or False,
        "signature": found.signature or False,
        "change_count": len(found.changes),
        "paths": json.dumps(changes) if changes else False,
    }


def _chunk(registry: Registry, number: int) -> int:
    def work(env: api.Environment) -> int:
        return env["interop.rehearsal"].browse(number)._run_chunk()

    def failed(env: api.Environment, failure: Exception) -> None:
        sentence = env._("The next messages could not be looked at (%s).", type(failure).__name__)
        env["interop.rehearsal"].browse(number)._stop(sentence)

    return chunk(registry, f"rehearsal {number}", work, failed) or 0
