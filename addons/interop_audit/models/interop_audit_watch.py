from odoo import api, models

from .. import sql_seals
from ..apart import apart

#: The oldest entry without a seal may be this old (seconds).
LAG = 600


class InteropAuditWatch(models.AbstractModel):
    """Looks every five minutes whether the evidence is taken care of, and raises alarms if not."""

    _name = "interop.audit.watch"
    _description = "Watch over the Audit Trail"

    @api.model
    def _cron_look(self) -> None:
        self._look()

    @api.model
    def _look(self) -> None:
        self._look_at_seals()
        self.env["interop.audit.anchors"]._deliver_all()
        self._look_at_anchors()

    @api.model
    def _look_at_seals(self) -> None:
        """Is there an entry that waits too long for its seal?"""
        alarms = self.env["interop.audit.alarms"]
        with apart(self.env.registry) as env:
            seconds = env["interop.audit.sealer"]._lag()
            env.cr.execute(sql_seals.HELD_BACK_BY)
            holder = env.cr.dictfetchone()
        if seconds is None or seconds <= LAG:
            alarms._clear("seal_lag")
            return
        sentence = self.env._(
            "The oldest entry of the trail has waited for a seal for %s minutes. Does the "
            "scheduled action that seals run?",
            int(seconds // 60),
        )
        if holder:
            sentence += " " + self.env._(
                "A transaction that stays open holds seals up: process %(pid)s of PostgreSQL, in "
                "the database %(database)s.",
                pid=holder["pid"],
                database=holder["datname"],
            )
        alarms._raise("seal_lag", sentence, {"minutes": int(seconds // 60)})

    @api.model
    def _look_at_anchors(self) -> None:
        """Has each place got the newest seals, and is there a place at all in production?"""
        anchors, alarms = self.env["interop.audit.anchors"], self.env["interop.audit.alarms"]
        server = self.env["interop.fence"]._server_settings()
        production = server.environment == "production"
        places = anchors._places()
        with apart(self.env.registry) as env:
            fence = env["interop.fence"]._state()
        # A copy is silent. In production it is told even so: there the anchors are missed.
        expected = fence.is_open or production
        configured = {place.target for place in places}
        if production and not any(place.every_minutes == 0 for place in places):
            alarms._raise(
                "anchor_missing:none",
                self.env._(
                    "No place outside the database is told of the seals. Set audit_anchor_file, "
                    "audit_anchor_folder or audit_anchor_syslog in the section [interop] of the "
                    "server's configuration."
                ),
            )
        else:
            alarms._clear("anchor_missing:none")
        for place in places:
            code = f"anchor_missing:{place.target}"
            with apart(self.env.registry) as env:
                missing, seconds = env["interop.audit.anchors"]._behind(place.target, place.place)
                failure = anchors._row(env, place).failure
            if not (expected and missing and anchors._is_late(place.every_minutes, seconds)):
                alarms._clear(code)
                continue
            sentence = self.env._(
                "%(missing)s seals have not reached %(place)s, the oldest for %(minutes)s minutes.",
                missing=missing,
                place=place.place,
                minutes=int(seconds // 60),
            )
            why = failure if fence.is_open else fence.reason
            facts = {"missing": missing, "minutes": int(seconds // 60), "place": place.place}
            alarms._raise(code, f"{sentence} {why or ''}".strip(), facts)
        for code in anchors._open_alarms_of_places():
            if code.partition(":")[2] not in {*configured, "none"}:
                alarms._clear(code)
