import re
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

#: What is sealed without saying how long it is needed.
STANDARD = "standard"


class InteropRetentionClass(models.Model):
    """How long content is kept after its message has ended.

    The code is written beside every sealed row and names the keyring's keys of the class, so it
    never changes. Each class has a key of its own per month: destroying it purges backups too.
    """

    _name = "interop.retention.class"
    _description = "Retention Class"
    _order = "days, code"

    name = fields.Char(required=True, translate=True, help="What people call it.")
    code = fields.Char(
        required=True,
        copy=False,
        help="Short name beside sealed content and in the names of the keyring's keys: lower-case "
        "letters, digits and hyphens. It never changes.",
    )
    days = fields.Integer(
        string="Days kept",
        required=True,
        default=180,
        help="Content is purged so many days after its message has ended (done or cancelled). "
        "Digests, sizes, times and the audit trail stay.",
    )
    note = fields.Text(help="Why so long and no longer: the law or contract that asks for it.")
    duty = fields.Char(
        string="Must be kept because of",
        help="The law that obliges to keep the content for these days, as people cite it. While "
        "they last, a person's request to erase does not shorten them, and is answered with this. "
        "Empty: content is erased when the person asks for it.",
    )
    active = fields.Boolean(
        default=True,
        help="An archived class cannot be chosen any more. What is sealed under it is purged as "
        "before.",
    )

    _code_unique = models.Constraint("UNIQUE(code)", "Another retention class has this code.")
    _days_sane = models.Constraint(
        "CHECK(days BETWEEN 1 AND 36500)", "Choose 1 to 36,500 days (a hundred years)."
    )

    @api.constrains("code")
    def _check_code(self) -> None:
        for retention in self:
            if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", retention.code or ""):
                raise ValidationError(
                    self.env._("Retention class code: use lower-case letters, digits and hyphens.")
                )

    @api.model
    def _days(self) -> dict[str, int]:
        """Days by code, archived classes included."""
        found = self.sudo().with_context(active_test=False).search([])
        return {retention.code: retention.days for retention in found}

    @api.model
    def _duties(self) -> dict[str, str]:
        """The law that obliges to keep content, by the code of classes that have one."""
        found = self.sudo().with_context(active_test=False).search([("duty", "!=", False)])
        return {retention.code: retention.duty for retention in found}

    def _is_used(self) -> bool:
        return any(
            self.env["interop.vault"]._holds_class(retention.code) for retention in self.sudo()
        )

    @api.model_create_multi
    def create(self, vals_list):
        made = super().create(vals_list)
        for retention in made:
            self.env["interop.audit"]._record(
                "retention.class.made",
                record=retention,
                details={"code": retention.code, "days": retention.days},
            )
        return made

    def write(self, vals: dict[str, Any]):
        if "code" in vals and any(retention.code != vals["code"] for retention in self):
            raise UserError(
                self.env._(
                    "The code of a retention class never changes: sealed content and keys are "
                    "named after it. Make another class."
                )
            )
        names = sorted(vals.keys() & self._fields.keys())
        before = {retention.id: [retention[name] for name in names] for retention in self}
        days = {retention.id: retention.days for retention in self}
        done = super().write(vals)
        for retention in self:
            old = zip(names, before[retention.id], strict=True)
            changed = [name for name, value in old if retention[name] != value]
            if changed:
                facts = {"code": retention.code, "fields": changed}
                if "days" in changed:
                    facts |= {"days": retention.days, "days_before": days[retention.id]}
                self.env["interop.audit"]._record(
                    "retention.class.changed", record=retention, details=facts
                )
        return done

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_used(self) -> None:
        if STANDARD in self.mapped("code"):
            raise UserError(
                self.env._("The class “standard” is what everything else falls back to.")
            )
        if self._is_used():
            raise UserError(self.env._("Content was sealed under this class. Archive it instead."))
        for retention in self:
            self.env["interop.audit"]._record(
                "retention.class.deleted", record=retention, details={"code": retention.code}
            )
