from odoo import models

from .ir_rule import OURS


class IrCron(models.Model):
    """When Interop works by itself: whoever switches that off, or Odoo after failures, is noted."""

    _name = "ir.cron"
    _inherit = ["ir.cron", "interop.audit.configured"]
    _configured_noun = "cron"
    _configured_unseen = frozenset(
        {"lastcall", "nextcall", "failure_count", "first_failure_date", "usage"}
    )

    def _configured_concerned(self):
        return self.filtered(lambda cron: (cron.sudo().model_id.model or "").startswith(OURS))

    def _update_failure_count(self, job, status):
        """Odoo switches an action off that failed for a week: with a statement of its own."""
        result = super()._update_failure_count(job, status)
        cron = self.sudo().with_context(active_test=False).browse(job["id"])
        cron.invalidate_recordset(["active"])
        if job["active"] and not cron.active and cron._configured_concerned():
            self.env["interop.audit"]._record(
                "cron.change",
                record=cron,
                actor_kind="system",
                details={"name": cron.name, "fields": ["active"], "reason": "failed too often"},
            )
        return result
