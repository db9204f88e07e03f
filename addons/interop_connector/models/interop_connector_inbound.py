from typing import Any

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.networks import parse

KILOBYTE = 1024
HIGHEST = 2_000_000

#: Changes of these are told to the audit trail.
INBOUND_LIMITS = frozenset(
    """inbound_rate inbound_burst inbound_kb_rate inbound_backlog inbound_max_kb
    inbound_unsigned_rate inbound_networks""".split()
)


class InteropConnectorInbound(models.AbstractModel):
    """How much a partner may send, and from where. Live: it counts from the next delivery on."""

    _name = "interop.connector.inbound"
    _description = "Connector: Inbound Limits"

    inbound_rate = fields.Integer(
        string="Deliveries a minute", required=True, default=0,
        help="So many deliveries a minute are taken in from this partner; more are asked to come "
        "later (429 with Retry-After). 0: no limit.",
    )  # fmt: skip
    inbound_burst = fields.Integer(
        string="Deliveries at once", required=True, default=0,
        help="So many may come at once after a quiet time. 0: as many as in ten seconds.",
    )  # fmt: skip
    inbound_kb_rate = fields.Integer(
        string="Kilobytes a minute", required=True, default=0,
        help="So many kilobytes a minute are taken in. A larger payload comes in after a quiet "
        "minute, and what follows waits until it is made up for. 0: no limit.",
    )  # fmt: skip
    inbound_backlog = fields.Integer(
        string="Most open messages", required=True, default=0,
        help="While so many messages of this partner wait here to be taken up, more are asked to "
        "come later (429 with Retry-After). 0: no limit.",
    )  # fmt: skip
    inbound_max_kb = fields.Integer(
        string="Largest delivery (KB)", required=True, default=0,
        help="A larger delivery is refused before it is read (413). 0: the limit in the settings, "
        "or that of the format if it is lower.",
    )  # fmt: skip
    inbound_unsigned_rate = fields.Integer(
        string="Unsigned tries a minute", required=True, default=120,
        help="Who comes so often a minute from one address without a valid signature is not "
        "listened to for a while. It takes nothing of the partner's own limits. Counted by each "
        "of the server's processes for itself. 0: no limit.",
    )  # fmt: skip
    inbound_networks = fields.Text(
        string="Allowed networks",
        help="Addresses or networks the partner sends from, one a line, such as 192.0.2.0/24 or "
        "2001:db8::/32. Others are refused before anything is read (403). Behind a reverse proxy "
        "this needs Odoo's proxy_mode, or the proxy's own address is judged. Empty: any address.",
    )
    refusal_ids = fields.One2many(
        "interop.refusal", "connector_id", readonly=True, string="Refused deliveries",
        help="What was refused in the last days, by hour and reason.",
    )  # fmt: skip
    refused_recently = fields.Integer(
        string="Refused, last 24 h", compute="_compute_refused_recently",
        help="Deliveries to this connector that were refused in the last 24 hours.",
    )  # fmt: skip

    def _compute_refused_recently(self) -> None:
        counts = self.env["interop.refusal"]._count_recent(self._origin.ids)
        for connector in self:
            connector.refused_recently = counts.get(connector._origin.id, 0)

    @api.constrains(*sorted(INBOUND_LIMITS - {"inbound_networks"}))
    def _check_inbound_limits(self) -> None:
        names = sorted(INBOUND_LIMITS - {"inbound_networks"})
        for connector in self:
            if not all(0 <= connector[name] <= HIGHEST for name in names):
                raise ValidationError(
                    self.env._(
                        "Inbound limits are numbers from 0 (no limit) to %s.", f"{HIGHEST:,}"
                    )
                )

    @api.constrains("inbound_networks")
    def _check_inbound_networks(self) -> None:
        for connector in self:
            try:
                parse(connector.inbound_networks or "")
            except ValueError as wrong:
                raise ValidationError(
                    self.env._(
                        "“%s” is no address and no network. Write networks as 192.0.2.0/24 or "
                        "2001:db8::/32, with zeros behind the prefix.",
                        str(wrong)[:60],
                    )
                ) from None

    def action_view_refusals(self) -> dict[str, Any]:
        """Open what was refused."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_connector.interop_refusal_action"
        )
        return action | {"domain": [("connector_id", "=", self.id)], "context": {}}
