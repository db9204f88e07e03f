"""Three-way merges, by what must hold for any three sides."""

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests.common import BaseCase, tagged

from ..lib.merge import CONFLICT, LOCAL, PACK, SAME, compare, merge

SIDE = st.dictionaries(st.sampled_from("abcdefg"), st.integers(1, 3))
KEYS = st.frozensets(st.sampled_from("abcdefg"))


@tagged("interop_lib")
class TestMerge(BaseCase):
    @given(SIDE, SIDE, SIDE)
    def test_what_nobody_takes_stays_as_it_is_here(self, base, theirs, mine):
        self.assertEqual(merge(base, theirs, mine, ()), mine)

    @given(SIDE, SIDE)
    def test_without_local_changes_taking_all_gives_the_new_pack(self, base, theirs):
        result = merge(base, theirs, base, "abcdefg")
        self.assertEqual(list(result.items()), list(theirs.items()))

    @given(SIDE, SIDE)
    def test_a_pack_that_did_not_change_changes_nothing(self, base, mine):
        self.assertEqual(merge(base, base, mine, "abcdefg"), mine)

    @given(SIDE, SIDE, SIDE, KEYS)
    def test_each_piece_is_the_packs_or_ours_and_only_where_it_was_chosen(
        self, base, theirs, mine, take
    ):
        result = merge(base, theirs, mine, take)
        kinds = {change.key: change.kind for change in compare(base, theirs, mine)}
        for key in "abcdefg":
            chosen = key in take and kinds.get(key) in (PACK, CONFLICT)
            self.assertEqual(result.get(key), theirs.get(key) if chosen else mine.get(key))

    @given(SIDE, SIDE, SIDE)
    def test_a_change_is_named_by_who_made_it(self, base, theirs, mine):
        for change in compare(base, theirs, mine):
            pack, here = change.base != change.theirs, change.base != change.mine
            wanted = {(True, False): PACK, (False, True): LOCAL}.get((pack, here))
            if wanted is None:
                wanted = SAME if change.theirs == change.mine else CONFLICT
            self.assertEqual(change.kind, wanted)

    @given(SIDE, SIDE, SIDE, KEYS)
    def test_done_twice_is_done_once(self, base, theirs, mine, take):
        once = merge(base, theirs, mine, take)
        self.assertEqual(merge(base, theirs, once, take), once)

    def test_a_local_piece_stays_behind_its_neighbour(self):
        base = {"a": 1, "b": 1, "c": 1}
        theirs = {"n": 1, "a": 1, "b": 2, "c": 1}
        mine = {"a": 1, "mine": 9, "b": 1, "c": 1}
        self.assertEqual(list(merge(base, theirs, mine, ["n"])), ["n", "a", "mine", "b", "c"])
