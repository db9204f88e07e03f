from odoo import api, models

from ..lib.intake import Accepted, InboundRoute, IntakeClosed


class InteropIntake(models.AbstractModel):
    """The door between inbound edges and the queue. Without a queue behind it leads nowhere."""

    _name = "interop.intake"
    _description = "Intake of Inbound Deliveries"

    @api.model
    def _route(self, connector_code: str, flow_code: str) -> InboundRoute | None:
        """Where a delivery to this address belongs, None if nowhere. Must be cheap."""
        return None

    @api.model
    def _accept(
        self,
        route: InboundRoute,
        raw: bytes,
        sender_ref: str,
        content_type: str,
        remote_addr: str,
    ) -> Accepted:
        """Store an authenticated delivery in this transaction and return its receipt.

        Raises `IntakeConflict` for a known `sender_ref` with other bytes and `IntakeClosed` when
        nothing is taken in; the caller then undoes the transaction. It answers the sender only
        after the commit.
        """
        raise IntakeClosed()
