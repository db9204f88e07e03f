"""In the browser: a privacy officer finds, erases and reports what was exchanged about a person.

Pictures as in `test_browser.py`.
"""

from __future__ import annotations

BUYER = "Nadia Okafor"
REQUESTS = "action-interop_privacy.interop_privacy_request_action"


def test_a_privacy_officer_erases_what_was_exchanged_about_a_person(demo, desk):
    _order, sent = demo.sent_order()
    demo.message(sent["uuid"], "done", seconds=60)
    with desk("privacy") as officer:
        officer.go(REQUESTS, ".o_view_nocontent")
        officer.picture("privacy_requests_empty")
        officer.go(f"{REQUESTS}/new", ".o_form_view")
        officer.page.fill("div[name=name] input, div[name=name] textarea", "Letter of 3 March")
        officer.page.click("div[name=kind] label:has-text('Erase')")
        officer.page.fill("div[name=identifiers] textarea", f"{BUYER}\nnobody@northfield.example")
        officer.page.click("button[name=action_look_up]")
        found = officer.see("div[name=line_ids] .o_data_row")
        assert "PurchaseOrder 1.0" in found.first.inner_text()
        assert "N**** O*****" in officer.see("div[name=whom]").inner_text()
        assert officer.page.input_value("div[name=identifiers] textarea") == ""
        officer.picture("privacy_request")
        officer.page.click("button[name=action_erase]")
        officer.click(".modal .btn-primary", ".o_statusbar_status button:has-text('Answered')")
        officer.see("div[name=line_ids] td:has-text('Erased')")
        officer.picture("privacy_request_erased")
        officer.go(REQUESTS, ".o_list_view, .o_view_nocontent")
    with desk("reader") as reader:
        reader.go(f"interop-messages/{sent['id']}", ".o_form_view")
        assert reader.page.locator("text=purged").count(), "the message says so"


def test_a_manager_lets_a_held_message_leave_masked(demo, desk):
    order = demo.draft(interop_contract_number="SSN 123-45-6789")
    demo.confirm(order)
    held = demo.settled(order, "dead")
    with desk("manager") as manager:
        manager.go(f"interop-messages/{held['id']}", "button[name=action_ask_redrive]")
        assert "contract_number (US Social Security number)" in manager.page.inner_text(".alert")
        manager.click("button[name=action_ask_redrive]", ".modal div[name=masked]")
        manager.page.check(".modal div[name=masked] input")
        manager.page.fill(".modal div[name=reason] input", "The contract's number is no person's")
        manager.picture("let_out_masked")
        manager.page.click(".modal button[name=action_redrive]")
        sent = demo.settled(order)
    assert b"[SSN]" in demo.partner.received(sent["uuid"])
    assert b"123-45-6789" not in demo.partner.received(sent["uuid"])
