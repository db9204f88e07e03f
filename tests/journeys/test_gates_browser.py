"""In the browser: an address is put aside and comes back, and maintenance stands in a calendar.

Pictures as in `test_browser.py`.
"""

from __future__ import annotations

from journey import until

CONNECTOR = "meridian-nmc"
ENDPOINTS = "div[name=endpoint_ids] .o_data_row"


def press(operator, selector, method):
    """A button, until the server has answered: the page is left next."""
    with operator.page.expect_response(lambda response: method in response.url):
        operator.page.click(selector)


def connector_of(demo):
    return demo.operator.one("interop.connector", [("code", "=", CONNECTOR)], ["id"])["id"]


def address(connector_id):
    return f"action-interop_connector.interop_connector_action/{connector_id}"


def second_site(demo, connector_id):
    """A secondary endpoint, as a manager adds it."""
    [primary] = demo.operator.look(
        "interop.endpoint", [("connector_id", "=", connector_id)], ["id", "url"]
    )
    [made] = demo.person("manager").call(
        "interop.endpoint",
        "create",
        vals_list=[
            {
                "connector_id": connector_id,
                "name": "Orders, second site",
                "url": primary["url"] + "/accept",
                "sequence": 90,
            }
        ],
    )
    return made


def test_an_operator_fails_over_isolates_lets_one_through_and_returns(demo, desk):
    connector_id = connector_of(demo)
    second = second_site(demo, connector_id)
    try:
        with desk("operator") as operator:
            operator.go(address(connector_id), f"{ENDPOINTS}:has-text('In use')")
            operator.picture("endpoints_in_use")
            operator.click("button[name=action_ask_fail_over]", ".modal div[name=reason] input")
            operator.page.fill(".modal div[name=reason] input", "Their data centre is moved")
            operator.picture("fail_over")
            operator.page.click(".modal .btn-danger:visible")
            operator.see(f"{ENDPOINTS}:has-text('Isolated')")
            operator.picture("endpoints_failed_over")
            operator.page.click("button[name=action_return]")
            operator.click(".modal .btn-primary", "button[name=action_ask_fail_over]")
            operator.page.wait_for_selector(f"{ENDPOINTS}:has-text('Isolated')", state="detached")

            # One message is let through to an address that was isolated; it goes through.
            operator.page.locator(f"{ENDPOINTS} td[name=name]").first.click()
            operator.click(
                ".modal button[name=action_ask_isolate]", ".modal div[name=reason] input"
            )
            operator.page.fill(".modal div[name=reason] input", "Their help desk asks for it")
            press(operator, ".modal .btn-danger:visible", "action_do")
            operator.go(address(connector_id), f"{ENDPOINTS}:has-text('Isolated')")
            operator.page.locator(f"{ENDPOINTS} td[name=name]").first.click()
            operator.see(".modal button[name=action_try_one]")
            operator.picture("endpoint_isolated")
            press(operator, ".modal button[name=action_try_one]", "action_try_one")
            operator.go(address(connector_id), f"{ENDPOINTS}:has-text('Open')")
            demo.settled(demo_order(demo))
            until(lambda: state_of(demo, connector_id) == "closed", what="a closed breaker")
            operator.go(address(connector_id), ".nav-link[name=breaker_changes]")
            operator.page.click(".nav-link[name=breaker_changes]")
            changes = operator.see(
                "div[name=breaker_change_ids] .o_data_row:has-text('Trying one')"
            )
            operator.into_view(changes.last)
            operator.picture("endpoint_history")
    finally:
        demo.person("manager").call("interop.endpoint", "unlink", ids=[second])


def test_a_maintenance_window_holds_messages_and_stands_in_the_calendar(demo, desk):
    connector_id = connector_of(demo)
    with desk("operator") as operator:
        operator.go("interop-maintenance", ".o_view_nocontent")
        operator.picture("maintenance_none")
        operator.click(".o_list_button_add", "div[name=name] input")
        operator.page.fill("div[name=name] input", "Move of their order system")
        operator.page.fill("div[name=connector_id] input", "NMC")
        operator.page.locator(".o-autocomplete--dropdown-item").first.click()
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"):
            operator.page.check(f"div[name={day}] input")
        operator.page.fill("div[name=time_from] input", "00:00")
        operator.page.fill("div[name=time_to] input", "24:00")
        operator.page.press("div[name=time_to] input", "Tab")
        operator.picture("maintenance_window")
        operator.page.click(".o_form_button_save")
        operator.page.wait_for_selector(".o_form_saved")
        order_id = demo_order(demo)
        operator.go("interop-maintenance-calendar", ".fc-event")
        operator.picture("maintenance_calendar")
        operator.go(address(connector_id), ".alert:has-text('Maintenance until')")
        operator.picture("connector_in_maintenance")
        operator.go("interop-health", ".o_data_row:has-text('Maintenance until')")
        operator.picture("queue_health_gates")
        [window] = demo.operator.look("interop.maintenance.window", [], ["id", "name"])
        demo.operator.call("interop.maintenance.window", "unlink", ids=[window["id"]])
        demo.settled(order_id)


def demo_order(demo):
    order_id = demo.draft()
    demo.confirm(order_id)
    return order_id


def state_of(demo, connector_id):
    [row] = demo.operator.look(
        "interop.endpoint",
        [("connector_id", "=", connector_id), ("sequence", "<", 90)],
        ["breaker_state"],
    )
    return row["breaker_state"]
