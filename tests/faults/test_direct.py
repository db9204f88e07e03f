"""A caller waits for a partner's answer, and whatever happens is told the truth and sends once."""

from __future__ import annotations

from collections import Counter

from farm import until


def direct(farm, code: str, path: str, seconds: int = 3, at_most: int = 4, **settings) -> str:
    settings = {"idempotent": False, "order_by": "none"} | settings
    farm.flow(code, path, **settings)
    farm.nursery.run("make_direct", flow=code, seconds=seconds, at_most=at_most)
    return code


def found(farm, key: str) -> tuple:
    [row] = farm.rows("SELECT state, failure_class, held FROM interop_message WHERE uuid = %s", key)
    return row


def sent(farm, key: str) -> int:
    return sum(delivery.key == key for delivery in farm.deliveries())


def in_flight(farm, code: str) -> int:
    [(number,)] = farm.rows(
        "SELECT r.in_flight FROM interop_connector_runtime r "
        "JOIN interop_connector c ON c.id = r.connector_id WHERE c.code = %s",
        code,
    )
    return number


def test_a_call_that_is_answered_brings_the_answer_without_any_lane(farm):
    code = direct(farm, "direct-well", "/tell")
    answer = farm.nursery.run("ask", flow=code, number="PO-1")
    assert (answer["status"], answer["answered"]) == ("done", True)
    assert found(farm, answer["key"]) == ("done", None, None)
    assert sent(farm, answer["key"]) == 1


def test_a_call_that_times_out_is_uncertain_and_goes_out_exactly_once(farm):
    code = direct(farm, "direct-silent", "/silence", seconds=2)
    farm.worker()  # which must not take it
    answer = farm.nursery.run("ask", flow=code, number="PO-1")
    assert answer["status"] == "uncertain", answer
    assert found(farm, answer["key"]) == ("dead", "uncertain", "direct")
    assert in_flight(farm, code) == 0
    [(attempts, payloads)] = farm.rows(
        "SELECT (SELECT count(*) FROM interop_attempt a WHERE a.message_id = m.id),"
        "       (SELECT count(*) FROM interop_interchange i WHERE i.idempotency_key = m.uuid)"
        "  FROM interop_message m WHERE m.uuid = %s",
        answer["key"],
    )
    assert (attempts, payloads) == (1, 1), "what was sent, and that it was tried, is on record"
    farm.retire()
    assert sent(farm, answer["key"]) == 1


def test_a_process_killed_in_mid_call_leaves_an_unknown_outcome_and_nothing_is_sent_again(farm):
    code = direct(farm, "direct-killed", "/tell?think=4", seconds=8)
    child = farm.nursery.start("ask", flow=code, number="PO-1")
    # The payload is stored and committed before the first byte leaves.
    [(key,)] = until(
        lambda: farm.rows(
            "SELECT m.uuid FROM interop_message m"
            "  JOIN interop_interchange i ON i.idempotency_key = m.uuid"
            "  JOIN interop_flow f ON f.id = m.flow_id"
            " WHERE f.code = %s AND m.state = 'running' AND m.held = 'direct'",
            code,
        ),
        "a call under way",
    )
    child.signal(9)
    child.wait()
    farm.worker()
    until(lambda: found(farm, key)[0] == "dead", "the reaper's verdict")
    assert found(farm, key) == ("dead", "uncertain", "direct")
    assert in_flight(farm, code) == 0
    again = farm.nursery.start("redrive")
    assert again.wait() != 0, "a direct call does not run again"
    farm.retire()
    assert sent(farm, key) <= 1


def test_of_ten_at_once_two_wait_and_the_others_are_told_at_once(farm, size):
    code = direct(farm, "direct-crowd", "/tell?think=3", seconds=10, at_most=2)
    callers = size.of(10, 40)
    children = [
        farm.nursery.start("ask", flow=code, number=f"PO-{number}") for number in range(callers)
    ]
    answers = [child.result() for child in children]
    counts = Counter(answer["status"] for answer in answers)
    assert set(counts) == {"done", "throttled"}, counts
    keys = {answer["key"] for answer in answers if answer["status"] == "done"}
    assert None not in keys
    came = [delivery for delivery in farm.deliveries() if delivery.key in keys]
    assert len(came) == counts["done"] == len(keys)
    for one in came:
        at_once = sum(other.began < one.ended and one.began < other.ended for other in came)
        assert at_once <= 2, "never more than may wait at once"
    assert all(not a["key"] for a in answers if a["status"] == "throttled")
    assert in_flight(farm, code) == 0


def test_a_closed_window_refuses_at_once_and_nothing_is_sent(farm):
    code = direct(farm, "direct-shut", "/tell")
    farm.nursery.run("close", flow=code, seconds=600)
    answer = farm.nursery.run("ask", flow=code, number="PO-1")
    assert (answer["status"], answer["key"]) == ("throttled", None)
    assert "maintenance" in answer["why"]
    assert not farm.deliveries()


def test_an_open_breaker_refuses_until_one_call_has_tried_it(farm):
    code = direct(
        farm,
        "direct-breaker",
        "/error_500?times=0",
        breaker={"breaker_failures": 2, "breaker_rate": 0, "breaker_wait": 600},
    )
    for number in range(2):
        answer = farm.nursery.run("ask", flow=code, number=f"PO-{number}")
        assert answer == {"status": "failed", "class": "transient"}
    answer = farm.nursery.run("ask", flow=code, number="PO-3")
    assert (answer["status"], answer["key"]) == ("throttled", None)
    assert len(farm.deliveries()) == 2
