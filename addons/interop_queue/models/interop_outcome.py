from odoo import api, models

from ..engine.batches import note_open, ungather
from ..lib.outcome import Outcome


class InteropOutcome(models.AbstractModel):
    """Where modules above are told what became of messages. Extend it and call super()."""

    _name = "interop.outcome"
    _description = "Outcome Hooks"

    @api.model
    def _on_settled(self, outcomes: list[Outcome]) -> None:
        """Called in the settling transaction, in a savepoint: failing here undoes no outcome."""

    @api.model
    def _on_numbers_missing(self, gaps: models.Model) -> None:
        """Control numbers of a partner have not come in time (`interop.control.number.gap`)."""

    @api.model
    def _on_numbers_arrived(self, gaps: models.Model) -> None:
        """These gaps have ended: what was missing came late, or a person dismissed it."""

    @api.model
    def _sweep(self) -> None:
        """Called by the reaper: catch up on outcomes whose hook failed. Must be cheap."""
        note_open(self.env.cr)
        ungather(self.env.cr, self.env["interop.flow"]._batching())
