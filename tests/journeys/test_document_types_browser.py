"""In the browser: somebody from purchasing reads what a ship notice looks like.

Pictures as in `test_browser.py`.
"""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.common

TYPES = "action-interop_document.interop_document_type_action"
ROWS = ".o_interop_field_tree tbody tr"


def test_a_type_is_read_as_a_tree_that_opens_closes_and_finds(demo, desk):
    with desk("buyer") as buyer:
        page = buyer.page
        buyer.go(TYPES, ".o_data_row:has-text('ShipNotice')")
        buyer.click(".o_data_row:has-text('ShipNotice') td[name=name]", ROWS)
        sscc = f"{ROWS}[data-path='packages[].sscc']"
        packages = f"{ROWS}[data-path='packages[]'] button"
        assert page.locator(sscc).count() == 0, "a large type begins with its groups closed"
        page.focus(packages)
        page.keyboard.press("Enter")
        assert "18 digits" in buyer.see(sscc).inner_text()
        assert page.get_attribute(packages, "aria-expanded") == "true"
        page.click(packages)
        page.wait_for_selector(sscc, state="detached")

        page.fill(".o_interop_field_search", "expiry")
        buyer.see("[role=status]:has-text('2 fields found')")
        assert page.locator(f"{ROWS}[data-path$='.expiry_date']").count() == 2
        assert page.locator(f"{ROWS}[data-path='number']").count() == 0
        buyer.picture("document_type")
        page.fill(".o_interop_field_search", "")
        page.select_option("[aria-label=Sensitivity]", "personal")
        buyer.see(f"{ROWS}[data-path='ship_to.contact.email']")
        leaves = page.locator(f"{ROWS} .badge.rounded-pill").all_inner_texts()
        assert leaves and set(leaves) == {"Personal"}
        page.fill(".o_interop_field_search", "no such thing")
        buyer.see("text=No field of this document type is like that")


def test_a_type_tells_what_uses_it_and_leads_there(demo, desk):
    with desk("manager") as manager:
        manager.go(TYPES, ".o_data_row:has-text('ShipNotice')")
        order = ".o_data_row:has(td[name=code]:text-is('PurchaseOrder')) td[name=name]"
        manager.click(order, ROWS)
        manager.click(".nav-link[name=example]", "[name=examples_text]:visible")
        manager.click(".nav-link[name=usage]", "[name=usage_html] a:has-text('Orders to Meridian')")
        with manager.page.expect_popup() as opened:
            manager.page.click("[name=usage_html] a:has-text('Orders to Meridian (NMC)')")
        opened.value.wait_for_selector(".o_breadcrumb .active:has-text('Orders to Meridian (NMC)')")


def test_the_schema_is_downloaded_as_a_file(demo, desk):
    with desk("buyer") as buyer:
        buyer.go(TYPES, ".o_data_row:has-text('ShipNotice')")
        buyer.click(".o_data_row:has-text('ShipNotice') td[name=name]", ROWS)
        with buyer.page.expect_download() as loaded:
            buyer.page.click("button[name=action_download_schema]")
        assert loaded.value.suggested_filename == "ShipNotice-1.0.json"
