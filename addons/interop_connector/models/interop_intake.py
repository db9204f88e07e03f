import logging

import psycopg2

from odoo import api, models

from ..lib.intake import Accepted, InboundRoute, IntakeClosed, IntakeThrottled

_logger = logging.getLogger(__name__)


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

    @api.model
    def _admit(self, route: InboundRoute, size: int) -> None:
        """Count an authenticated delivery of `size` bytes against what was agreed.

        Raises `IntakeThrottled` if it is more. What is counted stays counted when the request's
        transaction is undone, so it is called once for a delivery.
        """
        if not route.limits.counts:
            return
        taken = self.env["interop.inbound.quota"]._take(route.connector_id, route.limits, size)
        if taken.wait is not None:
            raise IntakeThrottled(taken.wait, taken.reason)

    @api.model
    def _note_refusal(self, route: InboundRoute, reason: str, address: str) -> None:
        """Count a refused delivery. Never raises: the answer does not depend on it."""
        if not route.connector_id:
            return
        try:
            self.env["interop.refusal"]._note(route.connector_id, reason, address)
        except psycopg2.Error as failure:
            _logger.warning("A refused delivery was not counted (%s)", type(failure).__name__)
