"""In the browser: the health strip of a connector in each of its states, and its buttons.

Pictures as in `test_browser.py`.
"""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from journey import until

CODE = "meridian-nmc"
FORM = "action-interop_connector.interop_connector_action"
MINUTES = """
INSERT INTO interop_queue_minute (
    connector_id, direction, minute, ok, failed, gone, latency_ms, latency_count, latency_max_ms)
SELECT %(id)s, 'out', date_trunc('minute', timezone('utc', now())) - make_interval(mins => n),
       20 + (n * 7) %% 25, CASE WHEN n IN (14, 15) THEN 6 ELSE 0 END,
       20 + (n * 7) %% 25, (20 + (n * 7) %% 25) * (80 + n), 20 + (n * 7) %% 25, 400
  FROM generate_series(2, 55) n
ON CONFLICT DO NOTHING
"""


@pytest.fixture
def connector(rows):
    [(number,)] = rows("SELECT id FROM interop_connector WHERE code = %(code)s", code=CODE)
    return number


def look(sitting, key):
    """The strip tells `key` by itself: nobody loads the page anew."""
    return sitting.see(f".o_interop_strip[data-key={key}]")


@contextmanager
def so(rows, connector, table, now, then):
    """A state for as long as somebody looks at it."""
    column = "id" if table == "interop_connector" else "connector_id"
    rows(f"UPDATE {table} SET {now} WHERE {column} = %(id)s", id=connector)
    try:
        yield
    finally:
        rows(f"UPDATE {table} SET {then} WHERE {column} = %(id)s", id=connector)


@contextmanager
def window(rows, connector):
    """The partner is in maintenance."""
    [(number,)] = rows(
        "INSERT INTO interop_maintenance_window "
        "(connector_id, name, active, kind, starts_at, ends_at, time_from, time_to) "
        "VALUES (%(id)s, 'Nightly backup', true, 'once', timezone('utc', now()) - interval '1 h', "
        f"{SOON}, 0, 0) RETURNING id",
        id=connector,
    )
    try:
        yield
    finally:
        rows("DELETE FROM interop_maintenance_window WHERE id = %(number)s", number=number)


SOON = "timezone('utc', now()) + interval '20 min'"
STATES = (
    ("open", "interop_endpoint_runtime",
     f"state = 'open', reason = 'Too many failures, 5 in a row.', open_until = {SOON}",
     "state = 'closed', reason = NULL, open_until = NULL"),
    ("half_open", "interop_endpoint_runtime",
     f"state = 'half_open', reason = 'One message tries it', open_until = {SOON}",
     "state = 'closed', reason = NULL, open_until = NULL"),
    ("isolated", "interop_endpoint_runtime",
     "state = 'isolated', reason = 'The partner moves its system'",
     "state = 'closed', reason = NULL"),
    ("throttle", "interop_connector_runtime",
     f"throttled_until = {SOON}", "throttled_until = NULL"),
    ("rate", "interop_connector",
     "rate_limit = 1, rate_unit = 'minute', rate_burst = 1", "rate_limit = 0"),
)  # fmt: skip


def test_the_strip_tells_each_state_and_keeps_itself_up_to_date(demo, desk, rows, connector):
    with desk("operator") as operator:
        operator.go(
            f"action-interop_connector.interop_connector_action/{connector}", ".o_interop_strip"
        )
        rows("DELETE FROM interop_queue_minute WHERE connector_id = %(id)s", id=connector)
        look(operator, "nothing")
        operator.picture("strip_nothing")
        rows(MINUTES, id=connector)
        strip = look(operator, "well")
        assert "All well" in strip.inner_text()
        assert "ms" in strip.locator(".o_interop_strip_hour").inner_text()
        operator.picture("strip_well")
        for key, table, now, then in STATES:
            if key == "rate":
                rows(
                    "UPDATE interop_connector_runtime SET tokens = 0, "
                    "tokens_at = timezone('utc', now()) WHERE connector_id = %(id)s",
                    id=connector,
                )
            with so(rows, connector, table, now, then):
                strip = look(operator, key)
                ends = strip.locator("[data-act=action_end_throttle]").count()
                assert ends == (key == "throttle"), "what the partner asked for can be ended"
                operator.picture(f"strip_{key}")
        with window(rows, connector):
            look(operator, "window")
            operator.picture("strip_window")
        look(operator, "well")


def test_operators_pause_resume_and_probe_from_the_strip(demo, desk, rows, connector):
    with desk("operator") as operator:
        operator.go(
            f"action-interop_connector.interop_connector_action/{connector}", ".o_interop_strip"
        )
        operator.page.click(".o_interop_strip [data-act=action_pause]")
        look(operator, "paused")
        operator.picture("strip_paused")
        operator.page.set_viewport_size({"width": 420, "height": 900})
        operator.picture("strip_paused_narrow")
        operator.page.set_viewport_size({"width": 1440, "height": 900})
        operator.page.click(".o_interop_strip [data-act=action_resume]")
        operator.page.wait_for_selector(".o_interop_strip:not([data-key=paused])")
        operator.page.click(".o_interop_strip [data-act=action_probe]")
        told = operator.see(".modal .o_list_view").inner_text()
        for step in ("Name", "TCP", "Authentication", "Echo"):
            assert step in told
        operator.picture("probe_ladder")
        operator.page.click(".modal .btn-primary")
        operator.page.wait_for_selector(".modal", state="detached")
    states = until(
        lambda: rows("SELECT state FROM interop_connector WHERE id = %(id)s", id=connector)
    )
    assert states == [("active",)]


def test_who_may_only_look_sees_the_strip_without_buttons(demo, desk, connector):
    # A person of the business area. An auditor sees evidence, and not how a connector fares.
    with desk("buyer") as buyer:
        buyer.go(
            f"action-interop_connector.interop_connector_action/{connector}", ".o_interop_strip"
        )
        assert not buyer.page.locator(".o_interop_strip button").count()
        buyer.picture("strip_looking")


@pytest.fixture
def flow(rows):
    [(number,)] = rows("SELECT id FROM interop_flow WHERE code = 'nmc-availability'")
    return number


def test_who_may_not_see_the_records_is_told_so_instead_of_asking(demo, desk, flow):
    with desk("operator") as operator:
        operator.go(
            f"action-interop_queue.interop_flow_action/{flow}", "button[name=action_try_direct]"
        )
        operator.click("button[name=action_try_direct]", ".modal div[name=obstacle]")
        assert "Purchase Order" in operator.see(".modal div[name=obstacle]").inner_text()
        assert not operator.page.locator(".modal button[name=action_ask]").count()
        operator.picture("direct_obstacle")


def test_an_operator_tries_a_direct_call_and_sees_the_answer(demo, desk, flow):
    order_id = demo.draft()
    name = demo.order(order_id)["name"]
    with desk("manager") as operator:
        operator.go(
            f"action-interop_queue.interop_flow_action/{flow}", "button[name=action_try_direct]"
        )
        operator.page.click(".nav-link[name=direct]")
        operator.into_view("div[name=direct_seconds]")
        operator.picture("direct_flow")
        operator.click("button[name=action_try_direct]", ".modal div[name=record] select")
        operator.page.select_option(".modal div[name=record] select", label="Purchase Order")
        operator.page.fill(".modal div[name=record] input", name)
        operator.page.click(f".modal .o-autocomplete--dropdown-item:has-text('{name}')")
        operator.click(".modal button[name=action_ask]", ".modal div[name=status]:has-text('Done')")
        told = operator.see(".modal-body").inner_text()
        assert "lines" in told and "milliseconds" in told, told
        operator.picture("direct_answer")
        key = operator.page.locator(".modal div[name=message_uuid]").inner_text()
    demo.message(key.strip(), "done")
