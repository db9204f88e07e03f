"""A published version's last look: one guard for each company whose documents travel.

As with the policy, the company decides where data may go; nearly always there is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_document.lib.fields import Field
from odoo.addons.interop_document.lib.sensitivity import Sensitivity
from odoo.addons.interop_policy.lib.guard import HOLD, OFF, Guard
from odoo.addons.interop_policy.lib.looks import kinds_for
from odoo.addons.interop_policy.lib.residency import residency_of

from .screening import Screening


class Guarding:
    """The guard of one published version. Safe to share between threads."""

    def __init__(
        self, snapshot: Mapping[str, Any], screening: Screening, fields: tuple[Field, ...]
    ) -> None:
        """Raises `PolicyError` if what was published about the last look is unusable."""
        # Versions from before the guard say nothing: they are guarded as a new flow is.
        settings: Mapping[str, Any] = snapshot.get("guard") or {}
        self._mode: str = settings.get("mode") or HOLD
        self._templates = tuple(settings.get("patterns") or ())
        self._countries: Mapping[str, str] = settings.get("countries") or {}
        self._screening = screening
        self._fields = fields
        self._clearance = Sensitivity[screening.connector["clearance"]]
        self._guards: dict[int, Guard] = {}
        may_be_off = self._clearance >= Sensitivity.health and settings.get("reason")
        if self._mode == OFF and not may_be_off:
            raise PolicyError(
                "The last look may be off only for a connector that is cleared for health data, "
                "and with a reason. Let it hold or mask, and publish the flow."
            )
        self.of(None)  # what cannot be meant is said when it is published

    def of(self, company: int | None) -> Guard:
        """The guard as it is for documents of `company`; the flow's own if it has one."""
        key = self._screening.flow.get("company") or company or 0
        guard = self._guards.get(key)
        if guard is None:
            guard = self._guards[key] = self._compile(key)
        return guard

    def _compile(self, company: int) -> Guard:
        region = self._screening.connector.get("region")
        residency = residency_of(region, self._screening.residency.get(str(company)))
        country = self._countries.get(str(company))
        return Guard(
            self._fields,
            {
                path: decision.decision
                for path, decision in self._screening.of(company).decided.items()
            },
            kinds_for(
                self._clearance,
                residency.admits(Sensitivity.personal),
                residency.admits(Sensitivity.health),
            ),
            mode=self._mode,
            templates=self._templates,
            regions=[code for code in (country, region) if code],
        )
