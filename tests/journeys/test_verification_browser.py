"""In the browser: the trail verifies; somebody bends it in the database, and is found out.

Pictures as in `test_browser.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg2
import pytest
from interop_setup.postgres import PORT
from interop_setup.server import Server
from journey import Demo, until
from running import RunningOdoo

Sql = Callable[[str], list[tuple[Any, ...]]]

_SEALED = """
SELECT e.id, e.outcome FROM interop_audit_entry e
 WHERE e.act = 'message.sent' AND e.txid < (SELECT max(high::xid8) FROM interop_audit_seal)
 ORDER BY e.id LIMIT 1
"""


@pytest.fixture
def superuser(server: Server, odoo_server: RunningOdoo) -> Sql:
    """The database's superuser, for whom every trigger is silent."""

    def run(statement: str) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(
            host=str(server.cluster.home), port=PORT, user="postgres", dbname=odoo_server.database
        )
        try:
            with connection, connection.cursor() as cr:
                cr.execute("SET session_replication_role = replica")
                cr.execute(statement)
                return cr.fetchall() if cr.description else []
        finally:
            connection.close()

    return run


def test_an_auditor_sees_what_was_bent_and_where(demo: Demo, desk: Any, superuser: Sql) -> None:
    _order, sent = demo.sent_order()
    demo.message(sent["uuid"], "done", seconds=60)
    [(entry, outcome)] = until(lambda: superuser(_SEALED), seconds=180, what="a seal")
    with desk("auditor") as auditor:
        auditor.go(
            "action-interop_audit.interop_audit_verification_action",
            "button[name=action_verify_now]",
        )
        auditor.click("button[name=action_verify_now]", ".o_form_view .alert-success:visible")

        superuser(f"UPDATE interop_audit_entry SET outcome = 'refused' WHERE id = {entry}")
        again = ".o_form_view button[name=action_verify_now]"
        auditor.click(again, ".o_form_view .alert-danger:visible")
        found = auditor.see("div[name=finding_ids] .o_data_row:has-text('Error')")
        assert found.count() == 1
        assert str(entry) in found.first.inner_text().replace(",", "")
        auditor.picture("verification")
        auditor.click("div[name=finding_ids] button[name=action_open]", "div[name=act_name]")

        superuser(f"UPDATE interop_audit_entry SET outcome = '{outcome}' WHERE id = {entry}")
        auditor.go(
            "action-interop_audit.interop_audit_verification_action",
            ".o_list_view .o_data_row",
        )
        auditor.click("button[name=action_verify_now]", ".o_form_view .alert-success:visible")
