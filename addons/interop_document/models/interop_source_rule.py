from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.sources import APPLY, ASK, KEEP, ODOO, PARTNER, SHARED
from ..lib.truths import DATE, MONEY, NUMBER, OTHER
from .interop_source_rule_deciding import AMOUNT_DIGITS, PERCENT_DIGITS


class InteropSourceRule(models.Model):
    """What happens when a partner's document says something else than our record about one field.

    Rules are live: changing one needs no publishing, the next document is decided by it. Where
    none holds a person is asked.
    """

    _name = "interop.source.rule"
    _description = "Source of Truth Rule"
    _inherit = [
        "interop.source.rule.deciding",
        "interop.source.rule.evidence",
        "interop.source.rule.proposals",
    ]
    _order = "document_type_id, path, partner_id, company_id, id"
    _check_company_auto = True

    document_type_id = fields.Many2one(
        "interop.document.type",
        required=True,
        ondelete="restrict",
        index=True,
        help="The partner's document that the rule is about, in this version. A new version of the "
        "document needs rules of its own: duplicate them.",
    )
    path = fields.Char(
        required=True,
        help="The field's path as shown in the document type, for example "
        "lines[].unit_price.amount.",
    )
    path_choice = fields.Selection(
        selection="_selection_path_choice",
        string="Field",
        compute="_compute_field",
        readonly=False,
        help="The fields of this document that are compared with our own records.",
    )
    path_choices = fields.Json(
        compute="_compute_path_choices", help="What may be chosen as Field for the document type."
    )
    field_title = fields.Char(
        string="Meaning", compute="_compute_field", help="The field in plain words."
    )
    value_kind = fields.Selection(
        selection=[
            (MONEY, "Money"),
            (NUMBER, "Number"),
            (DATE, "Date"),
            (OTHER, "Something else"),
        ],
        string="Kind of value",
        compute="_compute_field",
        help="What the field holds. It decides which tolerances make sense.",
    )
    is_compared = fields.Boolean(
        string="Compared",
        compute="_compute_field",
        help="Whether this field is compared with our own record when a document comes in. A rule "
        "for another field has no effect yet.",
    )
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        index=True,
        ondelete="restrict",
        help="The company whose documents the rule is about. Empty: all companies.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('parent_id', '=', False)]",
        help="The partner whose documents the rule is about, with all its contacts and branches. "
        "Empty: all partners. A rule for one partner counts before one for a company, and one for "
        "both before either.",
    )
    area_id = fields.Many2one(
        "interop.area",
        string="Business area",
        ondelete="restrict",
        index=True,
        help="Users of this area see the rule. Empty: all areas. It does not change what the rule "
        "is about.",
    )
    truth = fields.Selection(
        selection=[(ODOO, "Odoo"), (PARTNER, "The partner"), (SHARED, "Shared")],
        string="Source of truth",
        required=True,
        compute="_compute_truth",
        store=True,
        readonly=False,
        precompute=True,
        help="Who holds the truth of this field. Where it is Odoo, the partner's value is never "
        "written. The document type proposes one.",
    )
    on_difference = fields.Selection(
        selection=[
            (APPLY, "Take the partner's value"),
            (KEEP, "Keep ours and notify"),
            (ASK, "Ask a person"),
        ],
        required=True,
        default=ASK,
        help="What happens with a difference beyond the tolerance. Take: the partner's value is "
        "written into our record; what cannot be written becomes an exception. Keep: our value "
        "stays and the person in charge is told. Ask: an exception, as without a rule.",
    )
    tolerance_amount = fields.Float(
        string="Amount",
        digits=AMOUNT_DIGITS,
        compute="_compute_tolerance_amount",
        store=True,
        readonly=False,
        help="A difference up to this is tolerated: for a price per unit of measure, in the "
        "currency beside it; for a quantity in the line's own unit. 0: no limit by amount.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        ondelete="restrict",
        help="The currency of the tolerated amount. Documents in another one are put before a "
        "person.",
    )
    tolerance_percent = fields.Float(
        string="Percent",
        digits=PERCENT_DIGITS,
        compute="_compute_tolerance_percent",
        store=True,
        readonly=False,
        help="A difference up to this share of our value is tolerated. With an amount too, both "
        "must hold. 0: no limit by percent.",
    )
    tolerance_days = fields.Integer(
        string="Days",
        compute="_compute_tolerance_days",
        store=True,
        readonly=False,
        help="So many days earlier or later are tolerated. 0: none.",
    )
    tolerance_text = fields.Char(
        string="Tolerance", compute="_compute_tolerance_text", help="What is tolerated, in words."
    )
    active = fields.Boolean(
        default=True, help="Archive a rule that should not hold any more, instead of deleting it."
    )
    note = fields.Text(
        string="Why", help="Why it was decided so: the contract, the agreement, who agreed."
    )

    _scope_unique = models.UniqueIndex(
        "(document_type_id, path, COALESCE(company_id, 0), COALESCE(partner_id, 0)) WHERE active",
        "There is a rule for this field, company and partner already. Change that one, or archive "
        "it first.",
    )
    _tolerances = models.Constraint(
        "CHECK (tolerance_amount >= 0 AND tolerance_percent BETWEEN 0 AND 100 "
        "AND tolerance_days >= 0)",
        "A tolerance is zero or more, and at most 100 percent.",
    )

    # -- checks --------------------------------------------------------------------------------

    @api.constrains("document_type_id", "path")
    def _check_path(self) -> None:
        for rule in self:
            if rule.path not in rule._kinds():
                raise ValidationError(
                    self.env._(
                        "%(type)s has no field %(path)s. Take the path from the document type's "
                        "list of fields; a group is not a field.",
                        type=rule.document_type_id.display_name,
                        path=rule.path,
                    )
                )

    @api.constrains("truth", "on_difference")
    def _check_apply(self) -> None:
        for rule in self:
            if (rule.truth, rule.on_difference) == (ODOO, APPLY):
                raise ValidationError(
                    self.env._(
                        "Where Odoo holds the truth the partner's value is never taken. Keep ours, "
                        "ask a person, or choose another source of truth."
                    )
                )

    @api.constrains("partner_id")
    def _check_partner(self) -> None:
        for rule in self:
            firm = rule.partner_id.commercial_partner_id
            if rule.partner_id != firm:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact of %(firm)s. Choose %(firm)s: the rule then "
                        "holds for all its contacts.",
                        contact=rule.partner_id.name,
                        firm=firm.name,
                    )
                )

    @api.constrains(
        "document_type_id",
        "path",
        "tolerance_amount",
        "tolerance_percent",
        "tolerance_days",
        "currency_id",
    )
    def _check_tolerances(self) -> None:
        for rule in self:
            kind = rule.value_kind
            if rule.tolerance_days and kind != DATE:
                raise ValidationError(self.env._("Days are a tolerance of dates only."))
            if (rule.tolerance_amount or rule.tolerance_percent) and kind not in (MONEY, NUMBER):
                raise ValidationError(
                    self.env._("Amount and percent are tolerances of money and numbers only.")
                )
            if bool(rule.currency_id) != (kind == MONEY) and (
                rule.currency_id or rule.tolerance_amount
            ):
                raise ValidationError(
                    self.env._("A tolerated amount of money needs its currency, and nothing else.")
                )
