from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from odoo import api, fields, models

from ..lib.states import DIRECTIONS

KEPT_DAYS = 30


class InteropLaneLoss(models.Model):
    """Leases that ran out: a worker died or hung with messages in its hands.

    Told apart from the messages, so that the last day's losses are found without looking through
    what has long been finished.
    """

    _name = "interop.lane.loss"
    _description = "Lost Leases"
    _order = "id desc"
    _log_access = False
    _rec_name = "lost_at"

    lost_at = fields.Datetime(
        string="Taken back", required=True, readonly=True, index=True,
        help="When the messages were taken back from the worker that had not settled them in time.",
    )  # fmt: skip
    connector_id = fields.Many2one(
        "interop.connector", required=True, readonly=True, ondelete="cascade",
        help="The connector whose messages it had.",
    )  # fmt: skip
    direction = fields.Selection(
        DIRECTIONS, required=True, readonly=True, help="To the partner or from the partner."
    )
    messages = fields.Integer(readonly=True, help="How many messages it had in its hands.")
    dead = fields.Integer(
        string="Set aside",
        readonly=True,
        help="How many of them became dead letters, as they had lost their worker too often.",
    )

    @api.model
    def _note(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Keep what the reaper took back: rows with `connector_id`, `direction` and `state`."""
        found = [(row["connector_id"], row["direction"], row["state"]) for row in rows]
        counts = Counter((connector, direction) for connector, direction, _state in found)
        dead = Counter((connector, direction) for connector, direction, s in found if s == "dead")
        for (connector_id, direction), number in sorted(counts.items()):
            self.env.cr.execute(
                """
                INSERT INTO interop_lane_loss (lost_at, connector_id, direction, messages, dead)
                VALUES (timezone('utc', clock_timestamp()), %s, %s, %s, %s)
                """,
                [connector_id, direction, number, dead[connector_id, direction]],
            )

    @api.autovacuum
    def _gc_losses(self) -> None:
        self.env.cr.execute(
            "DELETE FROM interop_lane_loss "
            "WHERE lost_at < timezone('utc', now()) - make_interval(days => %s)",
            [KEPT_DAYS],
        )
