from odoo import fields, models

from ..lib.residency import regions_of

_REGIONS = ("interop_personal_region_ids", "interop_health_region_ids")


class ResCompany(models.Model):
    _inherit = "res.company"

    interop_personal_region_ids = fields.Many2many(
        "res.country",
        "interop_personal_region_rel",
        "company_id",
        "country_id",
        string="Personal data may go to",
        help="The countries to which this company's flows may send personal data in a form that "
        "still points to a person. Empty: only the company's own country.",
    )
    interop_health_region_ids = fields.Many2many(
        "res.country",
        "interop_health_region_rel",
        "company_id",
        "country_id",
        string="Health data may go to",
        help="The countries to which this company's flows may send health data in a form that "
        "still points to a person. Empty: only the company's own country.",
    )

    def write(self, vals):
        result = super().write(vals)
        # The country counts too: it is what an empty list means.
        changed = sorted({*_REGIONS, "country_id"}.intersection(vals))
        for company in self if changed else ():
            self.env["interop.audit"]._record(
                "residency.change",
                record=company,
                company_id=company.id,
                details={"fields": changed, **company._interop_regions()},
            )
        return result

    def _interop_regions(self) -> dict[str, list[str]]:
        """The country codes to which personal and health data may go: part of what is published."""
        self.ensure_one()
        company = self.sudo()
        country = company.country_id.code or ""
        return {
            "personal": regions_of(company.interop_personal_region_ids.mapped("code"), country),
            "health": regions_of(company.interop_health_region_ids.mapped("code"), country),
        }
