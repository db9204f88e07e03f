from datetime import datetime, time, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.interop_base.lib.failures import InteropError

from .. import sql
from ..lib.sheet import csv_of
from ..lib.statement import Entry, Statement, statement_pdf

#: How far back a person may ask (45 CFR 164.528(a)(1)).
YEARS = 6
AT_MOST = 20
HEADER = (
    "When (UTC)", "Recipient", "Address", "What the partner did", "Document", "Document number",
    "Why", "Need not be told", "Fields", "Most sensitive", "Version", "Content",
)  # fmt: skip


class InteropAccounting(models.TransientModel):
    """The answer to: what did you disclose about me, to whom, when and why? (45 CFR 164.528)

    Whom it is about is turned into keyed digests at once and cannot be read back; the record is
    gone after an hour.
    """

    _name = "interop.accounting"
    _description = "Accounting of Disclosures"
    _inherit = ["interop.evidence.file"]
    _transient_max_hours = 1.0

    identifiers = fields.Text(
        string="Look for",
        compute="_compute_identifiers",
        inverse="_inverse_identifiers",
        help="One to a line: whole names as they may be written, record numbers, phone numbers, "
        "e-mail addresses. Case, accents and the punctuation of phone numbers do not matter. They "
        "are turned into keyed digests when you search and cannot be read back.",
    )
    digests = fields.Json(
        copy=False,
        groups=fields.NO_ACCESS,
        help="What is looked for, as keyed digests.",
    )
    asked = fields.Integer(
        string="Names and numbers",
        readonly=True,
        help="How many names, numbers and addresses were looked for.",
    )
    reference = fields.Char(
        string="Your reference",
        help="A ticket, a letter's number: it stands on the statement. Not the person's name.",
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: fields.Date.context_today(self) - relativedelta(years=YEARS),
        help="A person may ask for the six years before the request (45 CFR 164.528(a)(1)).",
    )
    date_to = fields.Date(
        string="Until",
        required=True,
        default=fields.Date.context_today,
        help="The last day that counts.",
    )
    scope = fields.Selection(
        [
            ("all", "All disclosures"),
            ("told", "Without treatment, payment and operations"),
        ],
        string="Told of",
        required=True,
        default="all",
        help="The law asks for no account of disclosures for treatment, payment and health care "
        "operations (45 CFR 164.528(a)(1)(i)). By the purpose of the flow as it was published.",
    )
    found_at = fields.Datetime(
        string="Looked up", readonly=True, help="When it was looked up and noted in the trail."
    )
    disclosure_ids = fields.Many2many(
        "interop.disclosure",
        string="Disclosures",
        compute="_compute_disclosure_ids",
        help="What was disclosed about the person, the newest first.",
    )
    disclosure_count = fields.Integer(
        compute="_compute_disclosure_ids", help="How many disclosures were found."
    )
    recipient_count = fields.Integer(
        compute="_compute_disclosure_ids", help="How many different recipients there are."
    )
    gaps = fields.Text(
        string="What cannot be found",
        compute="_compute_gaps",
        help="What this search cannot find, and why.",
    )

    def _compute_display_name(self):
        self.display_name = self.env._("Accounting of disclosures")

    # -- whom ----------------------------------------------------------------------------------

    def _compute_identifiers(self):
        self.identifiers = False

    def _inverse_identifiers(self):
        for accounting in self:
            lines = (accounting.identifiers or "").splitlines()
            values = list(dict.fromkeys(filter(None, map(str.strip, lines))))
            if not values:
                continue
            if len(values) > AT_MOST:
                raise UserError(self.env._("Look for at most %s at once: one person.", AT_MOST))
            try:
                digests = self.env["interop.persons"].sudo()._digests(values)
            except InteropError as error:
                raise UserError(error.sentence) from None
            accounting.sudo().write(
                {"digests": digests, "asked": len(values), "found_at": False, "file": False}
            )

    # -- what was found ------------------------------------------------------------------------

    def _disclosures(self) -> Domain:
        """What was disclosed about whom was looked for, in the time asked for."""
        self.ensure_one()
        own = self.sudo()
        if not own.found_at or not own.digests:
            return Domain.FALSE
        domain = Domain(
            "message_id", "in", own.env["interop.persons"]._messages_by(own.digests)
        ) & Domain("ts", ">=", datetime.combine(self.date_from, time.min))
        return domain & Domain(
            "ts", "<", datetime.combine(self.date_to + timedelta(days=1), time.min)
        )

    @api.depends("found_at", "date_from", "date_to", "scope")
    def _compute_disclosure_ids(self):
        for accounting in self:
            found = self.env["interop.disclosure"].search(accounting._disclosures())
            if accounting.scope == "told":
                found = found.filtered(lambda each: not each.is_exempt)
            accounting.disclosure_ids = found
            accounting.disclosure_count = len(found)
            accounting.recipient_count = len(found.sudo().system_id)

    @api.depends("found_at", "date_from")
    def _compute_gaps(self):
        for accounting in self:
            accounting.gaps = "\n".join(accounting._gaps()) if accounting.found_at else False

    def _gaps(self) -> list[str]:
        gaps = [
            self.env._(
                "Whole values of personal and health fields are found, not words in free texts."
            )
        ]
        if self.env["interop.persons"].sudo()._is_partial():
            gaps.append(self.env._("Older messages are still being indexed: look again later."))
        self.env.cr.execute(sql.FIRST_ENTRY)
        [first] = self.env.cr.fetchone()
        if first and first.date() > self.date_from:
            gaps.append(self.env._("The trail begins on %s.", first.date()))
        since = datetime.combine(self.date_from, time.min)
        self.env.cr.execute(sql.ERASED, [since, self.env.user.company_ids.ids])
        [erased] = self.env.cr.fetchone()
        if erased:
            gaps.append(
                self.env._(
                    "The content of %s messages was erased because persons asked for it. Those "
                    "persons are not found by name any more: the answers to their privacy requests "
                    "say what was exchanged.",
                    erased,
                )
            )
        unknown = self.disclosure_ids.filtered(lambda each: not each.shape)
        if unknown:
            gaps.append(
                self.env._(
                    "Of %s disclosures it was not yet recorded which fields they had.", len(unknown)
                )
            )
        return gaps

    # -- acts ----------------------------------------------------------------------------------

    def action_find(self) -> dict[str, Any]:
        """Look the disclosures up. That is noted, and how many there are; whom it is about not."""
        self.ensure_one()
        self._check_auditor()
        if not self.sudo().digests:
            raise UserError(self.env._("Say whom to look for: a name, a number, an address."))
        if self.date_from > self.date_to:
            raise UserError(self.env._("The first day lies after the last."))
        self.sudo().found_at = fields.Datetime.now()
        self._note("disclosure.search")
        return self._again()

    def action_list(self) -> dict[str, Any]:
        """Open what was found as a list that can be filtered and grouped."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_governance.interop_disclosure_action"
        )
        return action | {
            "name": self.env._("Disclosures about one person"),
            "domain": [("accounting_id", "=", self.id)],
            "context": {},
        }

    def action_csv(self) -> dict[str, Any]:
        """Download what was found as CSV."""
        self._check_found()
        rows = [[getattr(entry, name) for name in Entry.COLUMNS] for entry in self._entries()]
        self._note("disclosure.statement", form="csv")
        return self._hand_out("disclosures.csv", csv_of(HEADER, rows))

    def action_pdf(self) -> dict[str, Any]:
        """Download the statement for the person."""
        self._check_found()
        company = self.env.company
        statement = Statement(
            organisation=company.name,
            address=company.partner_id._display_address(without_company=True),
            reference=self.reference or "",
            first=self.date_from,
            last=self.date_to,
            made_at=fields.Datetime.now(),
            made_by=self.env.user.name,
            complete=self.scope == "all",
            entries=tuple(self._entries()),
            gaps=tuple(self._gaps()),
        )
        self._note("disclosure.statement", form="pdf")
        return self._hand_out("disclosures.pdf", statement_pdf(statement))

    def _entries(self) -> list[Entry]:
        labels = {
            name: dict(
                self.env["interop.disclosure"]._fields[name]._description_selection(self.env)
            )
            for name in ("outcome", "content")
        }
        return [
            Entry(
                when=disclosure.ts,
                recipient=disclosure.partner_id.name or disclosure.system_id.name,
                address=self._address(disclosure.partner_id),
                outcome=labels["outcome"][disclosure.outcome],
                document=disclosure.document_type,
                number=disclosure.business_key or "",
                why=disclosure.purpose or "",
                exempt=self.env._("Yes") if disclosure.is_exempt else "",
                fields=disclosure.fields_told or "",
                sensitivity=disclosure.sensitivity or "",
                version=disclosure.version_name or "",
                content=labels["content"][disclosure.content],
            )
            for disclosure in self.disclosure_ids.sudo()
        ]

    def _address(self, partner) -> str:
        return " ".join(partner._display_address(without_company=True).split()) if partner else ""

    def _check_found(self) -> None:
        self.ensure_one()
        self._check_auditor()
        if not self.found_at:
            raise UserError(self.env._("Look it up first."))

    def _check_auditor(self) -> None:
        if not self.env.user.has_group("interop_base.group_auditor"):
            raise AccessError(self.env._("Accounting for disclosures needs the right “Auditor”."))

    def _note(self, act: str, **details: Any) -> None:
        self.env["interop.audit"]._record(
            act,
            company_id=self.env.company.id,
            details={
                "found": self.disclosure_count,
                "from": self.date_from,
                "until": self.date_to,
                "scope": self.scope,
                "reference": self.reference or "",
            }
            | details,
        )

    def _again(self) -> dict[str, Any]:
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Accounting of disclosures"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "current",
        }
