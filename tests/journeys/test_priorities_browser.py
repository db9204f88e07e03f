"""In the browser: letting a message go sooner, and when a backlog will be gone.

Pictures as in `test_browser.py`.
"""

from __future__ import annotations

from journey import until


def test_an_operator_lets_a_message_go_sooner_and_says_why(demo, desk, rows):
    demo.partner.script(behaviour="error_500", times=0)
    order_id = demo.draft()
    demo.confirm(order_id)
    waiting = demo.settled(order_id, "waiting")
    # Not tried again while somebody looks at it.
    later = (
        "UPDATE interop_message SET run_at = run_at + interval '1 hour' "
        "WHERE id = %(id)s AND state = 'waiting' RETURNING id"
    )
    until(lambda: rows(later, id=waiting["id"]), what="a message between two tries")
    with desk("operator") as operator:
        operator.go("interop-health", ".o_list_view .o_data_row td[name=backlog_told]")
        operator.picture("queue_backlog")
        operator.go(f"interop-messages/{waiting['id']}", "button[name=action_ask_priority]")
        operator.click("button[name=action_ask_priority]", ".modal div[name=reason] input")
        operator.page.click(".modal label:has-text('Urgent')")
        operator.page.fill(".modal div[name=reason] input", "The operating theatre waits for it")
        operator.picture("message_priority")
        operator.page.click(".modal button[name=action_set]")
        operator.page.wait_for_selector(".modal", state="detached")
        connector = demo.operator.one("interop.connector", [("code", "=", "meridian-nmc")], ["id"])
        path = f"action-interop_connector.interop_connector_action/{connector['id']}"
        operator.go(path, "div[name=backlog_out_told]")
        operator.picture("connector_backlog")
    [changed] = demo.operator.look(
        "interop.message", [("id", "=", waiting["id"])], ["priority", "priority_told"]
    )
    assert (changed["priority"], changed["priority_told"]) == (10, "Urgent")
    demo.partner.script(behaviour="accept", delay=3600)
