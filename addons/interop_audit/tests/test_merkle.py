import hashlib

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..lib.evidence import merkle

sizes = st.integers(0, 70)
few = st.integers(1, 24)


def leaves(count):
    return [hashlib.sha256(b"\x00%d" % number).digest() for number in range(count)]


def by_the_letter(hashes):
    """MTH as RFC 6962 section 2.1 writes it down."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    left, right = by_the_letter(hashes[:split]), by_the_letter(hashes[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@st.composite
def bent(draw, proof):
    """The proof with one thing changed: a bit, an order, one more, one less."""
    proof = list(proof)
    ways = ["longer"] + (["bit", "shorter"] if proof else [])
    if len(set(proof)) > 1:
        ways.append("order")
    match draw(st.sampled_from(ways)):
        case "bit":
            at = draw(st.integers(0, len(proof) - 1))
            bit = draw(st.integers(0, 255))
            data = bytearray(proof[at])
            data[bit // 8] ^= 1 << bit % 8
            proof[at] = bytes(data)
        case "longer":
            proof.insert(
                draw(st.integers(0, len(proof))), draw(st.binary(min_size=32, max_size=32))
            )
        case "shorter":
            del proof[draw(st.integers(0, len(proof) - 1))]
        case "order":
            proof.append(proof.pop(0))
    return proof


class TestMerkle(BaseCase):
    def test_roots_are_those_of_rfc_6962(self):
        for count in range(70):
            self.assertEqual(merkle.root(leaves(count)), by_the_letter(leaves(count)))

    @given(few, st.data())
    def test_inclusion_proof_accepts_the_leaf_at_its_place_only(self, size, data):
        hashes = leaves(size)
        index = data.draw(st.integers(0, size - 1))
        proof = merkle.inclusion_proof(hashes, index)
        root = merkle.root(hashes)
        for at in range(size):
            for leaf in (*hashes, hashlib.sha256(b"another").digest()):
                true = at == index and leaf == hashes[index]
                self.assertEqual(merkle.verify_inclusion(leaf, at, size, proof, root), true)

    @given(few, st.data())
    def test_bent_inclusion_proof_is_refused(self, size, data):
        hashes = leaves(size)
        index = data.draw(st.integers(0, size - 1))
        proof = data.draw(bent(merkle.inclusion_proof(hashes, index)))
        root = merkle.root(hashes)
        self.assertFalse(merkle.verify_inclusion(hashes[index], index, size, proof, root))

    @given(few, st.data())
    def test_inclusion_proof_is_of_one_tree_only(self, size, data):
        hashes = leaves(size)
        index = data.draw(st.integers(0, size - 1))
        proof = merkle.inclusion_proof(hashes, index)
        other = merkle.root([*hashes, hashlib.sha256(b"more").digest()])
        self.assertFalse(merkle.verify_inclusion(hashes[index], index, size, proof, other))
        for place in (-1, size, size + 1):
            root = merkle.root(hashes)
            self.assertFalse(merkle.verify_inclusion(hashes[index], place, size, proof, root))

    @given(sizes, st.data())
    def test_consistency_proof_accepts_the_beginning_only(self, second, data):
        first = data.draw(st.integers(0, second))
        hashes = leaves(second)
        proof = merkle.consistency_proof(hashes, first)
        old, new = merkle.root(hashes[:first]), merkle.root(hashes)
        self.assertTrue(merkle.verify_consistency(first, second, old, new, proof))
        other = hashlib.sha256(b"another").digest()
        self.assertFalse(merkle.verify_consistency(first, second, other, new, proof))
        if first:
            self.assertFalse(merkle.verify_consistency(first, second, old, other, proof))

    @given(few, st.data())
    def test_consistency_is_refused_for_a_history_that_was_changed(self, second, data):
        """Whatever proof the changed history gives: the old root does not fit."""
        first = data.draw(st.integers(1, second))
        hashes = leaves(second)
        old = merkle.root(hashes[:first])
        changed = list(hashes)
        changed[data.draw(st.integers(0, first - 1))] = hashlib.sha256(b"another").digest()
        proof = merkle.consistency_proof(changed, first)
        new = merkle.root(changed)
        self.assertFalse(merkle.verify_consistency(first, second, old, new, proof))

    @given(few, st.data())
    def test_bent_consistency_proof_is_refused(self, second, data):
        first = data.draw(st.integers(0, second))
        hashes = leaves(second)
        proof = data.draw(bent(merkle.consistency_proof(hashes, first)))
        old, new = merkle.root(hashes[:first]), merkle.root(hashes)
        self.assertFalse(merkle.verify_consistency(first, second, old, new, proof))

    @given(few, st.data())
    def test_consistency_proof_is_of_two_sizes_only(self, second, data):
        hashes = leaves(second)
        first = data.draw(st.integers(1, second))
        proof = merkle.consistency_proof(hashes, first)
        old, new = merkle.root(hashes[:first]), merkle.root(hashes)
        for size in range(second + 2):
            if size != first:
                self.assertFalse(merkle.verify_consistency(size, second, old, new, proof))

    @given(sizes, sizes)
    def test_frontier_has_the_root_of_the_tree_and_goes_on_from_its_bytes(self, size, more):
        frontier = merkle.Frontier()
        for leaf in leaves(size):
            frontier.append(leaf)
        self.assertEqual(frontier.root(), merkle.root(leaves(size)))
        again = merkle.Frontier.from_bytes(frontier.to_bytes())
        for leaf in leaves(size + more)[size:]:
            again.append(leaf)
        self.assertEqual(again.root(), merkle.root(leaves(size + more)))
        self.assertEqual(again.size, size + more)

    def test_bytes_that_are_no_frontier_are_refused(self):
        good = merkle.Frontier()
        good.append(leaves(1)[0])
        for data in (b"", b"\0" * 7, good.to_bytes()[:-1], b"\0" * 7 + b"\3" + b"x" * 32):
            with self.assertRaises(ValueError):
                merkle.Frontier.from_bytes(data)

    def test_proofs_of_what_is_not_there_are_not_made(self):
        with self.assertRaises(IndexError):
            merkle.inclusion_proof(leaves(3), 3)
        with self.assertRaises(IndexError):
            merkle.consistency_proof(leaves(3), 4)
