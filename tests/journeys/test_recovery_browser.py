"""In the browser: what was restored is looked at, decided about, approved by another, reconciled.

Pictures as in `test_browser.py`.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace

import pytest
from desk import SIZE, Desk
from interop_setup.databases import Databases
from interop_setup.server import Server
from journey import Demo, Mailbox, Partner
from running import World, running_odoo

APPROVER = "approver"
#: The database has been in production somewhere else, with addresses of another kind each.
RESTORED = """
UPDATE interop_connector SET environment = 'production';
UPDATE interop_endpoint SET idempotent = TRUE WHERE connector_id = (
    SELECT id FROM interop_connector WHERE code = 'meridian-nd');
UPDATE interop_instance SET environment = 'production', system_identifier = '1',
       database_oid = '1', production_place = '1/1';
"""


@pytest.fixture
def house(server: Server, databases: Databases, tmp_path):
    """A restored production whose lanes stand still, with orders that were on their way."""
    production = replace(server, environment="production")
    with databases.scratch(databases.suite_template(), "recovery") as database:
        databases.arm(database, "automated tests")
        world = World.make(server, database, tmp_path)
        with running_odoo(production, database, max_cron_threads=0) as odoo:
            secrets = json.loads(world.secrets.read_text())
            mailbox = Mailbox(odoo.url, secrets["callback"])
            nobody = Partner("http://127.0.0.1:9")
            demo = Demo(odoo.url, database, nobody, mailbox, world.facts["keys"])
            for company, count in (("nmc", 5), ("nd", 2)):
                for _number in range(count):
                    demo.confirm(demo.draft(company))
            admin = odoo.rpc()
            [group] = admin.look(
                "ir.model.data",
                [("module", "=", "interop_base"), ("name", "=", "group_approver")],
                ["res_id"],
            )
            admin.call(
                "res.users",
                "create",
                {
                    "name": "Ida Lund",
                    "login": APPROVER,
                    "password": APPROVER,
                    "group_ids": [(4, group["res_id"])],
                },
            )
            for sql in RESTORED.split(";\n"):
                if sql.strip():
                    server.cluster.query(database, sql)
            yield odoo


@pytest.fixture
def sit(browser, house):
    @contextmanager
    def sit_down(login: str):
        context = browser.new_context(viewport=SIZE, timezone_id="UTC", locale="en-US")
        desk = Desk(context.new_page(), house.web)
        try:
            desk.log_in(login)
            yield desk
            desk.check()
        finally:
            context.close()

    return sit_down


def test_a_restored_installation_is_decided_about_and_approved_by_another(house, sit):
    keys = [
        each["uuid"]
        for each in house.rpc().look("interop.message", [("direction", "=", "out")], ["uuid"])
    ]
    with sit("manager") as manager:
        manager.go("interop-installation", ".alert:has-text('not where it was armed')")
        manager.click("button:has-text('Arm…')", ".modal .alert:has-text('takes two people')")
        manager.page.fill(".modal div[name=reason] input", "Fire in the east wing, ticket 4711")
        manager.picture("recovery_ask")
        manager.click("button[name=action_ask]", ".alert:has-text('Decide in the recovery case')")
        manager.see(".o_data_row:has-text('Northfield Medical Center')")
        manager.click("button[name=action_accept_proposals]", ".alert:has-text('Ida Lund')")

        # The partner's answer: two of ours, and one that was lost here.
        row = ".o_data_row:has-text('(Northfield')"
        manager.page.locator(f"{row} button[name=action_compare]").first.click()
        manager.see(".modal div[name=keys_file]")
        answer = "\n".join(
            ["key,received_at", f"{keys[0]},2026-11-26T05:00:00Z", keys[1], "K-LOST"]
        )
        manager.page.set_input_files(
            ".modal div[name=answer] input[type=file]",
            {"name": "answer.csv", "mimeType": "text/csv", "buffer": answer.encode()},
        )
        manager.see(".modal .alert:has-text('are known to the partner')")
        manager.picture("recovery_compare")
        manager.click("button[name=action_take]", "div[name=lost]:has-text('1')")
        manager.picture("recovery")

    with sit(APPROVER) as approver:
        approver.go("interop-arming", ".o_data_row")
        approver.click(".o_data_row td[name=reason]", "button[name=action_open_recovery]")
        approver.click("button[name=action_open_recovery]", "button[name=action_approve]")
        approver.picture("recovery_approve")
        approver.page.click("button[name=action_approve]")
        approver.click(".modal-footer .btn-primary", ".o_arrow_button_current:has-text('Armed')")

    with sit("manager") as manager:
        manager.go("interop-recovery", ".o_data_row")
        manager.click(".o_data_row td[name=reason]", ".alert:has-text('Settle the lost messages')")
        manager.click("a[name=lost]", ".o_data_row:has-text('K-LOST')")
        manager.picture("recovery_lost")
