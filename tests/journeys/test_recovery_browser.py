"""In the browser: what was restored is looked at, decided about, approved by another, reconciled.

Pictures as in `test_browser.py`.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from desk import SETTINGS, Desk
from interop_setup.server import Server
from journey import Demo, Mailbox, Partner
from running import running_odoo

#: The database was in production at another place; partners of one company recognise keys.
MOVED = """
UPDATE interop_connector SET environment = 'production';
UPDATE interop_endpoint SET idempotent = (
    SELECT c.code = 'meridian-nd' FROM interop_connector c WHERE c.id = connector_id);
UPDATE interop_instance SET environment = 'production', system_identifier = '1',
       database_oid = '1', production_place = '1/1';
"""
#: So many seals were made after the backup, with so many entries each.
SEALS, ENTRIES = 94, 12


@dataclass(frozen=True)
class Production(Server):
    """The server of the original: its environment, and the file that its anchors went to."""

    anchors: Path = field(kw_only=True)

    def process_environment(self, config: Path) -> dict[str, str]:
        told = {"INTEROP_AUDIT_ANCHOR_FILE": os.fspath(self.anchors)}
        return super().process_environment(config) | told


@pytest.fixture(scope="module")
def house(server, world, world_db, tmp_path_factory):
    """A restored production whose lanes stand still, with orders that were on their way."""
    anchors = tmp_path_factory.mktemp("anchors") / "anchors"
    production = Production(
        server.layout, server.odoo, server.cluster, "production", anchors=anchors
    )
    with running_odoo(production, world_db, max_cron_threads=0) as odoo:
        secrets = json.loads(world.secrets.read_text())
        mailbox = Mailbox(odoo.url, secrets["callback"])
        nobody = Partner("http://127.0.0.1:9")
        demo = Demo(odoo.url, world_db, nobody, mailbox, world.facts["keys"])
        for company, count in (("nmc", 5), ("nd", 2)):
            for _number in range(count):
                demo.confirm(demo.draft(company))
        for sql in MOVED.split(";\n"):
            if sql.strip():
                server.cluster.query(world_db, sql)
        anchors.write_text(anchored_later(server, world_db))
        yield odoo


def anchored_later(server, database) -> str:
    """What the original anchored after the backup, as far as a case counts it.

    That each line is a seal of the original is for the verification to say, and not shown here.
    """
    [row] = server.cluster.query(
        database,
        "SELECT i.uuid || ' ' || coalesce(max(s.number), 0) || ' ' ||"
        " coalesce(max((s.statement::json ->> 'total')::bigint), 0)"
        " FROM interop_instance i LEFT JOIN interop_audit_seal s ON true GROUP BY i.uuid",
    )
    instance, number, total = row.split()
    lines = []
    for step in range(1, SEALS + 1):
        sealed = datetime.now(UTC) - timedelta(minutes=SEALS - step)
        statement = {
            "instance": instance,
            "number": int(number) + step,
            "total": int(total) + step * ENTRIES,
            "sealed_at": sealed.isoformat(),
        }
        line = {"format": "interop-audit-anchor/1", "statement": json.dumps(statement)}
        lines.append(json.dumps(line) + "\n")
    return "".join(lines)


@pytest.fixture
def sit(browser, house):
    @contextmanager
    def sit_down(login: str):
        context = browser.new_context(**SETTINGS)
        desk = Desk(context.new_page(), house.web, house.database)
        try:
            desk.log_in(login)
            yield desk
            desk.check()
        finally:
            context.close()

    return sit_down


def test_nothing_was_restored_and_the_list_says_what_that_means(sit):
    with sit("manager") as manager:
        manager.go("interop-recovery", ".o_view_nocontent:has-text('Nothing was restored')")
        manager.picture("recovery_none")


def test_what_was_restored_is_decided_about_and_approved_by_another(house, sit):
    rpc = house.rpc("manager")
    keys = [
        each["uuid"]
        for each in rpc.look("interop.message", [("direction", "=", "out")], ["uuid", "state"])
        if each["state"] == "ready"
    ]
    with sit("manager") as manager:
        page = manager.page
        manager.go("interop-installation", ".alert:has-text('not where it was armed')")
        manager.click("button:has-text('Arm…')", ".modal .alert:has-text('takes two people')")
        page.fill(".modal div[name=reason] input", "Fire in the east wing, ticket 4711")
        manager.picture("recovery_ask")
        manager.click("button[name=action_ask]", ".alert:has-text('Decide in the recovery case')")
        seals = manager.see("div[name=outside_seals]")
        assert seals.inner_text() == str(SEALS)
        source = manager.see("div[name=outside_source]").inner_text()
        assert "anchors of this server" in source
        manager.picture("recovery_open")

        # One is decided by hand, the rest as proposed.
        hold = ".o_data_row:has-text('Hold for a person')"
        page.click(f"{hold} td[name=note]")
        page.fill(".o_selected_row td[name=note] input", "Told by phone")
        page.click(".o_selected_row td[name=decision] input")
        page.click(".o_select_menu_item:has-text('Ask the partner')")
        manager.click("button[name=action_accept_proposals]", ".alert:has-text('Ingrid Solheim')")

        # The partner's answer: two of ours, and one that was lost here.
        page.click(".o_data_row:has-text('by phone') button[name=action_compare]")
        manager.see(".modal div[name=keys_file]")
        answer = ["key,received_at", f"{keys[0]},2026-01-26T05:00:00Z", keys[1], "K-LOST"]
        page.set_input_files(
            ".modal div[name=answer] input[type=file]",
            {
                "name": "answer.csv",
                "mimeType": "text/csv",
                "buffer": "\n".join(answer).encode(),
            },
        )
        manager.see(".modal .alert:has-text('are known to the partner')")
        manager.picture("recovery_compare")
        page.click("button[name=action_take]")
        page.wait_for_selector(".modal", state="detached")
        manager.see(".o_data_row:has-text('by phone') td[name=known]:has-text('2')")
        assert page.locator("button[name=action_approve]").count() == 0, "not by who asked"
        manager.picture("recovery")

    with sit("approver") as approver:
        page = approver.page
        approver.go("interop-recovery", ".o_data_row:has-text('Fire in the east wing')")
        approver.picture("recovery_list")
        approver.click(".o_data_row td[name=reason]", "button[name=action_approve]")
        assert page.locator("button[name=action_accept_proposals]").count() == 0
        approver.picture("recovery_approve")
        page.click("button[name=action_approve]")
        approver.click(".modal-footer .btn-primary", ".o_arrow_button_current:has-text('Armed')")

    states = rpc.look("interop.message", [("uuid", "in", keys)], ["uuid", "state"])
    by_key = {each["uuid"]: each["state"] for each in states}
    assert [by_key[key] for key in keys[:2]] == ["sent", "sent"], "the partner has these"
    assert sorted(by_key.values()) == ["dead"] * 3 + ["ready"] * 2 + ["sent"] * 2

    with sit("manager") as manager:
        page = manager.page
        manager.go("interop-recovery", ".o_data_row")
        manager.click(".o_data_row td[name=reason]", ".alert:has-text('Settle the lost messages')")
        manager.click("a[name=lost]", ".o_data_row:has-text('K-LOST')")
        manager.picture("recovery_lost")
        manager.click("a[name=keys]", ".o_data_row:has-text('The partner has it')")
        manager.picture("recovery_keys")
