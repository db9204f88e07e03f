from odoo import api, fields, models

from ..lib.keyring import KeyringError
from ..lib.keyring_register import compare

KINDS = [
    ("version", "Master version"),
    ("period", "Period key"),
    ("digest_root", "Root of the digests"),
]
STATES = [
    ("current", "Current"),
    ("held", "In the keyring"),
    ("destroyed", "Destroyed"),
    ("lingering", "Destroyed, but still in this keyring"),
    ("missing", "Missing here"),
    ("other", "Another key here"),
]


class InteropKeyringKey(models.Model):
    """What the database knows of a key: its name and a fingerprint, never the key.

    By it a process finds out that its keyring is another one than that of the host next to it,
    before it seals anything. Written by ``interop.keyring`` only.
    """

    _name = "interop.keyring.key"
    _description = "Key"
    _log_access = False
    _rec_name = "key_id"
    _order = "kind desc, key_id desc"

    key_id = fields.Char(
        required=True,
        readonly=True,
        help="Name of the key: k1, k2 … for master versions; class/month for the key of one "
        "retention class and month.",
    )
    kind = fields.Selection(
        KINDS,
        required=True,
        readonly=True,
        help="Master versions are rotated. A period key is destroyed when what was sealed in its "
        "month need not be kept any longer.",
    )
    fingerprint = fields.Char(
        required=True,
        readonly=True,
        groups="base.group_system",
        help="Tells this key from another one under the same name. The key cannot be found by it.",
    )
    made_at = fields.Datetime(
        readonly=True, help="When the key was made, as far as the keyring says."
    )
    made_by = fields.Char(readonly=True, help="Who made the key, or showed it to this database.")
    made_on = fields.Char(
        string="On host", readonly=True, help="The host whose keyring had the key first."
    )
    destroyed_at = fields.Datetime(
        readonly=True, help="When the key was destroyed. What only it could open is gone for good."
    )
    destroyed_by = fields.Char(readonly=True, help="Who destroyed the key.")
    state = fields.Selection(
        STATES,
        compute="_compute_state",
        help="How this server's keyring stands to it. Missing here, or another key here: this "
        "server seals nothing until it has the right keyring.",
    )

    _key_id_unique = models.Constraint("UNIQUE(key_id)", "A key is registered once.")

    @api.depends_context("uid")
    def _compute_state(self):
        keyring_model = self.env["interop.keyring"]
        try:
            keyring = keyring_model._load()
        except KeyringError:
            for key in self:
                key.state = "destroyed" if key.destroyed_at else "missing"
            return
        findings = compare(keyring, keyring_model._registered(self.env.cr))
        for key in self:
            if key.key_id in findings.other:
                key.state = "other"
            elif key.key_id in findings.lingering:
                key.state = "lingering"
            elif key.destroyed_at or key.key_id in findings.gone:
                key.state = "destroyed"
            elif key.key_id in findings.missing:
                key.state = "missing"
            else:
                key.state = "current" if key.key_id == keyring.current else "held"
