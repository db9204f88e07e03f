from odoo import api, models

from odoo.addons.interop_base.lib.failures import InternalError
from odoo.addons.interop_document.lib.document import Document

from ..lib.readiness import Finding


class InteropHandler(models.AbstractModel):
    """What stands between a document type and Odoo's records.

    Handlers are abstract models that inherit this one and are registered in
    `interop_queue.lib.handlers.HANDLERS`. They run as the flow's service user, in the message's
    company, and know nothing of wires and formats.
    """

    _name = "interop.handler"
    _description = "Document Handler"

    # The model of the records that `_compose` takes, for the preview to choose one of.
    _composes = ""
    # What the user that a flow acts as needs in Odoo: (model, "read", "write", "create" …).
    _needs: tuple[tuple[str, str], ...] = ()

    # Which records its events have happened to, as a domain: those a backfill may take. Empty: all.
    _happened: tuple = ()

    @api.model
    def _compose(self, records: models.BaseModel) -> list[Document]:
        """Return one document for each record, in their order. Reads only; called with batches."""
        raise InternalError("This handler does not compose documents.")

    @api.model
    def _apply(self, document: Document, message: models.BaseModel) -> models.BaseModel:
        """Apply `document` and return the records it is about.

        Idempotent by business key. Odoo methods may answer with a wizard or a soft warning and do
        nothing: check what really happened, and raise if it is not what was wanted.
        """
        raise InternalError("This handler does not apply documents.")

    @api.model
    def _business_key(self, document: Document) -> str:
        """What people search for: partner, type, number and revision."""
        return document.business_key

    @api.model
    def _concerns(self, record: models.BaseModel, flow_id: int) -> bool:
        """Whether `record` is meant for this flow's partner. Asked while emitting: be quick."""
        return True

    @api.model
    def _order_key(self, record: models.BaseModel) -> str:
        """Messages with one key leave one after the other. By default: those of one record."""
        return f"{record._name},{record.id}"

    @api.model
    def _make_ready(self, record: models.BaseModel) -> None:
        """What an event would have done to `record` before it is composed, for a backfill.

        In the transaction that puts its message into the queue.
        """

    @api.model
    def _readiness(self, flow: models.BaseModel) -> list[Finding]:
        """What in Odoo has to be set up before `flow` goes live: see `lib/readiness.py`.

        Runs with the engine's rights. Handlers say what they looked at if all is well.
        """
        return []
