from decimal import Decimal
from typing import Any

from odoo import api, models

from ..lib.sources import Rule, Scoped, Tolerance, in_force
from ..lib.truths import truths

# Decimals that are kept; a float of the database stands for one of these numbers.
AMOUNT_DIGITS = (16, 4)
PERCENT_DIGITS = (5, 2)


class InteropSourceRuleDeciding(models.AbstractModel):
    """What handlers ask: who holds the truth, and which rules hold for a document."""

    _name = "interop.source.rule.deciding"
    _description = "Deciding by Source of Truth Rules"

    @api.model
    def _truths(self, document_type: models.Model) -> dict[str, str]:
        """Who holds the truth of every field and group of that type, by path, as its schema says:
        `odoo`, `partner` or `shared`."""
        return truths(document_type._validator().schema)

    @api.model
    def _in_force(
        self, document_type: str, version: str, company: models.Model, partner: models.Model
    ) -> dict[str, Scoped]:
        """The rule that holds for each field of a document of that partner, by path.

        Read it once per document: it is one query for the rules and one for their currencies,
        whatever the number of lines. Keys are ids of rules.
        """
        firm = partner.commercial_partner_id
        found = self.sudo().search(
            [
                ("document_type_id.code", "=", document_type),
                ("document_type_id.version", "=", version),
                ("company_id", "in", (False, company.id)),
                "|",
                ("partner_id", "=", False),
                # A firm that was made the branch of another has taken its rules along.
                ("partner_id.commercial_partner_id", "=", firm.id),
            ]
        )
        scoped = [
            Scoped(
                key=rule.id,
                path=rule.path,
                rule=rule._rule(),
                company=rule.company_id.id or 0,
                partner=firm.id if rule.partner_id else 0,
            )
            for rule in found
        ]
        return in_force(scoped, company.id, firm.id)

    def _rule(self) -> Rule:
        self.ensure_one()
        return Rule(
            truth=self.truth,
            on_difference=self.on_difference,
            tolerance=Tolerance(
                amount=_limit(self.tolerance_amount, AMOUNT_DIGITS[1]),
                currency=self.currency_id.name or None,
                percent=_limit(self.tolerance_percent, PERCENT_DIGITS[1]),
                days=self.tolerance_days or None,
            ),
        )

    def _snapshot(self) -> dict[str, Any]:
        """What the rule says, as plain JSON: the evidence of a change and of a decision by it."""
        self.ensure_one()
        rule = self._rule()
        return {
            "document_type": self.document_type_id.code,
            "version": self.document_type_id.version,
            "path": self.path,
            "company": self.company_id.id or 0,
            "partner": self.partner_id.id or 0,
            "truth": rule.truth,
            "on_difference": rule.on_difference,
            "tolerance": rule.tolerance.facts(),
            "active": self.active,
        }


def _limit(value: float, digits: int) -> Decimal | None:
    """The number a float of the database stands for; zero means that there is no such limit."""
    if not value:
        return None
    exact = Decimal(str(round(value, digits))).normalize()
    return exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact
