import doctest

from hypothesis import example, given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..lib.evidence import leaf
from .common import AuditCase, lines_of

# PostgreSQL keeps no NUL, and UTF-8 no lone surrogates.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
columns = st.lists(st.none() | texts, min_size=1, max_size=20)
odd = ["\\N", "\\", "\\\\N", "\t", "\\t", "\n\r\b\v\f", "", "Ä€😀", "N", None]


class TestLeaf(BaseCase):
    @given(columns)
    @example(odd)
    def test_line_is_read_back_as_it_was_written(self, given_columns):
        self.assertEqual(leaf.values(leaf.line(given_columns)), given_columns)

    @given(columns, columns)
    @example(["a", "b"], ["a\tb"])
    @example([None], ["\\N"])
    @example(["a", ""], ["a"])
    @example(["\\", "N"], ["\\\tN"])
    def test_different_entries_have_different_lines(self, one, other):
        self.assertEqual(leaf.line(one) == leaf.line(other), one == other)

    def test_bytes_that_no_entry_has_are_refused(self):
        for data in (b"a\\", b"a\\x", b"a\nb", b"a\rb", b"\xff", b"\\n\\", b"a\\Nb"):
            with self.assertRaises(ValueError):
                leaf.values(data)

    def test_hash_is_that_of_a_leaf_of_rfc_6962(self):
        self.assertEqual(
            leaf.leaf_hash(b"7\t\\N").hex(),
            "05f4e5d3a19410ad43600db836b85c27e5a314632c086e2e346108a362f26c71",
        )

    def test_examples_in_the_documentation_hold(self):
        self.assertEqual(doctest.testmod(leaf).failed, 0)


class TestLeafOfTheDatabase(AuditCase):
    def test_line_is_what_postgresql_copies(self):
        self.audit._record("test.odd", outcome="\\N", details={"odd": "a\tb\nc\\d\r\b\v\fÄ€😀"})
        [data] = lines_of(self.env.cr, "act = 'test.odd'")
        found = dict(zip(leaf.COLUMNS, leaf.values(data), strict=True))
        entry = self.entries("test.odd")
        self.assertEqual(found["outcome"], "\\N")
        self.assertEqual(found["details"], entry.details)
        self.assertEqual(int(found["id"]), entry.id)
        self.assertEqual(leaf.entry_id(data), entry.id)
        self.assertEqual(found["txid"], entry.txid)
        self.assertIsNone(found["subject"])
        self.assertEqual(int(found["ts"]) // 1_000_000, int(entry.ts.timestamp()))
        self.assertEqual(leaf.line(list(found.values())), data)
