from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.interop_base.lib.failures import PolicyError

from ..lib.sightings import Hints, find
from ..lib.templates import template


class InteropPolicyPattern(models.Model):
    """How the organisation's own numbers look: the last look finds them in what leaves.

    In a language too small to do harm: # is a digit, @ a letter, anything else is itself.
    """

    _name = "interop.policy.pattern"
    _description = "Pattern of Record Numbers"
    _order = "name, id"

    name = fields.Char(
        required=True, help="Whose numbers these are, for example Medical record numbers, Ward B."
    )
    active = fields.Boolean(
        default=True,
        help="Archive a pattern that should not be looked for any more. Published flows go on "
        "looking until they are published again.",
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="The company whose documents are looked through. Empty: those of all companies.",
    )
    template = fields.Char(
        string="Pattern",
        required=True,
        help="# is a digit, @ a letter; letters and digits stand for themselves, and spaces and "
        "- . / _ : may be missing or others in the text: MRN-###### meets mrn 123456 too. At least "
        "four digits.",
    )
    sample = fields.Char(
        required=True,
        help="An invented text with such a number in it, to try the pattern on. Never a real one.",
    )
    found = fields.Char(
        string="Found in the sample",
        compute="_compute_found",
        help="What the pattern finds in the sample, or what is wrong with the pattern.",
    )

    @api.depends("template", "sample")
    def _compute_found(self) -> None:
        for pattern in self:
            try:
                pattern.found = ", ".join(pattern._find()) or self.env._("Nothing")
            except PolicyError as error:
                pattern.found = error.sentence

    @api.constrains("template", "sample")
    def _check_template(self) -> None:
        for pattern in self:
            try:
                found = pattern._find()
            except PolicyError as error:
                raise ValidationError(error.sentence) from None
            if not found:
                raise ValidationError(
                    self.env._(
                        "The pattern finds nothing in its sample. Change one of them, so that it "
                        "is seen to work."
                    )
                )

    def _find(self) -> list[str]:
        self.ensure_one()
        hints = Hints(templates=(template(self.template or ""),))
        sample = self.sample or ""
        return [sample[each.start : each.end] for each in find(sample, {"mrn"}, hints)]

    @api.model
    def _templates(self, company) -> list[str]:
        """The patterns for documents of `company`, or of any company if it is empty."""
        domain = [("company_id", "in", [False, *company.ids])] if company else []
        return sorted(set(self.sudo().search(domain).mapped("template")))

    # -- evidence ------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        patterns = super().create(vals_list)
        patterns._record("pattern.change")
        return patterns

    def write(self, vals):
        result = super().write(vals)
        self._record("pattern.change")
        return result

    def unlink(self):
        self._record("pattern.delete")
        return super().unlink()

    def _record(self, act: str) -> None:
        for pattern in self:
            self.env["interop.audit"]._record(
                act,
                record=pattern,
                company_id=pattern.company_id.id or None,
                details={
                    "name": pattern.name,
                    "template": pattern.template,
                    "active": pattern.active,
                },
            )
