from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from odoo import models
from odoo.exceptions import AccessError, UserError

from odoo.addons.interop_base.lib.failures import InteropError

from ..lib.codec import CODECS
from ..lib.keys import webhook_key
from ..lib.lifecycle import STEPS
from ..lib.transport import TRANSPORTS, HealthStep


class InteropConnectorLifecycle(models.AbstractModel):
    """A connector's way from draft to retired. Every step is audited and changes the state here."""

    _name = "interop.connector.lifecycle"
    _description = "Connector: Lifecycle"

    def action_activate(self) -> bool:
        """Let messages travel. Managers; refuses a connector that cannot work yet."""
        for connector in self:
            connector._check_ready()
        return self._take_step("activate")

    def action_pause(self) -> dict[str, Any] | bool:
        """Hold messages back; they wait and nothing is lost. Operators."""
        return self._take_step_where_possible("pause", self.env._("paused"))

    def action_drain(self) -> dict[str, Any] | bool:
        """Work off what is there and begin nothing new, then pause. Operators."""
        return self._take_step_where_possible("drain", self.env._("draining"))

    def action_resume(self) -> dict[str, Any] | bool:
        """Let waiting messages travel again. Operators."""
        return self._take_step_where_possible("resume", self.env._("active again"))

    def action_retire(self) -> bool:
        """End the use of a connector for good. Managers."""
        return self._take_step("retire")

    def _take_step_where_possible(self, name: str, result: str) -> dict[str, Any] | bool:
        """Take the step for those of many that it concerns, and tell how many that were.

        Who holds everything back in a hurry must not first pick out the drafts.
        """
        if len(self) < 2:
            return self._take_step(name)
        fitting = self.filtered(lambda connector: connector.state in STEPS[name].sources)
        # If there is none, the step says why not.
        (fitting or self)._take_step(name)
        told = self.env._(
            "%(number)s connectors are %(result)s.", number=len(fitting), result=result
        )
        if len(fitting) == 1:
            told = self.env._("1 connector is %s.", result)
        if left := len(self) - len(fitting):
            told += " " + self.env._("Those that this is not for stay as they were: %s.", left)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": told,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _take_step(self, name: str) -> bool:
        step = STEPS[name]
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(step.group):
            raise AccessError(self.env._("Your role does not allow you to do this."))
        labels = dict(self._fields["state"]._description_selection(self.env))
        for connector in self:
            if connector.state not in step.sources:
                raise UserError(
                    self.env._(
                        "“%(name)s” is %(state)s: this step is not possible from there.",
                        name=connector.name,
                        state=labels[connector.state],
                    )
                )
        # Operators take some steps without the right to edit.
        self.sudo()._set_state(step.target)
        for connector in self:
            connector._audit(name)
        return True

    def _check_ready(self) -> None:
        """Raise a `UserError` that lists what is missing before messages can travel."""
        self.ensure_one()
        missing = list(self._missing())
        if missing:
            raise UserError(
                self.env._("“%s” cannot be activated yet:", self.name)
                + "".join(f"\n• {line}" for line in missing)
            )

    def _missing(self) -> Iterable[str]:
        if not self.transport or self.transport not in TRANSPORTS:
            yield self.env._(
                "Choose a transport (installed as a module of its own, for example HTTP)."
            )
        if not self.codec or self.codec not in CODECS:
            yield self.env._("Choose a format.")
        if not self.endpoint_ids and not self.inbound_secret_id:
            yield self.env._(
                "Add an endpoint to send to, or the partner's signing key to receive from it."
            )
        for secret in self.sudo()._secrets():
            if secret.source_problem:
                yield self.env._(
                    "The secret “%(name)s”: %(why)s", name=secret.name, why=secret.source_problem
                )
            elif not secret.has_value:
                yield self.env._("The secret “%s” has no value yet.", secret.name)
            elif secret.kind == "hmac":
                try:
                    webhook_key(secret._reveal("check"))
                except ValueError as error:
                    yield self.env._("The secret “%(name)s”: %(why)s", name=secret.name, why=error)

    def action_probe(self) -> dict[str, Any]:
        """Try the way to the partner without sending anything, and show each step. Operators."""
        self.ensure_one()
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group("interop_base.group_operator"):
            raise AccessError(self.env._("Your role does not allow you to do this."))
        if self.state == "retired":
            raise UserError(self.env._("A retired connector is not probed."))
        if not self.endpoint_ids:
            raise UserError(self.env._("There is no endpoint to try yet. Add one first."))
        try:
            self.env["interop.fence"]._require_open(self.environment)
        except InteropError as closed:
            raise UserError(closed.sentence) from None
        if not self.transport or self.transport not in TRANSPORTS:
            raise UserError(self.env._("Choose a transport first."))
        probe = self.env["interop.probe"].create(
            {
                "connector_id": self.id,
                "line_ids": [
                    (0, 0, {"endpoint_id": endpoint.id, **step})
                    for endpoint in self.endpoint_ids
                    for step in self._probe_endpoint(endpoint)
                ],
            }
        )
        self._audit("probe", outcome="ok" if probe.ok else "failed", steps=probe._summary())
        return probe._open()

    def _probe_endpoint(self, endpoint) -> list[dict[str, Any]]:
        try:
            facts = self._technical_snapshot()
            facts["endpoints"] = [endpoint._facts()]
            resolved = self._resolve_endpoint(facts, endpoint.purpose)
            resolved = replace(
                resolved, probe_url=endpoint._probe_url(), probe_method=endpoint.probe_method
            )
            steps = TRANSPORTS.get(self.transport).probe(resolved).steps
        except InteropError as error:
            advice = self.env._("Enter the secret's value in the vault, or choose another secret.")
            steps = (HealthStep(self.env._("Secrets"), False, error.sentence, advice=advice),)
        return [
            {
                "name": step.name,
                "ok": step.ok,
                "detail": step.detail,
                "milliseconds": round(step.milliseconds),
                "advice": step.advice,
            }
            for step in steps
        ]

    def _audit(self, act: str, *, outcome: str = "ok", **details: Any) -> None:
        self.ensure_one()
        self.env["interop.audit"]._record(
            f"connector.{act}", record=self, outcome=outcome, details=details or None
        )

    def _audit_change(self, names: Iterable[str]) -> None:
        """Tell the audit trail which settings were changed, never what they were or became."""
        names = sorted(names)
        if names:
            for connector in self:
                connector._audit("change", fields=names)
