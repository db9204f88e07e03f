"""The machine burns, and yesterday's backup is restored elsewhere: nothing goes out twice.

30 messages were sent and 10 waited when the backup was made. Then 8 of these left, 10 new ones came
and left, and the database was lost. Two people arm the restored one; partners say what they have.
"""

from __future__ import annotations

from collections import Counter

import pytest
from copying import Copier, as_environment, call
from farm import Farm, Nursery, until
from interop_setup.databases import Databases
from running import World, running_partner

APPROVER = "second-person"
#: By file, by HTTP, and one whose partner recognises keys.
FLOWS = ("dr-file", "dr-http", "dr-keys")


@pytest.fixture
def house(fault_server, tmp_path):
    """An installation in production, with its partner."""
    databases = Databases(fault_server)
    with databases.scratch(databases.suite_template(), "disaster") as database:
        databases.arm(database, "automated tests")
        world = World.make(fault_server, database, tmp_path)
        arguments = ("--behaviour", "accept", "--delay", "3600")
        with running_partner(fault_server, world, "http://127.0.0.1:9", *arguments) as partner:
            # Made on a server for tests: nothing goes live in production so quickly.
            made = Nursery(fault_server, database, tmp_path / "made")
            flows = [
                {
                    "code": code,
                    "url": f"{partner.url}/nmc/orders",
                    "idempotent": code == "dr-keys",
                    "order_by": "none",
                }
                for code in FLOWS
            ]
            made.run("make_flows", flows=flows)
            made.run("can_be_asked", flow="dr-http", url=f"{partner.url}/nmc/reconcile")
            made.run("go_into_production", approver=APPROVER)
            made.stop()
            server = as_environment(fault_server, "production")
            armed = call(server, "interop_arm", "-d", database, "--reason", "go live")
            assert armed.returncode == 0, armed.stderr
            yield live_in(server, database, partner, tmp_path / "live")


def live_in(server, database, partner, folder):
    nursery = Nursery(server, database, folder)
    return Farm(server.cluster, server, database, partner.url, partner.journal_path, nursery)


def send_all(farm, but=()):
    farm.worker()
    wanted = set(farm.accepted) - set(but)
    until(lambda: farm.states(wanted)["done"] == len(wanted), "everything to be sent")
    farm.retire()


def taken(farm):
    """At the partner: how often each key came, and how often it had an effect."""
    orders = [line for line in farm.lines() if line["what"] == "order" and line["status"] < 300]
    return (
        Counter(line["key"] for line in orders),
        Counter(line["key"] for line in orders if not line["replayed"]),
    )


def test_after_a_disaster_each_document_has_one_effect_and_what_was_lost_is_listed(
    house, fault_server, tmp_path
):
    for code in FLOWS:
        house.emit(code, [(f"{code}-{n}", 0) for n in range(10)])
    send_all(house)
    doubtful = {
        code: house.emit(code, [(f"{code}-waits-{n}", 0) for n in range(count)])
        for code, count in zip(FLOWS, (4, 3, 3), strict=True)
    }
    late = doubtful["dr-file"][:2]
    house.rows(
        "UPDATE interop_message SET state = 'waiting', run_at = now() + interval '1 day'"
        " WHERE uuid = ANY (%s)",
        late,
    )
    copier = Copier(house.server, house.database, tmp_path)
    dump = copier.dump()

    lost = house.emit("dr-file", [(f"lost-{n}", 0) for n in range(6)])
    lost += house.emit("dr-http", [(f"gone-{n}", 0) for n in range(4)])
    send_all(house, but=late)
    house.nursery.stop()
    before, _effects = taken(house)
    assert len(before) == 48
    Databases(fault_server).drop(house.database)
    try:
        restored = copier.restore(dump, "again")
        reconcile(house, restored, doubtful, late, lost, tmp_path)
    finally:
        copier.drop()


def reconcile(house, restored, doubtful, late, lost, folder):
    server = house.server
    before, _effects = taken(house)
    call(server, "interop_worker", "-d", restored, "--name", "w", "--once")
    assert taken(house)[0] == before, "a restored database sends nothing"

    # One asks for it, on the command line; nobody does it alone by accident.
    refused = call(server, "interop_arm", "-d", restored, "--reason", "Fire")
    assert refused.returncode == 1 and "two people" in refused.stderr
    asked = call(server, "interop_arm", "-d", restored, "--reason", "Fire", "--by", "admin")
    assert asked.returncode == 1 and "Approver" in asked.stdout, asked.stderr

    nursery = Nursery(server, restored, folder / "restored")
    try:
        figures = nursery.run("recovery_figures")
        assert figures["in_doubt"] == 10
        proposed = {"dr-file": "hold", "dr-http": "ask", "dr-keys": "again"}
        assert figures["proposals"] == proposed
        assert "Decide" in nursery.run("recovery_approve", login=APPROVER)
        nursery.run("recovery_decide", decisions={**proposed, "dr-file": "ask"})
        # The partner's list: all that it has of us.
        answer = "key\n" + "\n".join(before)
        meaning = nursery.run("recovery_answer", flow="dr-file", answer=answer)
        assert "2 in doubt are known" in meaning and "10 are known to the partner" in meaning
        assert "ask a colleague" in nursery.run("recovery_approve", login="admin") or (
            "Only Approvers" in nursery.run("recovery_approve", login="admin")
        )
        call(server, "interop_worker", "-d", restored, "--name", "w", "--once")
        assert taken(house)[0] == before, "nothing leaves before the approval"

        assert nursery.run("recovery_approve", login=APPROVER) == ""
        nursery.run("recovery_ask_partner", flow="dr-http")
        nursery.run("hurry", keys=late)
        call(server, "interop_worker", "-d", restored, "--name", "w", "--once")
        figures = nursery.run("recovery_figures")
        assert figures["lost"] == sorted(lost)
        assert "Settle the lost messages" in figures["to_do"]
        assert nursery.run("recovery_close") == "closed"
    finally:
        nursery.stop()

    came, effects = taken(house)
    assert len(effects) == 50 and set(effects.values()) == {1}, "one effect each"
    twice = {key for key, count in came.items() if count > 1}
    assert twice == set(doubtful["dr-keys"]), "only where the partner recognises keys"
    told = acts(house, restored)
    assert told["fence.arm_asked"] == told["fence.arm_approved"] == 1
    assert told["message.known_to_partner"] == 5
    assert told["recovery.lost_settled"] == 10


def acts(house, database):
    connection = house.cluster.connect(database)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT act, count(*) FROM interop_audit_entry GROUP BY act")
            return Counter(dict(cursor.fetchall()))
    finally:
        connection.close()
