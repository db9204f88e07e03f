"""A failing partner is left in peace, tried by one message and taken up again; nothing is lost."""

from __future__ import annotations

import itertools
import json
import urllib.request
from collections.abc import Iterator

import pytest
from farm import Farm, until

BREAKER = {"breaker_failures": 5, "breaker_rate": 0, "breaker_wait": 1, "breaker_wait_most": 2}


@pytest.fixture
def behave(farm: Farm) -> Iterator:
    """Changes what the partner does with orders whose address says nothing about it."""

    def put(**script) -> None:
        request = urllib.request.Request(
            f"{farm.partner_url}/behaviour",
            data=json.dumps(script).encode(),
            method="PUT",
            headers={"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=10).close()

    yield put
    put(behaviour="accept", times=2, think=0)


def breaker(farm: Farm, flow: str) -> tuple[str, int]:
    """State and number of openings of the primary endpoint's breaker."""
    [(state, opened)] = farm.rows(
        "SELECT s.state, s.opened FROM interop_endpoint_runtime s "
        "JOIN interop_connector c ON c.id = s.connector_id "
        "JOIN interop_endpoint e ON e.id = s.endpoint_id "
        "WHERE c.code = %s AND e.name = 'Orders'",
        flow,
    )
    return state, opened


def changes(farm: Farm, flow: str) -> list[str]:
    rows = farm.rows(
        "SELECT b.after FROM interop_breaker_change b "
        "JOIN interop_connector c ON c.id = b.connector_id WHERE c.code = %s ORDER BY b.id",
        flow,
    )
    return [after for (after,) in rows]


def in_flight(farm: Farm, flow: str) -> int:
    [(number,)] = farm.rows(
        "SELECT r.in_flight FROM interop_connector_runtime r "
        "JOIN interop_connector c ON c.id = r.connector_id WHERE c.code = %s",
        flow,
    )
    return number


def test_several_workers_leave_a_failing_partner_in_peace_and_try_it_with_one_message_at_a_time(
    farm, size, behave
):
    flow = farm.flow("breaker", "?think=0.05", breaker=BREAKER, attempts=40)
    behave(behaviour="error_500", times=0)
    keys = farm.emit(flow, [(f"breaker-{number}", 0) for number in range(size.of(60, 400))])
    for _worker in range(3):
        farm.worker()
    until(lambda: "open" in changes(farm, flow), "an open breaker")
    # Those that were on their way when it opened come back; from then on only probes go.
    until(lambda: not in_flight(farm, flow) and breaker(farm, flow)[0] == "open", "a quiet partner")
    known = changes(farm, flow)
    burst = len(farm.deliveries())
    assert burst <= 5 + 8 + known.count("half_open"), "more than were on their way left"
    until(lambda: breaker(farm, flow)[1] >= size.of(4, 8), "probes that fail")
    behave(behaviour="accept")
    until(lambda: breaker(farm, flow)[0] == "closed", "a closed breaker")
    farm.nursery.run("hurry", keys=keys)
    while farm.states()["done"] < len(keys):
        farm.nursery.run("hurry", keys=keys)
        until(lambda: not in_flight(farm, flow), "the rest")
    farm.retire()
    told = changes(farm, flow)
    tries = sorted(farm.deliveries(), key=lambda d: d.began)[burst:]
    first_good = next(place for place, d in enumerate(tries) if d.accepted)
    probes = told.count("half_open") - known.count("half_open")
    assert first_good + 1 == probes, (first_good, probes, told)
    for one, other in zip(tries, tries[1 : first_good + 1], strict=False):
        assert one.ended <= other.began, "two were trying at once"
    assert told[-1] == "closed"
    farm.check()


def test_messages_go_to_the_second_site_and_back_and_keep_their_order(farm, size, behave):
    flow = farm.flow(
        "failover",
        "?think=0.02",
        second=f"{farm.partner_url}/nmc/orders/accept?think=0.02",
        breaker=BREAKER,
        attempts=40,
    )
    chains = [f"failover-{number}" for number in range(8)]
    rounds = size.of(6, 30)
    behave(behaviour="error_500", times=0)
    keys = farm.emit(flow, [(chain, n) for n in range(rounds) for chain in chains])
    farm.worker()
    farm.worker()
    until(lambda: "open" in changes(farm, flow), "an open breaker")
    farm.nursery.run("hurry", keys=keys)
    until(lambda: len(by_site(farm)["second"]) >= len(keys) // 2, "orders at the second site")
    behave(behaviour="accept")
    keys += farm.emit(flow, [(chain, n) for n in range(rounds, rounds * 2) for chain in chains])
    numbers = itertools.count(rounds * 2)

    def returned() -> bool:
        is_closed = breaker(farm, flow)[0] == "closed"
        if farm.states()["done"] == len(farm.accepted):
            if not is_closed:  # nobody is left to try it: all took the second site
                keys.extend(farm.emit(flow, [(chain, next(numbers)) for chain in chains[:1]]))
            return is_closed
        farm.nursery.run("hurry", keys=keys)
        return False

    until(returned, "the return to the primary")
    number = next(numbers)
    last = farm.emit(flow, [(chain, number) for chain in chains])
    farm.settled()
    farm.retire()
    sites = by_site(farm)
    assert set(last) <= set(sites["primary"]), "the last ones go to the primary"
    assert sites["second"] and len(sites["primary"]) + len(sites["second"]) == len(farm.accepted)
    farm.check()


def test_an_address_that_is_gone_for_good_is_left_and_its_messages_take_the_other(farm, size):
    flow = farm.flow(
        "gone", "/gone_410", second=f"{farm.partner_url}/nmc/orders/accept", max_in_flight=4
    )
    keys = farm.emit(flow, [(f"gone-{n}", 0) for n in range(size.of(20, 200))])
    farm.worker()
    farm.worker()

    def arrived() -> bool:
        farm.nursery.run("hurry", keys=keys)
        return farm.states()["done"] == len(keys)

    until(arrived, "the arrival of all at the second site")
    farm.retire()
    assert breaker(farm, flow)[0] == "disabled"
    gone = [delivery for delivery in farm.deliveries() if delivery.status == 410]
    assert 1 <= len(gone) <= 4, "those that were on their way when the first was told"
    burnt = farm.rows("SELECT max(attempts) FROM interop_message WHERE uuid = ANY (%s)", keys)
    assert burnt == [(1,)], "the message that was told so is not at fault"
    farm.check()


def test_a_fail_over_by_hand_under_load_loses_nothing_and_keeps_the_order(farm, size):
    flow = farm.flow(
        "by-hand",
        "?think=0.05",
        second=f"{farm.partner_url}/nmc/orders/accept?think=0.05",
        breaker=BREAKER,
    )
    chains = [f"by-hand-{number}" for number in range(8)]
    keys = farm.emit(flow, [(chain, n) for n in range(size.of(40, 60)) for chain in chains])
    farm.worker()
    farm.worker()
    until(lambda: len(by_site(farm)["primary"]) > 5, "orders at the primary")
    farm.nursery.run(
        "gate_act", flow=flow, method="action_fail_over", arguments=["the primary is moved"]
    )
    until(lambda: len(by_site(farm)["second"]) > 5, "orders at the second site")
    farm.nursery.run("gate_act", flow=flow, method="action_return")
    farm.settled()
    farm.retire()
    sites = by_site(farm)
    assert len(sites["primary"]) + len(sites["second"]) == len(keys)
    farm.check()


def by_site(farm: Farm) -> dict[str, list[str]]:
    """Keys that each site has taken since the test began."""
    mine = set(farm.accepted)
    sites: dict[str, list[str]] = {"primary": [], "second": []}
    for line in farm.lines():
        if line["what"] == "order" and line["key"] in mine and 200 <= line["status"] < 300:
            sites["second" if "/orders/accept" in line["path"] else "primary"].append(line["key"])
    return sites
