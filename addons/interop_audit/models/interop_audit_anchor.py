from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..lib.anchoring import TARGETS

CONNECTOR = "connector"


class InteropAuditAnchor(models.Model):
    """A place outside the database that is told of every seal, and how far it has come.

    Only a record of what was done: the place itself is chosen by the server's own configuration
    (or is a flow of messages). Changing anything here changes nothing there.
    """

    _name = "interop.audit.anchor"
    _description = "Anchor of the Audit Trail"
    _order = "target, id"
    _rec_name = "place"
    _log_access = False

    target = fields.Selection(
        selection="_select_target",
        string="Kind",
        required=True,
        readonly=True,
        help="File: one line is added per seal. Folder: one new file per seal, for media that can "
        "be written once. Syslog: one message per seal. Connector: a message to a partner.",
    )
    place = fields.Char(
        required=True,
        readonly=True,
        help="Where the anchors go, as the server's own configuration says.",
    )
    state = fields.Selection(
        [
            ("anchored", "Up to date"),
            ("behind", "Behind"),
            ("failing", "Failing"),
            ("held", "Held by the fence"),
            ("off", "Not used any more"),
        ],
        compute="_compute_state",
        help="Up to date: the newest seal is there. Behind: it is on its way. Failing: the place "
        "does not take it. Held: this database may not talk to the outside. Not used any more: the "
        "configuration names another place or none.",
    )
    state_sentence = fields.Char(
        string="State in words", compute="_compute_state", help="How it stands and what to do."
    )
    last_number = fields.Integer(
        string="Last seal",
        readonly=True,
        aggregator=None,
        help="Number of the newest seal that is there.",
    )
    last_at = fields.Datetime(
        string="Last anchored", readonly=True, help="When the place took a seal for the last time."
    )
    missing = fields.Integer(
        string="Seals missing", compute="_compute_state", help="How many seals are not there yet."
    )
    lines = fields.Integer(
        string="Seals written",
        readonly=True,
        help="How many seals were written there. One that was written again after a failure counts "
        "each time.",
    )
    since = fields.Datetime(readonly=True, help="When the place was used first.")
    tried_at = fields.Datetime(
        string="Last try", readonly=True, help="When something was written there or failed to be."
    )
    failure = fields.Char(readonly=True, help="Why the last try failed.")
    failing_since = fields.Datetime(readonly=True, help="Since when each try has failed.")
    checked_at = fields.Datetime(
        string="Last compared",
        readonly=True,
        help="When the anchors were read back and compared with the database. Once a day.",
    )
    check_failed = fields.Boolean(
        string="Differs",
        readonly=True,
        help="What was read back is not what the database has: one of them was changed.",
    )
    accepted_until = fields.Datetime(
        readonly=True,
        help="A person has looked at what differed until then and accepted it, with a reason.",
    )
    check_sentence = fields.Char(
        string="Comparison", readonly=True, help="What the last comparison found."
    )
    every_minutes = fields.Integer(
        string="At most every (minutes)",
        readonly=True,
        aggregator=None,
        help="How much time lies between two anchors at least. 0: each seal is anchored. A message "
        "leaves entries in the trail itself, so a connector must not be told of each seal.",
    )

    _place_unique = models.UniqueIndex("(target, place)")

    @api.model
    def _select_target(self) -> list[tuple[str, str]]:
        return [*TARGETS.selection(), (CONNECTOR, "Connector")]

    @api.depends("target", "place", "last_number", "failure")
    def _compute_state(self) -> None:
        anchors = self.env["interop.audit.anchors"].sudo()
        used = {(place.target, place.place) for place in anchors._places()}
        fence = self.env["interop.fence"].sudo()._state()
        for anchor in self:
            missing, seconds = anchors._behind(anchor.target, anchor.place)
            anchor.missing = missing
            if (anchor.target, anchor.place) not in used:
                anchor.state = "off"
                anchor.state_sentence = self.env._(
                    "This server's configuration does not name this place (any more)."
                )
            elif not fence.is_open:
                anchor.state, anchor.state_sentence = "held", fence.reason
            elif anchor.failure:
                anchor.state, anchor.state_sentence = "failing", anchor.failure
            elif missing and anchors._is_late(anchor.every_minutes, seconds):
                anchor.state = "behind"
                anchor.state_sentence = self.env._(
                    "%(missing)s seals are not there yet, the oldest for %(minutes)s minutes.",
                    missing=missing,
                    minutes=int(seconds // 60),
                )
            else:
                anchor.state = "anchored"
                anchor.state_sentence = (
                    self.env._("The newest seals follow when their time has come.")
                    if missing
                    else self.env._("All seals are there.")
                )

    def action_try_now(self) -> None:
        """Write what is missing now; raises what went wrong, in words."""
        self._require_manager()
        anchors = self.env["interop.audit.anchors"].sudo()
        for anchor in self:
            [place] = [
                place
                for place in anchors._places()
                if (place.target, place.place) == (anchor.target, anchor.place)
            ] or [None]
            if place is None:
                raise UserError(
                    self.env._(
                        "This server's configuration does not name %(place)s. Set "
                        "audit_anchor_%(target)s in its section [interop].",
                        place=anchor.place,
                        target=anchor.target,
                    )
                )
            sentence = anchors._deliver(place)
            if sentence:
                raise UserError(sentence)
        self.env["interop.audit.watch"].sudo()._look_at_anchors()
        self.invalidate_recordset()

    def action_compare(self) -> None:
        """Read the anchors back and compare them with the database now."""
        self._require_manager()
        self.env["interop.audit.anchors"].sudo()._compare_all()
        self.invalidate_recordset()

    def action_download(self) -> dict[str, Any]:
        """All seals as anchor lines, made from the database."""
        return {"type": "ir.actions.act_url", "url": "/interop/audit/anchors", "target": "self"}

    def _require_manager(self) -> None:
        if not self.env.user.has_group("interop_base.group_manager") and not self.env.su:
            raise AccessError(self.env._("Only Integration Managers may do this."))

    def _set_every_minutes(self, minutes: int) -> None:
        """How often a connector is told at most; the change is in the trail."""
        self.ensure_one()
        if self.target != CONNECTOR or not 1 <= minutes <= 24 * 60:
            raise UserError(
                self.env._("A connector is told of seals every 1 to 1440 minutes; others of each.")
            )
        before = self.every_minutes
        self.sudo().write({"every_minutes": minutes})
        self.env["interop.audit"]._record(
            "anchor.changed",
            record=self,
            details={"target": self.target, "before": before, "minutes": minutes},
        )
