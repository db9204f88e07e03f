"""Whatever is bent in a trail, a verification finds something; in a true one it finds nothing."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..lib.evidence import leaf
from ..lib.evidence.source import Epoch
from .trails import Trail, entry, entry_id, key, public, txid

texts = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=8)


@st.composite
def trail(draw, least=1):
    """Any trail: transactions in any order, seals of any size, epochs and keys that change."""
    made = Trail()
    made.seal_bridge(0)
    number, low, keys = 0, 700, 1
    for _turn in range(draw(st.integers(1, 3))):
        for _seal in range(draw(st.integers(1, 3))):
            high = low + draw(st.integers(1, 4))
            writers = draw(st.lists(st.integers(low, high + 1), min_size=least, max_size=5))
            for writer in sorted(writers, key=lambda x: x // 3):
                number += draw(st.integers(1, 3))
                made.lines.append(entry(number, max(writer, low), details=draw(texts)))
            if draw(st.booleans()) and keys < 3:
                keys += 1
                made.key = key(keys)
                made.seal_range(low, high, endorsed_by=key(keys - 1))
            else:
                made.seal_range(low, high)
            low = high
        if draw(st.booleans()):
            made.begin_epoch()
            low = draw(st.integers(700, 710))
    # So that nothing of what is there is unsealed: that, an attacker could bend.
    made.seal_range(low, 10_000)
    return made


def _one(chance, things):
    return chance.randrange(len(things))


def _swap_bit(chance, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


def change_entry(chance, bent):
    at = _one(chance, bent.lines)
    values = leaf.values(bent.lines[at])
    column = chance.randrange(1, len(values))
    numbers = ("ts", "txid", "res_id")
    old = values[column]
    is_number = leaf.COLUMNS[column] in numbers
    values[column] = str(int(old or 0) + 1) if is_number else (old or "") + "x"
    bent.lines[at] = leaf.line(values)


def remove_entry(chance, bent):
    del bent.lines[_one(chance, bent.lines)]


def insert_entry(chance, bent):
    after = max(map(entry_id, bent.lines))
    twin = bent.lines[_one(chance, bent.lines)]
    bent.lines.append(entry(after + chance.randrange(1, 9), txid(twin), "test.new"))


def swap_contents(chance, bent):
    a, b = chance.sample(range(len(bent.lines)), 2)
    one, two = leaf.values(bent.lines[a]), leaf.values(bent.lines[b])
    at = chance.randrange(4)
    bent.lines[a] = leaf.line([*one[:at], *two[at:]]) if at else _with_id(two, one)
    bent.lines[b] = leaf.line([*two[:at], *one[at:]]) if at else _with_id(one, two)


def _with_id(values, other):
    return leaf.line([other[0], *values[1:]])


def bend_leaves(chance, bent):
    at = chance.choice(sorted(bent.leaves))
    bent.leaves[at] = _swap_bit(chance, bent.leaves[at])


def remove_leaves(chance, bent):
    del bent.leaves[chance.choice(sorted(bent.leaves))]


def bend_statement(chance, bent):
    at = _one(chance, bent.seals)
    text = bent.seals[at].statement
    place = chance.choice([i for i, char in enumerate(text) if char.isdigit()])
    digit = str((int(text[place]) + chance.randrange(1, 10)) % 10)
    bent.seals[at] = replace(bent.seals[at], statement=text[:place] + digit + text[place + 1 :])


def bend_signature(chance, bent):
    at = _one(chance, bent.seals)
    signature = _swap_bit(chance, bent.seals[at].signature)
    bent.seals[at] = replace(bent.seals[at], signature=signature)


def bend_frontier(chance, bent):
    at = _one(chance, bent.seals)
    bent.seals[at] = replace(bent.seals[at], frontier=_swap_bit(chance, bent.seals[at].frontier))


def remove_seal(chance, bent):
    # The last one may be cut off unseen without an anchor: there is one.
    del bent.seals[_one(chance, bent.seals)]


def swap_seals(chance, bent):
    a, b = chance.sample(range(len(bent.seals)), 2)
    bent.seals[a], bent.seals[b] = bent.seals[b], bent.seals[a]


def sign_with_another_key(chance, bent):
    anew = Trail(bent.lines, epochs_=[Epoch(1, 0)], key=key(9))
    anew.seal_bridge(0)
    anew.seal_range(700, 10_000)
    bent.__dict__.update(anew.__dict__)


BENDS = (
    change_entry,
    remove_entry,
    insert_entry,
    swap_contents,
    bend_leaves,
    remove_leaves,
    bend_statement,
    bend_signature,
    bend_frontier,
    remove_seal,
    swap_seals,
    sign_with_another_key,
)


def as_seen(made):
    """All that a verification reads of it."""
    return (sorted(made.lines), made.seals, made.leaves, made.epochs_)


class TestAnyTrail(BaseCase):
    @settings(deadline=None, max_examples=60)
    @given(trail())
    def test_a_true_trail_is_clean(self, made):
        report = made.verify([public()], anchors=made.anchor_lines())
        self.assertEqual([each for each in report.findings if each.severity != "note"], [])
        self.assertEqual(report.entries, len(made.lines))

    @settings(deadline=None, max_examples=200)
    @given(trail(least=2), st.sampled_from(BENDS), st.randoms(use_true_random=False))
    def test_whatever_is_bent_is_found(self, made, bend, chance):
        anchors, before = made.anchor_lines(), as_seen(made)
        before = (list(before[0]), list(before[1]), dict(before[2]), list(before[3]))
        bend(chance, made)
        if as_seen(made) == before:
            return  # two equal things changed places
        report = made.verify([public()], anchors=anchors)
        self.assertFalse(report.is_clean, bend.__name__)

    @settings(deadline=None, max_examples=60)
    @given(trail(least=2), st.sampled_from(BENDS[:4]), st.randoms(use_true_random=False))
    def test_a_bent_entry_is_found_though_its_leaf_was_bent_alike(self, made, bend, chance):
        before = sorted(made.lines)
        bend(chance, made)
        if sorted(made.lines) == before:
            return
        made.leaves = {number: b"" for number in made.leaves}
        self.assertFalse(made.verify([public()]).is_clean)
