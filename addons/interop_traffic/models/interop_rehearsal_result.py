import json

from markupsafe import Markup

from odoo import api, fields, models

from odoo.addons.interop_base.lib.failures import FAILURE_CLASSES
from odoo.addons.interop_queue.lib.rehearsal import OUTCOMES, VALUE

KINDS = {VALUE: "Differs", "only then": "Only then", "only now": "Only now"}


class InteropRehearsalResult(models.Model):
    """One message of a rehearsal: which fields differ, and no values."""

    _name = "interop.rehearsal.result"
    _description = "Result of a Rehearsal"
    _order = "id"
    _log_access = False
    _rec_name = "message_id"

    rehearsal_id = fields.Many2one(
        "interop.rehearsal", required=True, readonly=True, ondelete="cascade", index=True,
        help="The rehearsal it belongs to.",
    )  # fmt: skip
    message_id = fields.Many2one(
        "interop.message", required=True, readonly=True, ondelete="cascade", index=True,
        help="The message.",
    )  # fmt: skip
    flow_id = fields.Many2one(related="message_id.flow_id", help="The message's flow.")
    message_state = fields.Selection(
        related="message_id.state", string="State now", help="The state of the message now."
    )
    outcome = fields.Selection(
        [("pending", "Not looked at yet"), *OUTCOMES.items()],
        string="Result", required=True, readonly=True, default="pending",
        help="Same as then, different, or that it cannot be made today.",
    )  # fmt: skip
    failure_class = fields.Selection(
        list(FAILURE_CLASSES.items()), string="Kind of failure", readonly=True,
        help="What kind of problem there would be.",
    )  # fmt: skip
    sentence = fields.Char(
        string="Why not", readonly=True, help="Why it cannot be made, without any content."
    )
    signature = fields.Char(
        string="Difference", readonly=True,
        help="Which fields differ, over all lines; or why it cannot be made.",
    )  # fmt: skip
    change_count = fields.Integer(string="Fields", readonly=True, help="How many fields differ.")
    paths = fields.Text(readonly=True, help="Which fields differ and how, as JSON.")
    fields_html = fields.Html(
        string="Which fields", compute="_compute_fields_html", sanitize=False,
        help="Each field that differs, without its values.",
    )  # fmt: skip

    _once = models.UniqueIndex("(rehearsal_id, message_id)")

    @api.depends("paths")
    def _compute_fields_html(self) -> None:
        for result in self:
            rows = Markup().join(
                Markup("<tr><td class='font-monospace'>%s</td><td>%s</td></tr>")
                % (path or "the whole", KINDS.get(kind, kind))
                for kind, path in json.loads(result.paths or "[]")
            )
            result.fields_html = (
                Markup("<table class='table table-sm'><tbody>%s</tbody></table>") % rows
                if rows
                else False
            )

    def action_read_values(self) -> dict:
        """Open the dialog that asks why the values are to be read."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Then and now"),
            "res_model": "interop.rehearsal.reading",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_result_id": self.id},
        }
