import json

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.interop_base.lib.failures import InteropError
from odoo.addons.interop_document.lib.canonical import digest

from ..lib.plan import Plan
from ..lib.samples import trial_plan


class InteropFlowSamples(models.AbstractModel):
    """The golden samples of a flow."""

    _name = "interop.flow.samples"
    _description = "Flow: Golden Samples"

    sample_ids = fields.One2many(
        "interop.sample", "flow_id", string="Samples", help="Golden samples of this flow."
    )
    sample_count = fields.Integer(
        compute="_compute_sample_counts", string="Golden samples", help="How many it has."
    )
    sample_bad_count = fields.Integer(
        compute="_compute_sample_counts",
        string="Samples that do not pass",
        help="Those that differ, fail, or were not run since they were changed.",
    )

    @api.depends("sample_ids.last_result", "sample_ids.active")
    def _compute_sample_counts(self) -> None:
        for flow in self:
            flow.sample_count = len(flow.sample_ids)
            flow.sample_bad_count = len(
                flow.sample_ids.filtered(lambda sample: sample.last_result != "same")
            )

    def action_view_samples(self) -> dict:
        """Open the samples of these flows."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_queue.interop_sample_action"
        )
        return action | {
            "domain": [("flow_id", "in", self.ids)],
            "context": {"default_flow_id": self.id if len(self) == 1 else False},
        }

    def action_run_samples(self) -> dict:
        """Run the samples of these flows through the drafts."""
        self.check_access("read")
        self.sample_ids._run()
        return self.sample_ids._told()

    def action_sample_from_example(self) -> dict:
        """Make a sample of the document type's example; outbound only."""
        self.ensure_one()
        self._require_manager()
        if self.direction != "out":
            raise UserError(
                self.env._(
                    "What a partner sends has no example here. Paste one with invented values."
                )
            )
        example = self.document_type_id.sudo().example_text
        if not example:
            raise UserError(
                self.env._("The document type has no example. Write a sample with invented values.")
            )
        sample = self.env["interop.sample"].create(
            {
                "name": self.env._("Example of %s", self.document_type_id.display_name),
                "flow_id": self.id,
                "given": example,
                "why": self.env._("The document type's own example, with nearly every field."),
            }
        )
        sample._run()
        return sample.get_formview_action()

    def _samples_over(self, text: str | Exception) -> str:
        """What tells one state of the draft from another: `text`, and the codes of crosswalks."""
        self.ensure_one()
        stamps = self.sudo().mapping_id.row_ids.crosswalk_id.mapped("stamp")
        return digest(json.dumps([str(text), sorted(stamps)]).encode())

    def _run_changed_samples(self) -> None:
        """Run those that ran over another draft; tell on the flow if they pass no more."""
        self.ensure_one()
        over = self._samples_over(self._trial_text())
        changed = self.sample_ids.filtered(lambda sample: sample.ran_over != over)
        passed = changed.filtered(lambda sample: sample.last_result == "same")
        changed._run()
        broken = passed.filtered(lambda sample: sample.last_result != "same")
        if broken:
            self.message_post(
                body=self.env._(
                    "Golden samples do not pass since the last change: %s. Look at what differs, "
                    "then accept it or undo the change.",
                    ", ".join(broken.mapped("name")),
                ),
                subtype_xmlid="mail.mt_note",
            )

    def _trial_text(self) -> str | Exception:
        """The draft as the text that would be published, or why it cannot be one."""
        self.ensure_one()
        try:
            return json.dumps(self._snapshot())
        except (InteropError, UserError) as problem:
            return problem

    def _trial_plan(self) -> Plan:
        """The draft compiled for samples; raises an `InteropError` or `UserError` if it cannot."""
        text = self._trial_text()
        if isinstance(text, Exception):
            raise text
        return trial_plan(text)
