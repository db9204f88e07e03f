import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from odoo import api, fields, models

from .. import sql_anchors as sql
from ..apart import apart, set_read_committed
from ..lib import anchor_files, anchor_syslog  # noqa: F401 - they register their targets
from ..lib.anchoring import DEADLINE, TARGETS, AnchorError, Line
from ..lib.comparing import compare
from ..lib.evidence import anchor

_logger = logging.getLogger(__name__)

#: Seals that a place which is new gets of those before the newest.
BEGIN_WITH = 1000
BATCH = 500
#: How many of the last lines are read back and compared each day: those of more than two days.
COMPARED = 4000

Writer = Callable[[str, Sequence[Line]], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where anchors go now. ``every_minutes`` 0: each seal; else only the newest, that seldom."""

    target: str
    place: str
    every_minutes: int = 0


class InteropAuditAnchors(models.AbstractModel):
    """Takes every seal out of the database, to places that no administrator of Odoo chooses.

    Each place gets all seals in order, each at least once. No transaction is open while a place is
    written to: one that hangs would hold up the seals.
    """

    _name = "interop.audit.anchors"
    _description = "Anchoring of the Audit Trail"

    # -- for modules above ---------------------------------------------------------------------

    @api.model
    def _places(self) -> list[Place]:
        """Where anchors go, as this server says now."""
        server = self.env["interop.fence"]._server_settings()
        return [Place(target, place) for target, place in server.audit_anchors]

    @api.model
    def _writers(self) -> dict[str, Writer]:
        """By kind of place: what writes lines there. It may raise `AnchorError`."""
        return {code: partial(_write, code) for code in TARGETS.codes()}

    # -- the sealer calls ----------------------------------------------------------------------

    @api.model
    def _on_sealed(self, numbers: Sequence[int]) -> None:
        """These seals are committed: tell all places, and what they missed before."""
        self._deliver_all()

    @api.model
    def _deliver_all(self) -> None:
        for place in self._places():
            self._deliver(place)

    @api.model
    def _deliver(self, place: Place) -> str | None:
        """Write to one place what it has not got; a sentence if that could not be done."""
        self._ensure(place)
        with apart(self.env.registry) as env:
            fence = env["interop.fence"]._state()
        if not fence.is_open:
            # A copy of the database must not write into the original's anchors.
            return fence.reason
        with self._alone(place) as alone:
            if not alone:
                return None
            while lines := self._missing(place):
                try:
                    self._writers()[place.target](place.place, lines)
                except AnchorError as failure:
                    self._note(sql.FAILED, place, failure=failure.sentence)
                    _logger.error("interop: an anchor is missing: %s", failure.sentence)
                    return failure.sentence
                self._note(sql.DONE, place, number=lines[-1].number, lines=len(lines))
        return None

    def _missing(self, place: Place) -> list[Line]:
        with apart(self.env.registry) as env:
            values = {"target": place.target, "place": place.place, "limit": BATCH}
            if place.every_minutes:
                env.cr.execute(sql.IS_TIME, values)
                if not env.cr.fetchone()[0]:
                    return []
            env.cr.execute(sql.MISSING, values)
            lines = [_line(row) for row in env.cr.fetchall()]
            if lines and place.every_minutes:
                env.cr.execute(sql.NEWEST)
                return [_line(env.cr.fetchone())]
            return lines

    @api.model
    def _lines_after(self, number: int, limit: int = BATCH) -> list[Line]:
        """Anchor lines of the seals after this number, in order."""
        with apart(self.env.registry) as env:
            env.cr.execute(sql.SEALS_FROM, {"after": number, "limit": limit})
            return [_line(row) for row in env.cr.fetchall()]

    def _ensure(self, place: Place) -> None:
        self._note(sql.ENSURE, place, begin_with=BEGIN_WITH, every_minutes=place.every_minutes)

    def _note(self, statement: str, place: Place, **values: object) -> None:
        with apart(self.env.registry) as env:
            env.cr.execute(statement, {"target": place.target, "place": place.place, **values})

    @contextmanager
    def _alone(self, place: Place) -> Iterator[bool]:
        """Whether nobody else writes to the place; nobody does until this ends.

        A lock of the connection: the transaction that takes it is over at once. If the process
        dies, so does the lock. Who is second does not wait: the first one looks again before it
        ends, and the next seal or the watch comes soon.
        """
        name = f"{place.target}:{place.place}"
        with self.env.registry.cursor() as cr:
            set_read_committed(cr)
            cr.execute(sql.TRY_LOCK, [name])
            alone = cr.fetchone()[0]
            # This transaction is ours alone and holds nothing but the lock of the connection.
            cr.commit()  # pylint: disable=invalid-commit
            try:
                yield alone
            finally:
                if alone:
                    cr.execute(sql.UNLOCK, [name])

    # -- how it stands -------------------------------------------------------------------------

    @api.model
    def _behind(self, target: str, place: str) -> tuple[int, float]:
        """How many seals the place has not got, and for how many seconds the oldest of them."""
        self.env.cr.execute(sql.BEHIND, {"target": target, "place": place})
        row = self.env.cr.fetchone()
        return (row[1], row[2] or 0.0) if row else (0, 0.0)

    @api.model
    def _is_late(self, every_minutes: int, seconds: float) -> bool:
        """Whether a seal that has waited for so long should have been anchored by now."""
        minutes = self.env["interop.fence"]._server_settings().audit_anchor_minutes
        return seconds > (minutes + every_minutes) * 60

    @api.model
    def _anchored_up_to(self) -> int | None:
        """The newest seal that all of the server's places have; None if there is no place.

        A connector that is told now and then does not count: its message may still be on its way.
        """
        numbers = []
        for place in self._places():
            if not place.every_minutes:
                values = {"target": place.target, "place": place.place}
                self.env.cr.execute(sql.BEHIND, values)
                row = self.env.cr.fetchone()
                numbers.append(row[0] if row else 0)
        return min(numbers, default=None)

    @api.model
    def _open_alarms_of_places(self) -> list[str]:
        with apart(self.env.registry) as env:
            alarms = env["interop.audit.alarm"].search(
                [("code", "=like", "anchor_missing:%"), ("ended", "=", False)]
            )
            return alarms.mapped("code")

    @api.model
    def _open_places(self) -> dict:
        """The screen, with a line for each place that the server names, new ones too."""
        for place in self._places():
            self._ensure(place)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "interop_audit.interop_audit_anchor_action"
        )

    # -- reading back --------------------------------------------------------------------------

    @api.model
    def _cron_compare(self) -> None:
        self._compare_all()

    @api.model
    def _compare_all(self) -> None:
        """Read the last anchors back: are they what the database has? Else somebody changed one."""
        with apart(self.env.registry) as env:
            if not env["interop.fence"]._state().is_open:
                # A copy that fell behind its original has changed nothing.
                return
        for place in self._places():
            self._compare(place)

    def _compare(self, place: Place) -> None:
        if place.target not in TARGETS:
            return
        self._ensure(place)
        target = TARGETS.get(place.target)
        with apart(self.env.registry) as env:
            # How far it has come before what is there: it may grow meanwhile.
            row = self._row(env, place)
            reached = row.last_number
            accepted = row.accepted_until and f"{row.accepted_until:%Y-%m-%dT%H:%M:%S}.000000Z"
            instance = env["interop.instance"]._get_uuid()
        try:
            texts = DEADLINE.run(
                f"{place.target}:{place.place}",
                lambda: target.tail(place.place, instance, COMPARED),
            )
        except AnchorError as failure:
            self._note(sql.CHECKED, place, sentence=failure.sentence, failed=False)
            return
        if texts is None:
            return
        found = compare(texts, instance, reached, accepted or None)
        with apart(self.env.registry) as env:
            env.cr.execute(sql.STATEMENTS, [list(found.statements)])
            problem = found.problem(dict(env.cr.fetchall()))
        self._note(
            sql.CHECKED,
            place,
            sentence=problem or self.env._("The last anchors are what the database has."),
            failed=bool(problem),
        )
        if problem:
            _logger.error("interop: an anchor differs from the database: %s", problem)
            self.env["interop.audit.alarms"]._raise(
                f"anchor_differs:{place.target}", problem, {"place": place.place}
            )

    @api.model
    def _accept(self, target: str, place: str, reason: str) -> None:
        """A person has looked at what differs (a restore, say): compare what is anchored later.

        Until then the alarm stays, however many newer anchors are as they should be.
        """
        with apart(self.env.registry) as env:
            row = self._row(env, Place(target, place))
            row.write({"check_failed": False, "accepted_until": fields.Datetime.now()})
            row.flush_recordset()
        self.env["interop.audit"]._record(
            "anchor.accepted",
            record=self.env["interop.audit.anchor"].browse(row.id),
            details={"target": target, "reason": reason},
        )
        self.env["interop.audit.alarms"]._clear(f"anchor_differs:{target}")

    def _row(self, env: api.Environment, place: Place) -> models.Model:
        return env["interop.audit.anchor"].search(
            [("target", "=", place.target), ("place", "=", place.place)]
        )


def _line(row: tuple) -> Line:
    number, statement, signature, endorsement = row
    text = anchor.line(statement, bytes(signature), bytes(endorsement) if endorsement else None)
    return Line(number, json.loads(statement)["instance"], text)


def _write(code: str, place: str, lines: Sequence[Line]) -> None:
    DEADLINE.run(f"{code}:{place}", lambda: TARGETS.get(code).append(place, lines))
