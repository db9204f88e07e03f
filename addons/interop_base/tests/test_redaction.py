import doctest

from hypothesis import given
from hypothesis import strategies as st
from psycopg2.extensions import QuotedString

from odoo.tests import BaseCase

from ..lib import redaction
from ..lib.redaction import redact_sql, redact_text

CANARY = "Canary"


class TestRedactSql(BaseCase):
    def test_literals_go_and_structure_stays(self):
        for statement, expected in (
            ("SELECT 1", "SELECT ?"),
            ("WHERE a = 'x' AND b = 1.5e3", "WHERE a = ? AND b = ?"),
            ("VALUES ('it''s', E'it\\'s \\\\', NULL)", "VALUES (?, ?, NULL)"),
            ("'\\x00ff'::bytea", "?::bytea"),
            ("ARRAY['a', 'b']::text[]", "ARRAY[?, ?]::text[]"),
            ('"res_partner"."name" = $1', '"res_partner"."name" = $1'),
            ("$$body 'of' it$$", "?"),
            ("$f$ $$ $f$ + t1.c2", "? + t1.c2"),
            ("a /* it's */ b -- it's\nc", "a  b \nc"),
            ("x = %s AND y = %(name)s", "x = %s AND y = %(name)s"),
            ("B'101' || X'1F' || U&'a' || N'b'", "? || ? || ? || ?"),
        ):
            self.assertEqual(redact_sql(statement), expected)

    def test_unfinished_literals_are_withheld_to_the_end(self):
        for statement in (
            f"SELECT '{CANARY}",
            f"SELECT E'{CANARY}\\'",
            f"SELECT $x${CANARY}",
            f'SELECT "{CANARY}',
            f"SELECT /* {CANARY}",
        ):
            self.assertNotIn(CANARY, redact_sql(statement))

    @given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
    def test_whatever_is_quoted_by_the_driver_is_withheld(self, value):
        literal = QuotedString(CANARY + value + CANARY)
        literal.encoding = "utf-8"
        redacted = redact_sql(b"INSERT INTO t (a, b) VALUES (" + literal.getquoted() + b", 7)")
        self.assertEqual(redacted, "INSERT INTO t (a, b) VALUES (?, ?)")

    @given(st.text() | st.binary())
    def test_any_text_is_accepted(self, statement):
        redact_sql(statement)

    def test_large_statement_is_quick(self):
        redacted = redact_sql("VALUES (" + ", ".join(["'" + "ab''" * 50_000 + "'"] * 20) + ")")
        self.assertEqual(redacted, "VALUES (" + ", ".join(["?"] * 20) + ")")


class TestRedactText(BaseCase):
    def test_parts_of_a_database_error_are_withheld(self):
        text = (
            "ValueError: boom\n"
            f"DETAIL:  Failing row contains ({CANARY},\n{CANARY}).\n"
            f"LINE 1: SELECT '{CANARY}'\n"
            "               ^\n"
            "\nThe above exception was the direct cause"
        )
        redacted = redact_text(text)
        self.assertNotIn(CANARY, redacted)
        self.assertIn("ValueError: boom", redacted)
        self.assertIn("The above exception", redacted)

    def test_formatted_statement_is_withheld(self):
        redacted = redact_text(f"bad query: SELECT '{CANARY}' FROM t\nERROR: no such thing")
        self.assertEqual(redacted, "bad query: SELECT ? FROM t\nERROR: no such thing")

    def test_escaped_parts_are_withheld(self):
        self.assertNotIn(CANARY, redact_text(f"E('boom\\nDETAIL:  Key (a)=({CANARY})')"))

    def test_ordinary_text_is_left_alone(self):
        for text in ("", "Modules loaded.", "Line 1: of a story", "some detail: here"):
            self.assertEqual(redact_text(text), text)

    @given(st.text())
    def test_any_text_is_accepted(self, text):
        redact_text(text)

    def test_examples_in_the_documentation_hold(self):
        self.assertEqual(doctest.testmod(redaction).failed, 0)
