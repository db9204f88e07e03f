from typing import Any, NoReturn

from odoo import api, models
from odoo.exceptions import AccessError


class InteropAuditImmutable(models.AbstractModel):
    """Records that nobody makes, changes or deletes by hand: by whichever way, as whichever user.

    An attempt is refused with a sentence and stands in the audit trail. The code that writes such
    records does so past these guards, with `_make_genuine` and `_store_genuine`, which no client
    can reach. The database's own triggers are the last word, where there are any.
    """

    _name = "interop.audit.immutable"
    _description = "Never Changed by Hand"

    def _immutable_sentence(self) -> str:
        """Why it is refused, and what to do instead."""
        return self.env._("This is evidence: nobody makes, changes or deletes it.")

    # -- for the code that writes them ---------------------------------------------------------

    @api.model
    def _make_genuine(self, vals_list: list[dict[str, Any]]):
        """What `create` does, for whoever is in charge of these records."""
        return super().create(vals_list)

    def _store_genuine(self, vals: dict[str, Any]) -> bool:
        """What `write` does, for whoever is in charge of these records."""
        return super().write(vals)

    # -- the ways in ---------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if vals_list:
            self._refuse_attempt("create")
        return super().create(vals_list)

    def write(self, vals):
        if vals:
            self._refuse_attempt("write")
        return super().write(vals)

    def unlink(self):
        if self:
            self._refuse_attempt("unlink")
        return super().unlink()

    def copy(self, default=None):
        if self:
            self._refuse_attempt("copy")
        return super().copy(default)

    @api.model
    def load(self, fields, data):
        self._refuse_attempt("load")

    def _refuse_attempt(self, method: str) -> NoReturn:
        self.env["interop.audit.refusals"]._note(self._name, method, self.ids)
        raise AccessError(self._immutable_sentence())
