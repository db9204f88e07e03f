import time
from datetime import timedelta

from odoo import api, models
from odoo.modules.registry import Registry

from odoo.addons.interop_queue.engine.transaction import run

from ..chunks import chunk
from ..lib.pacing import dies_too_often, room, seconds_used

BUDGET = 8.0
PAUSE = 0.5


class InteropRedriveRunning(models.AbstractModel):
    """The work of a campaign: one transaction runs a chunk again and notes that it did."""

    _name = "interop.redrive.running"
    _description = "Redrive at Scale: Runs"

    @api.model
    def _call(self) -> None:
        self.env.ref("interop_traffic.cron_redrive")._trigger()

    @api.model
    def _cron_run(self) -> None:
        """Give each running campaign what its pace allows; a chunk is a transaction."""
        registry = self.env.registry
        campaigns = self.env["interop.redrive"].sudo()
        numbers = campaigns.search([("state", "=", "running")], order="paced_at, id").ids
        self.env["ir.cron"]._commit_progress(remaining=0)
        deadline = time.monotonic() + BUDGET
        while numbers and time.monotonic() < deadline:
            counts = [_chunk(registry, number) for number in numbers]
            numbers = [
                number for number, count in zip(numbers, counts, strict=True) if count is not None
            ]
            if numbers and not any(counts):
                time.sleep(PAUSE)  # the next ones are due in a moment: nobody should wait a minute

    def _run_chunk(self, at_most: int | None = None) -> int | None:
        """Run the next ones again, in the caller's transaction; how many had their turn.

        None: it does not run any more. The lock on the row keeps a second process away, and what a
        person decides waits for it; a member's outcome is written with what it tells.
        """
        self.ensure_one()
        if not self.try_lock_for_update():
            return 0
        self.invalidate_recordset()
        if self.state != "running":
            return None
        user = self.started_by_id
        if not user.active or not user.has_group("interop_base.group_operator"):
            return self._stop(self.env._("Whoever started it may not run messages again any more."))
        last = run(
            self.env.cr,
            "redrive_last",
            redrive_id=self.id,
            since=self.resumed_at or None,
            most=self.stop_of,
        )[0]
        if dies_too_often(last["ended"], last["died"], self.stop_of, self.stop_percent):
            return self._stop(
                self.env._(
                    "%(died)s of the last %(ended)s are dead again. Look at why, then resume.",
                    **last,
                )
            )
        count = self._room(last["ended"]) if at_most is None else at_most
        if not count:
            return 0
        members = run(self.env.cr, "redrive_next", redrive_id=self.id, limit=count)
        if members:
            self._take(members)
        if len(members) < count:
            self.write({"state": "done", "ended_at": self.env.cr.now()})
            self._note("redrive.done")
            return None
        return len(members)

    def _take(self, members: list[dict]) -> None:
        """With the eyes and the rights of who started it, as they are now."""
        user = self.started_by_id
        messages = (
            self.env(user=user.id, su=False)["interop.message"]
            .with_context(allowed_company_ids=user.company_ids.ids)
            .browse(row["message_id"] for row in members)
        )
        allowed = messages._filtered_access("read")
        dead = allowed.filtered(lambda message: message.state == "dead")
        alive = dead.filtered(lambda message: not message.purged_at)
        if alive:
            alive.action_redrive(f"{self.reason} [redrive {self.id}]")
        outcomes: dict[str, list[int]] = {}
        for row in members:
            number = row["message_id"]
            outcome = "redriven"
            if number not in allowed._ids:
                outcome = "refused"
            elif number not in dead._ids:
                outcome = "not_dead"
            elif number not in alive._ids:
                outcome = "purged"
            outcomes.setdefault(outcome, []).append(row["id"])
        for outcome, ids in outcomes.items():
            run(self.env.cr, "redrive_note", ids=ids, outcome=outcome)
        now = self.env.cr.now()
        used = timedelta(seconds=seconds_used(len(members), self.per_minute))
        # What was not used while it stood is not made up for.
        begun = max(self.paced_at or now, now - timedelta(minutes=1))
        self.paced_at = begun + used
        self.invalidate_recordset()

    def _room(self, ended: int) -> int:
        now = self.env.cr.now()
        since = (now - self.paced_at).total_seconds() if self.paced_at else None
        on_their_way = self._counts("redrive_results").get("open", 0)
        return room(self.per_minute, since, ended, on_their_way, self.stop_of)

    def _stop(self, sentence: str) -> None:
        self.write({"state": "paused", "stopped_because": sentence})
        self._note("redrive.stopped", "failed")

    def _note(self, act: str, outcome: str = "ok") -> None:
        self.env["interop.audit"]._record(
            act,
            record=self,
            outcome=outcome,
            details={
                "messages": self.member_count,
                "redriven": self.redriven_count,
                "skipped": self.skipped_count,
                "reason": self.reason or "",
            },
        )


def _chunk(registry: Registry, number: int) -> int | None:
    def work(env: api.Environment) -> int | None:
        return env["interop.redrive"].browse(number)._run_chunk()

    def failed(env: api.Environment, failure: Exception) -> None:
        sentence = env._("The next messages could not be run again (%s).", type(failure).__name__)
        env["interop.redrive"].browse(number)._stop(sentence)

    return chunk(registry, f"redrive {number}", work, failed)
