import uuid

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import ormcache

from ..lib.environments import ENVIRONMENTS


class InteropInstance(models.Model):
    """This installation: who it is and where it was armed. One row, written by the fence only."""

    _name = "interop.instance"
    _description = "Installation"
    _log_access = False

    uuid = fields.Char(
        string="Instance ID",
        required=True,
        readonly=True,
        default=lambda self: str(uuid.uuid4()),
        help="The installation's own identity. Sealed content is bound to it.",
    )
    environment = fields.Selection(
        ENVIRONMENTS,
        string="Armed for",
        readonly=True,
        help="The environment this database was armed for. Empty: it sends and receives nothing.",
    )
    system_identifier = fields.Char(
        string="Database server",
        readonly=True,
        help="Identifier of the database server at the time of arming. A restored copy on "
        "another server has another one.",
    )
    database_oid = fields.Char(
        string="Database number",
        readonly=True,
        help="Number of this database within its server at the time of arming. A copy gets "
        "another one.",
    )
    remembered = fields.Boolean(
        string="Remembered beside the keyring",
        readonly=True,
        help="Whether the place of this installation is also written down outside the database, "
        "next to the keyring file. If so, both must agree.",
    )
    production_place = fields.Char(
        string="In production at",
        readonly=True,
        help="Database server and number where this installation was last armed for production. "
        "Arming it for production anywhere else takes two people. It stays when the installation "
        "is disarmed.",
    )
    armed_at = fields.Datetime(
        string="Armed at", readonly=True, help="When the installation was armed last."
    )
    armed_by_id = fields.Many2one(
        "res.users",
        string="Armed by",
        readonly=True,
        ondelete="set null",
        help="Who armed the installation last.",
    )
    reason = fields.Char(readonly=True, help="Why it was armed, or why it was disarmed.")
    fence_open = fields.Boolean(
        string="Fence is open",
        compute="_compute_fence",
        help="Open: this database may talk to partners. Closed: it sends and receives nothing.",
    )
    fence_reason = fields.Char(
        string="Fence",
        compute="_compute_fence",
        help="Why the fence is open or closed, and what to do about it.",
    )
    server_environment = fields.Selection(
        ENVIRONMENTS,
        string="Server says",
        compute="_compute_fence",
        help="The environment that the server's own configuration names.",
    )
    keyring_state = fields.Char(
        string="Keyring",
        compute="_compute_keyring_state",
        help="Whether the file with the keys can be used. Keys are never shown.",
    )
    keyring_ready = fields.Boolean(
        string="Keyring is ready", compute="_compute_keyring_state", help="The keyring can be used."
    )
    keyring_current = fields.Char(
        string="Current version",
        compute="_compute_keyring_state",
        help="The master version that everything is sealed with now.",
    )
    keyring_age_days = fields.Integer(
        string="In use for (days)",
        compute="_compute_keyring_state",
        help="How old the current version is. Rotate it at the interval your rules ask for, once a "
        "year if they name none.",
    )
    keyring_versions = fields.Char(
        string="All versions",
        compute="_compute_keyring_state",
        help="The master versions in the keyring. After a rotation, re-wrap what is sealed; then "
        "older ones can be retired.",
    )
    keyring_period_count = fields.Integer(
        string="Period keys",
        compute="_compute_keyring_state",
        help="Keys of a retention class and month. Content of a month is gone for good, in backups "
        "too, when its key is destroyed.",
    )

    # A constant as the only key: there is one row at most.
    _singleton = models.UniqueIndex("((true))", "There is exactly one installation record.")

    @api.depends("uuid")
    def _compute_display_name(self):
        for instance in self:
            instance.display_name = self.env._("This installation")

    def _compute_fence(self):
        fence = self.env["interop.fence"]
        state = fence._state()
        environment = fence._server_settings().environment
        for instance in self:
            instance.fence_open = state.is_open
            instance.fence_reason = state.reason
            instance.server_environment = environment

    def _compute_keyring_state(self):
        ready, sentence = self.env["interop.keyring"]._status()
        facts = self.env["interop.keyring"]._facts() if ready else {}
        for instance in self:
            instance.keyring_ready = ready
            instance.keyring_state = sentence
            instance.keyring_current = facts.get("current")
            instance.keyring_age_days = facts.get("age_days")
            instance.keyring_versions = facts.get("versions")
            instance.keyring_period_count = facts.get("periods")

    @api.model
    def _get(self) -> "InteropInstance":
        """The one record; made again if it is missing (then unarmed, and with a new identity)."""
        return self.sudo().search([], limit=1) or self.sudo().create({})

    @api.model
    @ormcache()
    def _get_uuid(self) -> str:
        """The installation's identity, which sealed content is bound to."""
        return self._get().uuid

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("The installation record cannot be deleted: sealed content is bound to it.")
        )

    def action_disarm(self) -> bool:
        """Close the fence by hand."""
        self.env["interop.fence"]._disarm(self.env._("Closed by hand"))
        return True
