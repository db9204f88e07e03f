import logging
from collections.abc import Mapping
from typing import Any

from odoo import api, models

from .. import sql_anchors as sql
from ..apart import apart
from ..lib.entry import canonical

_logger = logging.getLogger(__name__)


class InteropAuditAlarms(models.AbstractModel):
    """Raises and ends alarms, each in a transaction of its own.

    So an alarm stands although the run that raised it fails or is rolled back. Raising what is
    raised already, and ending what is over, changes nothing that anybody would notice.
    """

    _name = "interop.audit.alarms"
    _description = "Alarms of the Audit Trail"

    @api.model
    def _raise(self, code: str, sentence: str, facts: Mapping[str, Any] | None = None) -> None:
        """Say that something is wrong: once per ``code`` until `_clear`.

        ``sentence`` says what and what to do; ``facts`` are counts, numbers and names, never a
        value from a document. Call it again while it lasts: then the alarm tells what is so now.
        """
        with apart(self.env.registry) as env:
            values = {"code": code, "sentence": sentence, "facts": canonical(facts or {})}
            env.cr.execute(sql.RAISE, values)
            alarm_id, fresh = env.cr.fetchone()
            if fresh:
                env["interop.audit"]._record(
                    "alarm.raised",
                    record=env["interop.audit.alarm"].browse(alarm_id),
                    outcome="failed",
                    details={"code": code, **(facts or {})},
                )
            self._tell(env, "_on_raised", env["interop.audit.alarm"].browse(alarm_id))

    @api.model
    def _clear(self, code: str) -> None:
        """Say that what ``code`` tells is over."""
        with apart(self.env.registry) as env:
            env.cr.execute(sql.IS_OPEN, [code])
            if not env.cr.fetchone()[0]:
                return
            env.cr.execute(sql.CLEAR, [code])
            for [alarm_id] in env.cr.fetchall():
                alarm = env["interop.audit.alarm"].browse(alarm_id)
                env["interop.audit"]._record("alarm.ended", record=alarm, details={"code": code})
                self._tell(env, "_on_ended", alarm)

    def _tell(self, env: api.Environment, hook: str, alarm: models.Model) -> None:
        """What modules above make of it must not undo the alarm.

        What fails is made up for when the alarm is seen again.
        """
        try:
            with env.cr.savepoint():
                getattr(env["interop.audit.alarms"], hook)(alarm)
        except Exception as failure:
            # Type only: the text of a database error may carry values.
            _logger.error(
                "interop: alarm %s could not be told on: %s", alarm.code, type(failure).__name__
            )

    # -- for modules above ---------------------------------------------------------------------

    @api.model
    def _on_raised(self, alarm: models.Model) -> None:
        """The alarm is on. Called each time it is seen, so be idempotent."""

    @api.model
    def _on_ended(self, alarm: models.Model) -> None:
        """The alarm is over."""
