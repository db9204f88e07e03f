import copy

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_document.lib.canonical import canonical_json
from odoo.addons.interop_document.lib.difference import Change, changes

from .strategies import PROFILE

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(0, 1) | st.text("ab", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["path", "code", "x", "y"]), inner, max_size=3)
        | st.lists(
            st.fixed_dictionaries({"path": st.sampled_from("ab"), "action": inner}), max_size=3
        )
    ),
    max_leaves=8,
)


class TestDifference(BaseCase):
    """Comparing two published texts."""

    @PROFILE
    @given(VALUES, VALUES)
    def test_there_is_a_change_exactly_if_the_canonical_texts_differ(self, before, after):
        same = canonical_json(before) == canonical_json(after)
        self.assertEqual(not changes(before, after), same)

    @PROFILE
    @given(VALUES)
    def test_nothing_differs_from_its_copy(self, value):
        self.assertEqual(changes(value, copy.deepcopy(value)), [])

    @PROFILE
    @given(VALUES, VALUES)
    def test_the_way_back_tells_the_same_places_with_the_sides_exchanged(self, before, after):
        turned = {"added": "removed", "removed": "added", "changed": "changed", "moved": "moved"}
        there = [(c.path, turned[c.kind], c.after, c.before) for c in changes(before, after)]
        back = [(c.path, c.kind, c.before, c.after) for c in changes(after, before)]
        self.assertEqual(repr(sorted(there, key=repr)), repr(sorted(back, key=repr)))

    def test_rules_belong_together_by_their_path_wherever_they_stand(self):
        before = {"rules": [{"path": "a", "action": "drop"}, {"path": "b", "action": "pass"}]}
        after = {"rules": [{"path": "b", "action": "pass"}, {"path": "c", "action": "mask"}]}
        self.assertEqual(
            changes(before, after),
            [
                Change(("rules", "a"), "removed", before={"path": "a", "action": "drop"}),
                Change(("rules", "c"), "added", after={"path": "c", "action": "mask"}),
            ],
        )

    def test_another_order_of_the_same_rows_is_told_as_a_move(self):
        rows = [{"target": "a", "source": "x"}, {"target": "b", "source": "y"}]
        self.assertEqual(
            changes({"rows": rows}, {"rows": rows[::-1]}),
            [Change(("rows",), "moved", ["a", "b"], ["b", "a"])],
        )

    def test_several_rules_for_one_path_are_told_apart_by_number(self):
        before = [{"path": "a", "action": "drop"}, {"path": "a", "action": "pass"}]
        after = [{"path": "a", "action": "drop"}, {"path": "a", "action": "mask"}]
        [change] = changes(before, after)
        self.assertEqual(change.where, "a (2) › action")

    def test_true_and_one_are_different(self):
        self.assertEqual([c.kind for c in changes({"x": 1}, {"x": True})], ["changed"])
        self.assertEqual([c.kind for c in changes({"x": 1}, {"x": 1.0})], ["changed"])
