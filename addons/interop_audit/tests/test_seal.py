import json
import string
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..lib.evidence import seal
from ..lib.evidence.seal import BadStatement, Statement

key = Ed25519PrivateKey.generate()
public = key.public_key().public_bytes_raw().hex()
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
numbers = st.integers(0, 2**63)
bounds = st.integers(0, 10**20 - 1).map(str)
statements = st.builds(
    Statement,
    instance=st.uuids().map(str),
    epoch=numbers,
    after=numbers,
    number=numbers,
    kind=st.sampled_from(["range", "bridge"]),
    low=bounds,
    high=bounds,
    count=numbers,
    first=numbers,
    last=numbers,
    total=numbers,
    root=hashes,
    previous=hashes | st.just(""),
    log=hashes,
    sealed_at=st.datetimes().map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z".zfill(27)),
    key=st.just(public),
)
example = Statement(
    instance="0e5b9a4e-53a1-4b0e-9d67-6f1c6f5f2c11",
    epoch=1,
    after=0,
    number=1,
    kind="range",
    low="0",
    high="700",
    count=0,
    first=0,
    last=0,
    total=0,
    root="0" * 64,
    previous="",
    log="1" * 64,
    sealed_at="2026-11-26T05:00:00.000000Z",
    key=public,
)


class TestStatement(BaseCase):
    @given(statements)
    def test_statement_is_read_back_as_it_was_written(self, statement):
        self.assertEqual(Statement.parse(statement.text()), statement)

    @given(statements, statements)
    def test_different_statements_have_different_texts_and_digests(self, one, other):
        self.assertEqual(one.text() == other.text(), one == other)
        same = seal.digest(one.text()) == seal.digest(other.text())
        self.assertEqual(same, one == other)

    @given(st.data())
    def test_text_that_is_not_canonical_is_refused(self, data):
        text = example.text()
        at = data.draw(st.integers(0, len(text)))
        char = data.draw(st.sampled_from(string.printable))
        for changed in (text[:at] + char + text[at:], text[:at] + text[at + 1 :]):
            try:
                found = Statement.parse(changed)
            except BadStatement:
                continue
            # What is still a statement is another one, and says so.
            self.assertEqual(found.text(), changed)

    def test_wrong_values_are_refused(self):
        for name, value in (
            ("format", "interop-audit-seal/2"),
            ("count", -1),
            ("count", True),
            ("count", "1"),
            ("kind", "half"),
            ("root", "0" * 63),
            ("root", "G" * 64),
            ("previous", "x"),
            ("low", "-1"),
            ("low", "01"),
            ("sealed_at", "2026-11-26 05:00"),
            ("key", ""),
            ("instance", 5),
        ):
            data = json.loads(example.text()) | {name: value}
            with self.assertRaises(BadStatement):
                Statement.parse(json.dumps(data, sort_keys=True, separators=(",", ":")))
        for text in ("", "[]", "{}", "null", '{"format":"interop-audit-seal/1"}'):
            with self.assertRaises(BadStatement):
                Statement.parse(text)


class TestSignature(BaseCase):
    def test_only_the_signed_text_by_the_right_key_is_accepted(self):
        text = example.text()
        signature = seal.sign(key, text)
        self.assertTrue(seal.verify(public, text, signature))
        other = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
        self.assertFalse(seal.verify(other, text, signature))
        self.assertFalse(seal.verify(public, replace(example, count=1).text(), signature))
        self.assertFalse(seal.verify(public, text, signature[:-1]))
        self.assertFalse(seal.verify("00", text, signature))
        self.assertFalse(seal.verify("no key", text, signature))

    def test_signature_of_the_bare_text_is_none_of_a_seal(self):
        self.assertFalse(seal.verify(public, example.text(), key.sign(example.text().encode())))


class TestLeaves(BaseCase):
    @given(st.lists(st.tuples(st.integers(0, 2**63), st.binary(min_size=32, max_size=32))))
    def test_leaves_are_read_back_as_they_were_written(self, pairs):
        ids, hashes = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        self.assertEqual(seal.unpack_leaves(seal.pack_leaves(ids, hashes)), (ids, hashes))

    def test_leaves_that_are_cut_off_are_refused(self):
        with self.assertRaises(ValueError):
            seal.unpack_leaves(b"x" * 41)
