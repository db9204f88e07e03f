import copy
import hashlib
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..lib.evidence import bundle_telling, bundle_text, merkle
from ..lib.evidence.bundle import verify_bundle
from ..lib.evidence.levels import Levels
from .bundle_trails import Trail, key_of, public

TRAIL = Trail([3, 0, 7, 1, 12, 5])
SMALL = Trail([4, 2, 3])


@st.composite
def trails(draw):
    sizes = draw(st.lists(st.integers(0, 9), min_size=1, max_size=12))
    trail = Trail(sizes)
    entries = sorted(trail.lines)
    chosen = draw(st.sets(st.sampled_from(entries))) if entries else set()
    return trail, chosen


def places(value, path=()):
    """The place of every number and text within a JSON value."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from places(each, (*path, name))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from places(each, (*path, at))
    else:
        yield path


def bend(value, path, salt):
    """Change one text or number a little."""
    for step in path[:-1]:
        value = value[step]
    old = value[path[-1]]
    if isinstance(old, int):
        value[path[-1]] = old + 1 + salt % 3
    elif old:
        at = salt % len(old)
        value[path[-1]] = old[:at] + ("0" if old[at] != "0" else "1") + old[at + 1 :]
    else:
        value[path[-1]] = "0"


def errors(found):
    return [finding.code for finding in found if finding.severity == "error"]


def check(bundle, key=None, anchors=()):
    return verify_bundle(bundle_text.canonical(bundle), [public(key or TRAIL.key)], anchors)


def anchor(trail, number):
    return trail.seals[number]


SEALED_PARTS = ("entries", "seals", "versions")
PLACES = [
    place
    for place in places({name: SMALL.bundle([1, 3, 6, 9])[name] for name in SEALED_PARTS})
    # What a version is called, and what a key said of its successor, is told by the signature only.
    if place[-1] not in ("endorsement", "title") and place[-2:] != ("parts", "part")
]
EVERYWHERE = list(places(SMALL.bundle([1, 3, 6, 9])))


class TestBundle(BaseCase):
    @given(trails())
    def test_a_true_bundle_is_accepted(self, drawn):
        trail, chosen = drawn
        found = check(trail.bundle(chosen), trail.key)
        self.assertFalse(errors(found), found)

    def test_a_true_bundle_has_nothing_to_say_against_it(self):
        self.assertEqual(check(TRAIL.bundle([1, 5, 20])), [])

    @given(st.sampled_from(EVERYWHERE), st.integers(0, 400))
    @settings(max_examples=300)
    def test_whatever_is_changed_in_it_is_found(self, place, salt):
        bundle = copy.deepcopy(SMALL.bundle([1, 3, 6, 9]))
        bend(bundle, place, salt)
        self.assertTrue(errors(check(bundle, SMALL.key)), place)

    @given(st.sampled_from(PLACES), st.integers(0, 400))
    @settings(max_examples=400)
    def test_the_seals_find_changes_even_if_the_bundle_is_signed_anew(self, place, salt):
        bundle = copy.deepcopy(SMALL.bundle([1, 3, 6, 9]))
        bend(bundle, place, salt)
        bundle = bundle_text.sign(SMALL.key, bundle)
        self.assertTrue(errors(check(bundle, SMALL.key)), place)

    @given(st.sampled_from(["entries", "seals", "versions", "consistency"]), st.data())
    def test_nothing_can_be_left_out_or_added_after_it_was_signed(self, part, data):
        bundle = copy.deepcopy(SMALL.bundle([1, 3, 6, 9], against=[1]))
        if bundle[part]:
            at = data.draw(st.integers(0, len(bundle[part]) - 1))
            if data.draw(st.booleans()):
                del bundle[part][at]
            else:
                bundle[part].insert(at, copy.deepcopy(bundle[part][at]))
            self.assertTrue(errors(check(bundle, SMALL.key)))

    def test_entries_of_another_trail_are_refused(self):
        other = Trail([3, 0, 7, 1, 12, 5], key="two")
        self.assertIn("wrong_key", errors(check(other.bundle([1, 5]))))
        mixed = copy.deepcopy(TRAIL.bundle([1, 5]))
        mixed["entries"][0] = other.bundle([1])["entries"][0]
        mixed["entries"][0]["line"] = mixed["entries"][0]["line"].replace("message.sent", "forged")
        self.assertEqual(errors(check(bundle_text.sign(TRAIL.key, mixed))), ["changed"])

    def test_a_seal_of_another_history_is_refused(self):
        other = Trail([2, 2, 7, 1, 12, 5])
        mixed = copy.deepcopy(TRAIL.bundle([1, 5, 20]))
        mixed["seals"][0] = other.bundle([1])["seals"][0]
        found = errors(check(bundle_text.sign(TRAIL.key, mixed)))
        self.assertIn("broken_chain", found)

    def test_a_forger_with_a_key_of_his_own_is_found(self):
        forged = TRAIL.bundle([1, 5], signed_by=key_of("forger"))
        self.assertEqual(errors(check(forged)), ["wrong_key"])

    def test_what_people_read_says_true_or_not(self):
        data = bundle_text.canonical(TRAIL.bundle([1, 5]))
        [line] = bundle_telling.as_text(data, verify_bundle(data, [public(TRAIL.key)]))
        self.assertRegex(
            line, r"^TRUE: 2 entries in .* seals, up to seal \d+; SHA-256 [0-9a-f]{64}"
        )
        *lines, verdict = bundle_telling.as_text(data, verify_bundle(data, []))
        self.assertTrue(lines[0].startswith("error: wrong_key: "), lines)
        self.assertTrue(verdict.startswith("NOT TRUE"), verdict)

    def test_without_a_public_key_nothing_is_believed(self):
        data = bundle_text.canonical(TRAIL.bundle([1]))
        self.assertEqual(errors(verify_bundle(data, [])), ["wrong_key"])

    def test_after_a_rotation_the_newest_seal_vouches_for_older_ones(self):
        trail = Trail([3, 4, 5], rotated=3)
        found = check(trail.bundle([1, 8]), trail.key)
        self.assertEqual([(each.code, each.severity) for each in found], [("wrong_key", "note")])
        self.assertIn("wrong_key", errors(check(trail.bundle([1, 8]), key_of("one"))))

    def test_another_form_of_the_same_json_is_refused(self):
        bundle = TRAIL.bundle([1])
        data = json.dumps(bundle, indent=1).encode()
        self.assertEqual(errors(verify_bundle(data, [public(TRAIL.key)])), ["bad_statement"])

    @given(st.binary(max_size=60) | st.just(b"[]") | st.just(b"{}") | st.just(b"9" * 5000))
    def test_what_is_no_bundle_is_called_so(self, data):
        self.assertEqual(errors(verify_bundle(data, [public(TRAIL.key)])), ["bad_statement"])

    def test_an_entry_cannot_stand_twice_nor_out_of_order(self):
        twice = copy.deepcopy(TRAIL.bundle([1, 5, 20]))
        twice["entries"].append(twice["entries"][-1])
        self.assertIn("inserted", errors(check(bundle_text.sign(TRAIL.key, twice))))
        turned = copy.deepcopy(TRAIL.bundle([1, 5, 20]))
        turned["entries"].reverse()
        self.assertIn("reordered", errors(check(bundle_text.sign(TRAIL.key, turned))))

    def test_a_version_that_no_entry_names_is_remarked_upon(self):
        found = check(TRAIL.bundle([]))
        self.assertEqual([(each.code, each.severity) for each in found], [("unsealed", "note")])

    # -- anchors -------------------------------------------------------------------------------

    @given(st.lists(st.integers(0, 4), min_size=2, max_size=14), st.data())
    def test_an_anchor_of_the_same_history_agrees(self, sizes, data):
        trail = Trail(sizes)
        number = data.draw(st.integers(1, len(sizes)))
        bundle = trail.bundle([], against=[number])
        found = check(bundle, trail.key, [anchor(trail, number)])
        self.assertFalse([each for each in found if each.severity != "note"], found)

    @given(st.lists(st.integers(1, 4), min_size=2, max_size=9), st.data())
    def test_an_anchor_of_a_rewritten_history_does_not(self, sizes, data):
        trail = Trail(sizes)
        number = data.draw(st.integers(1, len(sizes)))
        rewritten = Trail([sizes[0] + 1, *sizes[1:]])
        bundle = rewritten.bundle([], against=[number])
        found = check(bundle, trail.key, [anchor(trail, number)])
        self.assertEqual(errors(found), ["rewritten"])

    def test_an_anchor_that_the_bundle_does_not_know_is_remarked_upon(self):
        bundle = TRAIL.bundle([20], head=5)
        for number, code in ((2, "unsealed"), (6, "truncated")):
            [found] = check(bundle, anchors=[anchor(TRAIL, number)])
            self.assertEqual((found.code, found.severity), (code, "warning"))

    def test_of_a_whole_file_of_anchors_one_that_agrees_is_enough(self):
        lines = [
            json.dumps({"statement": each.statement, "signature": each.signature.hex()})
            for each in TRAIL.seals.values()
        ]
        self.assertEqual(check(TRAIL.bundle([20], head=5), anchors=[*lines, ""]), [])

    def test_a_line_that_is_no_anchor_is_told(self):
        for line in ("{}", "[]", "no", '{"statement":"{}","signature":"00"}'):
            self.assertEqual(errors(check(TRAIL.bundle([20]), anchors=[line])), ["bad_statement"])

    def test_an_anchor_that_anybody_could_have_written_proves_nothing(self):
        stranger = Trail([3, 3, 3], key="two")
        for entries in ([1], [20]):
            [found] = check(TRAIL.bundle(entries), anchors=[anchor(stranger, 1)])
            self.assertEqual((found.code, found.severity), ("bad_statement", "warning"))

    def test_an_anchor_of_another_installation_of_ours_is_told(self):
        stranger = Trail([3, 3, 3], key="two")
        data = bundle_text.canonical(TRAIL.bundle([20]))
        trusted = [public(TRAIL.key), public(stranger.key)]
        for number in (1, 3):
            found = verify_bundle(data, trusted, [anchor(stranger, number)])
            self.assertEqual(errors(found), ["rewritten"])


class TestLevels(BaseCase):
    @given(st.integers(0, 70), st.data())
    def test_its_proofs_are_those_of_the_standard(self, size, data):
        hashes = [hashlib.sha256(bytes([at])).digest() for at in range(size)]
        tree = Levels(hashes)
        self.assertEqual(tree.root(), merkle.root(hashes))
        first = data.draw(st.integers(0, size))
        self.assertEqual(tree.consistency(first), merkle.consistency_proof(hashes, first))
        if size:
            index = data.draw(st.integers(0, size - 1))
            self.assertEqual(tree.inclusion(index), merkle.inclusion_proof(hashes, index))

    def test_there_is_no_proof_of_what_is_not_there(self):
        tree = Levels([b"0" * 32])
        for call in (lambda: tree.inclusion(1), lambda: tree.consistency(2)):
            with self.assertRaises(IndexError):
                call()
