from odoo import fields, models

SECOND_PERSON = [
    ("production", "In production"),
    ("always", "In every environment"),
]

IDENTITY_CHECKS = [
    ("never", "Never"),
    ("sensitive", "For personal and health data"),
    ("always", "Always"),
]


class ResCompany(models.Model):
    """How content of the company's messages may be read, and who puts flows in force."""

    _inherit = "res.company"

    interop_identity_check = fields.Selection(
        IDENTITY_CHECKS,
        string="Ask for the password before content is shown",
        required=True,
        default="sensitive",
        help="Whether who reads content proves anew who they are, so that nobody reads it at a "
        "screen that was left open. Odoo remembers the answer for ten minutes.",
    )
    interop_reading_minutes = fields.Integer(
        string="Content is shown for",
        required=True,
        default=10,
        help="After so many minutes, 1 to 60, a reading closes by itself. Reading on asks for a "
        "reason anew.",
    )

    interop_second_person = fields.Selection(
        SECOND_PERSON,
        string="A second person approves",
        required=True,
        default="production",
        help="Where a flow takes effect only when somebody with the right “Approver”, who wrote "
        "none of it, has approved it. In production that is always so.",
    )

    _interop_reading_minutes_sane = models.Constraint(
        "CHECK(interop_reading_minutes BETWEEN 1 AND 60)",
        "Content is shown for 1 to 60 minutes.",
    )

    def write(self, vals):
        before = {company.id: company._interop_reading_facts() for company in self}
        second = {company.id: company.sudo().interop_second_person for company in self}
        result = super().write(vals)
        for company in self.sudo():
            if company.interop_second_person != second[company.id]:
                self.env["interop.audit"]._record(
                    "publication.configured",
                    record=company,
                    company_id=company.id,
                    details={"second_person": company.interop_second_person},
                )
        for company in self:
            facts = company._interop_reading_facts()
            if facts != before[company.id]:
                self.env["interop.audit"]._record(
                    "message.reading.configured",
                    record=company,
                    company_id=company.id,
                    details=facts,
                )
        return result

    def _interop_reading_facts(self) -> dict[str, str | int]:
        company = self.sudo()
        return {
            "identity_check": company.interop_identity_check,
            "minutes": company.interop_reading_minutes,
        }
