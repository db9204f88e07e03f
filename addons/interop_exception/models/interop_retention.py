from odoo import api, models

from ..lib.states import OPEN_STATES


class InteropRetention(models.AbstractModel):
    """Exceptions hold values that were copied out of messages: they go with the message's content.

    An open decision needs what it is about, so the content waits for it. What people wrote as
    their reason, the money at stake and the document's number stay: they are the decision's record.
    """

    _inherit = "interop.retention"

    @api.model
    def _undecided(self, message_ids: list[int]) -> set[int]:
        undecided = super()._undecided(message_ids)
        open_ones = (
            self.env["interop.exception"]
            .sudo()
            .search([("message_id", "in", message_ids), ("state", "in", OPEN_STATES)])
        )
        return undecided | set(open_ones.message_id.ids)

    @api.model
    def _forget(self, message_ids: list[int]) -> None:
        exceptions = (
            self.env["interop.exception"]._store().search([("message_id", "in", message_ids)])
        )
        exceptions.filtered("decision_data").write({"decision_data": False})
        gone = self.env._("purged")
        exceptions.fact_ids.write({"ours": gone, "theirs": gone, "difference": gone})
        return super()._forget(message_ids)
