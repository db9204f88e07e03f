from odoo import api, fields, models

from ..lib.readiness import CHECKS, STATUSES, label_of, progress


class InteropReadiness(models.TransientModel):
    """What the readiness check found, as a list that people work off."""

    _name = "interop.readiness"
    _description = "Ready to Go Live?"

    flow_id = fields.Many2one(
        "interop.flow", required=True, readonly=True, ondelete="cascade", help="The flow."
    )
    looked_at = fields.Datetime(
        default=fields.Datetime.now, readonly=True, help="The moment that this is of."
    )
    ready_count = fields.Integer(readonly=True, help="How many checks are ready.")
    check_count = fields.Integer(readonly=True, help="How many checks there are.")
    ready_share = fields.Integer(
        string="Ready", compute="_compute_told", help="Checks that are ready, as percentage."
    )
    told = fields.Char(compute="_compute_told", help="How far it is, in words.")
    missing_count = fields.Integer(compute="_compute_told", help="Findings that stop production.")
    warning_count = fields.Integer(compute="_compute_told", help="Findings to look at.")
    line_ids = fields.One2many(
        "interop.readiness.line", "readiness_id", readonly=True, help="What was found."
    )

    @api.depends("line_ids.status", "ready_count", "check_count")
    def _compute_told(self) -> None:
        for each in self:
            statuses = each.line_ids.mapped("status")
            each.missing_count = statuses.count("missing")
            each.warning_count = statuses.count("warning")
            each.ready_share = 100 * each.ready_count // (each.check_count or 1)
            each.told = self.env._(
                "%(ready)s of %(all)s ready", ready=each.ready_count, all=each.check_count
            )

    @api.depends("flow_id")
    def _compute_display_name(self) -> None:
        for each in self:
            each.display_name = self.env._("Ready to go live? %s", each.flow_id.name)

    @api.model
    def _begin(self, flow: models.BaseModel) -> dict:
        readiness = self.create({"flow_id": flow.id})
        readiness._look()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ready to go live?"),
            "res_model": self._name,
            "res_id": readiness.id,
            "view_mode": "form",
            "target": "current",
        }

    def action_again(self) -> None:
        """Look once more."""
        self.ensure_one()
        self.flow_id.check_access("read")
        self._look()

    def _look(self) -> None:
        self.flow_id.sample_ids._run()  # their lists and forms tell the same
        findings = self.flow_id._readiness()
        ready, count = progress(findings)
        ranks = {status: rank for rank, status in enumerate(STATUSES)}
        findings.sort(key=lambda each: ranks[each.status])
        self.line_ids.unlink()
        self.write(
            {
                "looked_at": fields.Datetime.now(),
                "ready_count": ready,
                "check_count": count,
                "line_ids": [
                    fields.Command.create(
                        {
                            "sequence": place,
                            "check_code": each.check,
                            "status": each.status,
                            "sentence": each.sentence,
                            "target_model": each.target and each.target[0],
                            "target_id": each.target and each.target[1],
                        }
                    )
                    for place, each in enumerate(findings)
                ],
            }
        )


class InteropReadinessLine(models.TransientModel):
    _name = "interop.readiness.line"
    _description = "Ready to Go Live?: Finding"
    _order = "sequence, id"

    readiness_id = fields.Many2one(
        "interop.readiness", required=True, ondelete="cascade", help="The check."
    )
    sequence = fields.Integer(help="What is missing comes first.")
    check_code = fields.Char(readonly=True, help="The check's code.")
    label = fields.Char(string="Check", compute="_compute_label", help="What was looked at.")
    status = fields.Selection(
        list(STATUSES.items()),
        readonly=True,
        help="Missing: production refuses to publish. Look at it: it may be right as it is.",
    )
    sentence = fields.Text(string="What was found", readonly=True, help="And what to do about it.")
    target_model = fields.Char(readonly=True, help="Kind of the record where it is fixed.")
    target_id = fields.Integer(readonly=True, help="The record where it is fixed.")

    @api.depends("check_code")
    def _compute_label(self) -> None:
        for line in self:
            line.label = label_of(line.check_code) if line.check_code in CHECKS else line.check_code

    def action_fix(self) -> dict | None:
        """Open the record where it is fixed."""
        self.ensure_one()
        if not self.target_model or self.target_model not in self.env:
            return None
        record = self.env[self.target_model].browse(self.target_id).exists()
        if not record:
            return None
        record.check_access("read")
        return record.get_formview_action()
