from typing import Any

from odoo import models
from odoo.fields import Command

from ..lib import world
from ..lib.secrets import SharedSecrets


class InteropSandbox(models.AbstractModel):
    """The part of the demo world that is Interop: secrets, connectors, policies and flows."""

    _inherit = "interop.sandbox"

    # -- the way to the partner ---------------------------------------------------------------

    def _connectors(
        self,
        companies: dict[str, models.Model],
        supplier: models.Model,
        partner_url: str,
        secrets: SharedSecrets,
    ) -> dict[str, models.Model]:
        """One system, and a connector for each company: each has its own account there."""
        system = self._ensure(
            "system",
            "interop.system",
            {
                "name": f"{world.SUPPLIER_SHORT} ordering",
                "kind": "supplier",
                "partner_id": supplier.id,
                "company_id": False,
            },
        )
        shared = {
            "auth_secret_id": self._secret("bearer", "bearer", "our token", secrets.bearer),
            "signing_secret_id": self._secret("signing", "hmac", "our signature", secrets.signing),
            "inbound_secret_id": self._secret(
                "callback", "hmac", "their signature", secrets.callback
            ),
        }
        return {
            made.code: self._connector(made, companies[made.code], system, partner_url, shared)
            for made in world.COMPANIES
        }

    def _connector(
        self,
        made: world.Company,
        company: models.Model,
        system: models.Model,
        partner_url: str,
        secrets: dict[str, int],
    ) -> models.Model:
        settings = self.env["interop.fence"]._server_settings()
        connector = self._ensure(
            f"connector_{made.code}",
            "interop.connector",
            {
                "name": f"{world.SUPPLIER_SHORT} ({made.short})",
                "system_id": system.id,
                "company_id": company.id,
                "area_id": self.env.ref("interop_base.area_purchasing").id,
                "environment": settings.environment or "development",
                "clearance": "confidential",
                "region_id": self.env.ref("base.us").id,
                "transport": "http",
                "codec": "json",
                **secrets,
            },
            {"code": f"{world.SUPPLIER_CODE}-{made.code}"},
        )
        self._ensure(
            f"endpoint_{made.code}",
            "interop.endpoint",
            {
                "connector_id": connector.id,
                "name": "Orders",
                "purpose": "default",
                "url": f"{partner_url.rstrip('/')}/{made.code}/orders",
                "method": "POST",
                "timeout_connect": 5,
                "timeout_total": 10,
                "probe_method": "GET",
                "probe_path": "/health",
            },
        )
        if connector.state == "draft":
            connector.action_activate()
        return connector

    def _secret(self, code: str, kind: str, what: str, value: str) -> int:
        secret = self._ensure(
            f"secret_{code}",
            "interop.vault.secret",
            {"name": f"{world.SUPPLIER_SHORT}: {what}", "kind": kind, "company_id": False},
        )
        secret.value = value
        return secret.id

    # -- what travels -------------------------------------------------------------------------

    def _flows(
        self,
        companies: dict[str, models.Model],
        connectors: dict[str, models.Model],
        users: dict[str, models.Model],
    ) -> None:
        types = self.env["interop.document.type"]
        order_type = types._get("PurchaseOrder", "1.0")
        answer_type = types._get("PurchaseOrderAcknowledgement", "1.0")
        name = world.SUPPLIER_SHORT
        order_policy = self._policy("orders", f"Orders to {name}", order_type, world.ORDER_POLICY)
        answer_policy = self._policy(
            "answers", f"Order answers from {name}", answer_type, world.ANSWER_POLICY
        )
        for made in world.COMPANIES:
            common = {
                "connector_id": connectors[made.code].id,
                "company_id": companies[made.code].id,
                "area_id": self.env.ref("interop_base.area_purchasing").id,
                "owner_id": users["operator"].id,
                "service_user_id": users["service"].id,
                "purpose": "supply",
            }
            orders = common | {
                "name": f"Orders to {name} ({made.short})",
                "direction": "out",
                "event": "purchase.order.approved",
                "document_type_id": order_type.id,
                "handler": "purchase_order",
                "policy_id": order_policy.id,
                "expects_answer": True,
                "answer_hours": 24,
            }
            self._flow(f"{made.code}-orders", orders)
            if made is world.COMPANIES[0]:
                self._availability(connectors[made.code], orders, answer_type, answer_policy)
            self._flow(
                f"{made.code}-order-answers",
                common
                | {
                    "name": f"Order answers from {name} ({made.short})",
                    "direction": "in",
                    "document_type_id": answer_type.id,
                    "handler": "purchase_order_acknowledgement",
                    "policy_id": answer_policy.id,
                },
            )

    def _availability(
        self,
        orders: models.Model,
        values: dict[str, Any],
        answer_type: models.Model,
        answer_policy: models.Model,
    ) -> None:
        """A buyer asks what could be delivered before the order is confirmed, and waits for it."""
        copied = ("environment", "clearance", "transport", "codec")
        references = (
            "system_id", "company_id", "area_id", "region_id", "auth_secret_id",
            "signing_secret_id",
        )  # fmt: skip
        connector = self._ensure(
            "connector_nmc_availability",
            "interop.connector",
            {
                "name": f"{world.SUPPLIER_SHORT} availability (NMC)",
                **{name: orders[name] for name in copied},
                **{name: orders[name].id for name in references},
            },
            {"code": f"{world.SUPPLIER_CODE}-availability"},
        )
        url = orders.endpoint_ids[0].url.removesuffix("/orders") + "/availability"
        self._ensure(
            "endpoint_nmc_availability",
            "interop.endpoint",
            {
                "connector_id": connector.id,
                "name": "Availability",
                "url": url,
                "timeout_connect": 2,
                "timeout_total": 5,
                "idempotent": True,
                "probe_method": "GET",
                "probe_path": "/health",
            },
        )
        if connector.state == "draft":
            connector.action_activate()
        self._flow(
            "nmc-availability",
            values
            | {
                "name": f"Availability at {world.SUPPLIER_SHORT} (NMC)",
                "connector_id": connector.id,
                "event": "purchase.availability.asked",
                "expects_answer": False,
                "mode": "direct",
                "direct_seconds": 5,
                "direct_at_most": 4,
                "direct_answer_type_id": answer_type.id,
                "direct_answer_policy_id": answer_policy.id,
            },
        )

    def _flow(self, code: str, values: dict[str, Any]) -> None:
        flow = self._ensure(f"flow_{code}", "interop.flow", values, {"code": code})
        flow.action_publish()

    def _policy(
        self,
        code: str,
        name: str,
        document_type: models.Model,
        decisions: tuple[world.Decision, ...],
    ) -> models.Model:
        rules = [
            {
                "sequence": 10 * number,
                "path": decision.path,
                "action": decision.action,
                "pattern": decision.pattern,
                "reason": decision.reason,
            }
            for number, decision in enumerate(decisions, 1)
        ]
        return self._ensure(
            f"policy_{code}",
            "interop.policy",
            {
                "name": name,
                "document_type_id": document_type.id,
                "company_id": False,
                "area_id": self.env.ref("interop_base.area_purchasing").id,
                "rule_ids": [Command.clear(), *(Command.create(rule) for rule in rules)],
            },
        )
