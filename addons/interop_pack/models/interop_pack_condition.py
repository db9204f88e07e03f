from collections.abc import Collection
from typing import Any

from odoo import api, models
from odoo.fields import Domain

from odoo.addons.interop_queue.lib.handlers import HANDLERS

_IDS = ("many2one", "one2many", "many2many", "many2one_reference")
_LOCAL = ("properties", "properties_definition")


class InteropPackCondition(models.AbstractModel):
    """Whether a flow's condition means the same in another installation."""

    _name = "interop.pack.condition"
    _description = "Conditions of Flows in Packs"

    @api.model
    def _unportable(self, handler: str, items: Collection[Any]) -> str | None:
        """Why a condition of a flow with that handler can be no part of a pack, in words; or None.

        A handler that is not installed is not judged: that it lacks is told elsewhere.
        """
        if handler not in HANDLERS.codes():
            return None
        model = self.env[HANDLERS.get(handler).model]._composes
        if model not in self.env:
            return self.env._("The flow's documents are not made of Odoo's records.")
        if problem := self.env["interop.routing"]._problem(model, items):
            return problem
        return self._local_part(self.env[model], Domain(list(items)))

    def _local_part(self, model: models.BaseModel, domain: Domain) -> str | None:
        for condition in domain.iter_conditions():
            path, fields = condition.field_expr, self._fields_on(model, condition.field_expr)
            last = fields[-1]
            if any(field.manual or field.type in _LOCAL for field in fields):
                return self.env._("The condition names the field “%s” that was made here.", path)
            if condition.operator in ("any", "not any"):
                inner = self.env[last.comodel_name]
                if problem := self._local_part(inner, Domain(condition.value)):
                    return problem
            elif self._names_records(last, condition.value):
                return self.env._(
                    "The condition names records by their numbers (%s), which are others "
                    "elsewhere. Name them by a code or by what they are called.",
                    path,
                )
        return None

    def _fields_on(self, model: models.BaseModel, path: str) -> list[Any]:
        found: list[Any] = []
        for name in path.split("."):
            if found and not found[-1].relational:
                break  # a part of a date
            field = model._fields[name]
            found.append(field)
            model = self.env[field.comodel_name] if field.relational else model
        return found

    @staticmethod
    def _names_records(field: Any, value: Any) -> bool:
        values = [value] if isinstance(value, str) or not isinstance(value, Collection) else value
        if field.type == "reference":
            return any(values)
        numbers = field.type in _IDS or field.name == "id"
        return numbers and any(
            isinstance(each, int) and not isinstance(each, bool) for each in values
        )
