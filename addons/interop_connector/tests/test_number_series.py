import doctest
import unittest

from hypothesis import given
from hypothesis import strategies as st

from ..lib import control_numbers, number_series
from ..lib.number_series import LATEST, LONGEST_GAP, as_number, begin, place, told_numbers


class Book:
    """The series and its open gaps, as the database keeps them."""

    def __init__(self, number):
        self.placed = begin(number)
        self.gaps = []

    def take(self, number):
        gap = next((gap for gap in self.gaps if number in gap), None)
        self.placed = place(self.placed.lowest, self.placed.highest, number, gap)
        if self.placed.what == "late":
            self.gaps.remove(gap)
            self.gaps += self.placed.left
        if self.placed.missing:
            self.gaps.append(self.placed.missing)
        return self.placed.what

    @property
    def missing(self):
        return {number for gap in self.gaps for number in range(gap.first, gap.last + 1)}


class TestNumberSeries(unittest.TestCase):
    def test_the_examples_in_the_text_hold(self):
        for module in (control_numbers, number_series):
            self.assertEqual(doctest.testmod(module).failed, 0)

    @given(st.lists(st.integers(100, 160), min_size=1, unique=True))
    def test_what_is_missing_is_what_has_not_come_between_the_first_and_the_highest(self, numbers):
        book, seen = Book(numbers[0]), {numbers[0]}
        for number in numbers[1:]:
            book.take(number)
            seen.add(number)
            span = set(range(numbers[0], max(seen) + 1))
            self.assertEqual(book.missing, span - seen)
        ordered = sorted(book.gaps, key=lambda gap: gap.first)
        for before, after in zip(ordered, ordered[1:], strict=False):
            self.assertGreater(after.first, before.last + 1)

    @given(st.permutations(range(1, 30)))
    def test_in_the_end_nothing_is_missing_whatever_the_order(self, numbers):
        book = Book(0)
        for number in numbers:
            book.take(number)
        self.assertEqual((book.gaps, book.placed.highest), ([], 29))

    def test_after_the_last_number_the_first_is_no_gap(self):
        book = Book(999_999_998)
        self.assertEqual(book.take(999_999_999), "next")
        self.assertEqual(book.take(1), "anew")
        self.assertEqual(book.take(2), "next")
        self.assertEqual(book.gaps, [])

    def test_a_long_jump_is_a_new_beginning_and_a_short_one_is_a_gap(self):
        self.assertEqual(Book(1).take(2 + LONGEST_GAP), "gap")
        self.assertEqual(Book(1).take(3 + LONGEST_GAP), "anew")

    def test_what_nobody_missed_changes_nothing_and_what_is_far_behind_is_a_new_beginning(self):
        book = Book(5_000)
        self.assertEqual(book.take(4_900), "older")
        self.assertEqual(book.take(5_001), "next")
        self.assertEqual(book.take(5_001 - LATEST - 1), "anew")

    def test_numbers_are_told_by_kind_and_letters_are_not_counted(self):
        facts = {"number:interchange": "000000017", "number:group": "", "sender": "A"}
        self.assertEqual(told_numbers(facts), {"interchange": "000000017"})
        self.assertEqual(as_number("000000017"), 17)
        for text in ("A17", "", "1" * 15, "²"):
            self.assertIsNone(as_number(text))
