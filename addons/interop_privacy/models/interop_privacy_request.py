from typing import Any

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.interop_base.lib.failures import InteropError
from odoo.addons.interop_queue.lib.erasure import ERASED, KEPT

AT_MOST = 20
KINDS = [
    ("access", "Tell what there is"),
    ("erase", "Erase what there is"),
]
STATES = [
    ("draft", "New"),
    ("found", "Looked up"),
    ("done", "Answered"),
    ("cancelled", "Withdrawn"),
]


class InteropPrivacyRequest(models.Model):
    """What a person asks about what we exchanged of them, and what became of it.

    The person is not kept: whoever is looked for is turned into keyed digests at once, and those
    are dropped with the answer. What stays is which messages it was about and what was done.
    """

    _name = "interop.privacy.request"
    _description = "Privacy Request"
    _order = "id desc"

    name = fields.Char(
        string="Reference",
        required=True,
        help="Your own reference: a ticket, a letter's number. Not the person's name, which is "
        "kept nowhere here.",
    )
    kind = fields.Selection(
        KINDS,
        string="What is asked for",
        required=True,
        default="access",
        help="Tell: which messages were about the person, to whom they went and why (GDPR Art. 15; "
        "45 CFR 164.528). Erase: destroy their content where nothing obliges to keep it (GDPR "
        "Art. 17).",
    )
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        help="New: nobody has looked yet. Looked up: what there is stands below. Answered: it is "
        "finished and stays as evidence. Withdrawn: nothing was done.",
    )
    received_on = fields.Date(
        string="Received on",
        required=True,
        default=fields.Date.context_today,
        help="When the request came in. The time to answer runs from then.",
    )
    due_on = fields.Date(
        string="Answer by",
        compute="_compute_due_on",
        store=True,
        help="One month after it came in (GDPR Art. 12(3)).",
    )
    handler_id = fields.Many2one(
        "res.users",
        string="Handled by",
        default=lambda self: self.env.user,
        help="Who answers it.",
    )
    identifiers = fields.Text(
        string="Look for",
        compute="_compute_identifiers",
        inverse="_inverse_identifiers",
        help="One to a line: whole names as they may be written, record numbers, phone numbers, "
        "e-mail addresses. Case, accents and the punctuation of phone numbers do not matter. They "
        "are turned into keyed digests when you save and cannot be read back.",
    )
    digests = fields.Json(
        copy=False,
        groups=fields.NO_ACCESS,
        help="What is looked for, as keyed digests. Dropped when the request is answered.",
    )
    whom = fields.Char(
        string="Looked for",
        readonly=True,
        copy=False,
        help="What is looked for, as far as it may be shown: enough to see a mistake.",
    )
    found_at = fields.Datetime(
        string="Looked up at", readonly=True, copy=False, help="When it was last looked up."
    )
    answered_at = fields.Datetime(
        string="Answered at", readonly=True, copy=False, help="When it was finished."
    )
    line_ids = fields.One2many(
        "interop.privacy.request.line",
        "request_id",
        string="Messages",
        readonly=True,
        copy=False,
        help="The messages that are about the person.",
    )
    message_count = fields.Integer(
        compute="_compute_counts", help="Messages that are about the person."
    )
    erased_count = fields.Integer(
        string="Erased", compute="_compute_counts", help="Messages whose content was erased."
    )
    kept_count = fields.Integer(
        string="Kept", compute="_compute_counts", help="Messages whose content had to be kept."
    )
    token_count = fields.Integer(
        string="Tokens",
        readonly=True,
        copy=False,
        help="Tokens that stood for the person and could be turned back when it was looked up.",
    )
    token_gone_count = fields.Integer(
        string="Tokens forgotten",
        readonly=True,
        copy=False,
        help="Tokens that were erased: what a partner sends back can be turned into the person no "
        "more.",
    )
    token_first_on = fields.Date(
        string="First token", readonly=True, copy=False, help="When the oldest of them was made."
    )
    token_last_on = fields.Date(
        string="Last use of a token",
        readonly=True,
        copy=False,
        help="When one of them was last sent or came back.",
    )
    is_partial = fields.Boolean(
        string="Older messages are missing",
        readonly=True,
        copy=False,
        help="Messages of before the index of persons are still being indexed: look again later.",
    )
    note = fields.Text(
        string="Remarks",
        help="Anything to be remembered about the answer. No patient data, please: it stays.",
    )

    @api.depends("received_on")
    def _compute_due_on(self) -> None:
        for request in self:
            request.due_on = request.received_on and request.received_on + relativedelta(months=1)

    @api.depends("line_ids.outcome")
    def _compute_counts(self) -> None:
        for request in self:
            outcomes = request.sudo().line_ids.mapped("outcome")
            request.message_count = len(outcomes)
            request.erased_count = sum(outcome in ERASED for outcome in outcomes)
            request.kept_count = sum(outcome in KEPT for outcome in outcomes)

    # -- whom ----------------------------------------------------------------------------------

    def _compute_identifiers(self) -> None:
        self.identifiers = False

    def _inverse_identifiers(self) -> None:
        for request in self:
            values = [line.strip() for line in (request.identifiers or "").splitlines()]
            values = list(dict.fromkeys(filter(None, values)))
            if not values:
                continue
            if request.state not in ("draft", "found"):
                raise UserError(request.env._("This request is finished. Make another one."))
            if len(values) > AT_MOST:
                raise UserError(request.env._("Look for at most %s at once: one person.", AT_MOST))
            request.sudo().write(
                {
                    "digests": request._digests(values),
                    "whom": ", ".join(request._hint(value) for value in values),
                    "state": "draft",
                    "line_ids": [fields.Command.clear()],
                    "token_count": 0,
                }
            )

    def _digests(self, values: list[str]) -> list[str]:
        try:
            return self.env["interop.persons"]._digests(values)
        except InteropError as error:
            raise UserError(error.sentence) from None

    def _hint(self, value: str) -> str:
        """Enough of it to see a mistake: first letters, and of an address where it is."""
        log = self.env["privacy.log"]
        if value.count("@") == 1 and "." in value.split("@")[1]:
            return log._anonymize_email(value)
        return log._anonymize_name(value.replace("@", " "))

    # -- acts ----------------------------------------------------------------------------------

    def action_look_up(self) -> None:
        """Find the messages and tokens of the person, in the user's companies."""
        self.ensure_one()
        self._check_open()
        own = self.sudo()
        ids = self.env["interop.persons"]._messages_by(own.digests)
        messages = own.env["interop.message"].search(
            [("id", "in", ids), ("company_id", "in", [*self.env.user.company_ids.ids, False])],
            order="id",
        )
        tokens = own.env["interop.vault.tokens"]._about(
            digests=own.digests, companies=self.env.user.company_ids.ids
        )
        own.line_ids.unlink()
        own.write(
            {
                "state": "found",
                "found_at": fields.Datetime.now(),
                "line_ids": [
                    fields.Command.create(own.line_ids._facts(message)) for message in messages
                ],
                "token_count": tokens["count"],
                "token_first_on": tokens["oldest"],
                "token_last_on": tokens["last_use"],
                "is_partial": own.env["interop.persons"]._is_partial(),
            }
        )
        self._note("privacy.looked_up", messages=len(messages), tokens=tokens["count"])

    def action_erase(self) -> None:
        """Erase what may be erased, and say of the rest why it is kept."""
        self.ensure_one()
        self._check_open()
        if self.kind != "erase":
            raise UserError(self.env._("This request only asks what there is."))
        self.action_look_up()
        own = self.sudo()
        lines = {line.message_id.id: line for line in own.line_ids}
        # What it finds there was committed before: it works in transactions of its own.
        outcomes = own.env["interop.erasure"]._erase(list(lines), own.digests)
        for message_id, (outcome, duty) in outcomes.items():
            lines[message_id].write({"outcome": outcome, "duty": duty})
        own.token_gone_count = own.env["interop.vault.tokens"]._forget(
            reason=f"privacy request {self.id}",
            digests=own.digests,
            companies=self.env.user.company_ids.ids,
        )
        self._note(
            "privacy.erased",
            erased=self.erased_count,
            kept=self.kept_count,
            tokens=own.token_gone_count,
        )
        if not self.kept_count:
            self._finish()

    def action_answer(self) -> None:
        """The person has the answer: what is looked for is forgotten."""
        self.ensure_one()
        self._check_open()
        if self.state != "found":
            raise UserError(self.env._("Look it up first."))
        self._finish()

    def action_withdraw(self) -> None:
        self.ensure_one()
        self._check_open(looked_for=False)
        self.sudo().write({"state": "cancelled", "digests": False})
        self.sudo().line_ids.unlink()
        self._note("privacy.withdrawn")

    def action_view_messages(self) -> dict[str, Any]:
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_queue.interop_message_action"
        )
        return action | {
            "domain": [("id", "in", self.line_ids.message_id.ids)],
            "context": {"create": False},
        }

    def action_print(self) -> dict[str, Any]:
        return self.env.ref("interop_privacy.report_privacy_request").report_action(self)

    def _finish(self) -> None:
        self.sudo().write({"state": "done", "answered_at": fields.Datetime.now(), "digests": False})
        self._note("privacy.answered", messages=self.message_count, kept=self.kept_count)

    def _check_open(self, looked_for: bool = True) -> None:
        self.check_access("write")
        if self.state not in ("draft", "found"):
            raise UserError(self.env._("This request is finished."))
        if looked_for and not self.sudo().digests:
            raise UserError(self.env._("Say whom to look for: a name, a number, an address."))

    def _note(self, act: str, **details: Any) -> None:
        self.env["interop.audit"]._record(act, record=self, details={"kind": self.kind} | details)

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_new(self) -> None:
        if any(request.state != "draft" for request in self):
            raise UserError(
                self.env._("A request that was looked up is evidence and is never deleted.")
            )
