from odoo import api, models
from odoo.exceptions import ValidationError

LANES_AT_MOST = 16
SLOTS_AT_MOST = 16


class InteropLaneNumber(models.AbstractModel):
    """How many scheduled lanes there are. Settings makes them and retires them."""

    _name = "interop.lane.number"
    _description = "Lane: Number"

    @api.model
    def _scheduled(self, retired: bool = False) -> "InteropLaneNumber":
        """The scheduled lanes in the order in which they are woken."""
        domain = [("kind", "=", "scheduled"), ("retired", "=", retired)]
        return self.sudo().search(domain, order="sequence, id")

    @api.model
    def _of_cron(self, cron_id: int | None, number: int) -> "InteropLaneNumber":
        """The lane in use that a scheduled action runs; empty if it was retired."""
        lanes = self._scheduled()
        if cron_id:
            return lanes.filtered(lambda lane: lane.cron_id.id == cron_id)
        return lanes[number - 1 : number] if number > 0 else lanes.browse()

    @api.model
    def _set_number(self, number: int) -> None:
        """Have `number` scheduled lanes: take retired ones back into use, make new ones, retire.

        A retired lane keeps its row and its scheduled action, switched off.
        """
        if not 1 <= number <= LANES_AT_MOST:
            raise ValidationError(self.env._("Choose 1 to %s scheduled lanes.", LANES_AT_MOST))
        before = self._scheduled()
        if surplus := before[number:]:
            surplus.retired = True
            surplus._switch_off()
        missing = number - len(before)
        if missing > 0:
            again = self._scheduled(retired=True)[:missing]
            again.write({"retired": False, "heartbeat_at": self.env.cr.now()})
            again.cron_id.sudo().active = True
            for _lane in range(missing - len(again)):
                self._add_scheduled()
        if len(before) != number:
            self.env["interop.audit"]._record(
                "lanes.number", details={"before": len(before), "now": number}
            )

    @api.model
    def _set_slots(self, slots: int) -> None:
        """Let each scheduled lane have `slots` messages under way at most."""
        if not 1 <= slots <= SLOTS_AT_MOST:
            raise ValidationError(
                self.env._("A scheduled lane has 1 to %s messages under way.", SLOTS_AT_MOST)
            )
        self._scheduled().filtered(lambda lane: lane.slots != slots).slots = slots

    @api.model
    def _add_scheduled(self) -> "InteropLaneNumber":
        known = self._scheduled() | self._scheduled(retired=True)
        number = max(known.mapped("sequence"), default=0) + 1
        cron = (
            self.env["ir.cron"]
            .sudo()
            .create(
                {
                    "name": f"Interop: lane {number}",
                    "model_id": self.env["ir.model"]._get_id(self._name),
                    "state": "code",
                    "code": f"model._cron_run({number})",
                    "interval_number": 1,
                    "interval_type": "minutes",
                    "priority": 3,
                    "user_id": self.env.ref("base.user_root").id,
                }
            )
        )
        values = {"name": f"lane {number}", "sequence": number, "cron_id": cron.id}
        slots = known[:1].slots or 16
        return self.sudo().create(values | {"slots": slots})

    def _switch_off(self) -> None:
        """Switch off the scheduled actions of retired lanes.

        One that runs just now is locked by its own run. The lane finds itself retired with its next
        run, and `_forget_gone` comes back for the scheduled action.
        """
        crons = self.cron_id.sudo().filtered("active")
        crons.try_lock_for_update(allow_referencing=True).active = False

    @api.model
    def _forget_gone(self) -> int:
        """Remove workers that have not been heard of for a day; return how many.

        Called by the reaper. Their history is with the messages, in words.
        """
        retired = self._scheduled(retired=True).filtered("cron_id.active")
        if retired:
            retired._switch_off()
        self.env.cr.execute(
            """
            DELETE FROM interop_lane
             WHERE kind = 'dedicated'
               AND COALESCE(heartbeat_at, last_ended_at, last_started_at, '-infinity')
                   < timezone('utc', clock_timestamp()) - interval '1 day'
            """
        )
        gone = self.env.cr.rowcount
        if gone:
            self.invalidate_model()
        return gone
