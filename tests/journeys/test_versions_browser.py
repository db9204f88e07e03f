"""In the browser: a change is proposed, an approver reads it and approves, and it is undone.

Pictures as in `test_browser.py`.
"""

from __future__ import annotations

from typing import Any

import pytest

FLOW = "Orders to Meridian (NMC)"
FLOWS = "interop-flows"
DIALOG = ".modal-dialog"


@pytest.fixture
def second_person(odoo_server: Any, demo: Any):
    """The company wants two people everywhere; in the demo one of them approves."""
    admin = odoo_server.rpc()
    companies = admin.call("res.company", "search", [])
    admin.call("res.company", "write", companies, {"interop_second_person": "always"})
    manager = odoo_server.rpc("manager")
    [flow] = manager.look("interop.flow", [("name", "=", FLOW)], ["retry_max_attempts"])
    yield manager, flow
    admin.call("res.company", "write", companies, {"interop_second_person": "production"})
    manager.call(
        "interop.flow", "write", flow["id"], {"retry_max_attempts": flow["retry_max_attempts"]}
    )


def test_a_change_is_proposed_approved_by_another_and_rolled_back(second_person, demo, desk):
    rpc, flow = second_person
    rpc.call("interop.flow", "write", flow["id"], {"retry_max_attempts": 5})
    [policy] = rpc.look("interop.flow", [("id", "=", flow["id"])], ["policy_id"])
    rules = [("policy_id", "=", policy["policy_id"][0]), ("action", "=", "send")]
    [*_others, rule] = rpc.look("interop.policy.rule", rules, ["path"])
    rpc.call("interop.policy.rule", "write", rule["id"], {"action": "drop"})

    with desk("manager") as manager:
        manager.go(f"{FLOWS}/{flow['id']}", "button[name=action_propose]")
        manager.click("button[name=action_propose]", f"{DIALOG} .o_interop_changes")
        manager.page.fill(f"{DIALOG} [name=reason] textarea", "The supplier answers quickly")
        manager.picture("publication_proposed")
        manager.click(f"{DIALOG} button:has-text('Propose')", "text=Waits for approval")
        manager.see("text=You proposed it")

    with desk("approver") as second:
        second.go("interop-publications", f".o_data_row:has-text('{FLOW}')")
        second.click(
            f".o_data_row:has-text('{FLOW}') td[name=reason]", "button[name=action_decide]"
        )
        second.picture("publication")
        second.click("button[name=action_decide]", f"{DIALOG} .o_interop_changes")
        second.page.fill(f"{DIALOG} [name=reason] textarea", "Agreed")
        second.click(
            f"{DIALOG} button[name=action_approve]", ".o_arrow_button_current:has-text('in force')"
        )

    [now] = rpc.look("interop.flow", [("id", "=", flow["id"])], ["version_id"])
    assert "v2" in now["version_id"][1]

    with desk("manager") as second:
        second.go(f"{FLOWS}/{flow['id']}", ".nav-link[name=versions]")
        second.click(".nav-link[name=versions]", "[name=version_ids] .o_data_row")
        first = "[name=version_ids] .o_data_row:has(td[name=number]:text-is('1'))"
        second.click(f"{first} button[name=action_compare]", f"{DIALOG} .o_interop_changes")
        second.picture("versions_compared")
        second.click(f"{DIALOG} button:has-text('Close')", first)
        second.click(f"{first} button[name=action_roll_back]", f"{DIALOG} [name=version_id]")
        second.page.fill(f"{DIALOG} [name=reason] textarea", "Too few tries at night")
        second.click(f"{DIALOG} button:has-text('Propose')", "text=Waits for approval")

    with desk("approver") as second:
        second.go("interop-publications", f".o_data_row:has-text('{FLOW}')")
        second.click(
            f".o_data_row:has-text('{FLOW}') td[name=reason]", "button[name=action_decide]"
        )
        second.click("button[name=action_decide]", f"{DIALOG} .o_interop_changes")
        second.click(
            f"{DIALOG} button[name=action_approve]", ".o_arrow_button_current:has-text('in force')"
        )
    with desk("manager") as manager:
        manager.go(f"interop-policies/{policy['policy_id'][0]}", "text=run an older form")
        rpc.call("interop.policy.rule", "write", rule["id"], {"action": "send"})
    [now] = rpc.look("interop.flow", [("id", "=", flow["id"])], ["version_id"])
    assert "v3" in now["version_id"][1]
