"""What must be true after any fault, judged from the queue's rows and the partner's own journal.

It is written once, here. `violations` returns sentences; an empty list means that the promise of
`docs/guarantees.rst` was kept. It asks nothing of the engine and cannot be fooled by its logs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

LEFT = ("sent", "done")
FINAL = (*LEFT, "dead", "cancelled")
# A dead letter of these classes may have reached the partner: no answer came, or the worker that
# would have heard it died.
MAYBE_LEFT = ("uncertain", "internal")
SHOWN = 5


@dataclass(frozen=True)
class Message:
    """One row of the queue. `position` tells its place in its chain."""

    uuid: str
    position: int
    state: str
    chain: str | None = None
    failure_class: str | None = None
    leased: bool = False
    ok_attempts: int = 0
    """Attempts that were noted as accepted."""
    told: int = 0
    """Entries of the audit trail that say it was sent."""
    answered: bool = False


@dataclass(frozen=True)
class Delivery:
    """One request at the partner."""

    key: str
    status: int
    began: float
    ended: float
    sha256: str = ""
    reference: str = ""
    """The number and revision that the body names."""

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Received:
    """One inbound message. `effects` counts what it did to Odoo's records."""

    uuid: str
    sender_ref: str
    state: str
    effects: int


@dataclass
class Facts:
    """`accepted`: what the emitter was told is in the queue, after its commit."""

    accepted: Sequence[str]
    messages: Sequence[Message]
    deliveries: Sequence[Delivery]
    in_flight: Mapping[str, int] = field(default_factory=dict)
    delivered_to_us: Sequence[str] = ()
    """What the partner was told that we have: the ids of its deliveries."""
    received: Sequence[Received] = ()

    @property
    def by_uuid(self) -> dict[str, Message]:
        return {message.uuid: message for message in self.messages}

    def first(self, only_accepted: bool = False) -> dict[str, Delivery]:
        """The first delivery of each key."""
        found: dict[str, Delivery] = {}
        for delivery in sorted(self.deliveries, key=lambda each: each.began):
            if delivery.accepted or not only_accepted:
                found.setdefault(delivery.key, delivery)
        return found


def violations(facts: Facts, held: bool = False) -> list[str]:
    """Each broken promise as one sentence. `held`: messages may wait behind a dead letter."""
    checks: Iterable[Callable[[Facts], Iterator[str]]] = (
        _nothing_is_lost_or_invented,
        _everything_has_ended_behind_dead_letters if held else _everything_has_ended,
        _nothing_is_in_anybodys_hands,
        _the_partner_has_what_left,
        _one_key_for_one_document,
        _each_outcome_is_written_once,
        _chains_are_in_order,
        _never_two_of_a_chain_at_once,
        _inbound_has_one_effect,
    )
    return [sentence for check in checks for sentence in check(facts)]


# -- the books balance -------------------------------------------------------------------------


def _nothing_is_lost_or_invented(facts: Facts) -> Iterator[str]:
    accepted, known = Counter(facts.accepted), Counter(m.uuid for m in facts.messages)
    yield from _listed("accepted messages are not in the queue", accepted - known)
    yield from _listed("messages are in the queue that nobody was promised", known - accepted)


def _everything_has_ended(facts: Facts) -> Iterator[str]:
    states = Counter(message.state for message in facts.messages)
    ended = sum(states[state] for state in FINAL)
    if ended != len(facts.accepted):
        told = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        yield f"{len(facts.accepted)} accepted, but {ended} done, sent, dead or cancelled ({told})"


def _everything_has_ended_behind_dead_letters(facts: Facts) -> Iterator[str]:
    dead = [message for message in facts.messages if message.state == "dead"]
    first = {m.chain: m.position for m in sorted(dead, key=lambda m: -m.position) if m.chain}
    open_ones = {
        message.uuid
        for message in facts.messages
        if message.state not in FINAL
        and not (message.chain in first and first[message.chain] < message.position)
    }
    yield from _listed("messages have not ended and no dead letter is before them", open_ones)


def _nothing_is_in_anybodys_hands(facts: Facts) -> Iterator[str]:
    leased = {message.uuid for message in facts.messages if message.leased}
    yield from _listed("messages still have a lease or are running", leased)
    for connector, number in facts.in_flight.items():
        if number:
            yield f"connector {connector} counts {number} in flight, and nothing is"


# -- what the partner saw ----------------------------------------------------------------------


def _the_partner_has_what_left(facts: Facts) -> Iterator[str]:
    known = facts.by_uuid
    taken = {delivery.key for delivery in facts.deliveries if delivery.accepted}
    left = {uuid for uuid, message in known.items() if message.state in LEFT}
    maybe = {
        uuid
        for uuid, message in known.items()
        if message.state in ("dead", "cancelled") and message.failure_class in MAYBE_LEFT
    }
    strange = {delivery.key for delivery in facts.deliveries} - known.keys()
    yield from _listed("keys at the partner belong to no message", strange)
    yield from _listed("messages count as sent and the partner has not taken them", left - taken)
    quiet = (taken & known.keys()) - left - maybe
    yield from _listed("messages were taken by the partner and do not count as sent", quiet)


def _one_key_for_one_document(facts: Facts) -> Iterator[str]:
    keys, bodies = defaultdict(set), defaultdict(set)
    for delivery in facts.deliveries:
        bodies[delivery.key].add(delivery.sha256)
        if delivery.reference:
            keys[delivery.reference].add(delivery.key)
    several = {reference for reference, found in keys.items() if len(found) > 1}
    yield from _listed("documents went out under several keys", several)
    changed = {key for key, found in bodies.items() if len(found) > 1}
    yield from _listed("keys went out with different bytes", changed)


def _each_outcome_is_written_once(facts: Facts) -> Iterator[str]:
    for what, count in (("ok_attempts", "accepted attempts"), ("told", "audit entries")):
        wrong = {
            message.uuid
            for message in facts.messages
            if getattr(message, what) > 1
            or (message.state in LEFT and not getattr(message, what) and not message.answered)
        }
        yield from _listed(f"messages do not have just one of: {count}", wrong)


# -- order -------------------------------------------------------------------------------------


def _chains(facts: Facts) -> Iterator[tuple[str, list[Message]]]:
    members: dict[str, list[Message]] = defaultdict(list)
    for message in facts.messages:
        if message.chain is not None:
            members[message.chain].append(message)
    for chain, found in members.items():
        yield chain, sorted(found, key=lambda message: message.position)


def _chains_are_in_order(facts: Facts) -> Iterator[str]:
    """The first delivery of each comes after the one before was taken for the first time."""
    first, taken = facts.first(), facts.first(only_accepted=True)
    wrong = set()
    for chain, messages in _chains(facts):
        sent = [message.uuid for message in messages if message.uuid in first]
        for before, after in pairwise(sent):
            through = taken.get(before) or first[before]
            if first[after].began < through.ended:
                wrong.add(f"{chain} ({after} before {before} was through)")
    yield from _listed("chains reached the partner out of order", wrong)


def _never_two_of_a_chain_at_once(facts: Facts) -> Iterator[str]:
    chain_of = {message.uuid: message.chain for message in facts.messages if message.chain}
    spans: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in sorted(facts.deliveries, key=lambda each: each.began):
        if delivery.key in chain_of:
            spans[chain_of[delivery.key]].append(delivery)
    together = {
        chain
        for chain, found in spans.items()
        for before, after in pairwise(found)
        if after.began < before.ended and after.key != before.key
    }
    yield from _listed("chains had two messages at the partner at once", together)


# -- inbound -----------------------------------------------------------------------------------


def _inbound_has_one_effect(facts: Facts) -> Iterator[str]:
    known = Counter(each.sender_ref for each in facts.received)
    expected = Counter(set(facts.delivered_to_us))
    yield from _listed("deliveries that we took have no message", expected - known)
    yield from _listed("deliveries became more than one message", known - expected)
    wrong = {each.uuid for each in facts.received if each.effects != (each.state == "done")}
    yield from _listed("inbound messages had no or several effects", wrong)
    open_ones = {each.uuid for each in facts.received if each.state not in FINAL}
    yield from _listed("inbound messages have not ended", open_ones)


def _listed(what: str, found: Iterable[str]) -> Iterator[str]:
    names = sorted(found)
    if names:
        shown = ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
        yield f"{len(names)} {what}: {shown}"
