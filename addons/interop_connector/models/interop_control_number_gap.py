from odoo import api, fields, models
from odoo.exceptions import UserError

from ..big_integer import BigInteger


class InteropControlNumberGap(models.Model):
    """Numbers that a partner has left out: perhaps a payload that never arrived."""

    _name = "interop.control.number.gap"
    _description = "Missing Control Numbers"
    _order = "noticed_at desc, id desc"
    _rec_name = "first"
    _log_access = False

    series_id = fields.Many2one(
        "interop.control.number.series", required=True, readonly=True, ondelete="cascade",
        index=True, help="Whose numbers they are.",
    )  # fmt: skip
    connector_id = fields.Many2one(
        "interop.connector", required=True, readonly=True, ondelete="cascade", index=True,
        help="The connector that they should have come through.",
    )  # fmt: skip
    sender = fields.Char(related="series_id.sender", help="Who should have sent them.")
    receiver = fields.Char(related="series_id.receiver", help="To whom.")
    kind = fields.Char(related="series_id.kind", help="What is numbered.")
    first = BigInteger(
        required=True, readonly=True, aggregator=None, help="The first number that is missing."
    )
    last = BigInteger(
        required=True, readonly=True, aggregator=None, help="The last number that is missing."
    )
    count = fields.Integer(compute="_compute_count", help="How many numbers are missing.")
    state = fields.Selection(
        [
            ("waiting", "May still come"),
            ("missing", "Missing"),
            ("closed", "Came late"),
            ("dismissed", "Dismissed"),
        ],
        required=True, readonly=True,
        help="May still come: noticed a moment ago. Missing: not come within the wait that the "
        "connector grants; ask the partner. Came late: all are here. Dismissed: a person found "
        "out that nothing is missing.",
    )  # fmt: skip
    noticed_at = fields.Datetime(
        readonly=True, help="When a higher number came, so that these were missed."
    )
    due_at = fields.Datetime(
        string="Waits until", readonly=True, help="From then on they count as missing."
    )
    closed_at = fields.Datetime(readonly=True, help="When it ended: they came, or were dismissed.")
    dismissed_by_id = fields.Many2one(
        "res.users", readonly=True, ondelete="set null", help="Who found that nothing is missing."
    )

    _open = models.Index("(series_id, first) WHERE state IN ('waiting', 'missing')")
    _waiting = models.Index("(due_at) WHERE state = 'waiting'")
    _ended = models.Index("(closed_at) WHERE state IN ('closed', 'dismissed')")

    @api.depends("first", "last")
    def _compute_count(self) -> None:
        for gap in self:
            gap.count = gap.last - gap.first + 1

    @api.depends("first", "last", "sender")
    def _compute_display_name(self) -> None:
        for gap in self:
            span = str(gap.first) if gap.first == gap.last else f"{gap.first} – {gap.last}"
            gap.display_name = f"{gap.sender}: {span}"

    def action_dismiss(self) -> None:
        """A person asked the partner: nothing is missing."""
        if not self.env.user.has_group("interop_base.group_operator"):
            raise UserError(self.env._("Only Interop operators may do this."))
        self.check_access("read")
        still_open = self.filtered(lambda gap: gap.state in ("waiting", "missing"))
        still_open.sudo().write(
            {
                "state": "dismissed",
                "closed_at": fields.Datetime.now(),
                "dismissed_by_id": self.env.uid,
            }
        )
        for gap in still_open:
            self.env["interop.audit"]._record(
                "control_number.gap_dismissed",
                record=gap.connector_id,
                details={"first": gap.first, "last": gap.last, "kind": gap.kind},
            )
        still_open._on_dismissed()

    def _on_dismissed(self) -> None:
        """For modules above, which may have told somebody that these are missing."""
