"""In the browser: a manager has a policy proposed, reviews it and sees what it does.

Pictures as in `test_browser.py`.
"""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.common

CONNECTORS = "action-interop_connector.interop_connector_action"


def test_a_proposed_policy_is_reviewed_rule_by_rule(demo, desk):
    with desk("manager") as manager:
        manager.go("interop-policies", ".o_data_row:has-text('Orders to')")
        manager.click("button:has-text('Propose a policy')", ".modal div[name=clearance] input")
        page = manager.page
        page.fill(".modal div[name=document_type_id] input", "PurchaseOrder")
        page.click(".o-autocomplete--dropdown-item:has-text('PurchaseOrder 1.0')")
        page.wait_for_function(
            "document.querySelector('.modal div[name=name] input').value.includes('proposed')"
        )
        manager.picture("policy_proposal")
        manager.click(".modal button[name=action_propose]", ".o_form_view div[name=rule_ids]")
        rows = ".o_field_widget[name=rule_ids] .o_data_row"
        manager.see(f"{rows}:has-text('ship_to.contact.email')")
        manager.picture("policy_rules")

        # Another action brings another choice of how.
        row = f"{rows}:has-text('ship_to.contact.email')"
        page.click(f"{row} td[name=action]")
        edited = ".o_field_widget[name=rule_ids] .o_selected_row"
        page.click(f"{edited} div[name=action] input")
        page.click(".o_select_menu_item:has-text('Tokenise')")
        page.click(f"{edited} div[name=pattern] input")
        manager.see(".o_select_menu_item:has-text('Digits only')")
        manager.picture("policy_rule_how")
        choices = page.locator(".o_select_menu_item").all_inner_texts()
        assert [each.strip() for each in choices] == ["Letters, beginning with tok_", "Digits only"]
        page.click(".o_select_menu_item:has-text('Letters')")
        page.fill(f"{edited} div[name=condition] input", "currency = EUR")
        page.click(".o_form_button_save")
        page.wait_for_selector(f"{edited}", state="detached")
        manager.click(".nav-link[name=preview]", "div[name=outcome_html] table")
        shown = " ".join(manager.see("div[name=outcome_html] table").inner_text().split())
        assert "Tokenised (Letters, beginning with tok_) if currency = EUR" in shown, shown
        assert "Dropped: no rule for it holds" in shown
        manager.picture("policy_preview")


def test_a_connector_shows_where_its_partner_keeps_the_data(demo, desk):
    with desk("manager") as manager:
        manager.go(CONNECTORS, ".o_data_row:has-text('Meridian (NMC)')")
        manager.click(
            ".o_data_row:has-text('Meridian (NMC)') td[name=name]", "div[name=region_id] input"
        )
        assert manager.page.input_value("div[name=region_id] input") == "United States"


def test_settings_say_where_data_may_go(demo, desk):
    with desk("admin") as admin:
        admin.go("settings", ".settings_tab .tab[data-key=interop_base]")
        admin.click(".settings_tab .tab[data-key=interop_base]", "#interop_health_regions")
        admin.see("#interop_health_regions .o_field_many2many_tags")
        admin.into_view("#interop_health_regions")
        admin.picture("residency_settings")
