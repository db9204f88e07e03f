from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: How `=` and the like are asked for; a search inside of numbers would read all messages.
_OPERATORS = ("in", "ilike", "like", "=like", "=ilike")


class InteropMessageFinding(models.AbstractModel):
    """Finding messages by the numbers that stand on paper: an order's, an invoice's."""

    _name = "interop.message.finding"
    _description = "Message: Finding"

    number = fields.Char(
        string="Reference",
        compute="_compute_number",
        search="_search_number",
        help="Finds the messages whose business key, or any other number in their document that "
        "people search for, begins with this, in capitals or not: numbers of orders, invoices, "
        "deliveries and receipts, of partners, items and lots. A business key begins with the "
        "number that stands on the document.",
    )

    # As people type it: small letters or capitals. The opclass makes LIKE 'begin%' a range of the
    # index whatever the database's collation is.
    _key_begins = models.Index(
        "(lower(business_key) text_pattern_ops) WHERE business_key IS NOT NULL"
    )

    @api.depends("business_key")
    def _compute_number(self) -> None:
        for message in self:
            message.number = message.business_key

    @api.model
    def _search_number(self, operator: str, value: object) -> Domain:
        """What begins with one of the values."""
        return self._begins(operator, value)

    @api.model
    def _begins(self, operator: str, value: object, kind: str | None = None) -> Domain:
        """The messages found by a number that begins with one of the values.

        `kind`: by numbers of that kind only (see `business_keys.KINDS`); else also by the business
        key, which messages had before there were kinds.
        """
        if operator not in _OPERATORS:
            return NotImplemented
        values = value if operator == "in" else [value]
        wanted = [_pattern(str(each)) for each in values if each]
        if not wanted:
            return Domain.FALSE
        places = [
            SQL(
                "SELECT r.message_id FROM interop_message_reference r WHERE %s%s",
                _like(SQL("lower(r.value)"), wanted),
                SQL(" AND r.kind = %s", kind) if kind else SQL(),
            )
        ]
        if not kind:
            places.append(
                SQL(
                    "SELECT m.id FROM interop_message m WHERE %s",
                    _like(SQL("lower(m.business_key)"), wanted),
                )
            )

        def to_sql(model: models.BaseModel, alias: str, query: object) -> SQL:
            # Each place by its own index, and then the messages by their id: an OR over both, or a
            # join, may walk through all messages until enough of them are found. So it costs as
            # much as there are hits, whatever the planner believes about them.
            found = SQL(" UNION ALL ").join(places)
            return SQL("%s = ANY(ARRAY(%s))", SQL.identifier(alias, "id"), found)

        return Domain.custom(to_sql=to_sql)


def _like(key: SQL, wanted: list[str]) -> SQL:
    return SQL("(%s)", SQL(" OR ").join(SQL("%s LIKE %s", key, each) for each in wanted))


def _pattern(text: str) -> str:
    """The text as it stands: % and _ are no wildcards here."""
    plain = text.strip().rstrip("%").lower()
    for special in ("\\", "%", "_"):
        plain = plain.replace(special, f"\\{special}")
    return f"{plain}%"
