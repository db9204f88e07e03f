import logging
import socket
import time
from ipaddress import ip_address

from odoo import api, models
from odoo.tools import SQL, config

from ..lib import pulse
from ..lib.pulse import Seen, Verdict
from ..lib.settings import ServerSettings

_logger = logging.getLogger(__name__)

#: The count, and which start of which server this is: the list of a SELECT.
SEEN = """
coalesce((SELECT max(number) FROM interop_instance_pulse), 0),
(extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint::text,
host(inet_server_addr()), current_setting('port')
"""
COUNT = "UPDATE interop_instance_pulse SET number = number + 1 RETURNING number"
SET_COUNT = "UPDATE interop_instance_pulse SET number = %s"


class InteropFencePulse(models.AbstractModel):
    """Tells physical copies of the database apart, and a database that was set back in place."""

    _name = "interop.fence.pulse"
    _description = "Environment Fence: Pulse"

    @api.model
    def _why_not_alive(self, server: ServerSettings, place: str, seen: Seen) -> str | None:
        """Why this may not be the one that lives at its place, or None."""
        if not server.keyring:
            return None
        noted = pulse.read(server.keyring, place)
        if noted is None:
            return None
        verdict = pulse.judge(noted, seen, time.time())
        if verdict is Verdict.SET_BACK:
            # This transaction may have begun before the last beat: look with fresh eyes.
            with self._pulse_cursor() as cr:
                verdict = pulse.judge(noted, self._look(cr), time.time())
        if verdict is Verdict.FREE:
            verdict = self._beat(server, place)
        if verdict is Verdict.SET_BACK:
            return self.env._(
                "This database is older than the note beside the keyring says: it was set back, or "
                "is an earlier copy. If it is to take over, arm it again, with a reason."
            )
        if verdict is Verdict.ELSEWHERE:
            return self.env._(
                "Another copy of this database is alive at another address. This one stays silent "
                "as long as that one is heard of, and %(minutes)s minutes longer.",
                minutes=round(pulse.SILENCE / 60),
            )
        return None

    def _show_alive(self, server: ServerSettings, place: str) -> bool:
        """Note the pulse again if it is due; whether the place is still ours."""
        noted = pulse.read(server.keyring, place) if server.keyring else None
        if noted is not None and time.time() - noted.at < pulse.BEAT:
            return True
        return self._beat(server, place) is Verdict.OURS

    def _beat(self, server: ServerSettings, place: str) -> Verdict:
        """Count, commit, and only then note: the note is never ahead of what is on the disk."""
        with self._pulse_cursor() as cr:
            verdict = pulse.judge(pulse.read(server.keyring, place), self._look(cr), time.time())
            if verdict not in (Verdict.OURS, Verdict.FREE):
                return verdict
            cr.execute("SET LOCAL synchronous_commit = on")
            cr.execute(COUNT)
            # Its own transaction, never the caller's.
            cr.commit()  # pylint: disable=invalid-commit
            seen = self._look(cr)
        try:
            return pulse.beat(server.keyring, place, seen, time.time())
        except OSError:
            # A mounted secret: nothing can be noted there, so nothing is told by it either.
            return Verdict.OURS

    def _take_place(self, server: ServerSettings, place: str) -> None:
        """A person has decided: from now on this one lives at the place."""
        seen = self._look(self.env.cr)
        try:
            number = pulse.take(server.keyring, place, seen, time.time())
        except OSError:
            return
        if number != seen.number:
            self.env.cr.execute(SET_COUNT, [number])

    def _look(self, cr) -> Seen:
        cr.execute(SQL("SELECT %s", SQL(SEEN)))
        return self._seen(*cr.fetchone())

    def _seen(self, number: int, started: str, address: str | None, port: str) -> Seen:
        return Seen(number, started, f"{_named(address)}:{port}")

    def _pulse_cursor(self):
        """A transaction of its own, which sees what was committed by now."""
        return self.env.registry.cursor()


def _named(address: str | None) -> str:
    """The address of the database server; what only this machine can reach is named after it."""
    if address and not ip_address(address).is_loopback:
        return address
    return f"{socket.gethostname()}/{address or config['db_host'] or 'local'}"
