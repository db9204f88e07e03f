"""Fields of the audit trail that are searched in their own way, so that indexes are used."""

import uuid

from odoo import fields
from odoo.tools import SQL

from .lib.acts import ACTS, codes_of


class Family(fields.Selection):
    """The family of an act: searched by the acts in it, which are indexed."""

    def _condition_to_sql(self, field_expr, operator, value, model, alias, query):
        if operator not in ("in", "not in"):
            return super()._condition_to_sql(field_expr, operator, value, model, alias, query)
        wanted = {each for each in value if each}
        act = SQL.identifier(alias, "act")
        found = SQL("%s = ANY(%s)", act, codes_of(wanted))
        if "other" in wanted:
            found = SQL("(%s OR NOT %s = ANY(%s))", found, act, ACTS.codes())
        return found if operator == "in" else SQL("NOT %s", found)


class Uuid(fields.Char):
    """A column of type uuid that is read as text. Only whole ones are looked for."""

    def _condition_to_sql(self, field_expr, operator, value, model, alias, query):
        column = SQL.identifier(alias, self.name)
        if operator in ("in", "not in"):
            there = [each for each in value if each]
            known = [found for each in there if (found := _uuid(each))]
            same = SQL("%s = ANY(%s::uuid[])", column, known)
            if len(there) < len(value):
                same = SQL("(%s OR %s IS NULL)", same, column)
            return same if operator == "in" else SQL("(%s) IS NOT TRUE", same)
        if "like" in operator:
            # The whole of it may be typed where a part is looked for; a part finds nothing.
            found = _uuid(str(value).strip("%"))
            same = SQL("%s = %s::uuid", column, found) if found else SQL("FALSE")
            return SQL("(%s) IS NOT TRUE", same) if operator.startswith("not") else same
        return super()._condition_to_sql(field_expr, operator, value, model, alias, query)


def _uuid(text: object) -> str | None:
    try:
        return str(uuid.UUID(str(text).strip()))
    except ValueError:
        return None
