import re
from dataclasses import dataclass
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_base.lib.registry import Registry
from odoo.addons.interop_document.tests.strategies import PROFILE, SCALARS
from odoo.addons.interop_policy.lib import redact as redacting
from odoo.addons.interop_policy.lib.redact import redact


@dataclass
class Seen:
    kind: str
    start: int
    end: int


def finder(kind, pattern):
    found = re.compile(pattern)
    return lambda text: [Seen(kind, *each.span()) for each in found.finditer(text)]


class TestRedact(BaseCase):
    def with_finders(self, **finders):
        registry = Registry("detector")
        for code, find in finders.items():
            registry.register(code, find)
        patching = patch.object(redacting, "FINDERS", registry)
        patching.start()
        self.addCleanup(patching.stop)

    def test_what_is_found_is_replaced_by_its_kind(self):
        self.with_finders(ssn=finder("SSN", r"\d{3}-\d\d-\d{4}"), name=finder("name", "Keller"))
        self.assertEqual(redact("Mrs Keller, 900-12-3456, bed 4"), "Mrs [name], [SSN], bed 4")
        self.assertEqual(redact("Dock 3"), "Dock 3")

    def test_where_two_overlap_both_are_covered(self):
        self.with_finders(one=finder("one", "abcd"), two=finder("two", "cdef"))
        self.assertEqual(redact("xx abcdef yy"), "xx [one] yy")

    def test_without_detectors_nothing_is_shown(self):
        self.with_finders()
        self.assertEqual(redact("Dock 3"), "***")
        self.assertEqual(redact(7), "***")

    def test_number_in_which_something_is_found_is_hidden(self):
        self.with_finders(ssn=finder("SSN", r"\d{9}"))
        self.assertEqual(redact(900123456), "***")
        self.assertEqual(redact(12), 12)

    @PROFILE
    @given(st.text("ab1 ", max_size=30), SCALARS)
    def test_what_was_found_is_not_in_what_is_shown(self, text, other):
        self.with_finders(one=finder("x", "a+b"), two=finder("y", "b1+"))
        self.assertNotRegex(redact(text), "ab|b1")
        redact(other)
