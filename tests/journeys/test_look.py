from __future__ import annotations


def test_look(demo, desk):
    _order, sent = demo.sent_order()
    demo.message(sent["uuid"], "done", seconds=60)
    with desk("manager") as m:
        page = m.page
        for name, path in {
            "seals": "action-interop_audit.interop_audit_seal_action",
            "anchors": "action-interop_audit.interop_audit_anchor_action",
            "alarms": "action-interop_audit.interop_audit_alarm_action",
            "exports": "action-interop_audit.interop_audit_export_action",
            "months": "action-interop_audit.interop_audit_month_action",
            "bundles": "action-interop_governance.interop_evidence_bundle_action",
            "samples": "action-interop_governance.interop_evidence_sample_action",
            "recovery": "action-interop_governance.interop_recovery_action",
            "changes": "action-interop_governance.interop_audit_change_action",
            "readings": "action-interop_governance.interop_reading_action",
            "disclosures_all": "action-interop_governance.interop_disclosure_action",
            "trail": "action-interop_audit.interop_audit_entry_action",
        }.items():
            try:
                m.go(path, ".o_view_controller")
                page.wait_for_timeout(800)
                m.picture(f"look_{name}")
            except Exception as failure:
                print(name, failure)
                page.screenshot(path=f"/tmp/q/look_{name}_failed.png")
        m.go("action-interop_audit.interop_audit_entry_action", ".o_data_row")
        page.click(".o_data_row >> nth=0")
        page.wait_for_timeout(1000)
        m.picture("look_entry")
        m.go("action-interop_audit.interop_audit_export_action", ".o_view_controller")
        page.wait_for_timeout(500)
        for b in page.locator(".o_control_panel button").all():
            print("BUTTON", b.inner_text())
        m.go("action-interop_audit.interop_audit_verification_action", "button[name=action_verify_now]")
        page.click("button[name=action_verify_now]")
        page.wait_for_timeout(3000)
        m.picture("look_verification")
