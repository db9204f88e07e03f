from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from .. import sql
from ..lib.told import summary

OUTCOMES = [
    ("sent", "Received it"),
    ("refused", "Refused it, after it was sent"),
    ("perhaps", "May have received it"),
]
CONTENT = [("kept", "Kept"), ("purged", "Purged")]
#: Purposes whose disclosures a person need not be told of (45 CFR 164.528(a)(1)(i)).
EXEMPT = ("treatment", "payment", "operations")


class InteropDisclosure(models.Model):
    """What was shown to whom, when and why: read from the trail, so it outlives the content."""

    _name = "interop.disclosure"
    _description = "Disclosure"
    _inherit = ["interop.audit.immutable", "interop.list.export"]
    _auto = False
    _log_access = False
    _order = "id desc"
    _rec_name = "document_type"
    _table_query = sql.DISCLOSURES

    ts = fields.Datetime(string="When", readonly=True, help="When the partner was sent it.")
    message_id = fields.Many2one(
        "interop.message", readonly=True, help="The message that carried the document."
    )
    document_type = fields.Char(
        string="Document", readonly=True, help="What kind of document it was, and its version."
    )
    business_key = fields.Char(
        string="Document number", readonly=True, help="The number that stands on the document."
    )
    system_id = fields.Many2one(
        "interop.system", string="Recipient", readonly=True, help="The partner's system."
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Organisation",
        readonly=True,
        help="The organisation that operates the system, with its address.",
    )
    connector_id = fields.Many2one("interop.connector", readonly=True, help="The way it was sent.")
    flow_id = fields.Many2one("interop.flow", readonly=True, help="The flow that sent it.")
    outcome = fields.Selection(
        OUTCOMES,
        string="The partner",
        readonly=True,
        help="Whether it arrived. After a broken connection nobody can tell: the partner may have "
        "received it.",
    )
    content = fields.Selection(
        CONTENT,
        readonly=True,
        help="Whether the document itself can still be read, or only what stands here.",
    )
    version_digest = fields.Char(
        string="Version", readonly=True, help="Fingerprint of the published version that made it."
    )
    shape = fields.Char(
        string="Form", readonly=True, help="Fingerprint of which fields the document had."
    )
    digest = fields.Char(
        readonly=True, help="Keyed fingerprint of the payload: proves later what was sent."
    )
    company_id = fields.Many2one("res.company", readonly=True, help="The company that sent it.")
    area_id = fields.Many2one(
        "interop.area", string="Business area", readonly=True, help="The business area concerned."
    )
    purpose = fields.Char(
        string="Why", compute="_compute_published", help="The flow's purpose, as it was published."
    )
    is_exempt = fields.Boolean(
        string="Need not be told",
        compute="_compute_published",
        help="For treatment, payment or health care operations: a person need not be told of it "
        "(45 CFR 164.528(a)(1)(i)).",
    )
    version_name = fields.Char(
        string="Version in force",
        compute="_compute_published",
        help="Number and fingerprint of the published version that made it.",
    )
    field_count = fields.Integer(
        string="Fields", compute="_compute_fields", help="How many different fields it had."
    )
    fields_told = fields.Char(
        string="What", compute="_compute_fields", help="The fields that it had, by name only."
    )
    sensitivity = fields.Char(
        string="Most sensitive",
        compute="_compute_fields",
        help="The highest sensitivity among its fields.",
    )
    fields_html = fields.Html(
        string="Fields of the document",
        compute="_compute_fields_html",
        sanitize=False,
        help="Each field with its sensitivity and what the policy did about it. No values.",
    )
    accounting_id = fields.Many2one(
        "interop.accounting",
        string="Found by",
        compute="_compute_accounting_id",
        search="_search_accounting_id",
        help="The search that found it.",
    )

    @api.depends("version_digest", "flow_id")
    def _compute_published(self):
        told = self.env["interop.told"]
        published = told._published(self.mapped("version_digest"))
        versions = self.env["interop.flow.version"].sudo()
        numbers = {
            (version.flow_id.id, version.digest): version.number
            for version in versions.search([("flow_id", "in", self.sudo().flow_id.ids)])
        }
        for disclosure in self:
            digest = disclosure.version_digest or ""
            code = (published.get(digest) or {}).get("flow", {}).get("purpose") or ""
            disclosure.purpose = told._purpose_label(code)
            disclosure.is_exempt = code in EXEMPT
            number = numbers.get((disclosure.sudo().flow_id.id, digest))
            disclosure.version_name = (
                f"v{number} · {digest[:12]}" if number else digest[:12] or False
            )

    @api.depends("version_digest", "shape")
    def _compute_fields(self):
        told = self._told()
        for disclosure in self:
            fields_ = told.get((disclosure.version_digest or "", disclosure.shape or ""))
            disclosure.field_count = len(fields_ or ())
            disclosure.fields_told = (
                self.env._("Not recorded at that time") if fields_ is None else summary(fields_)
            )
            disclosure.sensitivity = fields_[0].class_word if fields_ else False

    @api.depends("version_digest", "shape")
    def _compute_fields_html(self):
        told = self._told()
        for disclosure in self:
            disclosure.fields_html = self.env["ir.qweb"]._render(
                "interop_governance.fields_told",
                {"fields": told.get((disclosure.version_digest or "", disclosure.shape or ""))},
            )

    def _told(self):
        pairs = [(each.version_digest or "", each.shape or "") for each in self]
        return self.env["interop.told"]._told(pairs)

    # -- found for one person ------------------------------------------------------------------

    def _compute_accounting_id(self):
        self.accounting_id = False

    @api.model
    def _search_accounting_id(self, operator, value):
        """What a search found. Whoever made the search sees it, nobody else."""
        if operator != "in":
            return NotImplemented
        found = self.env["interop.accounting"].browse([each for each in value if each]).exists()
        if not self.env.su and any(each.create_uid != self.env.user for each in found):
            raise AccessError(self.env._("This is somebody else's search. Make your own."))
        return Domain.OR(each._disclosures() for each in found)

    def action_open_message(self):
        """Open the message that carried it, with the reader's own rights."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "interop.message",
            "res_id": self.message_id.id,
            "views": [(False, "form")],
        }
