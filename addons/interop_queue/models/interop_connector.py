from odoo import api, fields, models

from ..engine.wake import wake_after_commit
from ..lib.statements import statement


class InteropConnector(models.Model):
    """What the queue adds to a connector: its messages, and draining.

    Draining: what is there is worked off, nothing new is begun, then the connector pauses.
    """

    _name = "interop.connector"
    _inherit = ["interop.connector", "interop.published.part", "interop.connector.strip"]
    _interop_part = "connector"

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

    # Beside the state and not in the runtime row: that one is changed by every claim and settle,
    # and a person's transaction would lose every race for it on a busy connector.
    drain_to = fields.Integer(
        readonly=True,
        copy=False,
        help="While draining: messages up to this number are still worked off, newer ones wait.",
    )
    drain_total = fields.Integer(
        readonly=True, copy=False, help="How many messages were there when the drain began."
    )
    drain_left = fields.Integer(
        string="Still to go",
        compute="_compute_drain",
        help="Messages that were there when the drain began and are not finished.",
    )
    drain_progress = fields.Char(
        string="Drain",
        compute="_compute_drain",
        help="How far the drain has come, while there is one.",
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

    # -- draining --------------------------------------------------------------------------------

    @api.depends("state", "drain_to", "drain_total")
    def _compute_drain(self) -> None:
        draining = self.filtered(lambda connector: connector.state == "draining")
        left = draining._count_drain() if draining else {}
        for connector in self:
            moving, held = left.get(connector._origin.id, (0, 0))
            connector.drain_left = moving + held
            connector.drain_progress = connector in draining and connector._tell_drain(held)

    def _count_drain(self) -> dict[int, tuple[int, int]]:
        """Per connector: what lanes can still work off, and what is parked."""
        self.env.flush_all()
        self.env.cr.execute(statement("drain_left"), {"connector_ids": self._origin.ids})
        return {connector: (moving, held) for connector, moving, held in self.env.cr.fetchall()}

    def _tell_drain(self, held: int) -> str:
        told = self.env._(
            "%(left)s of %(total)s still to go",
            left=self.drain_left,
            total=max(self.drain_total, self.drain_left),
        )
        if not self.drain_left:
            return self.env._("Nothing is left: it pauses in a moment")
        if held:
            told += " " + self.env._("(%s behind another message or a dead letter)", held)
        return told

    def _set_state(self, state: str) -> bool:
        done = super()._set_state(state)
        if state == "draining":
            self.env.cr.execute(statement("drain_begin"))
            [newest] = self.env.cr.fetchone()
            # Not 0, which means "no limit": where nothing is yet, nothing is drained.
            self.write({"drain_to": newest or -1})
            counts = self._count_drain()
            for connector in self:
                connector.drain_total = sum(counts.get(connector.id, (0, 0)))
        elif any(self.mapped("drain_to")):
            self.write({"drain_to": 0, "drain_total": 0})
        return done

    @api.model
    def _end_drains(self) -> int:
        """Pause the connectors whose drain has come to its end; return how many. For the reaper."""
        self.env.flush_all()
        self.env.cr.execute(statement("drained"))
        ended = self.sudo().browse(row[0] for row in self.env.cr.fetchall())
        if ended:
            ended._set_state("paused")
            for connector in ended:
                connector._audit("drained")
        return len(ended)

    def action_view_draining(self) -> dict:
        """Open what is still to go."""
        self.ensure_one()
        states = ["waiting", "ready", "running", "dead"]
        domain = [("state", "in", states), ("id", "<=", self.drain_to)]
        action = self.action_view_messages()
        return action | {
            "name": self.env._("Still to go: %s", self.name),
            "domain": action["domain"] + domain,
        }

    def _gates_changed(self) -> None:
        wake_after_commit(self.env)
        return super()._gates_changed()

    def _part_snapshot(self) -> dict:
        return self._technical_snapshot()
