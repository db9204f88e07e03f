import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..lib import places

_logger = logging.getLogger(__name__)


class InteropFenceArming(models.AbstractModel):
    """Who opens the fence and who closes it.

    One person may arm a fresh installation, or one that is not for production. What was in
    production and stands somewhere else now was restored or copied: it is armed by two
    (`interop.arming`), or by one in an emergency that is told to everybody.
    """

    _name = "interop.fence.arming"
    _description = "Environment Fence: Arming"

    @api.model
    def _arm(self, reason: str) -> None:
        """Declare that this database, here, is the one that talks to partners.

        Managers only. Refused without a reason, when the server names no environment, and when it
        takes two people.
        """
        reason = self._checked_for_arming(reason)
        if why := self._why_two():
            raise UserError(
                self.env._(
                    "%s Ask for it with a reason (Evidence → Recovery, or Configuration → Arming "
                    "requests); somebody else with the role Approver then decides.",
                    why,
                )
            )
        self._open(reason)

    @api.model
    def _arm_alone(self, reason: str) -> None:
        """The emergency form: one person arms what would take two. Only for the command line."""
        reason = self._checked_for_arming(reason)
        if self._is_restored():
            self._on_take_over(reason, None)
        self._open(reason, "fence.arm_alone")

    @api.model
    def _why_two(self) -> str | None:
        """Why arming this installation here takes a second person; None if it does not."""
        server = self._server_settings()
        if server.always_two:
            return self.env._("This server asks for two people whenever an installation is armed.")
        if not self._is_restored():
            return None
        return self.env._(
            "This installation was in production and was restored, set back or copied since: "
            "arming it takes two people."
        )

    @api.model
    def _is_restored(self) -> bool:
        """Whether this was in production and stands elsewhere, or at another time, since."""
        server, facts = self._server_settings(), self._facts()
        if server.environment != "production" or not facts.production_place:
            return False
        return facts.production_place != facts.place or bool(self._why_elsewhere(server, facts))

    @api.model
    def _checked_for_arming(self, reason: str | None) -> str:
        """The reason, if whoever asks may arm and the installation can be armed at all."""
        self._check_manager()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why this installation is armed."))
        server = self._server_settings()
        if not server.environment:
            raise UserError(
                server.problem
                or self.env._(
                    "The server's configuration names no environment. Set `environment` in the "
                    "[interop] section of Odoo's configuration file (or INTEROP_ENVIRONMENT)."
                )
            )
        if self._facts().neutralized:
            raise UserError(
                self.env._("This database is neutralized. A neutralized copy is never armed.")
            )
        return reason

    def _open(self, reason: str, act: str = "fence.arm") -> None:
        """Open the fence here. `act` names in the audit trail how it came about."""
        server, facts = self._server_settings(), self._facts()
        instance = self.env["interop.instance"]._get()
        place = facts.place
        remembered = bool(
            server.keyring
            and facts.live_system
            and places.remember(server.keyring, place, instance.uuid)
        )
        if remembered:
            self._take_place(server, place)
        values = {
            "environment": server.environment,
            "system_identifier": facts.live_system,
            "database_oid": facts.live_oid,
            "remembered": remembered,
            "armed_at": fields.Datetime.now(),
            "armed_by_id": self.env.uid,
            "reason": reason,
        }
        if server.environment == "production":
            values["production_place"] = place
        instance.write(values)
        _logger.info("interop: armed for %s by user %s", server.environment, self.env.uid)

    @api.model
    def _on_take_over(self, reason: str, arming: models.Model | None) -> None:
        """What was restored is about to be armed: modules above decide what may leave at once.

        In the transaction that opens the fence. `arming` is None if one person does it alone.
        """

    @api.model
    def _disarm(self, reason: str) -> None:
        """Close the fence until somebody arms the installation again. Managers only."""
        self._check_manager()
        self.env["interop.instance"]._get().write({"environment": False, "reason": reason})
        _logger.info("interop: disarmed by user %s", self.env.uid)

    @api.model
    def _arm_at_install(self) -> None:
        """A fresh installation is armed for the environment that its server names, if any."""
        instance = self.env["interop.instance"]._get()
        if instance.environment or not self._server_settings().environment:
            return
        if not self._facts().neutralized and not self._why_two():
            self.sudo()._arm(self.env._("Installation"))

    def _check_manager(self) -> None:
        if not self.env.su and not self.env.user.has_group("interop_base.group_manager"):
            raise AccessError(self.env._("Only Integration Managers may arm or disarm."))
