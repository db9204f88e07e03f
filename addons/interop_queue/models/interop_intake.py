import uuid

from odoo import api, models

from odoo.addons.interop_audit.lib.entry import AuditRow
from odoo.addons.interop_connector.lib.intake import (
    Accepted,
    InboundRoute,
    IntakeClosed,
    IntakeConflict,
    IntakeThrottled,
)
from odoo.addons.interop_connector.lib.quota import Limits
from odoo.addons.interop_vault.lib.refs import Sealing
from odoo.addons.interop_vault.lib.sealing import digest as digest_of

from ..engine.transaction import run
from ..engine.wake import wake_after_commit
from ..lib.chains import chain_name
from ..lib.priorities import NORMAL

KILOBYTE = 1024
# Over so many minutes it is measured how quickly a backlog is worked off.
SPEED_MINUTES = 5
# A tenth of the backlog should be gone before the partner comes again: seconds, at least, at most.
SOONEST, LATEST = 5.0, 300.0


class InteropIntake(models.AbstractModel):
    _inherit = "interop.intake"

    @api.model
    def _route(self, connector_code: str, flow_code: str) -> InboundRoute | None:
        # Two statements of our own: through the ORM the same facts cost a statement per model, and
        # this runs for every delivery, before anybody knows whether the sender may send at all.
        self.env.flush_all()
        found = run(self.env.cr, "route_flow", code=flow_code)
        if not found:
            return super()._route(connector_code, flow_code)
        [flow] = found
        plan = self.env["interop.flow.version"]._plan_by_digest(flow["version_id"], flow["digest"])
        [connector] = run(self.env.cr, "route_connector", id=plan.flow["connector"])
        if connector["code"] != connector_code or connector["state"] in ("draft", "retired"):
            return super()._route(connector_code, flow_code)
        limits = _limits(connector)
        secrets = [connector["inbound_secret_id"], connector["inbound_old_secret_id"]]
        return InboundRoute(
            connector_id=connector["id"],
            flow_id=flow["id"],
            connector_code=connector_code,
            flow_code=flow_code,
            company_id=plan.flow["company"] or None,
            secrets=self.env["interop.connector"]._usable_keys(
                self.env["interop.vault.secret"].browse(each for each in secrets if each)
            ),
            content_types=(plan.codec.content_type,),
            max_bytes=min(
                getattr(plan.codec, "max_bytes", InboundRoute.UNLIMITED),
                limits.max_bytes or InboundRoute.UNLIMITED,
            ),
            environment=connector["environment"],
            is_open=flow["state"] == "live" and connector["state"] == "active",
            memo=(plan, connector["partner_id"]),
            limits=limits,
        )

    @api.model
    def _admit(self, route: InboundRoute, size: int) -> None:
        # First what only reads: a delivery that waits for our backlog takes nothing of its quota.
        most = route.limits.backlog
        if most and route.is_open:
            asked = {"connector_id": route.connector_id}
            [found] = run(self.env.cr, "inbound_backlog", limit=most, **asked)
            if found["found"] >= most:
                [speed] = run(self.env.cr, "inbound_speed", minutes=SPEED_MINUTES, **asked)
                raise IntakeThrottled(_backlog_wait(most, speed["gone"]), "backlog")
        return super()._admit(route, size)

    @api.model
    def _accept(
        self,
        route: InboundRoute,
        raw: bytes,
        sender_ref: str,
        content_type: str,
        remote_addr: str,
    ) -> Accepted:
        """Four statements and the commit: one small transaction, whatever the payload is."""
        if not route.is_open:
            raise IntakeClosed()
        cr = self.env.cr
        plan, partner_id = route.memo
        digest = digest_of(self.env["interop.keyring"]._get(), raw)
        interchange_uuid, message_uuid = str(uuid.uuid4()), str(uuid.uuid4())
        # Two at once: the second waits here for the first's commit. Then REPEATABLE READ makes it a
        # serialization failure, Odoo runs the request again, and it finds the first one's receipt.
        inserted = run(
            cr,
            "accept",
            quiet=True,
            interchange_uuid=interchange_uuid,
            message_uuid=message_uuid,
            connector_id=route.connector_id,
            flow_id=route.flow_id,
            company_id=route.company_id,
            area_id=plan.flow["area"],
            sender_ref=sender_ref,
            content_type=content_type[:120],
            size=len(raw),
            digest=digest,
            remote_addr=remote_addr,
            document_type=f"{plan.document_type} {plan.document_version}",
            priority=plan.flow.get("priority", NORMAL),
            chain=chain_name(route.flow_id, "*" if plan.flow["order_by"] == "flow" else None),
            partner_id=partner_id,
        )
        if not inserted:
            receipt = self._received(route, sender_ref, digest)
            if receipt is None:
                raise IntakeClosed(1)
            return receipt
        payload = Sealing(interchange_uuid, "payload", raw, plan.retention_class)
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
                    version_digest=plan.digest,
                    details={"connector": route.connector_code, "size": len(raw)},
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


def _limits(connector: dict) -> Limits:
    """The inbound limits in a row of `route_connector`."""
    return Limits(
        rate=connector["inbound_rate"] or 0,
        burst=connector["inbound_burst"] or 0,
        bytes_rate=(connector["inbound_kb_rate"] or 0) * KILOBYTE,
        backlog=connector["inbound_backlog"] or 0,
        max_bytes=(connector["inbound_max_kb"] or 0) * KILOBYTE,
        unsigned_rate=connector["inbound_unsigned_rate"] or 0,
        networks=connector["inbound_networks"] or "",
    )


def _backlog_wait(most: int, gone_per_minute: float) -> float:
    """Seconds after which a tenth of the backlog will have been worked off, within bounds."""
    if gone_per_minute <= 0:
        return 60.0
    return min(max(most / 10 * 60 / gone_per_minute, SOONEST), LATEST)
