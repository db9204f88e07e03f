import doctest
import json
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..lib import entry
from ..lib.entry import AuditRow, canonical

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


class TestAuditRow(BaseCase):
    @given(st.dictionaries(st.text(), values))
    def test_equal_facts_are_equal_texts(self, facts):
        text = canonical(facts)
        self.assertEqual(json.loads(text), facts)
        self.assertEqual(canonical(dict(reversed(facts.items()))), text)

    def test_no_details_are_no_text(self):
        self.assertIsNone(AuditRow(act="x").details_text())
        self.assertIsNone(AuditRow(act="x", details={}).details_text())

    def test_dates_are_written_in_iso_form(self):
        self.assertEqual(canonical({"on": date(2026, 3, 1)}), '{"on":"2026-03-01"}')

    def test_things_that_are_no_facts_are_refused(self):
        for thing in (float("nan"), object(), b"bytes"):
            with self.assertRaises((TypeError, ValueError)):
                canonical({"a": thing})

    def test_examples_in_the_documentation_hold(self):
        self.assertEqual(doctest.testmod(entry).failed, 0)
