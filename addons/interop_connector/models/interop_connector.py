import re
import unicodedata
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.interop_base.lib.environments import ENVIRONMENTS
from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_document.lib.sensitivity import Sensitivity
from odoo.addons.interop_policy.lib.encrypt import read_key

from ..lib.codec import CODECS
from ..lib.lifecycle import STATES
from ..lib.transport import TRANSPORTS
from .interop_connector_inbound import INBOUND_LIMITS

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].rstrip("-")


# Changes of these are told to the audit trail; the rest is told by an act of its own.
_CONFIGURATION = frozenset(
    """name code system_id company_id area_id environment clearance region_id recipient_key
    transport codec max_in_flight auth_secret_id auth_header signing_secret_id
    certificate_secret_id authorities inbound_secret_id inbound_old_secret_id
    number_wait_minutes number_memory_days rate_limit rate_unit rate_burst tz""".split()
)


class InteropConnector(models.Model):
    """One configured way to talk to a system."""

    _name = "interop.connector"
    _description = "Connector"
    _inherit = [
        "mail.thread",
        "interop.connector.lifecycle",
        "interop.connector.secrets",
        "interop.connector.facts",
        "interop.connector.health",
        "interop.connector.gates",
        "interop.connector.failover",
        "interop.connector.inbound",
        "interop.control.number.wait",
    ]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(
        required=True,
        tracking=True,
        help="What people call this way to the partner, such as “Orders to the glove supplier”.",
    )
    code = fields.Char(
        required=True,
        copy=False,
        compute="_compute_code",
        store=True,
        readonly=False,
        precompute=True,
        help="Short name used in addresses: small letters, digits, - and _. It is part of the "
        "address a partner sends to, so it cannot be changed once the connector was active.",
    )
    system_id = fields.Many2one(
        "interop.system",
        required=True,
        ondelete="restrict",
        check_company=True,
        index=True,
        tracking=True,
        help="The partner's software at the other end.",
    )
    partner_id = fields.Many2one(
        related="system_id.partner_id",
        string="Partner",
        help="The organisation that operates the system.",
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        tracking=True,
        help="The company whose messages travel this way. Empty: all companies share it.",
    )
    area_id = fields.Many2one(
        "interop.area",
        string="Business area",
        index=True,
        tracking=True,
        help="The part of the business that relies on it. Its people see the connector; empty: "
        "everybody who works with integrations does.",
    )
    environment = fields.Selection(
        ENVIRONMENTS,
        required=True,
        default=lambda self: self._default_environment(),
        tracking=True,
        help="Where this connector belongs. It works only on a server that is set up for the same "
        "environment, so a copy of the database for testing never reaches a real partner.",
    )
    state = fields.Selection(
        STATES,
        string="Status",
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
        help="Draft: being set up. Active: messages travel. Draining: what was there before is "
        "worked off, nothing new is begun, then it pauses. Paused: messages wait, nothing is lost. "
        "Retired: no longer in use, kept as evidence.",
    )
    clearance = fields.Selection(
        [pair for pair in Sensitivity.selection() if pair[0] != "secret"],
        required=True,
        default="internal",
        tracking=True,
        help="The most sensitive data this partner may receive unmasked. What is above it does not "
        "leave, even if a policy says so.",
    )
    region_id = fields.Many2one(
        "res.country",
        tracking=True,
        help="The country where this partner keeps what we send. Personal and health data leave "
        "only to the countries in the company's settings; without a region they stay here.",
    )
    recipient_key = fields.Text(
        string="Recipient's public key",
        copy=False,
        help="The public key for fields that a policy encrypts: a JSON Web Key of the partner "
        "(RSA of 2,048 bits or more, or curve P-256, P-384, P-521 or X25519). It is no secret.",
    )
    transport = fields.Selection(
        selection=lambda self: TRANSPORTS.selection(),
        default=lambda self: self._default_transport(),
        tracking=True,
        help="How the bytes travel.",
    )
    codec = fields.Selection(
        selection=lambda self: CODECS.selection(),
        string="Format",
        default="json",
        tracking=True,
        help="How documents are written for this partner.",
    )
    max_in_flight = fields.Integer(
        string="At the same time",
        required=True,
        default=8,
        help="How many messages may be on their way to this partner at once.",
    )
    endpoint_ids = fields.One2many(
        "interop.endpoint",
        "connector_id",
        string="Endpoints",
        copy=True,
        help="The partner's addresses we send to.",
    )
    _code_unique = models.Constraint(
        "UNIQUE(code)", "Another connector already has this code; it must be unique."
    )
    _in_flight_sane = models.Constraint(
        "CHECK(max_in_flight BETWEEN 1 AND 1000)",
        "Between 1 and 1,000 messages may be on their way at the same time.",
    )

    # -- defaults and computed ----------------------------------------------------------------

    @api.model
    def _default_environment(self) -> str:
        return self.env["interop.fence"]._state().environment or "test"

    @api.model
    def _default_transport(self) -> str | bool:
        codes = TRANSPORTS.codes()
        return codes[0] if len(codes) == 1 else False

    @api.depends("name")
    def _compute_code(self) -> None:
        for connector in self:
            if connector.code or not connector.name:
                continue
            base = _slug(connector.name) or "connector"
            code, number = base, 2
            while self.sudo().search_count([("code", "=", code)], limit=1):
                code, number = f"{base}-{number}", number + 1
            connector.code = code

    # -- guards -------------------------------------------------------------------------------

    @api.constrains("code")
    def _check_code(self) -> None:
        for connector in self:
            if not _CODE.fullmatch(connector.code):
                raise ValidationError(
                    self.env._(
                        "The code may hold small letters, digits, - and _, up to 63 of them, and "
                        "begins with a letter or digit."
                    )
                )

    @api.constrains("recipient_key")
    def _check_recipient_key(self) -> None:
        for connector in self:
            try:
                if connector.recipient_key:
                    read_key(connector.recipient_key)
            except PolicyError as problem:
                raise ValidationError(problem.sentence) from None

    @api.constrains("transport")
    def _check_endpoints(self) -> None:
        self.endpoint_ids._check_url()

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]):
        connectors = super().create([{**vals, "state": "draft"} for vals in vals_list])
        self.env["interop.connector.runtime"].sudo().create(
            [{"connector_id": connector.id} for connector in connectors]
        )
        for connector in connectors:
            connector._audit("create")
        return connectors

    def write(self, vals: dict[str, Any]) -> bool:
        if "state" in vals:
            raise UserError(self.env._("Use the buttons to change the status of a connector."))
        if "code" in vals and any(c.state != "draft" and c.code != vals["code"] for c in self):
            raise UserError(
                self.env._("The code is part of the partner's address and cannot change any more.")
            )
        done = super().write(vals)
        self._audit_change((_CONFIGURATION | INBOUND_LIMITS).intersection(vals))
        return done

    def _set_state(self, state: str) -> bool:
        """The one place where the state changes: past `write`, which refuses it to everybody.

        Lanes read it with every claim. It is not repeated in the runtime row, which a busy queue
        changes many times a second: a person's transaction would lose every race for it.
        """
        return super().write({"state": state})

    def copy_data(self, default: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        copies = super().copy_data(default)
        if "name" not in (default or {}):
            for connector, vals in zip(self, copies, strict=True):
                vals["name"] = self.env._("%s (copy)", connector.name)
        return copies

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self) -> None:
        if any(connector.state != "draft" for connector in self):
            raise UserError(
                self.env._("A connector that was in use is evidence. Retire it instead.")
            )
        for connector in self:
            connector._audit("delete", code=connector.code)
