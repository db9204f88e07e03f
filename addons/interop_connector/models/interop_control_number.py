from collections.abc import Mapping

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..big_integer import BigInteger
from ..lib.control_numbers import NUMBER_KINDS, NumberRule, NumbersUsedUp

# The first payload of a connector makes its counters. Two that do so at once: one row.
ENSURE = """
INSERT INTO interop_control_number (
    connector_id, direction, kind, next_number, lowest, highest, width, wraps, gapless)
SELECT %(connector_id)s, %(direction)s, v.kind, v.lowest, v.lowest, v.highest, v.width, v.wraps,
       v.gapless
  FROM unnest(%(kind)s::varchar[], %(lowest)s::int8[], %(highest)s::int8[], %(width)s::int[],
              %(wraps)s::bool[], %(gapless)s::bool[])
       AS v(kind, lowest, highest, width, wraps, gapless)
ON CONFLICT (connector_id, direction, kind) DO NOTHING"""

# NO KEY: nothing refers to these rows by their key. In one order for all, so that two lanes with
# several kinds cannot wait for each other.
LOCK = """
SELECT id, kind, next_number, lowest, highest, width, wraps, gapless
  FROM interop_control_number
 WHERE connector_id = %(connector_id)s AND direction = %(direction)s AND kind = ANY (%(kinds)s)
 ORDER BY id
   FOR NO KEY UPDATE"""

LOCK_ONE = "SELECT next_number FROM interop_control_number WHERE id = %s FOR NO KEY UPDATE"

ADVANCE = "UPDATE interop_control_number SET next_number = %(next)s WHERE id = %(id)s"

# One statement: in a transaction of its own it holds the row for no longer than itself.
TAKE = """
UPDATE interop_control_number c
   SET next_number = CASE
       WHEN c.next_number + %(count)s <= c.highest THEN c.next_number + %(count)s
       WHEN NOT c.wraps THEN c.highest + 1
       ELSE c.lowest + (c.next_number + %(count)s - c.lowest) %% (c.highest - c.lowest + 1) END
  FROM (SELECT id, next_number FROM interop_control_number
         WHERE connector_id = %(connector_id)s AND direction = %(direction)s AND kind = %(kind)s
           FOR NO KEY UPDATE) before
 WHERE c.id = before.id AND (c.wraps OR c.next_number + %(count)s - 1 <= c.highest)
RETURNING before.next_number"""


class InteropControlNumber(models.Model):
    """The next number for what leaves through a connector, by direction and kind.

    The engine takes numbers with statements of its own; people set the next one through
    `interop.control.number.setting`, which asks for a reason and leaves evidence.
    """

    _name = "interop.control.number"
    _description = "Control Number"
    _order = "connector_id, direction, kind"
    _rec_name = "kind"
    _log_access = False

    connector_id = fields.Many2one(
        "interop.connector", required=True, readonly=True, ondelete="cascade",
        help="The connector whose payloads are numbered.",
    )  # fmt: skip
    direction = fields.Selection(
        [("out", "To the partner"), ("in", "From the partner")], required=True, readonly=True,
        help="Whose payloads are numbered: ours, or the receipts for the partner's.",
    )  # fmt: skip
    kind = fields.Selection(
        selection=lambda self: NUMBER_KINDS.selection(), required=True, readonly=True,
        help="What has a number: the payload as a whole, a group in it, a document in it.",
    )  # fmt: skip
    next_number = BigInteger(
        required=True, readonly=True, aggregator=None,
        help="The number that the next payload takes. A further try of a payload keeps its own.",
    )  # fmt: skip
    lowest = BigInteger(
        required=True, readonly=True, aggregator=None, help="The first number that there is."
    )
    highest = BigInteger(
        required=True, readonly=True, aggregator=None, help="The last number that there is."
    )
    width = fields.Integer(
        required=True, readonly=True, aggregator=None,
        help="Digits in the payload, with leading zeros. 0: as many as the number has.",
    )  # fmt: skip
    wraps = fields.Boolean(
        string="Begins again", readonly=True,
        help="After the last number comes the first again. If not, messages stop as dead letters "
        "until somebody sets the next number.",
    )  # fmt: skip
    gapless = fields.Boolean(
        string="Without gaps", readonly=True,
        help="A number that was not used is given back, so that the partner misses none. The "
        "connector's payloads are then numbered one after the other.",
    )  # fmt: skip
    next_text = fields.Char(
        string="Next", compute="_compute_next_text", help="As it will stand in the payload."
    )
    set_by_id = fields.Many2one(
        "res.users", string="Set by", readonly=True, ondelete="set null",
        help="Who last set the next number by hand. Empty: nobody ever did.",
    )  # fmt: skip
    set_at = fields.Datetime(readonly=True, help="When it was last set by hand.")
    set_reason = fields.Char(string="Why", readonly=True, help="The reason that was given.")

    _one = models.Constraint(
        "UNIQUE(connector_id, direction, kind)",
        "A connector counts each kind once per direction.",
    )
    _in_range = models.Constraint(
        "CHECK(next_number BETWEEN lowest AND highest + 1 AND lowest < highest)",
        "The next control number must lie between the first and the last one.",
    )

    @api.depends("next_number", "width", "highest")
    def _compute_next_text(self) -> None:
        for counter in self:
            used_up = counter.next_number > counter.highest
            counter.next_text = (
                self.env._("used up") if used_up else f"{counter.next_number:0{counter.width}d}"
            )

    # -- for people ------------------------------------------------------------------------------

    def _set_next(self, number: int, reason: str, lower_confirmed: bool = False) -> None:
        """Set the next number; downward only if that was confirmed. Leaves evidence."""
        self.ensure_one()
        # Nobody takes a number between the look and the change.
        self.flush_recordset()
        self.env.cr.execute(LOCK_ONE, [self.id])
        [(before,)] = self.env.cr.fetchall()
        if not self.lowest <= number <= self.highest:
            raise UserError(
                self.env._(
                    "The next number must lie between %(lowest)s and %(highest)s.",
                    lowest=self.lowest,
                    highest=self.highest,
                )
            )
        if number < before and not lower_confirmed:
            raise UserError(
                self.env._(
                    "The numbers from %(number)s on were given already. Confirm that the partner "
                    "agreed to see them again, or choose %(before)s or a higher number.",
                    number=number,
                    before=before,
                )
            )
        self.write(
            {
                "next_number": number,
                "set_by_id": self.env.uid,
                "set_at": fields.Datetime.now(),
                "set_reason": reason,
            }
        )
        self.flush_recordset()  # the engine's statements look into the table
        self.env["interop.audit"]._record(
            "control_number.set",
            record=self.connector_id,
            details={
                "kind": self.kind,
                "direction": self.direction,
                "before": before,
                "after": number,
                "downward": number < before,
                "reason": reason,
            },
        )

    # -- for the engine ------------------------------------------------------------------------

    @api.model
    def _ensure(self, connector_id: int, direction: str, rules: Mapping[str, NumberRule]) -> None:
        """Make the counters that are missing. A rule that has changed since is left alone."""
        kinds = sorted(rules)
        self.env.cr.execute(
            ENSURE,
            {
                "connector_id": connector_id,
                "direction": direction,
                "kind": kinds,
                **{
                    name: [getattr(rules[kind], name) for kind in kinds]
                    for name in ("lowest", "highest", "width", "wraps", "gapless")
                },
            },
        )

    @api.model
    def _lock(
        self, connector_id: int, direction: str, rules: Mapping[str, NumberRule]
    ) -> dict[str, "Counter"]:
        """The counters of these kinds, held until the transaction ends, whose it is alone then."""
        asked = {"connector_id": connector_id, "direction": direction, "kinds": sorted(rules)}
        self.env.cr.execute(LOCK, asked)
        rows = self.env.cr.dictfetchall()
        if len(rows) < len(rules):
            self._ensure(connector_id, direction, rules)
            self.env.cr.execute(LOCK, asked)
            rows = self.env.cr.dictfetchall()
        return {row["kind"]: Counter(row) for row in rows}

    @api.model
    def _advance(self, counters: "list[Counter]") -> None:
        """Write what was taken from locked counters."""
        for counter in counters:
            if counter.moved:
                self.env.cr.execute(ADVANCE, {"id": counter.id, "next": counter.next})
        self.invalidate_model(["next_number"])

    @api.model
    def _take(
        self, connector_id: int, direction: str, kind: str, rule: NumberRule, count: int
    ) -> int:
        """The first of `count` numbers, at once; to be committed at once. Raises NumbersUsedUp."""
        asked = {
            "connector_id": connector_id, "direction": direction, "kind": kind, "count": count,
        }  # fmt: skip
        self.env.cr.execute(TAKE, asked)
        row = self.env.cr.fetchone()
        if row is None:
            # Not there yet, or used up: the second look tells which.
            self._ensure(connector_id, direction, {kind: rule})
            self.env.cr.execute(TAKE, asked)
            row = self.env.cr.fetchone()
        if row is None:
            raise NumbersUsedUp(kind)
        return row[0]


class Counter:
    """A locked counter in memory: it is written once, however many numbers were taken."""

    def __init__(self, row: dict) -> None:
        self.id: int = row["id"]
        self.kind: str = row["kind"]
        self.next: int = row["next_number"]
        self.moved = False
        self.rule = NumberRule(
            row["lowest"], row["highest"], row["width"], row["wraps"], row["gapless"]
        )

    def look(self, count: int) -> int:
        """The first of the next `count` numbers; they are not taken yet."""
        if not self.rule.fits(self.next, count):
            raise NumbersUsedUp(self.kind)
        return self.next

    def take(self, count: int) -> None:
        self.next = self.rule.after(self.next, count)
        self.moved = True
