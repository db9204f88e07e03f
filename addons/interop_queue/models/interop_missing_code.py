from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.interop_document.lib.crosswalk_privacy import WITHHELD

# How long a mapped code is still listed under Mapped.
KEPT_DAYS = 90
GONE_AT_ONCE = 1000
STATES = [("open", "To be mapped"), ("mapped", "Mapped"), ("ignored", "Ignored")]


class InteropMissingCode(models.Model):
    """A code that a crosswalk did not know, and the messages that wait for it.

    Rows come from the engine's statements (`sql/queue.sql`), in the transaction that settles the
    messages. People act through the methods of `interop_missing_code_acts.py`.
    """

    _name = "interop.missing.code"
    _description = "Unmapped Code"
    _inherit = ["interop.missing.code.acts"]
    _order = "first_at, id"
    _log_access = False

    crosswalk_id = fields.Many2one(
        "interop.crosswalk", required=True, readonly=True, ondelete="cascade",
        help="The crosswalk that does not know the code.",
    )  # fmt: skip
    way = fields.Selection(
        [("out", "Ours to theirs"), ("in", "Theirs to ours")], string="Direction",
        required=True, readonly=True,
        help="Whose code it is: ours on the way out, the partner's on the way in.",
    )  # fmt: skip
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade", index=True,
        help="The company whose documents have it.",
    )  # fmt: skip
    code = fields.Char(
        readonly=True, help="The code as it stood in the document, unless it must not be kept."
    )
    key = fields.Char(
        required=True, readonly=True, groups="base.group_system",
        help="What all its spellings have in common, or a keyed digest of it.",
    )  # fmt: skip
    withheld = fields.Selection(
        list(WITHHELD.items()), readonly=True,
        help="Why the code itself is not kept here. Who may read the content of a waiting message "
        "sees it there; once it is in the crosswalk, the messages run again by themselves.",
    )  # fmt: skip
    state = fields.Selection(
        STATES, required=True, readonly=True, default="open",
        help="To be mapped: messages wait for it. Mapped: the crosswalk knows it by now. Ignored: "
        "somebody decided, with a reason, that it will not be mapped.",
    )  # fmt: skip
    looked = fields.Char(
        readonly=True, groups="base.group_system",
        help="State and day of the crosswalk in which it was last looked for.",
    )  # fmt: skip
    first_at = fields.Datetime(
        string="First seen", readonly=True, help="When a message first failed for it."
    )
    past = fields.Integer(
        string="Ran again", required=True, readonly=True, default=0,
        help="How many messages have run again because it was mapped.",
    )  # fmt: skip
    message_ids = fields.Many2many(
        "interop.message", "interop_missing_code_message", "code_id", "message_id",
        string="Waiting messages", readonly=True,
        help="Dead letters that run again when this and all their other codes are mapped.",
    )  # fmt: skip
    waiting = fields.Integer(
        compute="_compute_waiting", help="How many messages wait for it now, whoever may see them."
    )
    count = fields.Integer(
        string="Messages", compute="_compute_waiting",
        help="How many messages it has stopped: those that wait, and those that ran again.",
    )  # fmt: skip
    last_at = fields.Datetime(
        string="Last seen", compute="_compute_waiting",
        help="When a message last failed for it that still waits.",
    )  # fmt: skip
    ours = fields.Char(
        string="Our code", compute="_compute_pair", inverse="_inverse_ours",
        help="Fill in which code of ours the partner's code is.",
    )  # fmt: skip
    theirs = fields.Char(
        string="Their code", compute="_compute_pair", inverse="_inverse_theirs",
        help="Fill in which code of the partner's our code is.",
    )  # fmt: skip
    answer = fields.Char(readonly=True, help="The code that somebody filled in here.")
    own_company = fields.Boolean(
        string="This company only",
        help="The new entry holds for this company only. Otherwise for all that the crosswalk is "
        "for. Tick it before you fill in the code.",
    )  # fmt: skip
    suggestion = fields.Char(
        compute="_compute_suggestion",
        help="What it may be: from a similar code here, or from another crosswalk of its kind.",
    )  # fmt: skip
    told = fields.Char(compute="_compute_told", help="What mapping it does, in one sentence.")
    reason = fields.Char(readonly=True, help="Why it is ignored.")
    mapped_at = fields.Datetime(readonly=True, help="When it was found to be mapped.")
    mapped_by_id = fields.Many2one(
        "res.users", string="Mapped by", readonly=True, ondelete="set null",
        help="Who changed the crosswalk. Empty: nobody did, a day came on which an entry holds.",
    )  # fmt: skip

    _one = models.UniqueIndex("(crosswalk_id, way, company_id, key)")
    _unmapped = models.Index("(crosswalk_id) WHERE state <> 'mapped'")

    def init(self):
        # Odoo makes the relation; when a message came to wait is the engine's own column.
        self.env.cr.execute(
            "ALTER TABLE interop_missing_code_message ADD COLUMN IF NOT EXISTS met_at timestamp"
        )

    @api.depends("code", "withheld")
    def _compute_display_name(self) -> None:
        for missing in self:
            missing.display_name = missing.code or dict(WITHHELD).get(missing.withheld)

    @api.depends("message_ids", "past")
    def _compute_waiting(self) -> None:
        self.env.cr.execute(
            SQL(
                "SELECT r.code_id, count(*), max(r.met_at) FROM interop_missing_code_message r "
                "JOIN interop_message m ON m.id = r.message_id AND m.state = 'dead' "
                "WHERE r.code_id = ANY (%s) GROUP BY r.code_id",
                list(self._ids),
            )
        )
        found = {row[0]: row[1:] for row in self.env.cr.fetchall()}
        for missing in self:
            missing.waiting, missing.last_at = found.get(missing.id, (0, False))
            missing.count = missing.waiting + missing.past

    @api.depends("code", "withheld", "answer", "way")
    def _compute_pair(self) -> None:
        for missing in self:
            known = missing.code or dict(WITHHELD).get(missing.withheld)
            pair = (known, missing.answer)
            missing.ours, missing.theirs = pair if missing.way == "out" else pair[::-1]

    @api.autovacuum
    def _gc_mapped(self) -> tuple[int, int]:
        """The crosswalk and the audit trail tell of them then."""
        done = self.search(
            [
                ("state", "=", "mapped"),
                ("mapped_at", "<", fields.Datetime.now() - timedelta(days=KEPT_DAYS)),
                ("message_ids", "=", False),
            ],
            limit=GONE_AT_ONCE,
        )
        count = len(done)
        done.unlink()
        return count, GONE_AT_ONCE if count == GONE_AT_ONCE else 0

    def _inverse_ours(self) -> None:
        for missing in self.filtered(lambda missing: missing.way == "in"):
            missing._map(missing.ours)

    def _inverse_theirs(self) -> None:
        for missing in self.filtered(lambda missing: missing.way == "out"):
            missing._map(missing.theirs)
