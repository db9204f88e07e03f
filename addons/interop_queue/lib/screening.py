"""A published policy at work: compiled for each company whose documents travel.

The company decides where data may go and which rules are meant, and a flow of all companies meets
documents of any of them. Nearly always there is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_document.lib.sensitivity import Sensitivity
from odoo.addons.interop_policy.lib.context import Context, Mac
from odoo.addons.interop_policy.lib.encrypt import Encrypt, recipient
from odoo.addons.interop_policy.lib.policy import (
    CompiledPolicy,
    Frame,
    Rule,
    Screened,
    compile_policy,
    rules_of,
    screen,
)
from odoo.addons.interop_policy.lib.residency import HERE, residency_of
from odoo.addons.interop_policy.lib.tokens import scope_key


@dataclass(frozen=True, slots=True)
class Trial:
    """What stands still when a version is tried, so that two runs give the same result."""

    today: date
    encrypt: Encrypt
    """In the place of the recipient's key, which gives another text each time."""


class Screening:
    """The policy of one published version. Safe to share between threads."""

    def __init__(
        self,
        snapshot: Mapping[str, Any],
        sensitivities: Mapping[str, Sensitivity],
        trial: Trial | None = None,
    ) -> None:
        """`snapshot` is a published version's; raises `PolicyError` if its policy is unusable."""
        self.flow: Mapping[str, Any] = snapshot["flow"]
        self.connector: Mapping[str, Any] = snapshot["connector"]
        # Versions from before residency say nothing, and nothing is the strictest.
        self.residency: Mapping[str, Any] = snapshot.get("residency") or {}
        self.purpose: str = self.flow.get("purpose") or ""
        self.rules: tuple[Rule, ...] = rules_of(snapshot["policy"])
        self.sensitivities = sensitivities
        self._compiled: dict[int, CompiledPolicy] = {}
        self._encrypt: Encrypt | None = None
        if self.connector.get("recipient_key"):
            self._encrypt = recipient(self.connector["recipient_key"])
            if trial is not None:
                self._encrypt = trial.encrypt
        self._today = trial.today if trial is not None else None
        # What cannot be meant is said when it is published, and not by the first document.
        for company in {self.flow.get("company") or 0, *map(int, self.residency)}:
            keyless = self.of(company).keyless
            if keyless:
                raise PolicyError(
                    f"{keyless[0]} is to be encrypted, but the connector has no recipient's key. "
                    "Enter it there, or change the rule."
                )

    def of(self, company: int | None) -> CompiledPolicy:
        """The policy as it is for documents of `company`; the flow's own if it has one."""
        key = self.flow.get("company") or company or 0
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = compile_policy(self.rules, self.sensitivities, self._frame(key))
            self._compiled[key] = compiled
        return compiled

    def screen(self, body: Mapping[str, Any], company: int | None, mac: Mac | None) -> Screened:
        """`body` as the policy lets it be seen. Raises what `screen` of the policy does."""
        return screen(self.of(company), body, self.context(company, mac))

    def context(self, company: int | None, mac: Mac | None) -> Context:
        return Context(
            mac=mac,
            partner=self.partner,
            company=self.flow.get("company") or company or 0,
            purpose=self.purpose,
            today=self._today or datetime.now(UTC).date(),
        )

    def token_scope(self, company: int | None, mac: Mac) -> str:
        """Under what the tokens for this partner and purpose are kept: tells neither of them."""
        key = scope_key("token", self.context(company, mac))
        return sha256(b"interop/token-scope" + key).hexdigest()

    @property
    def partner(self) -> str:
        """Whom tokens are for: the system, whichever of its connectors they travel by."""
        system = self.connector.get("system")
        return f"system/{system}" if system else f"connector/{self.connector['code']}"

    def _frame(self, company: int) -> Frame:
        if self.flow["direction"] == "in":
            # What comes to us is capped neither by what the partner may see nor by where it is.
            return Frame(Sensitivity.secret, HERE, company, self.purpose, self._encrypt)
        return Frame(
            clearance=Sensitivity[self.connector["clearance"]],
            residency=residency_of(self.connector.get("region"), self.residency.get(str(company))),
            company=company,
            purpose=self.purpose,
            encrypt=self._encrypt,
        )
