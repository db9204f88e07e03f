import os
from dataclasses import dataclass

from odoo import api, models
from odoo.tools import SQL, config, str2bool

from ..lib import places, settings
from ..lib.environments import label
from ..lib.failures import FenceClosed
from .interop_fence_pulse import SEEN


@dataclass(frozen=True, slots=True)
class FenceState:
    """``reason`` is one sentence for people, whether the fence is open or closed."""

    is_open: bool
    reason: str
    environment: str | None


@dataclass(frozen=True, slots=True)
class _Facts:
    """All that the decision needs, read in one statement."""

    uuid: str | None = None
    environment: str | None = None
    system_identifier: str | None = None
    database_oid: str | None = None
    remembered: bool = False
    production_place: str | None = None
    live_system: str | None = None
    live_oid: str | None = None
    number: int = 0
    started: str = ""
    address: str | None = None
    port: str = ""
    neutralized: bool = False

    @property
    def place(self) -> str:
        """Where this database stands now, as the notes beside the keyring name it."""
        return f"{self.live_system}/{self.live_oid}"


class InteropFence(models.AbstractModel):
    """A copy of the database is silent.

    Five witnesses must agree before anything leaves or enters: the environment in the server's
    own configuration, the environment this database was armed for, the fingerprint of the place
    where it was armed (database server, database number, and the note beside the keyring), the
    pulse (`lib/pulse.py`), and that the database is not neutralized. A connector adds a sixth: its
    own environment.
    """

    _name = "interop.fence"
    _description = "Environment Fence"
    _inherit = ["interop.fence.arming", "interop.fence.pulse"]

    @api.model
    def _server_settings(self) -> settings.ServerSettings:
        return settings.load(config["config"], os.environ)

    # -- questions -----------------------------------------------------------------------------

    @api.model
    def _state(self, alive: bool = False) -> FenceState:
        """Whether this database may talk to the outside now. One small query.

        `alive`: and note the pulse again if that is due and this installation lives here.
        """
        server = self._server_settings()
        facts = self._facts()
        reason = self._why_closed(server, facts)
        if reason:
            return FenceState(False, reason, facts.environment)
        if alive and facts.remembered and not self._show_alive(server, facts.place):
            return self._state()  # somebody else took the place just now
        return FenceState(
            True,
            self.env._("Open for %s.", label(facts.environment)),
            facts.environment,
        )

    @api.model
    def _require_open(self, connector_environment: str, state: FenceState | None = None) -> None:
        """Raise :class:`FenceClosed` unless this database may use such a connector now.

        `state` is what `_state` said in this transaction already, if it was asked.
        """
        state = state or self._state()
        if not state.is_open:
            raise FenceClosed(self.env._("The environment fence is closed. %s", state.reason))
        if connector_environment != state.environment:
            raise FenceClosed(
                self.env._(
                    "The connector belongs to %(theirs)s, but this installation is armed for "
                    "%(ours)s.",
                    theirs=label(connector_environment),
                    ours=label(state.environment),
                )
            )

    def _why_closed(self, server: settings.ServerSettings, facts: _Facts) -> str | None:
        """The first reason against opening, or None. Anything unknown is a reason."""
        if facts.neutralized:
            return self.env._("This database is neutralized: it is a copy for testing.")
        if server.problem:
            return server.problem
        if not server.environment:
            return self.env._(
                "The server's configuration names no environment. Set `environment` in the "
                "[interop] section of Odoo's configuration file (or INTEROP_ENVIRONMENT)."
            )
        if not facts.environment:
            return self.env._(
                "This installation is not armed. A manager can arm it, with a reason."
            )
        if facts.environment != server.environment:
            return self.env._(
                "This database was armed for %(ours)s, but the server says %(server)s.",
                ours=label(facts.environment),
                server=label(server.environment),
            )
        if not facts.live_system or not facts.live_oid:
            return self.env._(
                "The database server does not tell its identifier. Grant EXECUTE on "
                "pg_control_system() to Odoo's database role."
            )
        return self._why_elsewhere(server, facts)

    def _why_elsewhere(self, server: settings.ServerSettings, facts: _Facts) -> str | None:
        """Why this is not the place, or not the copy, that was armed; None if it is."""
        if (facts.system_identifier, facts.database_oid) != (facts.live_system, facts.live_oid):
            return self.env._(
                "This database is not where it was armed: it is a copy, or was restored. If it "
                "is to take over, a manager can arm it again, with a reason."
            )
        if facts.remembered and not self._is_remembered(server, facts):
            return self.env._(
                "The note beside the keyring does not know this installation. If this server is "
                "to take over, a manager can arm it again, with a reason."
            )
        if facts.remembered:
            seen = self._seen(facts.number, facts.started, facts.address, facts.port)
            return self._why_not_alive(server, facts.place, seen)
        return None

    def _is_remembered(self, server: settings.ServerSettings, facts: _Facts) -> bool:
        if not server.keyring:
            return False
        known = places.read(server.keyring)
        return known.get(facts.place) == facts.uuid

    def _facts(self) -> _Facts:
        self.env["interop.instance"].flush_model()
        self.env["ir.config_parameter"].flush_model()
        may_ask = self._may_read_system_identifier()
        [row] = self.env.execute_query(
            SQL(
                """
                SELECT i.uuid, i.environment, i.system_identifier, i.database_oid,
                       coalesce(i.remembered, false), i.production_place, %s,
                       (SELECT oid::text FROM pg_database WHERE datname = current_database()),
                       %s,
                       (SELECT value FROM ir_config_parameter
                         WHERE key = 'database.is_neutralized')
                  FROM (SELECT 1) AS one LEFT JOIN interop_instance i ON true
                """,
                SQL("(SELECT system_identifier::text FROM pg_control_system())")
                if may_ask
                else SQL("NULL"),
                SQL(SEEN),
            )
        )
        *facts, neutralized = row
        return _Facts(*facts, neutralized=_is_set(neutralized))

    def _may_read_system_identifier(self) -> bool:
        """Asking without the right would break the caller's transaction, so look first."""
        [(may,)] = self.env.execute_query(
            SQL("SELECT has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')")
        )
        return bool(may)


def _is_set(value: str | None) -> bool:
    """Whether a neutralization flag is set. Anything that is not plainly "no" counts as yes."""
    if not value:
        return False
    try:
        return str2bool(value)
    except ValueError:
        return True
