"""In the browser: an auditor searches the trail and accounts for what was disclosed.

Pictures as in `test_browser.py`.
"""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.common

BUYER = "Nadia Okafor"


def test_an_auditor_searches_the_trail_and_accounts_for_disclosures(demo, desk):
    _order, sent = demo.sent_order()
    demo.message(sent["uuid"], "done", seconds=60)
    number = sent["business_key"].split("/")[0]
    with desk("auditor") as auditor:
        page = auditor.page
        auditor.go("action-interop_audit.interop_audit_entry_action", ".o_list_view .o_data_row")
        page.fill(".o_searchview_input", number)
        page.click(".o_searchview_autocomplete .o-dropdown-item:has-text('Document number')")
        auditor.see(".o_searchview_facet:has-text('Document number')")
        rows = auditor.see(".o_data_row:has-text('Sent')")
        assert rows.count() >= 1
        auditor.picture("trail_search")

        auditor.go("interop-accounting/new", "div[name=identifiers] textarea")
        page.fill("div[name=identifiers] textarea", BUYER)
        page.fill("div[name=reference] input", "Letter of 3 March")
        page.click("button[name=action_find]")
        found = auditor.see("div[name=disclosure_ids] .o_data_row")
        assert "PurchaseOrder" in found.first.inner_text()
        assert page.input_value("div[name=identifiers] textarea") == ""
        auditor.picture("disclosures")
