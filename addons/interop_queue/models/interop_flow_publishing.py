import json

from odoo import api, models, tools
from odoo.api import Environment
from odoo.exceptions import UserError

from odoo.addons.interop_base.lib.failures import BusinessError, InteropError

from ..lib.handlers import HANDLERS
from ..lib.modes import REAL_TIME
from ..lib.plan import FORMAT, Plan, compile_plan
from ..lib.priorities import NORMAL, URGENT
from ..lib.retention import STANDARD
from ..lib.subscription import Subscription, Wait


class InteropFlow(models.Model):
    """Putting a flow in force, and what the pipeline takes from it."""

    _inherit = "interop.flow"

    # -- actions -------------------------------------------------------------------------------

    def _publish_now(
        self,
        snapshot: dict | None = None,
        publication: models.BaseModel | None = None,
        again: models.BaseModel | None = None,
    ) -> None:
        """Put the draft in force, or `snapshot`, as a new immutable version.

        Whoever calls this has made sure that it may be. `publication`: what was approved. `again`:
        the older version whose snapshot it is.
        """
        self._require_manager()
        if not again:
            # Going back in a hurry is not held up by what the draft lacks.
            self._refuse_unready()
        for flow in self:
            if snapshot is None:
                flow._check_ready_to_publish()
            version = (
                self.env["interop.flow.version"]
                .sudo()
                ._publish(flow, snapshot or flow._snapshot(), publication, again)
            )
            flow.sudo().write(
                {"version_id": version.id, "state": "live" if flow.state == "draft" else flow.state}
            )
            self.env["interop.audit"]._record(
                "flow.published",
                record=flow,
                version_digest=version.digest,
                details={
                    "number": version.number,
                    **({"publication": publication.id} if publication else {}),
                    **({"again": again.number} if again else {}),
                },
            )

    def action_pause(self) -> None:
        self._move("live", "paused")

    def action_resume(self) -> None:
        self._move("paused", "live")

    def action_retire(self) -> None:
        self._require_manager()
        for flow in self:
            if flow.state != "retired":
                flow.sudo().state = "retired"
                self.env["interop.audit"]._record("flow.retired", record=flow)

    def action_view_messages(self) -> dict:
        """Open the messages of this flow."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_queue.interop_message_action"
        )
        return action | {"domain": [("flow_id", "=", self.id)], "context": {}}

    def _move(self, source: str, target: str) -> None:
        if not self.env.user.has_group("interop_base.group_operator"):
            raise UserError(self.env._("Only Interop operators may do this."))
        for flow in self:
            if flow.state != source:
                raise UserError(
                    self.env._("Flow %(flow)s is not %(state)s.", flow=flow.name, state=source)
                )
            flow.sudo().state = target
            self.env["interop.audit"]._record(f"flow.{target}", record=flow)

    def _require_manager(self) -> None:
        if not self.env.user.has_group("interop_base.group_manager") and not self.env.su:
            raise UserError(self.env._("Only Interop managers may do this."))

    # -- publishing ----------------------------------------------------------------------------

    def _check_ready_to_publish(self) -> None:
        """Everything that would make the version fail when it runs is said now."""
        self.ensure_one()
        spec = HANDLERS.get(self.handler)
        missing = []
        if self.direction == "out" and not self.policy_id:
            missing.append(self.env._("a policy (without one no field may leave)"))
        if self.direction == "out" and not self.event:
            missing.append(self.env._("the event that starts it"))
        if not self.service_user_id:
            missing.append(self.env._("the user it acts as"))
        if self.direction == "in" and self.order_by == "record":
            missing.append(self.env._("another order (what comes in has no record yet)"))
        mapping = self.mapping_id
        if mapping and (mapping.direction, mapping.document_type_id) != (
            self.direction,
            self.document_type_id,
        ):
            missing.append(self.env._("a mapping for this document and direction"))
        if spec.direction != self.direction:
            missing.append(self.env._("a handler for this direction"))
        if spec.document_type != self.document_type_id.code:
            missing.append(self.env._("a handler for this document type"))
        if missing:
            raise UserError(
                self.env._(
                    "Flow %(flow)s cannot be published yet. It needs: %(missing)s.",
                    flow=self.name,
                    missing="; ".join(missing),
                )
            )
        if unroutable := self._routing_missing():
            raise UserError("\n".join(unroutable))
        try:
            compile_plan("", json.dumps(self._snapshot()))
        except InteropError as error:
            raise UserError(error.sentence) from None

    def _snapshot(self) -> dict:
        """The flow and everything it uses, as plain data: what a version is made of."""
        self.ensure_one()
        flow = self.sudo()
        document_type = flow.document_type_id
        return {
            "format": FORMAT,
            "flow": {
                "code": flow.code,
                "direction": flow.direction,
                "event": flow.event or "",
                "handler": flow.handler,
                "company": flow.company_id.id or 0,
                "area": flow.area_id.id,
                "connector": flow.connector_id.id,
                "order_by": flow.order_by,
                "expects_answer": flow.expects_answer,
                "answer_hours": flow.answer_hours,
                "service_user": flow.service_user_id.id or 0,
                "retry_strategy": flow.retry_strategy,
                "retry_max_attempts": flow.retry_max_attempts,
                "retry_max_hours": flow.retry_max_hours,
                "retry_pause_minutes": flow.retry_pause_minutes,
                "batch_size": flow.batch_size,
                "batch_minutes": flow.batch_minutes,
                "purpose": flow.purpose or "",
                "resolves_tokens": flow.resolves_tokens,
                "retention_class": flow.retention_class_id.code or STANDARD,
                **flow._published_settings(),
            },
            "document_type": {
                "code": document_type.code,
                "version": document_type.version,
                "schema": json.loads(document_type.schema_text),
            },
            "mapping": flow.mapping_id._snapshot() if flow.mapping_id else {"code": flow.mapping},
            "policy": flow.policy_id._snapshot() if flow.policy_id else None,
            "connector": flow.connector_id._technical_snapshot(),
            "guard": flow._guard_snapshot(),
            "residency": {
                str(company.id): company._interop_regions()
                for company in flow.company_id or self.env["res.company"].sudo().search([])
            },
        }

    # -- running -------------------------------------------------------------------------------

    @api.model
    @tools.ormcache("event")
    def _subscribed(self, event: str) -> tuple[Subscription, ...]:
        """The live flows for `event`, as published: an edit takes effect by publishing only.

        Plain values, cached per process: looking them up costs an emit nothing.
        """
        found = []
        for flow in self.sudo().search([("state", "=", "live"), ("version_id", "!=", False)]):
            published = json.loads(flow.version_id.snapshot_id.text)
            facts = published["flow"]
            if facts["direction"] == "out" and facts["event"] == event:
                found.append(flow._subscription(published))
        return tuple(found)

    def _subscription(self, snapshot: dict) -> Subscription:
        """What an emit needs to know of this flow, as `snapshot` says it."""
        facts, document = snapshot["flow"], snapshot["document_type"]
        return Subscription(
            id=self.id,
            connector_id=facts["connector"],
            company_id=facts["company"] or False,
            area_id=facts["area"],
            document_type=f"{document['code']} {document['version']}",
            order_by=facts["order_by"],
            batch_minutes=facts.get("batch_minutes", 0),
            handler=HANDLERS.get(facts["handler"]).model,
            retention_class=facts.get("retention_class") or STANDARD,
            mode=facts.get("mode") or REAL_TIME,
            priority=facts.get("priority") or NORMAL,
            as_of_event=facts.get("content_as_of") == "event",
            condition=tuple(facts.get("condition") or ()),
            route_group=facts.get("route_group") or "",
            route_sequence=facts.get("route_sequence", 10),
            waits=tuple(Wait(wait["flow"], wait["path"]) for wait in facts.get("waits") or ()),
        )

    def _published_event(self) -> str:
        """The event that starts what is in force."""
        return json.loads(self.version_id.snapshot_id.text or "{}").get("flow", {}).get("event", "")

    @api.model
    @tools.ormcache()
    def _has_urgent(self) -> bool:
        """Whether a live flow's documents are urgent, as published. Lanes ask every second."""
        live = self.sudo().search([("state", "=", "live"), ("version_id", "!=", False)])
        texts = (flow.version_id.snapshot_id.text for flow in live)
        return any((json.loads(text)["flow"].get("priority") or NORMAL) <= URGENT for text in texts)

    @api.model
    def _acting_env(self, plan: Plan, company_id: int | None) -> Environment:
        """The environment a handler runs in: the service user, the message's company, no sudo."""
        user_id = plan.flow["service_user"]
        if not user_id:
            raise BusinessError("The flow has no user to act as. Set one and publish the flow.")
        user = self.env["res.users"].browse(user_id)
        if not user.exists():
            raise BusinessError("The user that the flow acts as is gone. Set another and publish.")
        context = {"active_test": True, "lang": user.lang, "tz": user.tz}
        if company_id:
            context["allowed_company_ids"] = [company_id]
        return self.env(user=user_id, su=False, context=context)
