from odoo import fields, models


class InteropConnector(models.Model):
    """What the queue adds to a connector's form: its messages."""

    _inherit = "interop.connector"

    flow_ids = fields.One2many(
        "interop.flow", "connector_id", string="Flows", help="The flows that use this connector."
    )
    message_count_open = fields.Integer(
        compute="_compute_message_count_open",
        string="Open messages",
        help="Messages of this connector that are not finished.",
    )

    def _compute_message_count_open(self) -> None:
        counts = dict(
            self.env["interop.message"]._read_group(
                [
                    ("connector_id", "in", self.ids),
                    ("state", "in", ["waiting", "ready", "running", "sent", "dead"]),
                ],
                ["connector_id"],
                ["__count"],
            )
        )
        for connector in self:
            connector.message_count_open = counts.get(connector._origin, 0)

    def action_view_messages(self) -> dict:
        """Open the messages of this connector."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_queue.interop_message_action"
        )
        return action | {"domain": [("connector_id", "=", self.id)], "context": {}}
