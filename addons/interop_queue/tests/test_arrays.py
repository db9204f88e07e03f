import doctest

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests.common import TransactionCase

from ..lib import arrays
from ..lib.arrays import array

PROFILE = settings(
    max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
TEXT = st.none() | st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))
NUMBER = st.none() | st.integers(-(2**31), 2**31 - 1)


class TestArrays(TransactionCase):
    def test_examples(self):
        self.assertEqual(doctest.testmod(arrays).failed, 0)

    def as_read(self, values, kind):
        self.env.cr.execute(f"SELECT %s::{kind}[]", [array(values)])
        return self.env.cr.fetchone()[0]

    @PROFILE
    @given(st.lists(TEXT | st.sampled_from(['"', "\\", "{}", ",", "NULL", "null", " a ", "'"])))
    def test_postgresql_reads_back_every_text(self, values):
        self.assertEqual(self.as_read(values, "varchar"), values)

    @PROFILE
    @given(st.lists(NUMBER), st.lists(st.none() | st.floats(allow_nan=False)))
    def test_postgresql_reads_back_every_number(self, whole, real):
        self.assertEqual(self.as_read(whole, "int"), whole)
        self.assertEqual(self.as_read(real, "float8"), real)

    @PROFILE
    @given(st.lists(st.none() | st.booleans()))
    def test_postgresql_reads_back_truth(self, values):
        self.assertEqual(self.as_read(values, "bool"), values)

    def test_what_has_no_form_of_its_own_is_refused(self):
        for value in (b"bytes", [1], object()):
            with self.assertRaises(TypeError):
                array([value])
