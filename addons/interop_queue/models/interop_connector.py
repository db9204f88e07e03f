from odoo import fields, models


class InteropConnector(models.Model):
    """What the queue adds to a connector's form: its messages."""

    _inherit = "interop.connector"

    flow_ids = fields.One2many(
        "interop.flow", "connector_id", string="Flows", help="The flows that use this connector."
    )
    message_count_open = fields.Integer(
        compute="_compute_message_counts",
        string="Open messages",
        help="Messages of this connector that are not finished.",
    )

    in_flight = fields.Integer(
        string="On their way now",
        compute="_compute_message_counts",
        help="Messages of this connector that a lane has in its hands just now.",
    )

    def _compute_message_counts(self) -> None:
        counts = {
            (connector.id, state): count
            for connector, state, count in self.env["interop.message"]._read_group(
                [
                    ("connector_id", "in", self.ids),
                    ("state", "in", ["waiting", "ready", "running", "sent", "dead"]),
                ],
                ["connector_id", "state"],
                ["__count"],
            )
        }
        for connector in self:
            own = {state: n for (key, state), n in counts.items() if key == connector._origin.id}
            connector.in_flight = own.get("running", 0)
            connector.message_count_open = sum(own.values())

    def action_view_messages(self) -> dict:
        """Open the messages of this connector."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_queue.interop_message_action"
        )
        return action | {"domain": [("connector_id", "=", self.id)], "context": {}}
