import copy
import doctest

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_queue.lib import rehearsal
from odoo.addons.interop_queue.lib.rehearsal import (
    ONLY_NOW,
    ONLY_THEN,
    VALUE,
    changes_between,
    encrypted,
    told_name,
)

SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=3)
NAMES = st.sampled_from(["a", "b", "lines", "price"])
BODIES = st.dictionaries(
    NAMES,
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
        max_leaves=12,
    ),
)
MIRROR = {ONLY_THEN: ONLY_NOW, ONLY_NOW: ONLY_THEN, VALUE: VALUE}


class TestRehearsalDifference(BaseCase):
    def test_the_examples_in_its_documentation_hold(self):
        self.assertFalse(doctest.testmod(rehearsal).failed)

    @given(BODIES)
    @settings(deadline=None, max_examples=200)
    def test_what_is_the_same_has_no_difference(self, body):
        self.assertEqual(list(changes_between(body, copy.deepcopy(body))), [])

    @given(BODIES, BODIES)
    @settings(deadline=None, max_examples=300)
    def test_no_difference_means_the_same(self, then, now):
        if then != now:
            self.assertTrue(list(changes_between(then, now)))

    @given(BODIES, BODIES)
    @settings(deadline=None, max_examples=200)
    def test_the_other_way_round_the_same_fields_differ(self, then, now):
        there = {(each.path, each.kind) for each in changes_between(then, now)}
        back = {(each.path, MIRROR[each.kind]) for each in changes_between(now, then)}
        self.assertEqual(there, back)

    @given(BODIES, BODIES)
    @settings(deadline=None, max_examples=200)
    def test_each_field_is_told_once(self, then, now):
        paths = [each.path for each in changes_between(then, now)]
        self.assertEqual(len(paths), len(set(paths)))

    @given(st.text(max_size=20))
    @settings(deadline=None)
    def test_a_name_that_looks_like_a_value_is_not_told(self, name):
        told = told_name(name)
        self.assertIn(told, (name, "?"))
        if " " in name or sum(each.isdigit() for each in name) == len(name):
            self.assertEqual(told, "?")

    def test_what_is_encrypted_is_compared_by_being_there(self):
        now = {"name": encrypted("Jo")}
        self.assertEqual(list(changes_between({"name": "eyJ…"}, now)), [])
        self.assertEqual([each.kind for each in changes_between({}, now)], [ONLY_NOW])
