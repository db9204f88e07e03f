from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class InteropMessageFinding(models.AbstractModel):
    """Finding messages by the numbers that stand on paper: an order's, an invoice's."""

    _name = "interop.message.finding"
    _description = "Message: Finding"

    number = fields.Char(
        string="Order, invoice or other number",
        compute="_compute_number",
        search="_search_number",
        help="Finds the messages whose business key begins with this, in capitals or not. A "
        "business key begins with the number that stands on the document.",
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
        """What begins with one of the values; a search inside of keys would read all messages."""
        if operator not in ("in", "ilike", "like", "=like", "=ilike"):
            return NotImplemented
        values = value if operator == "in" else [value]
        wanted = [_pattern(str(each)) for each in values if each]
        if not wanted:
            return Domain.FALSE

        def to_sql(model: models.BaseModel, alias: str, query: object) -> SQL:
            key = SQL("lower(%s)", SQL.identifier(alias, "business_key"))
            return SQL("(%s)", SQL(" OR ").join(SQL("%s LIKE %s", key, each) for each in wanted))

        return Domain.custom(to_sql=to_sql)


def _pattern(text: str) -> str:
    """The text as it stands: % and _ are no wildcards here."""
    plain = text.strip().rstrip("%").lower()
    for special in ("\\", "%", "_"):
        plain = plain.replace(special, f"\\{special}")
    return f"{plain}%"
