import logging
from collections.abc import Iterable
from datetime import UTC, datetime

from odoo import models

from odoo.addons.interop_audit.lib.anchoring import DEADLINE, TARGETS, AnchorError
from odoo.addons.interop_audit.sql_seals import PLACE
from odoo.addons.interop_base.lib import pulse

from .. import sql_recovery as sql
from ..lib.known_outside import Outside, later

_logger = logging.getLogger(__name__)

#: How many of the last lines of a place are looked at: those of more than two days, a seal a
#: minute. The newest one alone tells how much was lost, so a backup may be older.
LINES = 4000


class InteropRecoveryOutside(models.AbstractModel):
    """What is known outside the database of the time after the backup."""

    _name = "interop.recovery.outside"
    _description = "Recovery: What Is Known Outside"

    def _look_outside(self) -> None:
        """The anchors that this server can read, and the pulse beside the keyring."""
        self.ensure_one()
        self._note_last_seal()
        lines, unread = self._anchors_here()
        found = self._note_outside(lines, self.env._("anchors of this server"))
        if found.read and not found.seals:
            self._add_source(self.env._("anchors of this server, none of them later"))
        for sentence in unread:
            self._add_source(sentence)
        beat = self._last_pulse()
        if beat and (not self.outside_until or beat > self.outside_until):
            self.outside_until = beat
            self._add_source(self.env._("the pulse beside the keyring"))

    def _add_source(self, text: str) -> None:
        """One line more about where something is known from, or why it is not."""
        known = (self.outside_source or "").splitlines()
        if text not in known:
            self.outside_source = "\n".join([*known, text])

    def _note_outside(self, lines: Iterable[str], source: str) -> Outside:
        """Count what these anchors know beyond the backup, and keep the most that is known."""
        instance = self.env["interop.instance"]._get_uuid()
        found = later(lines, instance, self.seal_number, self.seal_total)
        if found.seals and found.seals >= self.outside_seals:
            self.write(
                {
                    "outside_seals": found.seals,
                    "outside_entries": found.entries,
                    "outside_until": max(found.until, self.outside_until or found.until),
                }
            )
            self._add_source(source)
        return found

    def _note_last_seal(self) -> None:
        """The last seal that came with the backup, and not of the time since it was restored.

        Where the database moved, the sealer has begun an epoch of its own. Where it was set back in
        place there is none, and nothing was sealed here before somebody asked.
        """
        cr = self.env.cr
        cr.execute(PLACE)
        [place] = cr.fetchone()
        cr.execute(sql.LAST_SEAL_ELSEWHERE, {"place": place})
        number, total = cr.fetchone() or (0, 0)
        self.write({"seal_number": number, "seal_total": total})

    def _anchors_here(self) -> tuple[list[str], list[str]]:
        """The last lines of the places that this server's configuration names, and a sentence about
        each place of which nothing was read.

        Nothing is raised: an installation is recovered without its anchors, too. Whoever asks waits
        for a place that hangs, in an open transaction, but no longer than the deadline.
        """
        instance = self.env["interop.instance"]._get_uuid()
        lines: list[str] = []
        unread: list[str] = []
        for place in self.env["interop.audit.anchors"]._places():
            # A kind that no module of this server knows is said, too, and not passed over.
            label = TARGETS.get(place.target).label if place.target in TARGETS else place.target
            try:
                found = _read(place.target, place.place, instance)
            except AnchorError as failure:
                unread.append(
                    self.env._(
                        "%(kind)s %(place)s cannot be read: %(why)s",
                        kind=label,
                        place=place.place,
                        why=failure.sentence.removeprefix(f"{place.place}: "),
                    )
                )
                continue
            if found and later(found, instance, 0, 0).read:
                lines += found
                continue
            told = (
                self.env._(
                    "%(kind)s %(place)s holds no anchor of this installation",
                    kind=label,
                    place=place.place,
                )
                if found is not None
                else self.env._(
                    "%(kind)s %(place)s cannot be read from here: use “Read anchors…”",
                    kind=label,
                    place=place.place,
                )
            )
            unread.append(told)
        return lines, unread

    def _last_pulse(self) -> datetime | None:
        """When this installation was last known to be alive somewhere (naive UTC)."""
        fence = self.env["interop.fence"]
        keyring = fence._server_settings().keyring
        place = fence._facts().production_place
        noted = pulse.read(keyring, place) if keyring and place else None
        if noted is None:
            return None
        return datetime.fromtimestamp(noted.at, UTC).replace(tzinfo=None, microsecond=0)


def _read(target: str, place: str, instance: str) -> list[str] | None:
    """The last lines at a place, None if it does not give any back. Raises `AnchorError` only."""
    if target not in TARGETS:
        return None
    try:
        return DEADLINE.run(
            f"{target}:{place}", lambda: TARGETS.get(target).tail(place, instance, LINES)
        )
    except AnchorError:
        raise
    except Exception as failure:
        # Whatever a place does, and modules bring kinds of their own, it stops no recovery.
        _logger.exception("interop: anchors cannot be read")
        raise AnchorError(f"{type(failure).__name__}.") from failure
