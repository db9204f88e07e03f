"""In the browser: from an order to its message, to the exception, to the decision.

The pictures in docs/images are made here, so they show what the software does today:
`PICTURES=1 ./setup/test tests/journeys/test_browser.py` writes them anew. Without it they go to
`.runtime/pictures`, to be looked at.
"""

from __future__ import annotations

import pytest
from journey import until

pytestmark = pytest.mark.common


def test_from_the_order_to_its_message_to_the_exception_to_the_decision(demo, desk):
    demo.partner.script(behaviour="error_400")
    refused = demo.draft()
    demo.confirm(refused)
    demo.settled(refused, "dead")
    demo.partner.script(behaviour="mixed")
    order_id, _sent = demo.sent_order()
    until(lambda: demo.order(order_id)["interop_acknowledged_at"], what="the acknowledgement")
    number = demo.order(order_id)["name"]

    with desk("buyer") as buyer:
        form = f"action-purchase.purchase_form_action/{order_id}"
        buyer.go(form, "button[name=action_view_interop_messages]")
        buyer.see(".o_field_badge:has-text('Differences')")
        buyer.picture("order")
        buyer.click("button[name=action_view_interop_exceptions]", ".o_list_view td[name=name]")
        buyer.see(f".o_data_row:has-text('{number}'):has-text('later')")
        buyer.go(form, "button[name=action_view_interop_messages]")
        buyer.click(".nav-link[name=interop]", "div[name=interop_line_ids] .o_data_row")
        assert buyer.page.locator("div[name=interop_line_ids] .o_data_row").count() == 3
        buyer.picture("order_integration")
        title = ".o_breadcrumb .active:has-text('Messages')"
        buyer.click("button[name=action_view_interop_messages]", title)
        buyer.see(".o_list_view td[name=document_type]")
        assert buyer.page.locator(".o_data_row").count() == 2, "one out, one in"
        buyer.picture("messages")
        row = ".o_data_row:has-text('Outbound') td[name=document_type]"
        buyer.click(row, "[name=timeline]")
        assert "Sent" in buyer.page.inner_text("[name=timeline]")
        buyer.picture("message")
        assert buyer.page.locator("button[name=action_redrive]").count() == 0

    with desk("finance") as finance:
        finance.go("interop-exceptions", ".o_list_view .o_data_row")
        finance.picture("exceptions")
        finance.page.click(f".o_data_row:has-text('{number}'):has-text('price') td[name=name]")
        facts = finance.see("[name=fact_ids]")
        assert "412.5" in facts.inner_text() and "445.5" in facts.inner_text()
        finance.picture("exception")
        finance.click("button:has-text('Accept theirs')", ".modal .btn-primary")
        finance.page.click(".modal .btn-primary")
        finance.see(".o_field_widget:has-text('Theirs accepted')")
        finance.picture("exception_decided")

    def third_price() -> float:
        lines = demo.buyer.look("purchase.order.line", [("order_id", "=", order_id)])
        return lines[2]["price_unit"]

    assert third_price() == pytest.approx(445.5), "the decision is carried out"


ACTIONS = (
    "interop_queue.interop_overview_action",
    "interop_exception.interop_exception_action",
    "interop_queue.interop_message_action",
    "interop_queue.interop_interchange_action",
    "interop_queue.interop_flow_action",
    "interop_queue.interop_queue_health_action",
    "interop_queue.interop_lane_loss_action",
    "interop_queue.interop_legal_hold_action",
    "interop_queue.interop_purge_report_action",
    "interop_connector.interop_connector_action",
    "interop_policy.interop_policy_action",
    "interop_document.interop_document_type_action",
    "interop_document.interop_snapshot_action",
    "interop_document.interop_source_rule_action",
    "interop_connector.interop_system_action",
    "interop_audit.interop_audit_entry_action",
    "interop_queue.interop_past_reading_action",
    "interop_vault.interop_vault_secret_action",
    "interop_vault.interop_retention_class_action",
)
EDITED_IN_PLACE = ("interop_queue.interop_lane_action", "interop_base.interop_area_action")


def test_every_list_of_the_app_and_its_first_record_open_without_an_error(demo, desk):
    demo.sent_order()
    with desk("manager") as manager:
        for action in ACTIONS:
            manager.go(f"action-{action}", ".o_action_manager .o_view_controller")
            manager.page.wait_for_timeout(300)
            row = manager.page.locator(".o_data_row td.o_data_cell").first
            group = manager.page.locator(".o_group_header").first
            if group.count() and not row.count():
                group.click()
                manager.page.wait_for_timeout(500)
            if row.count():
                row.click()
                manager.see(".o_form_view")
            manager.check()
        for action in EDITED_IN_PLACE:
            manager.go(f"action-{action}", ".o_data_row")


def test_a_user_of_another_company_does_not_find_the_order_in_the_lists(demo, desk):
    order_id, _sent = demo.sent_order()
    number = demo.order(order_id)["name"]
    with desk("diagnostics") as stranger:
        for path in ("interop-messages", "interop-exceptions"):
            stranger.go(path, ".o_view_nocontent, .o_list_view")
            stranger.page.fill(".o_searchview_input", number)
            stranger.page.locator("text=for:").first.wait_for()  # what to search for is offered
            stranger.page.keyboard.press("Enter")
            stranger.see(".o_searchview_facet:has-text('" + number + "')")
            told = stranger.see(".o_view_nocontent").inner_text()
            assert "No message here yet" in told or "Nothing waits for a decision" in told
            assert stranger.page.locator(".o_data_row:not(.o_sample_data_disabled)").count() == 0
