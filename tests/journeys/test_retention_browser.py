"""In the browser: a manager puts a legal hold on one order's messages, and lifts it again.

Pictures as in `test_browser.py`.
"""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.common


def test_a_manager_places_a_hold_and_its_messages_say_so(demo, desk):
    _order, sent = demo.sent_order()
    with desk("manager") as manager:
        manager.go("action-interop_vault.interop_retention_class_action", ".o_data_row")
        assert "Six years" in manager.see(".o_list_view").inner_text()
        manager.picture("retention_classes")

        manager.go("action-interop_queue.interop_purge_preview_action", ".modal .o_form_view")
        assert "Nothing is past its time" in manager.see(".modal-body").inner_text()
        manager.picture("purge_preview")

        manager.go("action-interop_queue.interop_legal_hold_action/new", ".o_form_view")
        manager.page.fill("div[name=name] input, div[name=name] textarea", "Case 2026-17")
        manager.page.fill("div[name=reason] textarea", "A dispute about a delivery")
        manager.page.fill("div[name=business_key] input", sent["business_key"])
        place = "button[name=action_place]"
        manager.click(place, "button[name=action_lift]")
        covered = manager.see("div[name=message_count]").inner_text()
        assert int("".join(filter(str.isdigit, covered))) >= 1
        manager.picture("legal_hold")

        manager.go(f"interop-messages/{sent['id']}", ".alert:has-text('legal hold keeps')")
        assert "Case 2026-17" in manager.see("div[name=hold_ids]").inner_text()
        manager.picture("message_on_hold")

    with desk("operator") as operator:
        operator.go(f"interop-messages/{sent['id']}", ".alert:has-text('legal hold keeps')")
        assert operator.page.locator("text=Case 2026-17").count() == 0, "the case is not theirs"
