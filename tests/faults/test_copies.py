"""A copy of the database is silent: made as people make copies, and run as they run them.

The server's configuration, its environment and its keyring are those of the source: the worst case.
Meanwhile the source goes on. The partner notes everything that reaches it, so a copy that sends,
tries again, asks for a token or probes is seen.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from copying import (
    Copier,
    Elsewhere,
    Twin,
    as_environment,
    call,
    knock,
    lanes_tried,
    nudge,
    odoo_over,
    over,
    rows,
)
from farm import until
from interop_setup.processes import free_port
from recorder import Recorder
from running import Rpc

INBOUND = "/interop/v1/in/meridian-nmc/nmc-order-answers"


@pytest.fixture
def partner():
    recorder = Recorder()
    yield recorder
    recorder.stop()


@pytest.fixture
def copier(farm, tmp_path):
    # Where PostgreSQL's programs run as another user they must get there, too.
    made = Copier(farm.server, farm.database, tmp_path)
    yield made
    made.drop()


def work_waits(farm, partner, code):
    """Messages that are ready, some that need a token, and some whose next try is due."""
    later, plain, token = f"{code}-later", f"{code}-plain", f"{code}-token"
    partner.is_down = True
    farm.flow(later, url=f"{partner.url}/later", order_by="none")
    farm.flow(plain, url=f"{partner.url}/orders", order_by="none")
    farm.flow(token, url=f"{partner.url}/orders", order_by="none")
    farm.nursery.run("authenticate", flow=token, token_url=f"{partner.url}/token")
    tried = farm.emit(later, [(f"{later}-{n}", 0) for n in range(4)])
    farm.worker()
    until(lambda: farm.states(tried)["waiting"] == 4, "first tries")
    farm.retire()
    farm.emit(plain, [(f"{plain}-{n}", 0) for n in range(6)])
    farm.emit(token, [(f"{token}-{n}", 0) for n in range(4)])
    farm.nursery.run("hurry", keys=tried)
    partner.is_down = False


def doubtful(server, database, farm):
    """What still waits in a copy, of this test's messages."""
    keys = ",".join(f"'{key}'" for key in farm.accepted)
    [(count,)] = rows(
        server,
        database,
        f"SELECT count(*) FROM interop_message WHERE uuid IN ({keys})"
        " AND state IN ('ready', 'waiting')",
    )
    return count


def test_nothing_leaves_or_enters_by_copies_while_the_source_goes_on(farm, partner, copier, size):
    work_waits(farm, partner, "copies")
    same = farm.server
    dump = copier.dump()
    # The restored one has no filestore, the others have.
    copies = [copier.restore(dump, "restored"), copier.duplicate("neutral", neutralize=True)]
    if size.long:
        copies += [copier.back_up("backup"), copier.template(), copier.duplicate("plain")]
        copies.append(copier.back_up("cleaned", True))
    for name in copies:
        assert doubtful(same, name, farm) == 14, name
    before = partner.connections, dict(partner.others())
    expected = {key: 1 for key in farm.accepted}
    port = free_port()
    farm.worker()
    with odoo_over(same, copies, port):
        for name in copies:
            nudge(same, name)
        reasons = {name: until(lambda n=name: lanes_tried(same, n), name) for name in copies}
        farm.settled()
        for name in copies:
            assert knock(port, name, INBOUND) == 503, name
            _probe_is_refused(port, name)
            nudge(same, name)
            worker = call(same, "interop_worker", "-d", name, "--name", "w", "--once")
            assert worker.returncode == 0, worker.stderr
        time.sleep(size.of(5, 60))
    assert dict(partner.taken()) == expected, "something came twice, or not at all"
    assert partner.others() == {**before[1], "POST /token": 1}, "the source asked once"
    for name in copies:
        assert doubtful(same, name, farm) == 14, f"{name} has moved something"
        neutral = name.endswith(("neutral", "cleaned"))
        assert ("neutralized" if neutral else "not where it was armed") in reasons[name], name
    # The partner would have noticed: a copy that somebody arms on purpose sends.
    farm.retire()
    assert call(same, "interop_arm", "-d", copies[0], "--reason", "to see it").returncode == 0
    call(same, "interop_worker", "-d", copies[0], "--name", "w", "--once")
    assert dict(partner.taken()) == {key: 2 for key in farm.accepted}
    refused = call(same, "interop_arm", "-d", copies[1], "--reason", "to see it")
    assert refused.returncode == 1 and "never armed" in refused.stderr


def _probe_is_refused(port: int, database: str) -> None:
    rpc = Rpc(f"http://127.0.0.1:{port}", database, "admin", "admin")
    [connector] = rpc.look("interop.connector", [("code", "=", "copies-plain")], ["id"])
    with pytest.raises(Exception, match="fence is closed"):
        rpc.call("interop.connector", "action_probe", [connector["id"]])


def test_nothing_leaves_by_a_copy_on_another_server_or_in_another_environment(
    farm, partner, copier, size
):
    work_waits(farm, partner, "other")
    dump = copier.dump()
    elsewhere = Elsewhere(farm.cluster)
    with elsewhere.running():
        other = over(farm.server, elsewhere)
        name = copier.restore(dump, "elsewhere", other)
        environments = ["staging", "nonsense"] if size.long else ["staging"]
        for server in (other, *(as_environment(other, each) for each in environments)):
            worker = call(server, "interop_worker", "-d", name, "--name", "w", "--once")
            assert worker.returncode == 0, worker.stderr
            status = call(server, "interop_arm", "-d", name, "--status")
            assert status.returncode == 1, status.stdout
        assert not partner.taken() and "POST /token" not in partner.others()
        # Armed on purpose for staging, it keeps away from what belongs to another environment.
        staging = as_environment(other, "staging")
        armed = call(staging, "interop_arm", "-d", name, "--reason", "rehearsal")
        assert armed.returncode == 0, armed.stderr
        call(staging, "interop_worker", "-d", name, "--name", "w", "--once")
        assert not partner.taken() and "POST /token" not in partner.others()
        assert doubtful(other, name, farm) == 14
        copier.drop()
        copier.made.clear()
    assert farm.states() == {"ready": 10, "waiting": 4}


def test_a_physical_copy_stays_silent_while_its_original_is_alive(farm, partner):
    pulse = Path(f"{farm.server.keyring}.pulse")
    work_waits(farm, partner, "twin")
    try:
        beside_its_original(farm, partner, pulse)
    finally:
        # What the others find: a place that nobody has taken.
        pulse.unlink(missing_ok=True)


def beside_its_original(farm, partner, pulse):
    twin = Twin(farm.cluster)
    with twin.running():
        copy = over(farm.server, twin)
        same = "SELECT system_identifier FROM pg_control_system()"
        assert rows(copy, farm.database, same) == farm.rows(same), "no better copy can be had"
        waits = "SELECT count(*) FROM interop_message WHERE state IN ('ready', 'waiting')"
        [(waiting,)] = rows(copy, farm.database, waits)
        assert waiting >= 14
        status = call(copy, "interop_arm", "-d", farm.database, "--status")
        assert status.returncode == 1 and "Another copy" in status.stdout, status.stdout
        call(copy, "interop_worker", "-d", farm.database, "--name", "w", "--once")
        assert not partner.taken(), "the copy has all the same, and is silent"
        assert rows(copy, farm.database, waits) == [(waiting,)]
        farm.worker()
        farm.settled()
        farm.retire()
        expected = {key: 1 for key in farm.accepted}
        assert dict(partner.taken()) == expected

        # Its original has beaten since the copy was made: the copy is an old one for ever.
        age(pulse, 30)
        farm.worker()
        until(lambda: newest(pulse)["number"] > 0, "a beat")
        farm.retire()
        age(pulse, 10_000)
        status = call(copy, "interop_arm", "-d", farm.database, "--status")
        assert status.returncode == 1 and "was set back" in status.stdout, status.stdout
        call(copy, "interop_worker", "-d", farm.database, "--name", "w", "--once")
        assert dict(partner.taken()) == expected

        # A person decides that it takes over: then the original is the copy.
        armed = call(copy, "interop_arm", "-d", farm.database, "--reason", "failover")
        assert armed.returncode == 0, armed.stderr
        status = call(farm.server, "interop_arm", "-d", farm.database, "--status")
        assert status.returncode == 1 and "Another copy" in status.stdout, status.stdout


def newest(pulse):
    return max(json.loads(pulse.read_text()).values(), key=lambda each: each["at"])


def age(pulse, seconds):
    """As if the last beat had been so much longer ago."""
    known = json.loads(pulse.read_text())
    for each in known.values():
        each["at"] -= seconds
    pulse.write_text(json.dumps(known))
