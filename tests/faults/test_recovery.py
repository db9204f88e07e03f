"""The machine burns and a backup is restored: nothing leaves twice, and what was lost is listed.

When the backup was made some orders had been sent and some waited. Then most of those left, new
ones came and left, and the database was lost. Over the restored one run scheduled actions and a
worker. It sends nothing before one person has asked, the gaps are known, and another has approved.
"""

from __future__ import annotations

import base64
from collections import Counter
from xmlrpc.client import Fault

import pytest
from copying import lanes_tried, nudge, odoo_over, rows
from disaster import FILE, HTTP, KEYS, WAITING, Journal, burn, in_production, live_in
from farm import until
from interop_setup.processes import free_port
from running import Rpc

ASKS, APPROVES = "asks", "approves"
#: Who asks may approve, too, but not what was asked by the same person.
PEOPLE = {ASKS: ("manager", "approver"), APPROVES: ("approver",)}
DECISIONS = {FILE: "ask", HTTP: "ask", KEYS: "again"}


@pytest.fixture
def house(fault_server, tmp_path):
    with in_production(fault_server, PEOPLE, tmp_path) as farm:
        yield farm


def test_after_a_restore_each_order_is_at_the_partner_once_and_what_was_lost_is_listed(
    house, size, tmp_path
):
    books, dump, copier = burn(house, size.of(10, 200), size.of(4, 100), tmp_path)
    try:
        again = copier.restore(dump, "again")
        port = free_port()
        with odoo_over(house.server, [again], port):
            restored = live_in(house.server, again, house, tmp_path)
            try:
                restored.worker(name="after-the-fire")
                people = {
                    each: Rpc(f"http://127.0.0.1:{port}", again, each, each) for each in PEOPLE
                }
                recover(restored, people, books, Journal(house))
                restored.retire()
            finally:
                restored.clear()
                restored.nursery.stop()
    finally:
        copier.drop()


def recover(restored, people, books, partner):
    asks, approves = people[ASKS], people[APPROVES]
    before = partner.came()
    stand_still(restored)
    with pytest.raises(Fault, match="takes two people"):
        arm(asks, "action_arm")
    arm(asks, "action_ask")
    case = look_at(asks, books)

    with pytest.raises(Fault, match="Decide in the recovery case"):
        approves.call("interop.recovery", "action_approve", [case])
    lines = lines_of(asks, case)
    for code, decision in DECISIONS.items():
        asks.call("interop.recovery.line", "write", [lines[code]], {"decision": decision})
    with pytest.raises(Fault, match="fence is closed"):
        asks.call("interop.recovery.line", "action_ask_partner", [lines[HTTP]])
    take_list(asks, lines[FILE], before)
    with pytest.raises(Fault, match="ask a colleague"):
        asks.call("interop.recovery", "action_approve", [case])
    stand_still(restored)
    assert partner.came() == before, "nothing leaves before another person has approved"
    assert not partner.questions()

    approves.call("interop.recovery", "action_approve", [case])
    # Between the approval and the partner's answer, what it is to be asked about waits.
    asks.call("interop.recovery.line", "action_ask_partner", [lines[HTTP]])
    assert partner.questions()
    restored.nursery.run("hurry", keys=books.late)
    waited = [key for keys in books.waited.values() for key in keys]
    until(lambda: restored.states(waited)["done"] == len(waited), "what was in doubt to be done")

    check_partner(partner, before, books)
    settle(asks, case, lines[FILE], books)
    check_trail(restored, people)


def stand_still(restored):
    """Everybody has looked for work once more, and says why nothing is done."""
    server, database = restored.server, restored.database
    rows(server, database, "UPDATE interop_lane SET last_reason = NULL")
    nudge(server, database)
    reason = until(lambda: lanes_tried(server, database), "lanes that stand still")
    assert "not where it was armed" in reason
    tried = "SELECT 1 FROM interop_lane WHERE name LIKE 'after-the-fire%' AND last_reason <> ''"
    until(lambda: rows(server, database, tried), "a worker that stands still")


def arm(person, how):
    """The dialog “Arm…”."""
    [dialog] = person.call("interop.arm", "create", [{"reason": "Fire in the east wing"}])
    person.call("interop.arm", how, [dialog])


def look_at(person, books):
    """The case as it was opened; its id."""
    [case] = person.look(
        "interop.recovery",
        [],
        ["state", "in_doubt", "outside_seals", "outside_entries", "outside_source", "backup_at",
         "outside_until"],
    )  # fmt: skip
    assert (case["state"], case["in_doubt"]) == ("deciding", sum(WAITING.values()))
    assert (case["outside_seals"], case["outside_entries"]) == (books.seals, books.entries)
    assert case["outside_source"].startswith("anchors of this server")
    assert case["outside_until"] >= case["backup_at"]
    found = person.look("interop.recovery.key", [], ["key", "verdict"])
    keys = {key for keys in books.waited.values() for key in keys}
    assert {each["key"] for each in found} == keys
    assert {each["verdict"] for each in found} == {"doubt"}
    proposals = {
        line["connector_id"][1]: line["proposal"]
        for line in person.look("interop.recovery.line", [("in_doubt", ">", 0)], LINE)
    }
    assert sorted(proposals.values()) == ["again", "ask", "hold"], proposals
    return case["id"]


LINE = ["connector_id", "proposal", "known", "missing", "lost", "open_doubt"]


def lines_of(person, case):
    """Ids by code of the connector, of those through which something may have left."""
    found = person.look("interop.connector", [("code", "in", list(WAITING))], ["code"])
    code_of = {each["id"]: each["code"] for each in found}
    domain = [("recovery_id", "=", case), ("in_doubt", ">", 0)]
    lines = person.look("interop.recovery.line", domain, LINE)
    return {code_of[line["connector_id"][0]]: line["id"] for line in lines}


def take_list(person, line, known):
    """The partner's list: all that it has ever had of us."""
    shown = person.call("interop.recovery.line", "action_compare", [line])
    answer = base64.b64encode("\n".join(["key", *known]).encode()).decode()
    wizard = shown["res_model"], [shown["res_id"]]
    person.call(wizard[0], "write", wizard[1], {"answer": answer, "complete": True})
    person.call(wizard[0], "action_take", wizard[1])


def check_partner(partner, before, books):
    effects, came = partner.effects(), partner.came()
    everything = {*before, *books.late}
    assert effects == Counter(everything), "each order once, and none is missing"
    twice = {key for key, count in came.items() if count > 1}
    assert twice == set(books.waited[KEYS]), "sent again only where the partner recognises keys"


def settle(person, case, line, books):
    """What was lost stands in the case until a person has dealt with it."""
    [figures] = person.call("interop.recovery.line", "read", [line], LINE)
    settled = WAITING[FILE] - 1, 1, len(books.lost), 0
    told = tuple(figures[name] for name in ("known", "missing", "lost", "open_doubt"))
    assert told == settled
    lost = person.look("interop.recovery.key", [("verdict", "=", "lost")], ["key"])
    assert sorted(each["key"] for each in lost) == sorted(books.lost)
    with pytest.raises(Fault, match="Settle the lost messages"):
        person.call("interop.recovery", "action_close", [case])
    ids = [each["id"] for each in lost]
    person.call("interop.recovery.key", "write", ids, {"settlement": "entered_again"})
    person.call("interop.recovery", "action_close", [case])
    [closed] = person.call("interop.recovery", "read", [case], ["state", "closed_by_id"])
    assert (closed["state"], closed["closed_by_id"][0]) == ("closed", person.uid)


def check_trail(restored, people):
    """Who did what, in the trail of the restored database."""
    found = rows(
        restored.server,
        restored.database,
        "SELECT act, actor_id FROM interop_audit_entry"
        " WHERE act LIKE 'recovery.%' OR act IN ('fence.arm_asked', 'fence.arm_approved')"
        " ORDER BY id",
    )
    one, other = people[ASKS].uid, people[APPROVES].uid
    acts = dict.fromkeys(found)
    assert one != other
    assert [(act, one) for act in BY_ONE] == [key for key in acts if key[1] == one]
    assert [(act, other) for act in BY_OTHER] == [key for key in acts if key[1] == other]
    assert {actor for _act, actor in acts} == {one, other}
    known = restored.rows(
        "SELECT count(*) FROM interop_audit_entry WHERE act = 'message.known_to_partner'"
    )
    assert known == [(WAITING[FILE] - 1 + WAITING[HTTP] - 1,)]


BY_ONE = (
    "recovery.opened",
    "fence.arm_asked",
    "recovery.decided",
    "recovery.keys_exported",
    "recovery.answer_taken",
    "recovery.asked",
    "recovery.lost_settled",
    "recovery.closed",
)
BY_OTHER = ("recovery.armed", "fence.arm_approved")
