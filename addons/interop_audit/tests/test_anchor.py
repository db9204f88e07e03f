import doctest
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..lib import anchor_syslog, comparing, ranges
from ..lib.comparing import compare
from ..lib.evidence import anchor, seal
from ..lib.evidence.seal import Statement

INSTANCE = "5f0c1f0e-1111-4222-8333-444455556666"
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


def statement(number, key=KEY, **values):
    return Statement(
        **{
            "instance": INSTANCE,
            "epoch": 1,
            "after": 0,
            "number": number,
            "kind": "range",
            "low": "1",
            "high": "2",
            "count": 0,
            "first": 0,
            "last": 0,
            "total": 0,
            "root": "0" * 64,
            "previous": "",
            "log": "0" * 64,
            "sealed_at": "2026-03-01T00:00:00.000000Z",
            "key": key.public_key().public_bytes_raw().hex(),
            **values,
        }
    ).text()


def line(number, key=KEY, **values):
    text = statement(number, key, **values)
    return anchor.line(text, seal.sign(key, text), None)


class TestAnchorLine(BaseCase):
    @given(st.text(), st.binary(max_size=80), st.none() | st.binary(min_size=1, max_size=80))
    def test_line_gives_back_what_it_was_made_of(self, text, signature, endorsement):
        made = anchor.line(text, signature, endorsement)
        self.assertTrue(made.isascii() and "\n" not in made)
        found = anchor.parse(made)
        self.assertEqual(
            (found.statement, found.signature, found.endorsement),
            (text, signature, endorsement or b""),
        )

    @given(st.data())
    def test_line_that_was_touched_is_refused_or_not_genuine(self, data):
        made = line(7)
        at = data.draw(st.integers(0, len(made) - 1))
        other = data.draw(st.characters(max_codepoint=126, min_codepoint=32))
        touched = made[:at] + other + made[at + 1 :]
        public = KEY.public_key().public_bytes_raw().hex()
        try:
            genuine = anchor.parse(touched).is_signed_by(public)
        except ValueError:
            genuine = False
        self.assertEqual(genuine, touched == made)

    def test_other_forms_of_the_same_json_are_refused(self):
        facts = json.loads(line(1))
        for text in (
            json.dumps(facts),
            json.dumps(facts | {"more": "1"}, sort_keys=True, separators=(",", ":")),
            json.dumps(facts | {"format": "other/1"}, sort_keys=True, separators=(",", ":")),
            json.dumps(facts | {"signature": 1}, sort_keys=True, separators=(",", ":")),
            json.dumps(facts | {"signature": "xy"}, sort_keys=True, separators=(",", ":")),
            "[]",
            "",
            "null",
        ):
            with self.assertRaises(ValueError, msg=text):
                anchor.parse(text)

    def test_line_signed_with_another_key_is_not_genuine(self):
        other = Ed25519PrivateKey.generate()
        text = statement(1)
        forged = anchor.parse(anchor.line(text, seal.sign(other, text), None))
        self.assertFalse(forged.is_signed_by(KEY.public_key().public_bytes_raw().hex()))

    def test_examples_in_the_documentation_hold(self):
        for module in (anchor, ranges, anchor_syslog, comparing):
            self.assertEqual(doctest.testmod(module).failed, 0, module)


class TestComparing(BaseCase):
    def problem(self, texts, stored, reached=3, accepted=None):
        return compare(texts, INSTANCE, reached, accepted).problem(stored)

    def setUp(self):
        super().setUp()
        self.lines = [line(number) for number in (1, 2, 3)]
        self.stored = {number: statement(number) for number in (1, 2, 3)}

    def test_same_seals_are_no_problem(self):
        self.assertIsNone(self.problem(self.lines, self.stored))

    def test_lines_that_are_doubled_torn_or_of_others_are_passed_over(self):
        other = line(9, instance="00000000-1111-4222-8333-444455556666")
        texts = [*self.lines, self.lines[1], self.lines[2][:70], other, "", "noise"]
        self.assertIsNone(self.problem(texts, self.stored))

    def test_seal_that_the_database_lost_is_named(self):
        del self.stored[3]
        self.assertRegex(self.problem(self.lines, self.stored), "Seal 3 .* does not have it")

    def test_seal_that_the_database_has_otherwise_is_named(self):
        self.stored[2] = statement(2, root="1" * 64)
        self.assertRegex(self.problem(self.lines, self.stored), "Seal 2 .* rewritten")

    def test_two_anchors_of_one_number_are_named_whichever_the_database_has(self):
        twice = [*self.lines, line(2, root="1" * 64)]
        self.assertRegex(self.problem(twice, self.stored), "Seal 2 .* rewritten")
        self.stored[2] = statement(2, root="1" * 64)
        self.assertRegex(self.problem(twice, self.stored), "Seal 2 .* rewritten")

    def test_anchor_with_a_signature_of_another_is_named(self):
        text = statement(2, root="1" * 64)
        forged = anchor.line(text, seal.sign(Ed25519PrivateKey.generate(), text), None)
        self.assertRegex(self.problem([*self.lines, forged], self.stored), "seal 2 is not signed")

    def test_anchors_that_are_gone_are_named(self):
        self.assertRegex(self.problem(self.lines[:2], self.stored), "Seal 3 .* there is 2")
        self.assertRegex(self.problem([], self.stored), "Seal 3 .* there is none")

    def test_what_a_person_accepted_is_passed_over_and_what_follows_is_not(self):
        self.stored[2] = statement(2, root="1" * 64)
        accepted = "2026-03-01T00:00:00.000000Z"
        self.assertIsNone(self.problem(self.lines, self.stored, accepted=accepted))
        later = line(4, sealed_at="2026-03-01T00:00:00.000001Z")
        self.assertRegex(
            self.problem([*self.lines, later], self.stored, accepted=accepted),
            "Seal 4 .* does not have it",
        )


class TestRanges(BaseCase):
    @given(st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)))
    def test_ranges_hold_their_numbers_and_none_of_the_others(self, mine, others):
        others -= mine
        made = ranges.Ranges(ranges.runs(mine, sorted(mine | others)))
        for number in mine:
            self.assertIn(number, made)
        for number in others:
            self.assertNotIn(number, made)
