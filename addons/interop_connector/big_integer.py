from odoo import fields


class BigInteger(fields.Integer):
    """A whole number of up to 14 digits, which PostgreSQL's four bytes do not hold."""

    _column_type = ("int8", "int8")
