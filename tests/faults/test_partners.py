"""Partners misbehave in every way at once; each message ends as it should, and none twice."""

from __future__ import annotations

import socket
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import certificates
import pytest
from farm import until
from interop_setup.processes import Background, free_port

EACH = 3


@dataclass(frozen=True)
class Case:
    """What a partner does, and what must become of its messages."""

    code: str
    behaviour: str
    state: str = "done"
    failure_class: str | None = None
    deliveries: int = 1
    attempts: int = 1
    settings: dict = field(default_factory=dict)


TWICE = {"deliveries": 2, "attempts": 2}
ONCE = {"idempotent": False, "total": 1.5}
CASES = (
    Case("good", "accept"),
    Case("garbage", "garbage"),
    Case("huge", "huge_answer"),
    Case("bomb", "gzip_bomb"),
    # The partner has it, and we did not hear so: asked again with the same key, it says so.
    Case("late", "late_answer", settings={"total": 1.5}, **TWICE),
    Case("cut", "cut_answer", **TWICE),
    Case("reset", "reset", **TWICE),
    Case("noise", "noise", **TWICE),
    Case("trickle", "trickle", settings={"total": 1.5}, **TWICE),
    # The same from partners that must not be asked twice: a person decides.
    Case("late-once", "late_answer", "dead", "uncertain", settings=ONCE),
    Case("cut-once", "cut_answer", "dead", "uncertain", settings=ONCE),
    Case("reset-once", "reset", "dead", "uncertain", settings=ONCE),
    Case("trickle-once", "trickle", "dead", "uncertain", settings=ONCE),
    Case("silence-once", "silence", "dead", "uncertain", settings=ONCE),
    # Temporary troubles.
    Case("error", "error_500?times=1", **TWICE),
    Case("throttle", "throttle_429?times=1&retry_after=3", deliveries=2),
    Case("throttle-date", "throttle_date?times=1&retry_after=4", deliveries=2),
    # A no is a no.
    Case("refused", "error_400", "dead", "partner"),
    Case("redirect", "redirect", "dead", "partner"),
)
PAUSED = ("throttle", "throttle-date")


@pytest.fixture(scope="module")
def aftermath(fault_world):
    """All of it at once; the tests look at what is left."""
    farm = fault_world
    farm.begin()
    keys = {}
    for case in CASES:
        farm.flow(case.code, f"/{case.behaviour}", order_by="none", **case.settings)
        keys[case.code] = farm.emit(case.code, [(f"{case.code}-{n}", 0) for n in range(EACH)])
    with half_open() as url:
        farm.flow("half-open", url=url, order_by="none", **ONCE)
        keys["half-open"] = farm.emit("half-open", [(f"half-open-{n}", 0) for n in range(EACH)])
        # Without the two that are told when to come again: they must wait by themselves.
        impatient = [k for code, found in keys.items() if code not in PAUSED for k in found]
        worker = farm.worker(slots=64, lease=30)
        until(lambda: len(farm.deliveries()) >= len(CASES) * EACH, "a delivery of each")

        def ended() -> bool:
            farm.nursery.run("hurry", keys=impatient)
            states = farm.states(impatient)
            return states["done"] + states["dead"] >= len(impatient)

        until(ended, "an end of each")
        farm.settled()
    peak = peak_memory(worker.pid)
    farm.retire()
    facts = farm.facts()
    yield farm, keys, facts, peak
    farm.clear()


@contextmanager
def half_open():
    """An address where connections come about and nobody is there."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/orders"


def peak_memory(pid: int) -> int:
    """In MB, by the kernel's books."""
    with open(f"/proc/{pid}/status") as status:
        [line] = [line for line in status if line.startswith("VmHWM")]
    return int(line.split()[1]) // 1024


def test_after_all_partners_misbehaved_the_books_balance(aftermath):
    farm, _keys, facts, _peak = aftermath
    assert farm.judge(facts) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_each_misbehaviour_ends_as_it_should(aftermath, case):
    farm, keys, facts, _peak = aftermath
    found = farm.rows(
        "SELECT state, failure_class, attempts FROM interop_message WHERE uuid = ANY (%s)",
        keys[case.code],
    )
    # A message that got through keeps no failure.
    assert set(found) == {(case.state, case.failure_class, case.attempts)}
    counts = {sum(d.key == key for d in facts.deliveries) for key in keys[case.code]}
    assert counts == {case.deliveries}


def test_a_connection_where_nobody_speaks_ends_uncertain(aftermath):
    farm, keys, facts, _peak = aftermath
    found = farm.rows(
        "SELECT DISTINCT state, failure_class FROM interop_message WHERE uuid = ANY (%s)",
        keys["half-open"],
    )
    assert found == [("dead", "uncertain")]
    assert not {d.key for d in facts.deliveries} & set(keys["half-open"])


@pytest.mark.parametrize(("code", "seconds"), [("throttle", 3), ("throttle-date", 3)])
def test_whoever_asks_for_a_pause_gets_it(aftermath, code, seconds):
    _farm, keys, facts, _peak = aftermath
    for key in keys[code]:
        refused, taken = sorted(d.began for d in facts.deliveries if d.key == key)
        # A date has no fractions of a second: it names up to one less than was meant.
        assert taken - refused >= seconds


def test_a_redirect_is_not_followed(aftermath):
    farm, keys, _facts, _peak = aftermath
    paths = {line["path"] for line in farm.lines() if line.get("key") in set(keys["redirect"])}
    assert paths == {"/nmc/orders/redirect"}


def test_a_gigabyte_and_a_bomb_do_not_fill_the_memory(aftermath):
    _farm, _keys, _facts, peak = aftermath
    # A worker at rest has about 200 MB; three answers of 1 GB and three bombs were on their way.
    assert peak < 600


# -- TLS ---------------------------------------------------------------------------------------

BAD = ("self_signed", "expired", "wrong_host", "of_another")


@contextmanager
def secure_partner(farm, port, certificate, journal):
    """A second partner that speaks https; it has an own journal and asks for no credentials."""
    process = Background(f"partner-tls-{port}", farm.server.layout.run, farm.server.layout.logs)
    command = farm.server.command(
        "interop_sandbox",
        *("--port", str(port)),
        *("--behaviour", "accept"),
        *("--journal", str(journal)),
        *("--certificate", str(certificate)),
    )
    config = farm.server.write_config("odoo", max_cron_threads=0)
    process.start(command, farm.server.process_environment(config))
    try:
        until(lambda: listens(port), "the secure partner", 60)
        yield
    finally:
        process.stop()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_nothing_is_sent_to_who_cannot_show_a_good_certificate(farm, tmp_path):
    made = certificates.make(tmp_path)
    ports = {code: free_port() for code in BAD}
    keys = {}
    for code in BAD:
        flow = code.replace("_", "-")
        farm.flow(flow, url=f"https://localhost:{ports[code]}/nmc/orders", order_by="none")
        keys[code] = farm.emit(flow, [(flow, 0)])
    with ExitStack() as partners:
        for code in BAD:
            journal = tmp_path / f"{code}.jsonl"
            partners.enter_context(secure_partner(farm, ports[code], made[code], journal))
        farm.worker(trust=str(made["authority"]), lease=30)
        told = "SELECT count(*) FROM interop_message WHERE uuid = ANY (%s) AND attempts > 0"
        until(lambda: farm.rows(told, farm.accepted) == [(len(BAD),)], "a try at each")
        found = farm.rows(
            "SELECT DISTINCT state, failure_class FROM interop_message WHERE uuid = ANY (%s)",
            farm.accepted,
        )
        assert found == [("waiting", "transient")], "it may be mended, so it is tried again"
        for code in BAD:
            assert (tmp_path / f"{code}.jsonl").read_text() == "", "not a byte of an order"
    # The certificates are renewed.
    with ExitStack() as partners:
        for code in BAD:
            partners.enter_context(secure_partner(farm, ports[code], made["good"], farm.journal))

        def all_sent():
            farm.nursery.run("hurry", keys=farm.accepted)
            return farm.states()["done"] == len(BAD)

        until(all_sent, "an order at each partner", 60)
        farm.retire()
    farm.check()
