import time

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.modules.registry import Registry

from odoo.addons.interop_queue.lib.priorities import LOW

from ..chunks import chunk
from ..lib.backfilling import CHUNK, allowance

# Shorter than the pause between two runs of its scheduled action.
BUDGET = 20.0


class InteropBackfillWork(models.AbstractModel):
    """How a backfill puts messages into the queue: a chunk and the cursor, in one transaction."""

    _name = "interop.backfill.work"
    _description = "Backfill: Work"

    @api.model
    def _cron_run(self) -> None:
        """Add to each running backfill what its pace allows. Each chunk is a transaction."""
        registry = self.env.registry
        numbers = self.sudo().search([("state", "=", "running")], order="paced_at, id").ids
        self.env["ir.cron"]._commit_progress(remaining=0)
        deadline = time.monotonic() + BUDGET
        for number in numbers:
            while time.monotonic() < deadline and _chunk(registry, number):
                pass

    def _run_chunk(self, at_most: int) -> int:
        """Look at the next records, in the caller's transaction; returns at how many.

        The lock on the row makes that nobody else does, and that the cursor is where it is.
        """
        self.ensure_one()
        if not self.try_lock_for_update() or self.state != "running":
            return 0
        wanted = self._wanted() & Domain("id", ">", self.cursor_id)
        wanted &= Domain("id", "<=", self.until_id)
        records = self._records().search(wanted, order="id", limit=at_most)
        queued = 0
        if records:
            queue = self.env["interop.queue"]
            queued = queue._emit_through(self.flow_id.id, records, LOW)
        self.write(
            {
                "cursor_id": records[-1:].id or self.cursor_id,
                "queued_count": self.queued_count + queued,
                "skipped_count": self.skipped_count + len(records) - queued,
                "paced_at": fields.Datetime.now(),
                "waits_because": False,
            }
        )
        if len(records) < at_most:
            self.write({"state": "done", "ended_at": fields.Datetime.now()})
            self._note("backfill.done")
        return len(records)

    def _room(self) -> int:
        """How many records may be looked at now; if none, why is noted."""
        because, room = False, 0
        if self.flow_id.state != "live":
            because = self.env._("The flow is not live.")
        elif self._backlogged():
            because = self.env._("So many messages of the connector have not left yet.")
        else:
            now = fields.Datetime.now()
            since = (now - self.paced_at).total_seconds() if self.paced_at else None
            room = min(allowance(self.per_minute, since), CHUNK)
        if (self.waits_because or False) != because:
            self.waits_because = because
        return room

    def _backlogged(self) -> bool:
        queue = self.env["interop.queue"]
        return queue._backlog(self.connector_id.id, self.backlog_at_most) >= self.backlog_at_most

    def _fail(self, failure: Exception) -> None:
        """A person has to look. The type only: a text may carry values."""
        sentence = getattr(failure, "sentence", None) or self.env._(
            "The records could not be put into the queue (%s).", type(failure).__name__
        )
        self.write({"state": "failed", "failure": sentence, "waits_because": False})
        self._note("backfill.failed", "failed")


def _chunk(registry: Registry, number: int) -> int:
    """One transaction: a chunk of messages and the cursor, or that it failed."""

    def work(env: api.Environment) -> int:
        backfill = env["interop.backfill"].browse(number)
        if not backfill.try_lock_for_update() or backfill.state != "running":
            return 0
        room = backfill._room()
        return backfill._run_chunk(room) if room else 0

    def failed(env: api.Environment, failure: Exception) -> None:
        env["interop.backfill"].browse(number)._fail(failure)

    return chunk(registry, f"backfill {number}", work, failed) or 0
