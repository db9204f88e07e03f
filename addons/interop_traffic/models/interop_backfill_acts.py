from odoo import api, fields, models
from odoo.exceptions import UserError


class InteropBackfillActs(models.AbstractModel):
    """What people do with backfills. Every act leaves evidence."""

    _name = "interop.backfill.acts"
    _description = "Backfill: Acts of People"

    def action_ask_start(self) -> dict:
        """Open the dialog that tells how many records it is about, and asks why."""
        self.ensure_one()
        self._require_manager()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Start the backfill"),
            "res_model": "interop.backfill.start",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_backfill_id": self.id},
        }

    def action_pause(self) -> None:
        """Add nothing until somebody resumes it."""
        self._move(("running",), "paused", "backfill.paused")

    def action_resume(self) -> None:
        """Go on from where it was."""
        self._move(("paused", "failed"), "running", "backfill.resumed", failure=False)
        self._call()

    def action_cancel(self) -> None:
        """Add nothing any more. Messages that came about stay."""
        self._move(
            ("draft", "running", "paused", "failed"),
            "cancelled",
            "backfill.cancelled",
            ended_at=fields.Datetime.now(),
        )

    def action_view_messages(self) -> dict:
        """Open the messages of its flow since it began."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_queue.interop_message_action"
        )
        since = [("created_at", ">=", self.started_at)] if self.started_at else []
        return action | {"domain": [("flow_id", "=", self.flow_id.id), *since], "context": {}}

    def _start(self, reason: str = "") -> None:
        """Begin: from now on its scheduled action adds messages bit by bit."""
        self.ensure_one()
        self._require_manager()
        if self.flow_id.state != "live":
            raise UserError(self.env._("The flow is not live: publish or resume it first."))
        records = self._records()
        last = records.search(self._wanted(), order="id desc", limit=1)
        self._move(
            ("draft",),
            "running",
            "backfill.started",
            record_count=self._count(),
            until_id=last.id or 0,
            started_at=fields.Datetime.now(),
            started_by_id=self.env.uid,
            reason=reason,
        )
        self._call()

    def _move(self, sources: tuple[str, ...], target: str, act: str, **values: object) -> None:
        self._require_manager()
        self.check_access("read")
        for backfill in self:
            if backfill.state not in sources:
                raise UserError(
                    self.env._("“%s” is in a state in which this is not possible.", backfill.name)
                )
            backfill.sudo().write({"state": target, "waits_because": False, **values})
            backfill._note(act)

    def _require_manager(self) -> None:
        if not self.env.user.has_group("interop_base.group_manager") and not self.env.su:
            raise UserError(self.env._("Only Interop managers may do this."))

    def _note(self, act: str, outcome: str = "ok") -> None:
        self.env["interop.audit"]._record(
            act,
            record=self,
            outcome=outcome,
            details={
                "flow": self.flow_id.code,
                "records": self.record_count,
                "queued": self.queued_count,
                "skipped": self.skipped_count,
                **({"reason": self.reason} if act == "backfill.started" else {}),
            },
        )

    @api.model
    def _call(self) -> None:
        self.env.ref("interop_traffic.cron_backfill")._trigger()
