"""Inbound limits over real HTTP: an Odoo of two processes, a partner that sends too much."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import psycopg2
import pytest
from interop_setup.postgres import PORT, ROLE
from journey import until

CONNECTOR = "meridian-nmc"
OPEN = {
    "inbound_rate": 0,
    "inbound_burst": 0,
    "inbound_kb_rate": 0,
    "inbound_backlog": 0,
    "inbound_max_kb": 0,
    "inbound_unsigned_rate": 0,
    "inbound_networks": False,
}
# It is taken in all the same, and is a dead letter at once: nobody has to wait for it.
UNREADABLE = b'{"order_number": '
# An address that the partner never signs from before its test.
STRANGER = "127.0.0.9"


@pytest.fixture
def quiet_order(demo):
    """An order that the partner has and will not answer while the test runs."""
    demo.partner.script(behaviour="accept", delay=3600)
    order_id, _sent = demo.sent_order()
    return order_id


@pytest.fixture
def connected(server, world_db):
    """Connects to the database under the running Odoo."""

    @contextmanager
    def connect():
        connection = psycopg2.connect(
            host=os.fspath(server.cluster.home), port=PORT, user=ROLE, dbname=world_db
        )
        try:
            with connection, connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    return connect


@pytest.fixture
def limits(demo, connected):
    """Sets limits of the connector, after a quiet time; afterwards there are none."""
    manager = demo.person("manager")
    connector = manager.one("interop.connector", [("code", "=", CONNECTOR)], ["id"])["id"]

    @contextmanager
    def limited(**values):
        # What a test before this one took would come back within minutes.
        with connected() as cursor:
            cursor.execute("DELETE FROM interop_inbound_quota")
        manager.call("interop.connector", "write", ids=[connector], vals=OPEN | values)
        try:
            yield connector
        finally:
            manager.call("interop.connector", "write", ids=[connector], vals=OPEN)

    return limited


@pytest.fixture
def being_changed(connected):
    """Somebody else has an order in hand: what is to be applied to it waits."""

    @contextmanager
    def locked(order_id):
        with connected() as cursor:
            cursor.execute(
                "SELECT id FROM purchase_order WHERE id = %s FOR NO KEY UPDATE", [order_id]
            )
            yield

    return locked


def flood(demo, body, number):
    headers = [demo.mailbox.signed(body) for _ in range(number)]
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda each: demo.mailbox.insist(body, each), headers))


def minutes_since(began):
    """What fills a bucket while a flood lasts, however slow the machine is."""
    return (time.monotonic() - began) / 60


def refused(demo, reason):
    found = demo.person("manager").look(
        "interop.refusal",
        [("connector_id.code", "=", CONNECTOR), ("reason", "=", reason)],
        ["count", "last_address"],
    )
    return sum(row["count"] for row in found)


def test_a_flood_over_two_processes_comes_in_up_to_the_burst_and_not_one_more(demo, limits):
    before = refused(demo, "rate")
    with limits(inbound_rate=1, inbound_burst=7):
        began = time.monotonic()
        answers = flood(demo, UNREADABLE, 40)
        statuses = sorted(answer.status for answer in answers)
        # One a minute is added while the flood lasts.
        assert 7 <= statuses.count(202) <= 7 + minutes_since(began), statuses
        turned_away = [answer for answer in answers if answer.status != 202]
        assert {answer.status for answer in turned_away} == {429}, statuses
        for answer in turned_away:
            assert 1 <= int(answer.headers["Retry-After"]) <= 60
            assert answer.json["type"] == "urn:interop:problem:too-many"
        assert refused(demo, "rate") == before + len(turned_away)
    assert demo.mailbox.deliver(UNREADABLE).status == 202, "no limit any more"


def test_whoever_cannot_sign_takes_nothing_of_the_partners_quota(demo, limits):
    forged = demo.mailbox.signed(UNREADABLE) | {"webhook-signature": "v1," + "A" * 43 + "="}
    with limits(inbound_rate=1, inbound_burst=3):
        assert {demo.mailbox.insist(UNREADABLE, forged).status for _ in range(20)} == {401}
        began = time.monotonic()
        statuses = sorted(answer.status for answer in flood(demo, UNREADABLE, 6))
        assert 3 <= statuses.count(202) <= 3 + minutes_since(began), statuses
        assert set(statuses) == {202, 429}


def test_bytes_a_minute_are_counted(demo, limits):
    body = UNREADABLE + b"x" * 900
    with limits(inbound_kb_rate=4):
        began = time.monotonic()
        statuses = [answer.status for answer in flood(demo, body, 12)]
        least = 4096 // len(body)
        most = 4096 * (1 + minutes_since(began)) / len(body)
        assert least <= statuses.count(202) <= most, (statuses, len(body))
        assert set(statuses) == {202, 429}


def test_from_elsewhere_nothing_is_taken_in_whatever_the_header_says(demo, limits):
    with limits(inbound_networks="192.0.2.0/24\n2001:db8::/32"):
        before = refused(demo, "network")
        for more in ({}, {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Host": "odoo.example"}):
            answer = demo.mailbox.post(UNREADABLE, demo.mailbox.signed(UNREADABLE) | more)
            assert answer.status == 403, (more, answer)
            assert answer.json["type"] == "urn:interop:problem:network"
        assert refused(demo, "network") == before + 2
    with limits(inbound_networks="127.0.0.0/8\n::1"):
        assert demo.mailbox.deliver(UNREADABLE).status == 202


def test_a_flood_of_refused_deliveries_is_one_entry_of_the_trail_an_hour(demo, limits):
    manager = demo.person("manager")
    with limits(inbound_networks="192.0.2.0/24"):
        for answer in flood(demo, UNREADABLE, 20):
            assert answer.status == 403
    rows = manager.look(
        "interop.refusal",
        [("connector_id.code", "=", CONNECTOR), ("reason", "=", "network")],
        ["count"],
    )
    entries = manager.look("interop.audit.entry", [("act", "=", "delivery.refused")], ["details"])
    told = [
        entry
        for entry in entries
        if CONNECTOR in str(entry["details"]) and "network" in str(entry["details"])
    ]
    assert len(told) == len(rows), "one for each hour"
    assert sum(row["count"] for row in rows) >= 20


def test_what_is_larger_than_agreed_is_refused_before_it_is_read(demo, limits):
    large = b'{"notes": "' + b"x" * 3000 + b'"}'
    with limits(inbound_max_kb=2):
        before = refused(demo, "size")
        answer = demo.mailbox.deliver(large)
        assert answer.status == 413
        assert "2048" in answer.json["detail"]
        assert refused(demo, "size") == before + 1
        assert demo.mailbox.deliver(UNREADABLE).status == 202
    assert demo.mailbox.deliver(large).status == 202


def test_while_our_own_backlog_of_a_partner_is_long_it_is_asked_to_wait(
    demo, quiet_order, limits, being_changed
):
    body = json.dumps(demo.acknowledgement(quiet_order)).encode()
    waiting = [
        ("connector_id.code", "=", CONNECTOR),
        ("direction", "=", "in"),
        ("state", "in", ("ready", "waiting", "running")),
    ]
    until(lambda: not demo.operator.count("interop.message", *waiting), what="a quiet time")
    with limits(inbound_backlog=1), being_changed(quiet_order):
        before = refused(demo, "backlog")
        first = demo.mailbox.insist(body, demo.mailbox.signed(body))
        assert first.status == 202
        # It was committed before it was answered, and stays open while the order is changed.
        answers = flood(demo, body, 12)
        assert {answer.status for answer in answers} == {429}
        assert all(5 <= int(answer.headers["Retry-After"]) <= 300 for answer in answers)
        assert refused(demo, "backlog") == before + len(answers)
        assert demo.operator.count("interop.message", *waiting) == 1
    assert demo.message(first.json["message"])["state"] == "done"
    with limits(inbound_backlog=1):
        assert demo.mailbox.insist(body, demo.mailbox.signed(body)).status == 202, "worked off"


def test_who_tries_too_often_without_a_signature_is_not_listened_to_for_a_while(demo, limits):
    forged = demo.mailbox.signed(UNREADABLE) | {"webhook-signature": "v1," + "A" * 43 + "="}
    rate, tries = 5, 40
    with limits(inbound_unsigned_rate=rate):
        before = refused(demo, "unsigned")
        began = time.monotonic()
        answers = [demo.mailbox.insist(UNREADABLE, forged, source=STRANGER) for _ in range(tries)]
        filled = rate * minutes_since(began)
        statuses = [answer.status for answer in answers]
        assert set(statuses) == {401, 429}, statuses
        # Each of the two processes counts for itself.
        assert rate <= statuses.count(401) <= 2 * (rate + filled), statuses
        for answer in answers:
            if answer.status == 429:
                assert 1 <= int(answer.headers["Retry-After"]) <= 60
        assert refused(demo, "unsigned") == before + statuses.count(429)
        # The partner comes from elsewhere, and loses nothing by it.
        signed = flood(demo, UNREADABLE, 4)
        assert [answer.status for answer in signed] == [202] * 4
    # Without a bound it is listened to again: the partner itself, if it signs from there.
    answer = demo.mailbox.post(UNREADABLE, demo.mailbox.signed(UNREADABLE), source=STRANGER)
    assert answer.status == 202


def test_while_one_partner_floods_us_other_work_is_done(demo, limits):
    demo.partner.script(behaviour="accept", delay=3600)
    stop = Event()

    def keep_on():
        statuses = []
        while not stop.is_set():
            statuses.append(demo.mailbox.insist(UNREADABLE, demo.mailbox.signed(UNREADABLE)).status)
        return statuses

    with limits(inbound_rate=6, inbound_burst=5), ThreadPoolExecutor(3) as pool:
        floods = [pool.submit(keep_on) for _ in range(3)]
        try:
            _order, sent = demo.sent_order()
        finally:
            stop.set()
        statuses = [status for each in floods for status in each.result()]
    assert sent["state"] in ("sent", "done")
    assert set(statuses) == {202, 429}, set(statuses)
    assert statuses.count(429) > statuses.count(202)


def test_nonsense_is_not_kept_as_a_limit(demo, limits):
    for values in (
        {"inbound_networks": "everywhere"},
        {"inbound_networks": "192.0.2.1/24"},
        {"inbound_rate": -1},
    ):
        with pytest.raises(Exception, match=r"network|limits"), limits(**values):
            pass


def test_pictures_of_the_limits_and_of_what_was_refused(demo, desk, limits):
    with limits(inbound_rate=1, inbound_burst=2, inbound_networks="127.0.0.0/8") as connector:
        flood(demo, UNREADABLE, 6)
        with desk("manager") as manager:
            manager.go(
                f"action-interop_connector.interop_connector_action/{connector}",
                ".nav-link[name=inbound_limits]",
            )
            manager.click(".nav-link[name=inbound_limits]", "div[name=refusal_ids] .o_data_row")
            manager.into_view("div[name=refusal_ids]")
            manager.picture("inbound_limits")
            manager.click("button[name=action_view_refusals]", ".o_list_view td[name=last_address]")
            manager.picture("refused_deliveries")
