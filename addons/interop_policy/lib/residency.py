"""Where data may go: the second key beside the connector's clearance.

A region is a country code of ISO 3166-1 (two capital letters). A connector is in one region, and
its company lists the regions to which personal and health data may go in an identifying form.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from odoo.addons.interop_document.lib.sensitivity import Sensitivity


@dataclass(frozen=True, slots=True)
class Residency:
    """The region where data would go to, and the regions to which it may go, by kind of data."""

    region: str = ""
    """Empty: not known, which is nowhere."""
    personal: frozenset[str] = frozenset()
    health: frozenset[str] = frozenset()
    unbound: bool = False
    """The data stays here (it was received): there is no region to ask for."""

    def admits(self, sensitivity: Sensitivity) -> bool:
        """Whether a field of that class may be there in a form that points to a person."""
        if self.unbound or sensitivity < Sensitivity.personal:
            return True
        listed = self.personal if sensitivity is Sensitivity.personal else self.health
        return bool(self.region) and self.region in listed


HERE = Residency(unbound=True)


def regions_of(listed: Iterable[str], country: str) -> list[str]:
    """What a company's list of regions means: an empty one is the company's own country.

    >>> regions_of([], "US"), regions_of(["DE", "AT"], "US"), regions_of([], "")
    (['US'], ['AT', 'DE'], [])
    """
    return sorted({region for region in listed if region}) or ([country] if country else [])


def residency_of(region: str | None, company: Mapping[str, Any] | None) -> Residency:
    """From a published version's facts; what it does not say is the strictest.

    `company` is `{"personal": [codes], "health": [codes]}`.
    """
    facts = company or {}
    return Residency(
        region or "", frozenset(facts.get("personal", ())), frozenset(facts.get("health", ()))
    )
