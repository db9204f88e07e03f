import uuid

from odoo import api, models

from odoo.addons.interop_audit.lib.entry import AuditRow
from odoo.addons.interop_connector.lib.intake import (
    Accepted,
    InboundRoute,
    IntakeClosed,
    IntakeConflict,
)
from odoo.addons.interop_vault.lib.refs import Sealing
from odoo.addons.interop_vault.lib.sealing import digest as digest_of

from ..engine.transaction import columns, insert_messages, run
from ..engine.wake import wake_after_commit
from .interop_queue import DEFAULT_PRIORITY


class InteropIntake(models.AbstractModel):
    _inherit = "interop.intake"

    @api.model
    def _route(self, connector_code: str, flow_code: str) -> InboundRoute | None:
        flow = (
            self.env["interop.flow"]
            .sudo()
            .search(
                [
                    ("code", "=", flow_code),
                    ("direction", "=", "in"),
                    ("state", "in", ["live", "paused"]),
                    ("version_id", "!=", False),
                ],
                limit=1,
            )
        )
        if not flow:
            return super()._route(connector_code, flow_code)
        _version_id, plan = self.env["interop.flow.version"]._plan_of(flow.id)
        connector = self.env["interop.connector"].sudo().browse(plan.flow["connector"])
        if connector.code != connector_code or connector.state in ("draft", "retired"):
            return super()._route(connector_code, flow_code)
        return InboundRoute(
            connector_id=connector.id,
            flow_id=flow.id,
            connector_code=connector.code,
            flow_code=flow.code,
            company_id=plan.flow["company"] or None,
            secrets=connector._inbound_keys(),
            content_types=(plan.codec.content_type,),
            environment=connector.environment,
            is_open=flow.state == "live" and connector.state == "active",
        )

    @api.model
    def _accept(
        self,
        route: InboundRoute,
        raw: bytes,
        sender_ref: str,
        content_type: str,
        remote_addr: str,
    ) -> Accepted:
        if not route.is_open:
            raise IntakeClosed()
        _version_id, plan = self.env["interop.flow.version"]._plan_of(route.flow_id)
        connector = self.env["interop.connector"].sudo().browse(route.connector_id)
        digest = digest_of(self.env["interop.keyring"]._get(), raw)
        known = self._received(route, sender_ref, digest)
        if known:
            return known
        interchange_uuid, message_uuid = str(uuid.uuid4()), str(uuid.uuid4())
        common = {
            "connector_id": route.connector_id,
            "flow_id": route.flow_id,
            "company_id": route.company_id,
            "area_id": plan.flow["area"],
            "direction": "in",
        }
        interchange = common | {
            "uuid": interchange_uuid,
            "sender_ref": sender_ref,
            "idempotency_key": None,
            "content_type": content_type[:120],
            "size": len(raw),
            "digest": digest,
            "state": "received",
            "remote_addr": remote_addr,
            "document_count": None,  # known when it is decoded
        }
        # Two at once: the second waits here for the first's commit. Then REPEATABLE READ makes it a
        # serialization failure, Odoo runs the request again, and it finds the first one's receipt.
        row = columns([interchange], *interchange)
        inserted = run(self.env.cr, "insert_interchanges", quiet=True, **row)
        if not inserted:
            receipt = self._received(route, sender_ref, digest)
            if receipt is None:
                raise IntakeClosed(1)
            return receipt
        message = common | {
            "uuid": message_uuid,
            "document_type": f"{plan.document_type} {plan.document_version}",
            "event": None,
            "priority": DEFAULT_PRIORITY,
            "delay": 0.0,
            "chain": "*" if plan.flow["order_by"] == "flow" else None,
            "business_key": None,
            "partner_id": connector.system_id.partner_id.id or None,
            "res_model": None,
            "res_id": None,
            "interchange_id": inserted[0]["id"],
            "position": 0,
        }
        insert_messages(self.env.cr, [message | {"size": len(raw)}])
        payload = Sealing(interchange_uuid, "payload", raw)
        self.env["interop.vault"]._seal_many([payload], fresh=True)
        self.env["interop.audit"]._record_many(
            [
                AuditRow(
                    act="message.received",
                    actor_kind="partner",
                    actor_name=route.connector_code,
                    remote_addr=remote_addr,
                    company_id=route.company_id,
                    area_id=plan.flow["area"],
                    res_model="interop.interchange",
                    res_id=inserted[0]["id"],
                    subject=message_uuid,
                    digest=digest,
                    details={"size": len(raw)},
                )
            ]
        )
        wake_after_commit(self.env)
        return Accepted(message_uuid)

    def _received(self, route: InboundRoute, sender_ref: str, digest: str) -> Accepted | None:
        rows = run(self.env.cr, "find_received", flow_id=route.flow_id, sender_ref=sender_ref)
        if not rows:
            return None
        if rows[0]["digest"] != digest:
            raise IntakeConflict()
        return Accepted(rows[0]["uuid"], duplicate=True)
