"""The judge of the fault tests must be able to find each thing guilty."""

from dataclasses import replace

import pytest
from invariant import Delivery, Facts, Message, Received, violations


def facts(**changes):
    """Three messages of a chain, one without a chain, and an inbound one; all went well."""
    messages = [
        Message(uuid, position, "done", chain, ok_attempts=1, told=1)
        for uuid, position, chain in (("a", 1, "x"), ("b", 2, "x"), ("c", 3, "x"), ("d", 4, None))
    ]
    deliveries = [
        Delivery(uuid, 202, began, began + 1, sha256=uuid, reference=uuid)
        for uuid, began in (("a", 0), ("b", 2), ("c", 4), ("d", 0.5))
    ]
    good = {
        "accepted": ["a", "b", "c", "d"],
        "messages": messages,
        "deliveries": deliveries,
        "in_flight": {"meridian": 0},
        "delivered_to_us": ["r1", "r1"],
        "received": [Received("i", "r1", "done", 1)],
    }
    return Facts(**good | changes)


def with_message(uuid, **changes):
    found = facts().messages
    return facts(messages=[replace(m, **changes) if m.uuid == uuid else m for m in found])


def with_delivery(uuid, **changes):
    found = facts().deliveries
    return facts(deliveries=[replace(d, **changes) if d.key == uuid else d for d in found])


def and_delivery(**more):
    return facts(deliveries=[*facts().deliveries, Delivery(**more)])


def test_what_went_well_is_not_blamed():
    assert violations(facts()) == []


def test_a_repeat_with_the_same_key_and_bytes_is_not_blamed():
    repeated = and_delivery(key="a", status=202, began=6, ended=7, sha256="a", reference="a")
    assert violations(repeated) == []


BROKEN = {
    "accepted messages are not in the queue": facts(accepted=["a", "b", "c", "d", "e"]),
    "messages are in the queue that nobody was promised": facts(accepted=["a", "b", "c"]),
    "4 accepted, but 3 done": with_message("d", state="waiting"),
    "messages still have a lease": with_message("d", leased=True),
    "connector meridian counts 2 in flight": facts(in_flight={"meridian": 2}),
    "keys at the partner belong to no message": and_delivery(key="z", status=500, began=9, ended=9),
    "count as sent and the partner has not taken them": with_delivery("d", status=500),
    "were taken by the partner and do not count as sent": with_message(
        "d", state="dead", failure_class="partner"
    ),
    "documents went out under several keys": with_delivery("d", reference="c"),
    "keys went out with different bytes": and_delivery(
        key="a", status=202, began=6, ended=7, sha256="other"
    ),
    "just one of: accepted attempts": with_message("d", ok_attempts=2),
    "just one of: audit entries": with_message("d", told=0),
    "chains reached the partner out of order": with_delivery("b", began=6, ended=7),
    "chains had two messages at the partner at once": and_delivery(
        key="a", status=202, began=4.5, ended=5, sha256="a", reference="a"
    ),
    "deliveries that we took have no message": facts(received=[]),
    "deliveries became more than one message": facts(
        received=[Received("i", "r1", "done", 1), Received("j", "r1", "done", 1)]
    ),
    "inbound messages had no or several effects": facts(received=[Received("i", "r1", "done", 2)]),
    "inbound messages have not ended": facts(received=[Received("i", "r1", "ready", 0)]),
}


@pytest.mark.parametrize("sentence", BROKEN)
def test_each_broken_promise_is_told(sentence):
    told = violations(BROKEN[sentence])
    assert any(sentence in each for each in told), told


def test_only_what_stands_behind_a_dead_letter_may_wait():
    found = {m.uuid: m for m in facts().messages}
    found["a"] = replace(found["a"], state="dead", failure_class="data", ok_attempts=0, told=0)
    for uuid in "bcd":
        found[uuid] = replace(found[uuid], state="waiting", ok_attempts=0, told=0)
    stuck = facts(messages=list(found.values()), deliveries=[])
    [told] = violations(stuck, held=True)
    assert "no dead letter is before them: d" in told
