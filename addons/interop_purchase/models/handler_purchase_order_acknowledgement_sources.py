from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.interop_base.lib.failures import InteropError
from odoo.addons.interop_document.lib.canonical import canonical_json, digest
from odoo.addons.interop_document.lib.document import Document
from odoo.addons.interop_document.lib.sources import APPLY, ASK, KEEP, WITHIN_TOLERANCE
from odoo.addons.interop_document.lib.truths import register_compared

from ..lib.answer import WRITES_DATE, WRITES_PRICE, WRITES_QUANTITY, Comparison
from ..lib.differences import COMPARED
from ..lib.settling import Finding, Settled, settle, told

register_compared("PurchaseOrderAcknowledgement", *COMPARED)

# So much is told one by one, in the chatter and in the evidence; the rest is counted.
TOLD = 40


class HandlerAcknowledgementSources(models.AbstractModel):
    """What rules of the source of truth decide about a supplier's answer, so that nobody is asked.

    A rule can spare a person a question. It cannot write what a person could not write, and never
    into a locked order or a line of which goods or a bill have come: that is asked all the same.
    """

    _name = "interop.handler.purchase_order_acknowledgement.sources"
    _description = "Acknowledgements Decided by Rules"

    def _settle(
        self, order: models.Model, document: Document, comparison: Comparison
    ) -> list[Settled]:
        """Decide about each difference and write what rules let be written."""
        if not comparison.differences:
            return []
        rules = self.env["interop.source.rule"]._in_force(
            document.type, document.version, order.company_id, order.partner_id
        )
        settled = [settle(difference, rules) for difference in comparison.differences]
        return [self._carried_out(order, each) if each.writes else each for each in settled]

    def _carried_out(self, order: models.Model, settled: Settled) -> Settled:
        """Write the supplier's values; what does not stand afterwards is put before a person."""
        line = order._interop_line(settled.difference.number)
        hindrance = self._hindrance(order, line)
        if hindrance:
            return settled.asked(hindrance)
        data = self._data(order, settled.difference)
        for part in (WRITES_PRICE, WRITES_DATE, WRITES_QUANTITY):
            if part not in settled.writes:
                data[part] = None
        try:
            # What Odoo refuses half-way must not stay half-written.
            with self.env.cr.savepoint():
                self._accept(order, line, data)
        except InteropError as failure:
            return settled.asked(
                self.env._("A rule takes the supplier's value, but: %s", failure.sentence)
            )
        except UserError:
            # Odoo's own sentence may hold values.
            return settled.asked(
                self.env._(
                    "A rule takes the supplier's value, but Odoo refused to write it into order "
                    "%s. Try it by hand to see why.",
                    order.name,
                )
            )
        return settled

    def _hindrance(self, order: models.Model, line: models.Model) -> str:
        """Why a rule may not write into this line without somebody asking for it."""
        if order.state != "purchase" or order.locked:
            return self.env._(
                "A rule takes the supplier's value, but the order is locked or not confirmed any "
                "more."
            )
        if line.qty_received or line.qty_invoiced:
            return self.env._(
                "A rule takes the supplier's value, but goods or a bill of this line have come "
                "already."
            )
        return ""

    # -- evidence -------------------------------------------------------------

    def _record_decisions(
        self, order: models.Model, message: models.Model, settled: Sequence[Settled]
    ) -> None:
        """Which rule decided what, in the audit trail: paths, rules and tolerances, no values."""
        decisions = [
            {
                "line": each.difference.number,
                "path": finding.claim.path,
                "outcome": each.outcome if each.outcome == ASK else finding.decision.outcome,
                "rule": finding.scoped.key,
                "tolerance": finding.scoped.rule.tolerance.facts(),
            }
            for each in settled
            for finding in each.findings
            if finding.scoped
        ]
        if not decisions:
            return
        rules = (
            self.env["interop.source.rule"]
            .sudo()
            .browse(sorted({decision["rule"] for decision in decisions}))
        )
        self.env["interop.audit"]._record(
            "source_rule.decide",
            record=order,
            subject=message.sudo().uuid,
            # Of the rules as they were now and of all decisions, however many are listed.
            digest=digest(
                canonical_json(
                    {"rules": [rule._snapshot() for rule in rules], "decisions": decisions}
                )
            ),
            details={"decisions": decisions[:TOLD], "count": len(decisions)},
        )

    # -- the order's chatter --------------------------------------------------

    def _tell(
        self,
        order: models.Model,
        message: models.Model,
        comparison: Comparison,
        settled: Sequence[Settled],
    ) -> None:
        """References in the order's chatter: what was answered, and what rules decided about it.

        Where a rule keeps our value somebody has to tell the supplier: the buyer is notified. The
        mail goes by Odoo's own queue, since a mail server that hangs must not hold up a lane.
        """
        asked = sum(each.outcome == ASK for each in settled)
        body = Markup("<p>%s</p>") % self.env._(
            "Acknowledgement received from the supplier (message %(message)s): "
            "%(lines)s lines answered, %(differences)s to decide.",
            message=message.sudo().uuid,
            lines=len(comparison.noted),
            differences=asked or self.env._("nothing"),
        )
        kept = any(each.outcome == KEEP for each in settled)
        buyer = order.user_id.partner_id if kept else self.env["res.partner"]
        order.with_context(mail_notify_force_send=False).message_post(
            body=body + self._told(settled),
            partner_ids=buyer.ids,
            subtype_xmlid="mail.mt_note",
        )

    def _told(self, settled: Sequence[Settled]) -> Markup:
        lines = [(each.difference.number, finding) for each in settled for finding in told(each)]
        if not lines:
            return Markup("")
        keys = {finding.scoped.key for _number, finding in lines}
        rules = self.env["interop.source.rule"].sudo().browse(sorted(keys))
        by_key = {rule.id: rule for rule in rules}
        items = [
            self.env._(
                "Line %(line)s, %(sentence)s",
                line=number,
                sentence=self._sentence_told(finding, by_key[finding.scoped.key]),
            )
            for number, finding in lines[:TOLD]
        ]
        if len(lines) > TOLD:
            items.append(self.env._("and %s more", len(lines) - TOLD))
        return Markup("<p>%s</p><ul>%s</ul>") % (
            self.env._("Decided by rules of the source of truth:"),
            Markup("").join(Markup("<li>%s</li>") % item for item in items),
        )

    def _sentence_told(self, finding: Finding, rule: models.Model) -> str:
        values: dict[str, Any] = {
            "field": finding.claim.label,
            "rule": rule.display_name,
            "tolerance": rule.tolerance_text,
        }
        outcome = finding.decision.outcome
        if outcome == WITHIN_TOLERANCE:
            return self.env._(
                "%(field)s: the difference is tolerated (%(tolerance)s), our value stays. Rule "
                "“%(rule)s”.",
                **values,
            )
        if outcome == KEEP:
            return self.env._(
                "%(field)s: our value stays, the supplier has to be told. Rule “%(rule)s”.",
                **values,
            )
        if outcome == APPLY and finding.claim.writes:
            return self.env._(
                "%(field)s: the order now says what the supplier confirmed. Rule “%(rule)s”.",
                **values,
            )
        return self.env._(
            "%(field)s: the supplier's answer stands, noted on the line. Rule “%(rule)s”.", **values
        )
