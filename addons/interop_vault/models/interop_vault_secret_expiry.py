from datetime import timedelta

from odoo import api, fields, models

#: Days ahead at which the responsible person is told, each once. -1: it has ended.
WARNINGS = (-1, 1, 7, 14, 30)
EXPIRES_SOON_DAYS = max(WARNINGS)
ACTIVITY = "interop_vault.activity_secret_ends"


class InteropVaultSecretExpiry(models.AbstractModel):
    """Tells ahead that a secret ends: in lists, and as an activity for whoever sees to a new one.

    An activity and not an exception: it is known for weeks, belongs to one person and is done in
    the secret's own form. Each threshold replaces the activity of the one before.
    """

    _name = "interop.vault.secret.expiry"
    _description = "Secret: Expiry"

    expires_on = fields.Date(
        string="Ends on", help="The last day on which the partner accepts this secret."
    )
    expiry = fields.Selection(
        [("none", "No end"), ("valid", "Valid"), ("soon", "Ends soon"), ("expired", "Expired")],
        string="Validity",
        compute="_compute_expiry",
        help="Whether the secret has to be replaced.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        # Nobody, if the system itself made the secret.
        default=lambda self: self.env.user if self.env.user.active else False,
        domain=[("share", "=", False)],
        help="Who sees to a new value in time: gets an activity 30, 14, 7 and 1 days before the "
        "secret ends, and when it has ended.",
    )
    warned_at = fields.Integer(
        string="Told at",
        readonly=True,
        copy=False,
        help="How many days ahead the responsible person was told last.",
    )

    @api.depends("expires_on")
    def _compute_expiry(self):
        today = fields.Date.context_today(self)
        for secret in self:
            if not secret.expires_on:
                secret.expiry = "none"
            elif secret.expires_on < today:
                secret.expiry = "expired"
            elif secret.expires_on <= today + timedelta(days=EXPIRES_SOON_DAYS):
                secret.expiry = "soon"
            else:
                secret.expiry = "valid"

    @api.model
    def _cron_daily(self) -> None:
        """Warn of what ends, and delete values whose overlap is over."""
        self._end_overlaps()
        self._warn_of_expiry()

    @api.model
    def _warn_of_expiry(self) -> None:
        last = fields.Date.today() + timedelta(days=EXPIRES_SOON_DAYS)
        for secret in self.search([("expires_on", "<=", last)]):
            threshold = secret._threshold()
            if threshold != secret.warned_at:
                secret._warn(threshold)

    def _threshold(self) -> int:
        left = (self.expires_on - fields.Date.today()).days
        return next(days for days in WARNINGS if left <= days)

    def _warn(self, threshold: int) -> None:
        self.activity_unlink([ACTIVITY])
        self.activity_schedule(
            ACTIVITY,
            date_deadline=max(self.expires_on, fields.Date.today()),
            summary=self.env._("The secret “%s” has ended", self.name)
            if threshold < 0
            else self.env._("The secret “%s” ends soon", self.name),
            note=self.env._("Ask the partner for a new value and enter it here."),
            user_id=self._to_be_told().id,
        )
        self.sudo().write({"warned_at": threshold})

    def _to_be_told(self):
        """The responsible person; without one who can do it, a manager of integrations."""
        manager = self.env.ref("interop_base.group_manager")
        if self.user_id.active and manager in self.user_id.all_group_ids:
            return self.user_id
        managers = manager.all_user_ids.filtered(
            lambda user: (
                user.active
                and not user.share
                and (not self.company_id or self.company_id in user.company_ids)
            )
        )
        return managers.sorted("id")[:1] or self.env.ref("base.user_admin")

    def _forget_warnings(self) -> None:
        """The secret got another end: what was said about the old one no longer holds."""
        self.sudo().activity_unlink([ACTIVITY])
        self.sudo().filtered("warned_at").write({"warned_at": 0})
