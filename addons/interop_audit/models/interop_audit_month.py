from datetime import UTC, datetime
from typing import Any

from odoo import fields, models
from odoo.tools import SQL

from .. import sql_retention as sql
from ..lib.months import Month

#: Up to this size the entries are counted, above PostgreSQL's estimate is shown.
COUNTED_MEGABYTES = 64


class InteropAuditMonth(models.Model):
    """The months of the trail, and what may become of them."""

    _name = "interop.audit.month"
    _description = "Month of the Audit Trail"
    _inherit = ["interop.audit.immutable"]
    _auto = False
    _log_access = False
    _order = "first_day desc, id desc"
    _table_query = sql.READ

    name = fields.Char(string="Month", readonly=True, help="Year and month of the entries.")
    table_name = fields.Char(
        string="Table", readonly=True, help="The table of the database that holds the entries."
    )
    first_day = fields.Date(readonly=True, help="First day of the month.")
    estimate = fields.Integer(readonly=True, help="The database's estimate of the entries.")
    entries = fields.Integer(
        compute="_compute_state",
        aggregator=None,
        help="How many entries there are; in a large month as the database estimates it.",
    )
    megabytes = fields.Float(
        string="Size (MB)", readonly=True, digits=(16, 1), help="Space on disk, indexes included."
    )
    dropped_at = fields.Datetime(
        string="Dropped", readonly=True, help="When the entries were dropped. Their seals stay."
    )
    due_on = fields.Date(
        string="May go on", compute="_compute_state", help="When its time is over."
    )
    is_sealed = fields.Boolean(
        string="Sealed", compute="_compute_state", help="All its entries are in a seal."
    )
    is_anchored = fields.Boolean(
        string="Anchored",
        compute="_compute_state",
        help="All places of anchors that the server names have its seals.",
    )
    held_by = fields.Char(
        string="Held by",
        compute="_compute_state",
        help="What demands that it is kept although its time is over: a legal hold.",
    )
    state = fields.Selection(
        [
            ("current", "Being written"),
            ("kept", "Kept"),
            ("held", "Held"),
            ("due", "Time is over"),
            ("waiting", "Waits for seal or anchor"),
            ("dropped", "Dropped"),
            ("net", "Safety net"),
        ],
        compute="_compute_state",
        help="Being written: the month is not over. Kept: its time is not over. Held: a legal hold "
        "keeps it. Time is over: it may be dropped. Safety net: entries whose month had no table "
        "of its own; they are never dropped.",
    )
    state_sentence = fields.Char(
        string="State in words", compute="_compute_state", help="What may become of it, and when."
    )

    def _month(self) -> Month:
        self.ensure_one()
        return Month.named(self.name)

    def _compute_state(self) -> None:
        retention = self.env["interop.audit.retention"].sudo()
        kept, is_on = retention._months_kept(), retention._is_on()
        for row in self:
            row.update(
                {
                    "entries": row._count(),
                    "due_on": False,
                    "is_sealed": False,
                    "is_anchored": False,
                    "held_by": False,
                }
            )
            if not row.name:
                row.state = "net"
                row.state_sentence = self.env._(
                    "Entries whose month had no table when they were written. They are never "
                    "dropped."
                )
            elif row.dropped_at:
                row.state = "dropped"
                row.state_sentence = self.env._("The entries went with their time; seals stay.")
            else:
                row._tell(row._month(), retention, kept, is_on)

    def _tell(self, month: Month, retention: models.Model, kept: int, is_on: bool) -> None:
        self.due_on = retention._due(month).date()
        self.held_by = retention._held(month.first, month.next.first)
        self.env.cr.execute(sql.IS_SEALED, {"first": month.first, "next": month.next.first})
        self.is_sealed = self.env.cr.fetchone()[0]
        self.is_anchored = self.is_sealed and retention._is_anchored(month)
        now = datetime.now(UTC)
        if now < month.next.first:
            self.state, self.state_sentence = "current", self.env._("The month is not over.")
        elif self.held_by:
            self.state, self.state_sentence = "held", self.held_by
        elif now < retention._due(month):
            self.state = "kept"
            self.state_sentence = self.env._("Kept for %s months after its end.", kept)
        elif not (self.is_sealed and self.is_anchored):
            self.state = "waiting"
            self.state_sentence = retention._why_not(month)
        else:
            self.state = "due"
            self.state_sentence = (
                self.env._("It is dropped by itself within days.")
                if is_on
                else self.env._("Its time is over. Dropping by itself is off: drop it here.")
            )

    def _count(self) -> int:
        if not self.table_name or self.megabytes > COUNTED_MEGABYTES:
            return self.estimate
        query = SQL("SELECT count(*) FROM %s", SQL.identifier(self.table_name))
        self.env.cr.execute(query)
        return self.env.cr.fetchone()[0]

    def action_drop(self) -> dict[str, Any]:
        """Ask for the reason, then drop the month."""
        self.ensure_one()
        self.env["interop.audit.retention"]._require_manager()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Drop %s", self.name),
            "res_model": "interop.audit.month.drop",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_month": self.name, "default_entries": self.entries},
        }
