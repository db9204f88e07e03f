import re
from typing import Any
from urllib.parse import urljoin

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.transport import TRANSPORTS

# Scheduled actions are killed after 120 seconds by default: an exchange ends well before.
MAX_TOTAL_SECONDS = 100


class InteropEndpoint(models.Model):
    """One address of a partner, and how long and how politely we talk to it."""

    _name = "interop.endpoint"
    _description = "Endpoint"
    _inherit = ["interop.endpoint.breaker"]
    _order = "sequence, id"

    connector_id = fields.Many2one(
        "interop.connector",
        required=True,
        ondelete="cascade",
        index=True,
        help="The connector this address belongs to.",
    )
    sequence = fields.Integer(
        default=10,
        help="Of several endpoints with the same purpose the uppermost usable one is used; those "
        "below it take over while its circuit breaker is open.",
    )
    name = fields.Char(
        required=True, help="What people call this address, for example “Orders, production”."
    )
    purpose = fields.Char(
        required=True,
        default="default",
        help="A flow asks for an endpoint by this word. Leave “default” unless the partner has "
        "different addresses for different documents.",
    )
    url = fields.Char(
        string="Address",
        required=True,
        help="The full address, with https://. User names, passwords and tokens do not belong "
        "here: choose a secret on the connector instead.",
    )
    method = fields.Selection(
        [("POST", "POST"), ("PUT", "PUT"), ("PATCH", "PATCH")],
        required=True,
        default="POST",
        help="What the partner's description asks for. Almost always POST.",
    )
    timeout_connect = fields.Float(
        string="Connect within (s)",
        required=True,
        default=5.0,
        digits=(6, 1),
        help="Seconds to find the partner and open a connection. Nothing has been sent when this "
        "runs out, so the message is simply tried again.",
    )
    timeout_total = fields.Float(
        string="Answer within (s)",
        required=True,
        default=30.0,
        digits=(6, 1),
        help="Seconds for the whole exchange, up to the last byte of the answer. When this runs "
        "out nobody knows whether the partner has taken the message.",
    )
    idempotent = fields.Boolean(
        string="Safe to repeat",
        help="The partner recognises a message it already has by its key (Idempotency-Key, "
        "webhook-id) and does not carry it out twice. Only then is a message sent again by itself "
        "when no answer came; otherwise a person decides.",
    )
    max_response_kb = fields.Integer(
        string="Largest answer (KB)",
        required=True,
        default=1024,
        help="How much of an answer is kept. A longer answer is cut, and the rest never read.",
    )

    probe_path = fields.Char(
        string="Path for trying",
        help="Where a probe knocks: a path at the same host, such as /health, that has no effect. "
        "Empty: at the address itself.",
    )
    probe_method = fields.Selection(
        [("HEAD", "HEAD"), ("OPTIONS", "OPTIONS"), ("GET", "GET")],
        string="Try with",
        required=True,
        default="HEAD",
        help="How a probe knocks. None of these may have an effect by HTTP's rules; choose what "
        "the partner knows.",
    )

    _timeouts_sane = models.Constraint(
        f"""CHECK(timeout_connect > 0 AND timeout_total >= timeout_connect
                 AND timeout_total <= {MAX_TOTAL_SECONDS})""",
        "The time to connect must be above zero and not longer than the time to answer, which "
        f"may be up to {MAX_TOTAL_SECONDS} seconds.",
    )
    _response_sane = models.Constraint(
        "CHECK(max_response_kb > 0 AND max_response_kb <= 102400)",
        "The largest answer must be between 1 and 102,400 KB.",
    )

    @api.constrains("probe_path")
    def _check_probe_path(self) -> None:
        for endpoint in self:
            path = endpoint.probe_path
            if path and not re.fullmatch(r"/(?!/)[!-~]*", path):
                raise ValidationError(
                    self.env._("The path for trying begins with one / and stays at the same host.")
                )

    def _probe_url(self) -> str:
        """Where a probe knocks; empty: at the address itself."""
        self.ensure_one()
        return urljoin(self.url, self.probe_path) if self.probe_path else ""

    @api.constrains("url", "connector_id")
    def _check_url(self) -> None:
        for endpoint in self:
            code = endpoint.connector_id.transport
            if not code or code not in TRANSPORTS:
                continue
            try:
                TRANSPORTS.get(code).check_url(endpoint.url)
            except ValueError as error:
                raise ValidationError(
                    self.env._("Endpoint “%(name)s”: %(why)s", name=endpoint.name, why=error)
                ) from None

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]):
        endpoints = super().create(vals_list)
        endpoints._make_runtimes()
        endpoints.connector_id._audit_change(["endpoint_ids"])
        return endpoints

    def write(self, vals: dict[str, Any]) -> bool:
        done = super().write(vals)
        if "purpose" in vals or "connector_id" in vals:
            self._make_runtimes()
        self.connector_id._audit_change(f"endpoint_ids.{name}" for name in vals)
        return done

    @api.ondelete(at_uninstall=False)
    def _unlink_leaves_evidence(self) -> None:
        self.connector_id._audit_change(["endpoint_ids"])

    def _facts(self) -> dict[str, Any]:
        """What a published version keeps of an endpoint."""
        self.ensure_one()
        return {
            "name": self.name,
            "purpose": self.purpose,
            "url": self.url,
            "method": self.method,
            "timeout_connect": self.timeout_connect,
            "timeout_total": self.timeout_total,
            "idempotent": self.idempotent,
            "max_response_bytes": self.max_response_kb * 1024,
        }
