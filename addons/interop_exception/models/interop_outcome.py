from odoo import models

from odoo.addons.interop_queue.lib.outcome import Outcome


class InteropOutcome(models.AbstractModel):
    """What the engine tells after it has settled messages, turned into work for people."""

    _inherit = "interop.outcome"

    def _on_settled(self, outcomes: list[Outcome]) -> None:
        result = super()._on_settled(outcomes)
        exceptions = self.env["interop.exception"]
        exceptions._raise_dead(outcomes)
        alive = [outcome.uuid for outcome in outcomes if outcome.state != "dead"]
        if alive:
            exceptions._settle_messages(
                alive, self.env._("The message went on without a decision here.")
            )
        return result

    def _on_numbers_missing(self, gaps: models.Model) -> None:
        result = super()._on_numbers_missing(gaps)
        self.env["interop.exception"]._raise_missing_numbers(gaps)
        return result

    def _on_numbers_arrived(self, gaps: models.Model) -> None:
        result = super()._on_numbers_arrived(gaps)
        self.env["interop.exception"]._settle_missing_numbers(gaps)
        return result

    def _sweep(self) -> None:
        result = super()._sweep()
        self.env["interop.exception"]._sweep()
        return result
