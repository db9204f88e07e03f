import json
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.interop_audit.lib.evidence.seal import Statement
from odoo.addons.interop_base.lib.failures import InteropError

from ..models.interop_evidence_bundle import KINDS
from ..models.interop_evidence_making import About

#: More messages than this are no bundle: draw a sample, or export the trail.
MOST_MESSAGES = 2000
SEAL_SECONDS = 10.0


class InteropEvidenceBundling(models.TransientModel):
    """Asks what the evidence is to be about and why, seals what is not sealed, makes the bundle."""

    _name = "interop.evidence.bundling"
    _description = "Make an Evidence Bundle"

    kind = fields.Selection(
        KINDS, required=True, default="message",
        help="What the bundle is about: chosen messages, everything about a business document, or "
        "everything about a person.",
    )  # fmt: skip
    # Ids and not records: auditors have no right to messages as such.
    chosen = fields.Json(help="The messages that were chosen.")
    res_model = fields.Char(string="Record type", help="Technical name of the document's model.")
    res_id = fields.Integer(string="Record number", help="Number of the document in Odoo.")
    number = fields.Char(
        string="Number of the document",
        help="Order, invoice or delivery number. All messages that carry exactly this number are "
        "in the bundle.",
    )
    identifiers = fields.Text(
        string="Person", compute="_compute_identifiers", inverse="_inverse_identifiers",
        help="Names, numbers, phone numbers, e-mail addresses of the person, one a line, each "
        "whole. They are kept nowhere: only keyed digests of them are compared.",
    )  # fmt: skip
    digests = fields.Json(
        groups="base.group_no_one", help="Keyed digests of what points to the person."
    )
    reason = fields.Text(
        required=True,
        help="Why the evidence is asked for. It stands in the bundle and in the audit trail, so "
        "name no patient here.",
    )
    anchors = fields.Text(
        string="Anchors you hold",
        help="Lines of an anchor file, or numbers of seals. The bundle then proves that it is of "
        "the same history as these seals, which lie outside the database.",
    )
    found = fields.Integer(
        string="Messages", compute="_compute_found",
        help="So many messages that you may see would be in the bundle.",
    )  # fmt: skip

    @api.model
    def default_get(self, names: list[str]) -> dict[str, Any]:
        vals = super().default_get(names)
        context = self.env.context
        if context.get("active_model") == "interop.message" and "chosen" in names:
            vals.setdefault("chosen", context.get("active_ids") or [])
        return vals

    # -- whom it is about ----------------------------------------------------------------------

    def _compute_identifiers(self) -> None:
        self.identifiers = False

    def _inverse_identifiers(self) -> None:
        """Only digests are written; what was entered goes no further than this."""
        for wizard in self.filtered("identifiers"):
            try:
                persons = self.env["interop.persons"].sudo()
                wizard.sudo().digests = persons._digests(wizard.identifiers.splitlines())
            except InteropError as failure:
                raise UserError(failure.sentence) from None

    @api.depends("kind", "chosen", "res_model", "res_id", "number")
    def _compute_found(self) -> None:
        for wizard in self:
            # How many there are of a person is told when it is asked for, and noted.
            known = wizard.kind != "person"
            wizard.found = len(wizard._messages()) if known else 0

    def _messages(self) -> models.BaseModel:
        facts = self.env["interop.evidence.facts"]
        return facts._messages(self._domain())

    def _domain(self) -> Domain:
        if self.kind == "person":
            digests = self.sudo().digests or []
            found = self.env["interop.persons"].sudo()._messages_by(digests) if digests else []
            return Domain("id", "in", found)
        if self.kind == "message":
            return Domain("id", "in", [int(each) for each in self.chosen or []])
        if self.res_model and self.res_id:
            return Domain("res_model", "=", self.res_model) & Domain("res_id", "=", self.res_id)
        return Domain("id", "in", self.env["interop.evidence.facts"]._numbered(self.number or ""))

    # -- making --------------------------------------------------------------------------------

    def action_make(self) -> dict[str, Any]:
        """Seal, make the bundle, show it."""
        self.ensure_one()
        bundles = self.env["interop.evidence.bundle"]
        bundles._require_auditor()
        if self.kind == "person" and not self.sudo().digests:
            raise UserError(self.env._("Say who it is about: a name, a number, an e-mail address."))
        self._seal()
        messages = self._messages()
        if self.kind == "person":
            self.env["interop.audit"]._record("person.search", details={"found": len(messages)})
        if not messages:
            raise UserError(self.env._("There is no message about it that you may see."))
        if len(messages) > MOST_MESSAGES:
            raise UserError(
                self.env._(
                    "These are %(number)s messages: too many for a bundle. Draw a random sample, "
                    "or export the trail.",
                    number=len(messages),
                )
            )
        record = (self.res_model, self.res_id) if self.kind == "record" and self.res_id else None
        about = About(self.kind, self._title(messages), messages, record, self._against())
        return bundles._make(about, self.reason)._get_records_action()

    def _seal(self) -> None:
        """So that the bundle holds what was committed until now.

        Before this transaction writes anything: a seal covers what was written before the oldest
        transaction that still writes.
        """
        try:
            self.env["interop.audit.sealer"].sudo()._seal(seconds=SEAL_SECONDS)
        except InteropError as failure:
            raise UserError(failure.sentence) from None

    def _title(self, messages: models.BaseModel) -> str:
        if self.kind == "person":
            return self.env._("A person, %s messages", len(messages))
        if self.kind == "message" and len(messages) == 1:
            return messages.display_name
        if self.kind == "message":
            return self.env._("%s chosen messages", len(messages))
        # Not the record's own name, which may be a person's.
        keys = sorted({(each.business_key or "").split("/")[0] for each in messages} - {""})
        shown = self.number or (keys[0] if keys else str(self.res_id))
        models_of = {self.res_model} if self.res_id else set(messages.mapped("res_model"))
        model = models_of.pop() if len(models_of) == 1 else False
        kind = self.env["ir.model"].sudo()._get(model).name if model in self.env else ""
        return f"{kind or self.env._('Document')} {shown}"

    def _against(self) -> tuple[int, ...]:
        """Numbers of the seals that the auditor holds."""
        numbers = []
        for line in (self.anchors or "").splitlines():
            entered = line.strip()
            if not entered:
                continue
            try:
                number = (
                    int(entered)
                    if entered.isdigit()
                    else Statement.parse(json.loads(entered)["statement"]).number
                )
            except (ValueError, KeyError, TypeError):
                raise UserError(
                    self.env._("Write lines of an anchor file here, or numbers of seals.")
                ) from None
            numbers.append(number)
        return tuple(numbers)
