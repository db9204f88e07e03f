import doctest
import io

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..lib import rows
from ..lib.rows import Rows

values = st.lists(st.lists(st.binary(max_size=40), min_size=1, max_size=4), max_size=6)


class TestRows(BaseCase):
    def test_examples(self):
        self.assertEqual(doctest.testmod(rows).failed, 0)

    @given(rows=values, size=st.integers(min_value=1, max_value=100))
    def test_rows_read_back_however_they_are_cut(self, rows, size):
        file = Rows(rows)
        parts = list(iter(lambda: file.read(size), b""))
        self.assertTrue(all(len(part) == size for part in parts[:-1]))
        self.assertEqual(self.parsed(b"".join(parts)), rows)

    def test_large_values_are_handed_on_as_they_are(self):
        row = [b"small", b"x" * 100_000, b""]
        file = Rows([row])
        self.assertEqual(self.parsed(b"".join(iter(lambda: file.read(999), b""))), [row])

    def parsed(self, data):
        file = io.BytesIO(data)
        number = lambda length: int.from_bytes(file.read(length), "big", signed=True)  # noqa: E731
        self.assertEqual(file.read(11), b"PGCOPY\n\xff\r\n\0")
        self.assertEqual((number(4), number(4)), (0, 0))
        found = []
        while (count := number(2)) != -1:
            found.append([file.read(number(4)) for _ in range(count)])
        self.assertEqual(file.read(), b"")
        return found
