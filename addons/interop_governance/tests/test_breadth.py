from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests.common import BaseCase

from ..lib.breadth import Form, breadth_of
from ..lib.told import Told

NUMBER = Told("number", "Number", "internal", "send")
NAME = Told("name", "Name", "health", "mask")
TOLD = {("v1", "s1"): [NUMBER], ("v1", "s2"): [NAME, NUMBER], ("v2", "s2"): [NAME, NUMBER]}
FORMS = st.lists(
    st.builds(
        Form,
        document=st.sampled_from(["A 1", "B 1"]),
        version=st.sampled_from(["v1", "v2", "v3"]),
        shape=st.sampled_from(["s1", "s2", ""]),
        messages=st.integers(1, 50),
        first=st.datetimes(datetime(2026, 1, 1), datetime(2026, 2, 1)),
        last=st.datetimes(datetime(2026, 2, 1), datetime(2026, 3, 1)),
    ),
    max_size=12,
)


class TestBreadth(BaseCase):
    @given(FORMS)
    def test_every_message_counts_once_for_its_kind_and_once_for_each_field_it_had(self, forms):
        breadth = breadth_of(forms, TOLD)
        self.assertEqual(
            sum(kind.messages for kind in breadth.kinds), sum(form.messages for form in forms)
        )
        for line in breadth.lines:
            having = [
                form
                for form in forms
                if form.document == line.document
                and line.told in TOLD.get((form.version, form.shape), ())
            ]
            self.assertEqual(line.messages, sum(form.messages for form in having))
            self.assertEqual(line.first, min(form.first for form in having))
            self.assertEqual(line.last, max(form.last for form in having))
            self.assertEqual(line.versions, len({form.version for form in having}))

    def test_the_biggest_kind_and_in_it_the_most_sensitive_field_come_first(self):
        day = datetime(2026, 1, 1)
        forms = [
            Form("A 1", "v1", "s1", 1, day, day),
            Form("B 1", "v1", "s2", 2, day, day),
            Form("B 1", "v2", "s2", 3, day, day),
        ]
        breadth = breadth_of(forms, TOLD)
        self.assertEqual(
            [(kind.document, kind.messages, kind.fields) for kind in breadth.kinds],
            [("B 1", 5, 2), ("A 1", 1, 1)],
        )
        self.assertEqual(
            [(line.document, line.told.path, line.versions) for line in breadth.lines],
            [("B 1", "name", 2), ("B 1", "number", 2), ("A 1", "number", 1)],
        )
