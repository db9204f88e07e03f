import uuid

from odoo import api, models

from odoo.addons.interop_base.lib.failures import BusinessError, DataError
from odoo.addons.interop_document.lib.canonical import quick_json
from odoo.addons.interop_document.lib.document import Document

from ..engine.direct import ask
from ..engine.direct_admission import Question
from ..lib.direct import Answer, PendingWrites, bounded
from ..lib.modes import DIRECT
from ..lib.plan import Plan


class InteropDirect(models.AbstractModel):
    """The door for Odoo code that needs a partner's answer now: availability, authorisation."""

    _name = "interop.direct"
    _description = "Direct Calls"

    @api.model
    def _ask(
        self,
        flow: models.BaseModel | str,
        about: models.BaseModel | Document,
        timeout: float | None = None,
        company_id: int | None = None,
    ) -> Answer:
        """Ask the partner about one record (or with a document) and wait for the answer.

        `flow`: a live flow of direct mode, or the event that exactly one such flow of the company
        is for. `timeout`: seconds, if shorter than what the flow and its endpoint allow. The
        caller must not have written anything in its transaction: what a partner acts upon must not
        be undone afterwards. Evidence is written apart and stays, whatever the caller does next.

        Returns an `Answer` (done, refused, uncertain or throttled); raises an `InteropError` with
        its failure class for what could not be asked: the fence is closed, the document cannot be
        composed, a policy holds it, the partner cannot be reached.
        """
        self._refuse_pending_writes()
        company = company_id or self._company_of(about)
        flow_id = self._flow_of(flow, company)
        _version_id, plan = self.env["interop.flow.version"]._plan_of(flow_id)
        settings = plan.flow.get("direct")
        if plan.flow.get("mode") != DIRECT or not settings:
            raise BusinessError("The flow is not for direct calls. Set its mode, and publish it.")
        if plan.flow["company"] not in (0, company):
            raise BusinessError("The flow is of another company than what it is asked about.")
        self.env["interop.fence"]._require_open(plan.connector["environment"])
        facts, document = self._facts(plan, flow_id, about, company)
        question = Question(
            plan, facts, bounded(settings["seconds"], timeout), settings["at_most"], document
        )
        return ask(self.env.registry, question)

    def _refuse_pending_writes(self) -> None:
        self.env.flush_all()
        self.env.cr.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
        if self.env.cr.fetchone()[0]:
            raise PendingWrites()

    def _company_of(self, about: models.BaseModel | Document) -> int:
        if isinstance(about, Document):
            return self.env.company.id
        return self.env["interop.queue"]._company_of(about.sudo())

    def _flow_of(self, flow: models.BaseModel | str, company_id: int) -> int:
        if not isinstance(flow, str):
            return flow.ensure_one().id
        found = [
            each
            for each in self.env["interop.flow"]._subscribed(flow)
            if each.mode == DIRECT and each.company_id in (False, company_id)
        ]
        found = [each for each in found if each.company_id] or found
        if len(found) != 1:
            raise BusinessError(
                f"{len(found)} live flows of direct mode are for the event {flow}; there must be "
                "exactly one."
            )
        return found[0].id

    def _facts(
        self, plan: Plan, flow_id: int, about: models.BaseModel | Document, company_id: int
    ) -> tuple[dict, bytes | None]:
        facts = {
            "uuid": str(uuid.uuid4()),
            "flow_id": flow_id,
            "connector_id": plan.flow["connector"],
            "company_id": company_id,
            "area_id": plan.flow["area"],
            "document_type": f"{plan.document_type} {plan.document_version}",
            "event": plan.flow["event"] or None,
            "business_key": None,
            "partner_id": None,
            "res_model": None,
            "res_id": None,
        }
        if isinstance(about, Document):
            if about.name != facts["document_type"]:
                raise DataError(
                    f"The flow is for {facts['document_type']}, and this is a {about.name}."
                )
            facts["business_key"] = about.business_key or None
            return facts, quick_json(about.body, plain=about.plain)
        about.ensure_one().check_access("read")
        record = about.sudo()
        facts |= {
            "business_key": record.display_name,
            "partner_id": self.env["interop.queue"]._partner_of(record),
            "res_model": record._name,
            "res_id": record.id,
        }
        return facts, None
