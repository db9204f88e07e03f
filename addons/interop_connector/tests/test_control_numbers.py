import unittest
from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as st

from ..lib.codec import Envelope
from ..lib.control_numbers import NUMBER_KINDS, NumberRule, register_kind, rules_of


class Written:
    numbers = ("interchange", "group")
    number_rules = MappingProxyType({"interchange": NumberRule(highest=10**14 - 1, width=14)})


@st.composite
def rules(draw):
    lowest = draw(st.integers(0, 50))
    highest = draw(st.integers(lowest + 1, lowest + 60))
    return NumberRule(lowest, highest, width=draw(st.sampled_from((0, 4))))


class TestNumberRule(unittest.TestCase):
    @given(rules(), st.data())
    def test_every_number_comes_once_before_one_comes_again(self, rule, data):
        first = data.draw(st.integers(rule.lowest, rule.highest))
        seen, number = [], first
        for _step in range(rule.highest - rule.lowest + 1):
            seen.append(number)
            number = rule.after(number)
        self.assertEqual(number, first)
        self.assertEqual(sorted(seen), list(range(rule.lowest, rule.highest + 1)))

    @given(rules(), st.integers(0, 200), st.integers(0, 200), st.data())
    def test_steps_add_up(self, rule, one, other, data):
        number = data.draw(st.integers(rule.lowest, rule.highest))
        self.assertEqual(
            rule.after(rule.after(number, one), other), rule.after(number, one + other)
        )

    def test_without_wrapping_the_numbers_end(self):
        rule = NumberRule(highest=9, wraps=False)
        self.assertTrue(rule.fits(9, 1))
        self.assertFalse(rule.fits(9, 2))
        self.assertEqual(rule.after(9), 10)
        with self.assertRaises(ValueError):
            rule.text(10)

    def test_a_rule_that_cannot_be_written_is_refused(self):
        for wrong in ({"lowest": 5, "highest": 5}, {"highest": 1000, "width": 3}, {"lowest": -1}):
            with self.subTest(wrong), self.assertRaises(ValueError):
                NumberRule(**wrong)

    def test_a_codec_names_what_it_numbers_and_where_its_standard_differs(self):
        found = rules_of(Written())
        self.assertEqual(found["interchange"].text(7), "00000000000007")
        self.assertEqual(found["group"], NUMBER_KINDS.get("group").rule)
        self.assertEqual(rules_of(object()), {})

    def test_the_envelope_writes_numbers_as_the_standard_has_them(self):
        rule = NumberRule(highest=999, width=3, per_document=True)
        envelope = Envelope({}, {"transaction": 998}, {"transaction": rule})
        texts = [envelope.number_text("transaction", position) for position in range(3)]
        self.assertEqual(texts, ["998", "999", "001"])
        with self.assertRaises(KeyError):
            envelope.number_text("interchange")

    def test_a_kind_is_registered_once(self):
        with self.assertRaises(ValueError):
            register_kind("test_taken", "One")
            NUMBER_KINDS.register("test_taken", object())
