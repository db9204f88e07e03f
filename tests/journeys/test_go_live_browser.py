"""In the browser: a manager makes a golden sample, accepts what comes out and sees what is missing.

Pictures as in `test_browser.py`.
"""

from __future__ import annotations

FLOWS = ".o_data_row:has-text('Orders to Meridian (NMC)') td[name=name]"


def test_a_manager_makes_a_sample_and_sees_what_a_change_does(demo, desk, odoo_server):
    with desk("manager") as manager:
        page = manager.page
        manager.go("interop-flows", FLOWS)
        manager.click(FLOWS, "button[name=action_check_readiness]")
        manager.click(".nav-link[name=samples]", "button[name=action_sample_from_example]")
        manager.click("button[name=action_sample_from_example]", "button[name=action_ask_accept]")
        manager.picture("sample_new")

        manager.click("button[name=action_ask_accept]", ".modal .o_interop_diff_new")
        manager.picture("sample_accept")
        page.fill(".modal div[name=reason] input", "As agreed with the supplier")
        manager.click(".modal button[name=action_accept]", ".nav-link[name=expected]")
        page.wait_for_selector(".modal", state="detached")
        manager.see(".o_arrow_button_current:has-text('As expected')")
        manager.picture("sample_same")

        # A field less: the sample shows what that does before anybody publishes.
        rules = [("policy_id.name", "ilike", "Orders"), ("path", "=", "currency")]
        rpc = odoo_server.rpc("manager")
        for rule in rpc.look("interop.policy.rule", rules, ["id"]):
            rpc.call("interop.policy.rule", "write", [rule["id"]], {"action": "drop"})
        manager.click("button[name=action_run]", ".nav-link[name=difference]")
        manager.click(".nav-link[name=difference]", ".o_interop_diff_old")
        manager.picture("sample_difference")

        manager.go("interop-flows", FLOWS)
        manager.click(FLOWS, "button[name=action_check_readiness]")
        manager.picture("flow_with_samples")
        manager.click("button[name=action_check_readiness]", "div[name=line_ids] .o_data_row")
        manager.picture("readiness")
        row = "div[name=line_ids] .o_data_row:has-text('Golden samples')"
        manager.click(f"{row} button:has-text('Fix')", "button[name=action_ask_accept]")
        page.go_back()
        manager.see("div[name=line_ids] .o_data_row")

        manager.go("interop-samples", ".o_data_row:has-text('PurchaseOrder')")
        manager.picture("samples")


def test_a_flow_without_samples_says_so(demo, desk):
    with desk("manager") as manager:
        flow = ".o_data_row:has-text('Inbound') td[name=name] >> nth=0"
        manager.go("interop-flows", flow)
        manager.click(flow, ".nav-link[name=samples]")
        manager.click(".nav-link[name=samples]", "p:has-text('No sample yet')")
        manager.into_view(".nav-link[name=samples]")
        manager.picture("flow_without_samples")


def test_a_mapping_shows_the_samples_of_its_flows(demo, desk, odoo_server):
    rpc = odoo_server.rpc("manager")
    [flow] = rpc.look("interop.flow", [("code", "=", "nmc-orders")], ["document_type_id"])
    mapping = {
        "name": "Orders to Meridian, their shape",
        "document_type_id": flow["document_type_id"][0],
        "row_ids": [(0, 0, {"target": "Head.OrderNo", "source": "number"})],
    }
    mapping_id = rpc.call("interop.mapping", "create", [mapping])
    rpc.call("interop.flow", "write", [flow["id"]], {"mapping_id": mapping_id[0]})
    rpc.call("interop.flow", "action_sample_from_example", [flow["id"]])
    with desk("manager") as manager:
        row = ".o_data_row:has-text('their shape') td[name=name]"
        manager.go("action-interop_document.interop_mapping_action", row)
        manager.click(row, "button[name=action_view_samples]:has-text('do not pass')")
        manager.click("button[name=action_run_samples]", ".o_notification")
        manager.picture("mapping_samples")
        manager.click(
            "button[name=action_view_samples]:visible", ".o_data_row td[name=last_result]"
        )
