"""`odoo interop_check` over the demo world: what holds ends with 0, what changed with 1."""

from __future__ import annotations

import json
from typing import Any

import pytest
from interop_setup.console import ask


@pytest.fixture
def check(server: Any, odoo_server: Any):
    def call(*words: str) -> Any:
        config = server.write_config("check", max_cron_threads=0)
        return ask(
            server.command("interop_check", "-d", odoo_server.database, *words),
            env=server.process_environment(config),
        )

    return call


def test_a_sample_holds_until_the_policy_takes_something_away(demo, check, odoo_server):
    manager = odoo_server.rpc("manager")
    [flow] = manager.look(
        "interop.flow", [("direction", "=", "out"), ("state", "=", "live")], ["code", "policy_id"]
    )[:1]
    sample = manager.call("interop.flow", "action_sample_from_example", [flow["id"]])["res_id"]
    words = ("--samples", "--flow", flow["code"])

    fresh = check(*words)
    assert fresh.returncode == 1, fresh.stderr
    assert "Nothing is accepted as expected yet" in fresh.stdout

    accept = manager.call("interop.sample", "action_ask_accept", [sample])
    manager.call(accept["res_model"], "write", [accept["res_id"]], {"reason": "as agreed"})
    manager.call(accept["res_model"], "action_accept", [accept["res_id"]])
    fine = check(*words)
    assert fine.returncode == 0, fine.stdout + fine.stderr
    assert "all is well" in fine.stdout

    [rule] = manager.call(
        "interop.policy.rule",
        "search",
        [("policy_id", "=", flow["policy_id"][0]), ("path", "=", "currency")],
    )
    manager.call("interop.policy.rule", "write", [rule], {"action": "drop", "pattern": False})
    changed = check(*words, "--json")
    assert changed.returncode == 1, changed.stderr
    [told] = json.loads(changed.stdout)["flows"]
    status = {(line["check"], line["against"]): line["status"] for line in told["lines"]}
    assert status["samples", "draft"] == "difference"
    assert status["samples", "live"] == "ready", "what is live is as it was"
    text = check(*words).stdout
    assert '-  "currency": "EUR",' in text, text
