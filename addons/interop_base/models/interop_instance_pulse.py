from odoo import fields, models


class InteropInstancePulse(models.Model):
    """How often this installation has shown that it is alive. One row, counted by the fence.

    Apart from `interop.instance`, so that whoever counts never waits for whoever arms.
    """

    _name = "interop.instance.pulse"
    _description = "Pulse of the Installation"
    _log_access = False
    _rec_name = "number"

    number = fields.Integer(
        required=True,
        readonly=True,
        default=0,
        aggregator=None,
        help="The count. The note beside the keyring has it too: if the note is ahead, this "
        "database was set back to an earlier time.",
    )

    def init(self):
        self.env.cr.execute(
            "INSERT INTO interop_instance_pulse (number)"
            " SELECT 0 WHERE NOT EXISTS (SELECT FROM interop_instance_pulse)"
        )
