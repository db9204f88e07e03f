"""The benchmark's arithmetic, and the partner that it measures with."""

from __future__ import annotations

import doctest
import http.client
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from interop_bench import figures
from interop_bench.agent import PartnerProcess
from interop_bench.figures import Goal, Result
from interop_bench.program import KEYS
from interop_bench.sides import Drain


@pytest.fixture
def partner(tmp_path: Path) -> Iterator[PartnerProcess]:
    running = PartnerProcess(tmp_path)
    yield running
    running.close()


def post(partner: PartnerProcess, path: str, *keys: str, timeout: float = 10) -> list[int]:
    """Requests over one connection, as a kept session sends them."""
    connection = http.client.HTTPConnection("127.0.0.1", partner.port, timeout=timeout)
    statuses = []
    try:
        for key in keys:
            connection.request("POST", path, b"x" * 5000, {"Idempotency-Key": key})
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
    finally:
        connection.close()
    return statuses


def result(key: str, figure: float | None, error: str = "") -> Result:
    return Result(key, key.title(), "×", Goal(6, 11), figure, {"rounds": [1, 2]}, error)


def test_examples_in_the_arithmetic_hold() -> None:
    found = doctest.testmod(figures)
    assert found.attempted and not found.failed


def test_the_ratio_is_of_medians_so_that_one_bad_round_does_not_count() -> None:
    assert figures.ratio([900, 1000, 10], [100, 90, 5000]) == 9.0


def test_a_drain_is_timed_to_the_last_settled_message() -> None:
    assert Drain(count=100, to_last_arrival=1.0, to_last_settled=2.0).rate == 50


def test_what_falls_short_or_could_not_be_measured_fails_the_run() -> None:
    results = [result("a", 11.0), result("b", 6.0), result("c", 5.9), result("d", None, "broken")]
    assert figures.failed(results) == ["c", "d"]


def test_the_table_has_a_line_for_each_measure_with_its_bounds_and_verdict() -> None:
    lines = figures.table([result("fast", 12.0), result("gone", None, "it broke\nsomewhere")])
    head, _rule, first, second = lines.splitlines()
    assert head.split() == ["measure", "key", "figure", "must", "aim", "verdict"]
    assert first.split() == "Fast fast 12.0 × ≥ 6.00 × ≥ 11.0 × aim".split()
    assert "it broke" in second and "somewhere" not in second and second.endswith("error")


def test_the_json_names_every_figure_at_the_top_and_keeps_what_is_behind_it() -> None:
    document = figures.document([result("drain_ratio", 8.12345)], {"machine": {"cores": 2}})
    assert json.loads(json.dumps(document)) == document
    assert document["drain_ratio"] == 8.1235
    assert document["measures"]["drain_ratio"]["raw"] == {"rounds": [1, 2]}
    assert document["machine"] == {"cores": 2}


def test_every_key_that_is_promised_is_measured() -> None:
    from interop_bench.measures import MEASURES

    assert set(KEYS) == set(MEASURES)


def test_the_partner_counts_requests_and_keys(partner: PartnerProcess) -> None:
    assert post(partner, "/nmc/orders", "a", "b", "a") == [200, 200, 200]
    seen = partner.arrivals(keys=True)
    assert (seen.requests, seen.keys) == (3, 2)
    assert set(partner.moments()) == {"a", "b"}


def test_the_partner_leaves_out_what_only_warmed_up(partner: PartnerProcess) -> None:
    post(partner, "/nmc/orders", "warm", "counted")
    assert partner.arrivals(skip=1).first == partner.moments()["counted"] / 1e9
    partner.reset()
    assert partner.arrivals().requests == 0


def test_a_path_that_hangs_answers_nobody_while_others_go_on(partner: PartnerProcess) -> None:
    partner.delay("/nd", "hang")
    with pytest.raises(TimeoutError):
        post(partner, "/nd/orders", "lost", timeout=0.5)
    assert post(partner, "/nmc/orders", "answered") == [200]
    assert set(partner.moments()) == {"lost", "answered"}
