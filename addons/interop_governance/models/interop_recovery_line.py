import base64
import hashlib
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.interop_base.lib.failures import InteropError

DECISIONS = [
    ("again", "Send again, same key"),
    ("hold", "Hold for a person"),
    ("ask", "Ask the partner"),
]
RECONCILE = "reconcile"


class InteropRecoveryLine(models.Model):
    """One connector in a recovery: what may have left through it, and what is decided."""

    _name = "interop.recovery.line"
    _description = "Connector in a Recovery"
    _inherit = ["interop.recovery.reconciling"]
    _order = "in_doubt desc, id"
    _rec_name = "connector_id"
    _log_access = False

    recovery_id = fields.Many2one(
        "interop.recovery", required=True, readonly=True, ondelete="cascade", index=True,
        help="The recovery it belongs to.",
    )  # fmt: skip
    connector_id = fields.Many2one(
        "interop.connector", required=True, readonly=True, ondelete="cascade",
        help="The way to the partner.",
    )  # fmt: skip
    waiting = fields.Integer(
        readonly=True, aggregator="sum", help="Messages that waited when the backup was made."
    )
    ready = fields.Integer(
        readonly=True, aggregator="sum", help="Messages about to be sent when the backup was made."
    )
    running = fields.Integer(
        readonly=True, aggregator="sum",
        help="Messages just being sent when the backup was made.",
    )  # fmt: skip
    dead = fields.Integer(
        string="Dead letters", readonly=True, aggregator="sum",
        help="Dead letters in the backup. Somebody may have run them again since: ask before you "
        "do.",
    )  # fmt: skip
    in_doubt = fields.Integer(
        string="In doubt", readonly=True, aggregator="sum",
        help="Messages to the partner of which nobody knows whether they left since the backup.",
    )  # fmt: skip
    inbound_last_at = fields.Datetime(
        string="Last received", readonly=True,
        help="When the partner last delivered something before the backup. What it delivered since "
        "is lost here: ask it to send that again. What we have already is recognised.",
    )  # fmt: skip
    idempotent = fields.Boolean(
        string="Recognises keys", readonly=True,
        help="All addresses of the connector are declared safe to repeat: the partner takes a "
        "message that it has already only once.",
    )  # fmt: skip
    can_be_asked = fields.Boolean(
        string="Answers by itself", compute="_compute_can_be_asked",
        help="The connector has an endpoint with the purpose “reconcile”: the partner tells over "
        "HTTP which keys it has.",
    )  # fmt: skip
    proposal = fields.Selection(
        DECISIONS, readonly=True,
        help="Send again if the partner recognises keys, else ask it if it can tell, else hold.",
    )  # fmt: skip
    decision = fields.Selection(
        DECISIONS,
        help="Send again: they leave once the installation is armed. Hold: they become dead "
        "letters, and a person decides about each. Ask: as Hold, until the partner's answer "
        "settles them.",
    )  # fmt: skip
    decided_by_id = fields.Many2one(
        "res.users", string="Decided by", readonly=True, ondelete="set null", help="Who decided."
    )
    note = fields.Char(help="Why, or whom you have talked to at the partner's.")
    key_ids = fields.One2many(
        "interop.recovery.key", "line_id", readonly=True, help="The keys in question."
    )
    known = fields.Integer(
        string="Partner has",
        compute="_compute_verdicts",
        help="In doubt, and the partner has them.",
    )
    missing = fields.Integer(
        string="Partner has not", compute="_compute_verdicts",
        help="In doubt, and the partner does not have them: they are sent.",
    )  # fmt: skip
    lost = fields.Integer(
        string="Lost here", compute="_compute_verdicts",
        help="The partner has them, and this database does not know of them.",
    )  # fmt: skip
    open_doubt = fields.Integer(
        string="Still in doubt", compute="_compute_verdicts", help="Not settled by an answer yet."
    )

    def _compute_can_be_asked(self) -> None:
        for line in self:
            purposes = line.sudo().connector_id.endpoint_ids.mapped("purpose")
            line.can_be_asked = RECONCILE in purposes

    def _compute_verdicts(self) -> None:
        counts = {
            (line.id, verdict): count
            for line, verdict, count in self.env["interop.recovery.key"]
            .sudo()
            ._read_group([("line_id", "in", self.ids)], ["line_id", "verdict"], ["__count"])
        }
        for line in self:
            line.known = counts.get((line.id, "known"), 0)
            line.missing = counts.get((line.id, "missing"), 0)
            line.lost = counts.get((line.id, "lost"), 0)
            line.open_doubt = counts.get((line.id, "doubt"), 0)

    def _undecided(self) -> models.Model:
        """Connectors through which something may have left, and about which nobody decided."""
        return self.filtered(lambda line: line.in_doubt and not line.decision)

    @api.model
    def _facts_of(self, connector: models.Model) -> dict[str, Any]:
        """What can be proposed for a connector."""
        endpoints = connector.sudo().endpoint_ids
        sending = endpoints.filtered(lambda endpoint: endpoint.purpose != RECONCILE)
        idempotent = bool(sending) and all(sending.mapped("idempotent"))
        otherwise = "ask" if endpoints - sending else "hold"
        return {"idempotent": idempotent, "proposal": "again" if idempotent else otherwise}

    def write(self, vals: dict[str, Any]) -> bool:
        if self.env.su:
            return super().write(vals)
        if set(vals) - {"decision", "note"}:
            raise AccessError(self.env._("Only a decision and a note are written here."))
        self.recovery_id._check_may_decide()
        done = super().write(vals)
        if "decision" in vals:
            self._decided()
        return done

    def _decided(self) -> None:
        self.sudo().write({"decided_by_id": self.env.uid})
        for line in self:
            line.recovery_id._note(
                "recovery.decided",
                {
                    "connector": line.sudo().connector_id.code,
                    "decision": line.decision or None,
                    "proposal": line.proposal or None,
                    "in_doubt": line.in_doubt,
                },
            )

    def _apply(self) -> None:
        """Carry the decisions out, in the transaction that opens the fence."""
        for line in self:
            keys = line.key_ids
            line._settle_known(keys.filtered(lambda key: key.verdict == "known"))
            if line.decision != "again":
                line._hold(keys.filtered(lambda key: key.verdict == "doubt"))

    def _hold(self, keys: models.Model) -> None:
        keys.message_id.sorted("id")._hold_uncertain(
            self.env._(
                "This database was restored from a backup, and nobody knows whether the message "
                "left after it was made. Ask the partner, then run it again or cancel it."
            ),
            {"recovery": self.recovery_id.id, "decision": self.decision or None},
        )

    def _settle_known(self, keys: models.Model) -> None:
        received = {key.message_id.id: key.partner_at or None for key in keys}
        keys.message_id.sorted("id")._settle_known(received, {"recovery": self.recovery_id.id})

    def action_compare(self) -> dict[str, Any]:
        """Open the dialog with the file for the partner, which takes in its answer. Managers."""
        self.ensure_one()
        self.recovery_id._check_may_work()
        data = self._keys_file()
        wizard = self.env["interop.recovery.answer"].create(
            {
                "line_id": self.id,
                "keys_file": base64.b64encode(data),
                "keys_name": f"keys-{self.sudo().connector_id.code}.csv",
            }
        )
        self.recovery_id._note(
            "recovery.keys_exported",
            {
                "connector": self.sudo().connector_id.code,
                "keys": data.count(b"\r\n") - 1,
                "digest": hashlib.sha256(data).hexdigest(),
            },
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compare with the partner"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_ask_partner(self) -> bool:
        """Ask the partner over HTTP which keys it has, and act on what it says."""
        self.ensure_one()
        self.recovery_id._check_may_work()
        try:
            self.sudo()._ask_over_wire()
        except InteropError as failure:
            raise UserError(failure.sentence) from None
        return True
