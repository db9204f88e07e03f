from odoo import fields, models
from odoo.exceptions import UserError

from .. import sql_secret


class InteropVaultSecretRotation(models.AbstractModel):
    """Two values are valid at once while both sides change over to a new one.

    What partners sign may be signed with either. What we send shows the new value from the first
    moment, and the one before it only if the partner refuses the new one.
    """

    _name = "interop.vault.secret.rotation"
    _description = "Secret: Rotation"

    previous_valid_until = fields.Datetime(
        string="Value before valid until",
        readonly=True,
        copy=False,
        help="Until then the value before the present one is accepted too. Then it is deleted.",
    )

    def action_ask_rotate(self) -> dict:
        """Ask for a new value and how long the present one stays valid beside it. Managers."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New value for %s", self.name),
            "res_model": "interop.vault.secret.rotate",
            "view_mode": "form",
            "target": "new",
            "context": {"default_secret_id": self.id},
        }

    def action_end_overlap(self) -> bool:
        """From now on only the present value is valid. Managers."""
        self.check_access("write")
        for secret in self.filtered("previous_valid_until"):
            secret._forget_previous()
            self.env["interop.audit"]._record_many([secret._audit_row("secret.overlap_end")])
        return True

    def _store_next(self, text: str) -> int:
        """Seal a value that waits to be put into use; says which generation it is."""
        generation, columns = self._seal(text)
        self.env.cr.execute(sql_secret.STORE_NEXT, [generation, *columns, self.id])
        return generation

    def _rotate(self, generation: int, overlap_hours: int) -> None:
        """Put the value that was entered into use; the present one stays valid for so long."""
        self.ensure_one()
        self.check_access("write")
        self.flush_recordset()
        self.env.cr.execute(sql_secret.OPEN_NEXT, [self.id, generation])
        row = self.env.cr.fetchone()
        if row is None:
            raise UserError(
                self.env._(
                    "The new value is no longer here: somebody else entered one, or it was entered "
                    "more than an hour ago. Enter it again."
                )
            )
        text = self._unseal(row)
        self._forget_previous(("previous",))
        if overlap_hours > 0:
            self.env.cr.execute(sql_secret.KEEP_PREVIOUS, [self.id])
            if self.env.cr.rowcount:
                self.env.cr.execute(sql_secret.VALID_UNTIL, [overlap_hours, self.id])
        _generation, *columns = row
        self.env.cr.execute(sql_secret.STORE, [generation, *columns, self.id])
        self.env.cr.execute(sql_secret.DROP_SLOTS, [self.ids, ["next"]])
        self._set_facts(text)
        self.env["interop.audit"]._record_many(
            [self._audit_row("secret.rotate", generation=generation, overlap_hours=overlap_hours)]
        )

    def _forget_previous(self, slots: tuple[str, ...] = ("previous", "next")) -> None:
        self.flush_model()
        self.env.cr.execute(sql_secret.DROP_SLOTS, [self.ids, list(slots)])
        self.sudo().filtered("previous_valid_until").write({"previous_valid_until": False})
        self.flush_model(["previous_valid_until"])

    def _reveal_previous(self) -> str | None:
        """The value before the present one while it is still valid. Not counted: see the caller."""
        self.ensure_one()
        secret = self.sudo()
        if not secret.previous_valid_until or secret.source != "sealed":
            return None
        self.env.cr.execute(sql_secret.OPEN_PREVIOUS, [self.id])
        row = self.env.cr.fetchone()
        return secret._unseal(row) if row else None

    def _reveal_valid(self, purpose: str) -> list[str]:
        """Every value that is valid now, the present one first. Counted as one use."""
        previous = self._reveal_previous()
        present = self._reveal(purpose)
        return [present] if previous is None else [present, previous]

    def _end_overlaps(self) -> None:
        """Delete values whose time is over, and those that were entered and never put into use."""
        self.env.cr.execute(sql_secret.DROP_STALE)
        self.flush_model()
        self.env.cr.execute(sql_secret.ENDED)
        ended = self.browse(row[0] for row in self.env.cr.fetchall())
        ended._forget_previous(("previous",))
        self.env["interop.audit"]._record_many(
            [secret._audit_row("secret.overlap_end", by="time") for secret in ended]
        )
