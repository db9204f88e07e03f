import logging

import psycopg2

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.interop_base.lib.failures import InteropError
from odoo.addons.interop_policy.lib.policy import DEPENDS

# Registers the checks.
from ..engine import readying, readying_content  # noqa: F401
from ..lib.readiness import MISSING, Check, Finding, in_order, label_of, some

_logger = logging.getLogger(__name__)


class InteropFlowReadiness(models.AbstractModel):
    """Whether a flow can go live, and what to do if not."""

    _name = "interop.flow.readiness"
    _description = "Flow: Readiness"

    def action_check_readiness(self) -> dict:
        """Look at everything that going live needs, and open what was found as a list."""
        self.ensure_one()
        self.check_access("read")
        return self.env["interop.readiness"]._begin(self)

    def _readiness(self) -> list[Finding]:
        """What the checks say about this flow as it is edited now, in the order of checks.

        Changes nothing. A check that cannot be done counts as missing.
        """
        self.ensure_one()
        company = self.company_id or self.env.company
        flow = self.sudo().with_company(company)
        return [finding for each in in_order() for finding in flow._looked_at(each)]

    def _looked_at(self, each: Check) -> list[Finding]:
        try:
            return list(each.look(self))
        except psycopg2.Error:
            raise  # the transaction is of no more use
        except InteropError as problem:
            told = problem.sentence
        except UserError as problem:
            told = str(problem)
        except Exception as fault:
            _logger.info("interop: readiness check %s fails (%s)", each.code, type(fault).__name__)
            told = self.env._(
                "This cannot be checked (%s). See to the others first.", type(fault).__name__
            )
        return [Finding(each.code, MISSING, told, (self._name, self.id))]

    def _sends(self, path: str) -> bool:
        """Whether the policy lets that field of the document leave; yes, if nobody can tell."""
        self.ensure_one()
        try:
            plan = self.sudo()._trial_plan()
        except (InteropError, UserError):
            return True
        if plan.policy is None:
            return True
        decided = plan.policy.of((self.company_id or self.env.company).id).decided.get(path)
        return decided is not None and (decided.leaves or decided.decision == DEPENDS)

    def _refuse_unready(self) -> None:
        """In production, refuse to publish what lacks something; elsewhere say what it lacks."""
        self._require_manager()
        refuses = self._is_production()
        if not refuses and self.env.su:
            return  # nobody is there to be told
        for flow in self:
            missing = [each for each in flow._readiness() if each.status == MISSING]
            if not missing:
                continue
            lines = "".join(f"\n• {label_of(each.check)}: {each.sentence}" for each in missing)
            if refuses:
                raise UserError(
                    self.env._("Flow %s is not ready to go live in production:", flow.name) + lines
                )
            self.env.user._bus_send(
                "simple_notification",
                {
                    "type": "warning",
                    "title": self.env._("%s is published, but not ready for production", flow.name),
                    "message": self.env._(
                        "Missing: %s. “Ready to go live?” tells what to do.",
                        some(dict.fromkeys(label_of(each.check) for each in missing)),
                    ),
                },
            )

    def _is_production(self) -> bool:
        """Whether the server or the database says so: either is enough to be strict."""
        fence = self.env["interop.fence"].sudo()
        return "production" in (fence._server_settings().environment, fence._state().environment)
