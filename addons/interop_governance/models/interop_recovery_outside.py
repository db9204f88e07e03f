from collections.abc import Iterable
from datetime import UTC, datetime

from odoo import api, models

from odoo.addons.interop_audit.sql_seals import PLACE
from odoo.addons.interop_base.lib import pulse

from .. import sql_recovery as sql
from ..lib.known_outside import Outside, later


class InteropRecoveryOutside(models.AbstractModel):
    """What is known outside the database of the time after the backup."""

    _name = "interop.recovery.outside"
    _description = "Recovery: What Is Known Outside"

    def _look_outside(self) -> None:
        """The anchors that this server can read, and the pulse beside the keyring."""
        self.ensure_one()
        self._note_last_seal()
        self._note_outside(self._anchors_here(), self.env._("anchors of this server"))
        beat = self._last_pulse()
        if beat and (not self.outside_until or beat > self.outside_until):
            sources = [self.outside_source] if self.outside_source else []
            self.write(
                {
                    "outside_until": beat,
                    "outside_source": ", ".join(
                        [*sources, self.env._("the pulse beside the keyring")]
                    ),
                }
            )

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
                    "outside_source": source,
                }
            )
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

    @api.model
    def _anchors_here(self) -> Iterable[str]:
        """Lines of the anchors that this server can read."""
        return ()

    def _last_pulse(self) -> datetime | None:
        """When this installation was last known to be alive somewhere (naive UTC)."""
        fence = self.env["interop.fence"]
        keyring = fence._server_settings().keyring
        place = fence._facts().production_place
        noted = pulse.read(keyring, place) if keyring and place else None
        if noted is None:
            return None
        return datetime.fromtimestamp(noted.at, UTC).replace(tzinfo=None, microsecond=0)
