"""In the browser: who takes a record, what a message waits for, and a backfill.

Pictures as in `test_browser.py`.
"""

from __future__ import annotations

import pytest
from journey import until

ORDERS = [("code", "=", "nmc-orders")]


@pytest.fixture
def rpc(odoo_server, demo):
    """A manager's hands; the demo's flow is as before when the test ends."""
    hands = odoo_server.rpc("manager")
    [flow] = hands.look("interop.flow", ORDERS, ["id"])
    yield hands
    hands.call(
        "interop.flow",
        "write",
        [flow["id"]],
        {"condition": False, "route_group": False, "wait_ids": [(5, 0, 0)]},
    )
    demo.person("manager").call("interop.flow", "action_publish", ids=[flow["id"]])


def test_a_manager_routes_by_a_condition_and_tries_it(demo, desk, rpc):
    order_id = demo.draft()
    number = demo.order(order_id)["name"]
    [flow] = rpc.look("interop.flow", ORDERS, ["id"])
    condition = "[('amount_total', '>', 1000000), ('partner_id.country_id.code', '=', 'US')]"
    rpc.call(
        "interop.flow", "write", [flow["id"]], {"condition": condition, "route_group": "suppliers"}
    )
    with desk("manager") as manager:
        page = manager.page
        manager.go(f"interop-flows/{flow['id']}", ".nav-link[name=routing]")
        manager.click(".nav-link[name=routing]", "div[name=condition] .o_tree_editor")
        manager.into_view("div[name=wait_ids]")
        page.wait_for_selector("div[name=condition] .o_domain_show_selection_button, .fa-warning")
        manager.picture("flow_routing")
        manager.click("button[name=action_try_routing]", ".modal div[name=record] select")
        page.select_option(".modal div[name=record] select", label="Purchase Order")
        page.fill(".modal div[name=record] input", number)
        page.click(f".modal .o-autocomplete--dropdown-item:has-text('{number}')")
        manager.click(".modal button[name=action_try]", ".modal .o_data_row")
        told = manager.see(".modal .o_data_row:has-text('Orders to Meridian (NMC)')").inner_text()
        assert "Does not" in told and "Not met:" in told, told
        assert "Total > 1000000" in told, told
        manager.picture("routing_trial")


def test_what_waits_for_a_dead_letter_says_so_until_somebody_lets_it_go(demo, desk, rpc):
    [flow] = rpc.look("interop.flow", ORDERS, ["id"])
    copied = rpc.call(
        "interop.flow", "copy", [flow["id"]], {"name": "Copies of orders", "code": "nmc-copies"}
    )
    copy_id = copied[0] if isinstance(copied, list) else copied
    wait = {"wait_ids": [(0, 0, {"needs_flow_id": flow["id"]})]}
    rpc.call("interop.flow", "write", [copy_id], wait)
    demo.person("manager").call("interop.flow", "action_publish", ids=[copy_id])
    demo.partner.script(behaviour="error_400")
    order_id = demo.draft()
    demo.confirm(order_id)
    dead = demo.settled(order_id, "dead")
    demo.partner.script(behaviour="mixed")

    def parked():
        return demo.messages(order_id, ("flow_id", "=", copy_id), ("parked", "=", True))

    [waiting] = until(parked, 60, "a message that waits")
    with desk("operator") as operator:
        page = operator.page
        operator.go(f"interop-messages/{waiting['id']}", ".alert:has-text('Dead letters')")
        operator.click(".nav-link[name=needs]", "div[name=need_ids] .o_data_row")
        operator.picture("message_waits_for")
        operator.click(
            "div[name=need_ids] button[name=action_open_needed]", ".nav-link[name=dependents]"
        )
        operator.click(".nav-link[name=dependents]", "div[name=dependent_ids] .o_data_row")
        operator.picture("message_holds")
        operator.go(f"interop-messages/{waiting['id']}", "button[name=action_ask_let_go]")
        operator.click("button[name=action_ask_let_go]", ".modal div[name=reason] input")
        operator.picture("let_go")
        page.fill(".modal div[name=reason] input", "They have it by phone")
        page.click(".modal .btn-danger")
        page.wait_for_selector(".modal", state="detached")
    demo.message(waiting["uuid"], "sent", "done")
    demo.operator.call("interop.message", "action_redrive", ids=[dead["id"]])
    demo.message(dead["uuid"], "sent", "done")
    demo.person("manager").call("interop.flow", "action_retire", ids=[copy_id])


def test_a_backfill_tells_how_many_before_it_starts_and_how_far_it_is(demo, desk, rpc):
    orders = [demo.sent_order() for _number in range(2)]
    demo.draft()  # has not happened yet, so it is not brought over
    [flow] = rpc.look("interop.flow", ORDERS, ["id", "name"])
    with desk("manager") as manager:
        page = manager.page
        manager.go("interop-backfills", ".o_view_nocontent")
        manager.picture("backfills_none")
        manager.click(".o_list_button_add", "div[name=name] input, div[name=name] textarea")
        page.fill("div[name=name] input, div[name=name] textarea", "Open orders to Meridian")
        page.fill("div[name=flow_id] input", flow["name"])
        page.click(f'.o-autocomplete--dropdown-item:has-text("{flow["name"]}")')
        manager.see("div[name=domain] .o_tree_editor, div[name=domain] .o_domain_selector")
        manager.click(".o_form_button_save", "div[name=forecast]:has-text('records')")
        manager.picture("backfill_draft")
        manager.click("button[name=action_ask_start]", ".modal .alert:has-text('records')")
        page.fill(".modal div[name=reason] input", "Meridian's new warehouse")
        manager.picture("backfill_start")
        page.click(".modal button[name=action_start]")
        page.wait_for_selector(".modal", state="detached")
        manager.see(".o_arrow_button_current:has-text('Running')")
        [backfill] = rpc.look("interop.backfill", [], ["id"])

        def ended():
            found = rpc.look("interop.backfill", [("state", "=", "done")], ["queued_count"])
            return found and found[0]["queued_count"] >= len(orders)

        until(ended, 120, "the end of the backfill")
        manager.go(f"interop-backfills/{backfill['id']}", "div[name=reason]:has-text('new ware')")
        manager.picture("backfill_done")
        manager.go("interop-backfills", ".o_data_row")
        manager.picture("backfills")
