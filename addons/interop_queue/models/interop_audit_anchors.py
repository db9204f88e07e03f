from collections.abc import Sequence

from odoo import api, models

from odoo.addons.interop_audit.apart import apart
from odoo.addons.interop_audit.lib.anchoring import AnchorError, Line
from odoo.addons.interop_audit.lib.evidence import anchor, seal
from odoo.addons.interop_audit.models.interop_audit_anchor import CONNECTOR
from odoo.addons.interop_audit.models.interop_audit_anchors import Place, Writer
from odoo.addons.interop_base.lib.failures import InteropError
from odoo.addons.interop_document.lib.document import Document

from ..lib.handlers import HANDLERS, HandlerSpec, register_event

EVENT = "audit.sealed"
DOCUMENT_TYPE = "AuditAnchor"
#: A message leaves entries in the trail itself: told of each seal, it would feed itself for ever.
EVERY_MINUTES = 60

register_event(EVENT, "Audit trail sealed")
HANDLERS.register(
    "audit_anchor_out",
    HandlerSpec("audit_anchor_out", "Audit anchor", "interop.handler", DOCUMENT_TYPE, "out"),
)


class InteropAuditAnchors(models.AbstractModel):
    """A partner as a place of anchors: the newest seal as a message, now and then."""

    _inherit = "interop.audit.anchors"

    @api.model
    def _places(self) -> list[Place]:
        places = super()._places()
        if self.env["interop.flow"]._subscribed(EVENT):
            anchors = self.env["interop.audit.anchor"].sudo()
            row = anchors.search([("target", "=", CONNECTOR), ("place", "=", EVENT)])
            places.append(Place(CONNECTOR, EVENT, row.every_minutes or EVERY_MINUTES))
        return places

    @api.model
    def _writers(self) -> dict[str, Writer]:
        return super()._writers() | {CONNECTOR: self._send}

    def _send(self, event: str, lines: Sequence[Line]) -> None:
        """Put the newest seal into the queue; the message's own fate is the queue's business."""
        document = _document(lines[-1])
        try:
            with apart(self.env.registry) as env:
                flows = env["interop.flow"]._subscribed(event)
                companies = {flow.company_id or env.company.id for flow in flows}
                for company_id in sorted(companies):
                    env["interop.queue"]._emit_documents(
                        event, [document], company_id=company_id, order_keys=[None]
                    )
        except InteropError as failure:
            raise AnchorError(failure.sentence) from failure


def _document(line: Line) -> Document:
    statement = anchor.parse(line.text).statement
    facts = seal.Statement.parse(statement)
    return Document(
        DOCUMENT_TYPE,
        "1.0",
        {
            "instance": facts.instance,
            "seal": facts.number,
            "epoch": facts.epoch,
            "sealed_at": facts.sealed_at,
            "entries": facts.total,
            "digest": seal.digest(statement).hex(),
            "public_key": facts.key,
            "line": line.text,
        },
        business_key=f"{facts.instance}/{facts.number}",
    )
