from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..lib import flood
from ..lib.flood import Flood

steps = st.lists(
    st.tuples(st.sampled_from(["ada", "ben"]), st.floats(0, 30, allow_nan=False)), max_size=300
)


class TestFlood(BaseCase):
    def test_the_first_are_told_one_by_one_and_the_rest_is_counted(self):
        counted = Flood(singly=3)
        told = [counted.told("ada", 1.0) for _ in range(250)]
        self.assertEqual(told[:3], [1, 1, 1])
        self.assertEqual([each for each in told[3:] if each], [97])
        self.assertEqual(counted.told("ada", 62.0), 151)

    def test_one_flood_hides_nobody_else(self):
        counted = Flood(singly=1)
        for _ in range(5):
            counted.told("ada", 0.0)
        self.assertEqual(counted.told("ben", 0.0), 1)

    def test_keys_are_forgotten_when_they_have_nothing_to_tell(self):
        counted = Flood(singly=1)
        for number in range(flood.KEYS):
            counted.told(number, 0.0)
        counted.told(0, 0.0)  # one that is not told yet
        counted.told("last", 61.0)
        self.assertEqual(set(counted._windows), {0, "last"})

    @given(steps)
    def test_what_is_told_and_what_waits_is_what_happened(self, taken):
        counted, now, told = Flood(singly=2, window=10.0), 0.0, 0
        for key, pause in taken:
            now += pause
            told += counted.told(key, now)
        waiting = sum(window.untold for window in counted._windows.values())
        self.assertEqual(told + waiting, len(taken))
