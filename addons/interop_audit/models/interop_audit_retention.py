import logging
from datetime import UTC, datetime

from odoo import api, models
from odoo.exceptions import AccessError

from .. import dropping
from .. import sql_retention as sql
from ..apart import apart
from ..dropping import NotDropped
from ..lib.months import Month

_logger = logging.getLogger(__name__)

#: Six years: 45 CFR 164.316(b)(2)(i).
SIX_YEARS = 72
LEAVES_AT_ONCE = 2000


class InteropAuditRetention(models.AbstractModel):
    """Drops whole months of the trail whose time is over, with evidence that this was in order.

    Their seals stay, and so do the roots over what went. Off until a person switches it on.
    """

    _name = "interop.audit.retention"
    _description = "Retention of the Audit Trail"

    def init(self):
        # Models are set up in the order of their names: the leaves' table may not be there yet.
        self.env["interop.audit.sealer"].init()
        self.env.cr.execute(sql.CREATE)

    # -- for modules above ---------------------------------------------------------------------

    @api.model
    def _held(self, first: datetime, until: datetime) -> str | None:
        """Why entries from `first` to before `until` must be kept although their time is over."""
        return None

    # -- the rule ------------------------------------------------------------------------------

    @api.model
    def _months_kept(self) -> int:
        return self.env["interop.audit.retention.rule"].sudo()._in_force().months or SIX_YEARS

    @api.model
    def _is_on(self) -> bool:
        return self.env["interop.audit.retention.rule"].sudo()._in_force().switched_on

    @api.model
    def _due(self, month: Month) -> datetime:
        """From when on the month may go: so many months after its end."""
        return month.next.later(self._months_kept()).first

    @api.model
    def _why_not(self, month: Month) -> str | None:
        """What stands in the way of dropping the month, short of looking at each entry."""
        due = self._due(month)
        if datetime.now(UTC) < due:
            return self.env._("It is kept until %s.", due.date().isoformat())
        held = self._held(month.first, month.next.first)
        if held:
            return held
        cr = self.env.cr
        cr.execute(sql.IS_SEALED, {"first": month.first, "next": month.next.first})
        if not cr.fetchone()[0]:
            return self.env._("Not all of its entries are sealed yet.")
        if not self._is_anchored(month):
            return self.env._("Its last seal has not reached all places of anchors yet.")
        return None

    @api.model
    def _is_anchored(self, month: Month) -> bool:
        """Whether all places that the server names have this month's seals; so if there is none."""
        reached = self.env["interop.audit.anchors"]._anchored_up_to()
        if reached is None:
            return True
        cr = self.env.cr
        cr.execute(dropping.on_table(sql.BOUNDS, month))
        first, last = cr.fetchone()
        cr.execute(sql.LAST_SEAL_OF_IDS, {"first": first, "last": last})
        return (cr.fetchone()[0] or 0) <= reached

    # -- dropping ------------------------------------------------------------------------------

    @api.model
    def _cron_drop(self) -> None:
        """Drop what is due, the oldest month first. One per run: the next follows tomorrow."""
        if not self._is_on():
            return
        for name in self._due_months():
            try:
                self._drop(Month.named(name))
            except NotDropped as reason:
                _logger.warning("interop: month %s of the trail stays: %s", name, reason.sentence)
                continue
            return
        self._delete_leaves()

    @api.model
    def _due_months(self) -> list[str]:
        """In a transaction of its own, or it would stand in the way of the one that drops."""
        with apart(self.env.registry) as env:
            months = env["interop.audit.month"].search([("table_name", "!=", False)])
            why_not = env["interop.audit.retention"]._why_not
            return sorted(
                month.name for month in months if month.name and not why_not(month._month())
            )

    @api.model
    def _drop(self, month: Month, reason: str = "") -> None:
        """Drop the month for good, or raise :class:`NotDropped` and change nothing."""
        alarms = self.env["interop.audit.alarms"]
        code = f"retention_failed:{month.name}"
        try:
            with apart(self.env.registry) as env:
                env = env(user=self.env.uid, su=True)
                env["interop.audit.retention"]._drop_here(month, reason)
        except NotDropped as failure:
            if failure.is_finding:
                sentence = self.env._(
                    "%(month)s is past its time and stays, as evidence of something: %(why)s "
                    "Verify the trail.",
                    month=month.name,
                    why=failure.sentence,
                )
                alarms._raise(code, sentence, {"month": month.name})
            raise
        alarms._clear(code)
        _logger.info("interop: month %s of the audit trail was dropped", month.name)
        self._delete_leaves()

    def _drop_here(self, month: Month, reason: str) -> None:
        cr = self.env.cr
        dropping.hold(cr, month)
        why_not = self._why_not(month)
        if why_not:
            raise NotDropped(why_not)
        looked = dropping.look(cr, month)
        reached = self.env["interop.audit.anchors"]._anchored_up_to()
        if reached is not None and looked.last_seal > reached:
            raise NotDropped(self.env._("Its last seal is not anchored yet."))
        cr.execute(sql.IN_DEFAULT, [month.first, month.next.first])
        left = cr.fetchone()[0]
        dropping.lock(cr, month)
        dropping.drop(cr, month, looked)
        details = {
            "month": month.name,
            "entries": looked.entries,
            "ids_digest": looked.ids_digest,
            "seals": dropping.as_list(looked.seals),
            "retention_months": self._months_kept(),
        }
        if left:
            details["left_in_safety_net"] = left
        if reason:
            details["reason"] = reason
        self.env["interop.audit"]._record("audit.month_dropped", details=details)

    @api.model
    def _delete_leaves(self) -> None:
        """Delete the leaves of seals whose entries are all gone, in short transactions.

        What a run that died has left is done by the next.
        """
        while True:
            with apart(self.env.registry) as env:
                env.cr.execute(sql.DELETE_LEAVES, [LEAVES_AT_ONCE])
                if env.cr.rowcount < LEAVES_AT_ONCE:
                    return

    def _require_manager(self) -> None:
        if not self.env.user.has_group("interop_base.group_manager"):
            raise AccessError(
                self.env._("Only Integration Managers may do this with the audit trail.")
            )
