from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..lib.traffic.breaker import CLOSED, DISABLED, HALF_OPEN, ISOLATED, LONGEST, OPEN, STATES


class InteropEndpointBreaker(models.AbstractModel):
    """An endpoint's circuit breaker: its thresholds, its state, and what operators do with it.

    The thresholds are live: a change counts from the next call on and needs no new version.
    """

    _name = "interop.endpoint.breaker"
    _description = "Endpoint: Circuit Breaker"

    breaker_failures = fields.Integer(
        string="Failures in a row",
        required=True,
        default=5,
        help="So many failures one after the other open the breaker: the address is left in peace "
        "for a while. Only what says that the partner cannot be reached or does not work counts, "
        "never a refusal of a document. 0: this does not open it.",
    )
    breaker_rate = fields.Integer(
        string="Failures (%)",
        required=True,
        default=50,
        help="So many failures of each hundred among the last calls open the breaker. 0: this does "
        "not open it.",
    )
    breaker_window = fields.Integer(
        string="Among the last calls",
        required=True,
        default=20,
        help="How many calls the share of failures is counted over; before there were so many it "
        "says nothing.",
    )
    breaker_wait = fields.Integer(
        string="Try again after (s)",
        required=True,
        default=30,
        help="Seconds until one message is let through to try. Twice as many after each try that "
        "fails.",
    )
    breaker_wait_most = fields.Integer(
        string="At the latest after (s)",
        required=True,
        default=900,
        help="The longest pause between two tries, in seconds.",
    )
    runtime_ids = fields.One2many(
        "interop.endpoint.runtime",
        "endpoint_id",
        string="Runtime state",
        help="The state of the circuit breaker just now.",
    )
    breaker_state = fields.Selection(
        STATES,
        string="State",
        compute="_compute_breaker",
        help="In use: messages go through. Open: it failed too often and is left in peace. Trying "
        "one: one message has been let through, and what becomes of it decides. Isolated: an "
        "operator let nothing through. Disabled: the partner said that it is gone for good (410).",
    )
    breaker_reason = fields.Char(
        string="Because", compute="_compute_breaker", help="Why it is in this state."
    )
    breaker_until = fields.Datetime(
        string="Next try at",
        compute="_compute_breaker",
        help="When one message is let through to try.",
    )
    breaker_since = fields.Datetime(
        string="Since", compute="_compute_breaker", help="When it came into this state."
    )

    _breaker_sane = models.Constraint(
        f"""CHECK(breaker_failures BETWEEN 0 AND 1000 AND breaker_rate BETWEEN 0 AND 100
                 AND breaker_window BETWEEN 1 AND {LONGEST} AND breaker_wait BETWEEN 1 AND 86400
                 AND breaker_wait_most BETWEEN breaker_wait AND 86400)""",
        "Failures in a row: 0 to 1,000. Share: 0 to 100 % of the last 1 to 200 calls. The first "
        "pause is at least a second, the longest at most a day and not shorter than the first.",
    )

    @api.depends("runtime_ids.state", "runtime_ids.open_until", "runtime_ids.reason")
    def _compute_breaker(self) -> None:
        for endpoint in self:
            runtime = endpoint.runtime_ids[:1]
            endpoint.breaker_state = runtime.state or CLOSED
            endpoint.breaker_reason = runtime.reason
            endpoint.breaker_since = runtime.changed_at
            endpoint.breaker_until = runtime.open_until if runtime.state == OPEN else False

    def _make_runtimes(self) -> None:
        runtimes = self.env["interop.endpoint.runtime"].sudo()
        for endpoint in self:
            known = runtimes.search([("endpoint_id", "=", endpoint.id)])
            facts = {"connector_id": endpoint.connector_id.id, "purpose": endpoint.purpose}
            if known:
                known.write(facts)
            else:
                runtimes.create({"endpoint_id": endpoint.id, **facts})

    # -- acts of operators ------------------------------------------------------------------------

    def action_isolate(self, reason: str) -> bool:
        """Let nothing through until somebody closes it again. Operators; `reason` is evidence."""
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: the reason is kept as evidence."))
        self._breaker_act(ISOLATED, "isolate", reason.strip())
        return True

    def action_close_breaker(self) -> bool:
        """Let everything through again, whatever was the matter. Operators."""
        for endpoint in self:
            if endpoint.breaker_state == CLOSED:
                raise UserError(self.env._("“%s” is in use already.", endpoint.name))
        self._breaker_act(CLOSED, "close", self.env._("Closed by an operator"))
        return True

    def action_try_one(self) -> bool:
        """Let one message through now; what becomes of it decides. Operators."""
        for endpoint in self:
            if endpoint.breaker_state in (CLOSED, HALF_OPEN):
                raise UserError(
                    self.env._(
                        "“%s” needs no try: messages go through, or one is just trying.",
                        endpoint.name,
                    )
                )
        self._breaker_act(OPEN, "try", self.env._("An operator lets one message through"), due=True)
        return True

    def action_ask_isolate(self) -> dict[str, Any]:
        """Open the dialog that asks why."""
        self.ensure_one()
        self._require_operator()
        return self.env["interop.gate.act"]._ask(
            "isolate", self.env._("Isolate this endpoint"), endpoint=self
        )

    def action_view_changes(self) -> dict[str, Any]:
        """Open the changes of this endpoint's state."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_connector.interop_breaker_change_action"
        )
        return action | {"domain": [("endpoint_id", "=", self.id)]}

    def _require_operator(self) -> None:
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group("interop_base.group_operator"):
            raise AccessError(self.env._("Your role does not allow you to do this."))

    def _breaker_act(
        self, state: str, act: str, reason: str, *, due: bool = False, passed_over: bool = False
    ) -> None:
        """A person's change of the state. Disabled ones come back by the same buttons."""
        self._require_operator()
        now = fields.Datetime.now()
        for endpoint in self:
            endpoint._make_runtimes()
            runtime = endpoint.sudo().runtime_ids[:1]
            before = runtime.state
            runtime.write(
                {
                    "state": state,
                    "failures": 0,
                    "calls": False,
                    "opened": runtime.opened if state == OPEN else 0,
                    "open_until": now if due else False,
                    "probe_token": False,
                    "probe_message": 0,
                    "passed_over": passed_over,
                    "reason": False if state == CLOSED else reason,
                    "changed_at": now,
                }
            )
            self.env["interop.breaker.change"].sudo().create(
                {
                    "endpoint_id": endpoint.id,
                    "connector_id": endpoint.connector_id.id,
                    "at": now,
                    "before": before,
                    "after": state,
                    "reason": reason,
                    "user_id": self.env.uid,
                }
            )
            endpoint._audit_breaker(act, before=before, after=state, reason=reason)
        self.connector_id._gates_changed()

    def _audit_breaker(self, act: str, **details: Any) -> None:
        self.ensure_one()
        connector = self.sudo().connector_id
        self.env["interop.audit"]._record(
            f"endpoint.{act}",
            record=connector,
            details={"endpoint": self.name, "purpose": self.purpose, **details},
        )

    def _is_usable(self) -> bool:
        self.ensure_one()
        return self.breaker_state not in (OPEN, HALF_OPEN, ISOLATED, DISABLED)
