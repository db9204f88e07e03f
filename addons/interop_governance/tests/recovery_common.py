"""A production installation with messages in doubt, which stands somewhere else now."""

import base64
import json
import uuid

from odoo.tests import new_test_user

from odoo.addons.interop_base.lib.settings import ServerSettings
from odoo.addons.interop_base.tests.common import InteropCase
from odoo.addons.interop_queue.engine.transaction import insert_messages
from odoo.addons.interop_queue.tests.common import build_world


class RecoveryCase(InteropCase):
    """A production installation with messages in doubt, which stands somewhere else now."""

    idempotent = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.cr.execute("UPDATE interop_message SET state = 'cancelled' WHERE state <> 'done'")
        world = build_world(cls.env, uuid.uuid4().hex[:8])
        cls.flow, cls.connector = world["out"], world["connector"]
        # Made on a server for tests, as nothing goes live in production so quickly.
        cls.connector.environment = "production"
        cls.server = ServerSettings("production", cls.keyring_path)
        cls.fence._arm("In production")
        cls.connector.endpoint_ids.idempotent = cls.idempotent
        cls.keys = cls.enqueue(6)
        cls.instance.write({"system_identifier": "1", "production_place": "1/1"})
        cls.manager = new_test_user(cls.env, "rec-manager", "interop_base.group_manager")
        cls.approver = new_test_user(cls.env, "rec-approver", "interop_base.group_approver")

    @classmethod
    def enqueue(cls, count, chain=None):
        rows = [
            {
                "uuid": str(uuid.uuid4()),
                "flow_id": cls.flow.id,
                "connector_id": cls.connector.id,
                "company_id": cls.flow.company_id.id,
                "area_id": cls.flow.area_id.id,
                "direction": "out",
                "document_type": "TestNote 1.0",
                "chain": chain,
            }
            for _number in range(count)
        ]
        insert_messages(cls.env.cr, rows)
        return [row["uuid"] for row in rows]

    def ask(self):
        self.arming = self.env["interop.arming"].with_user(self.manager)._ask("Fire")
        recovery = self.env["interop.recovery"].search([("arming_id", "=", self.arming.id)])
        return recovery.with_user(self.manager)

    def line(self, recovery):
        return recovery.line_ids.filtered(lambda line: line.connector_id == self.connector)

    def decide(self, recovery, decision):
        self.line(recovery).decision = decision
        recovery.action_accept_proposals() if recovery.undecided else None

    def approve(self, recovery):
        recovery.with_user(self.approver).action_approve()
        self.env.invalidate_all()

    def answer(self, recovery, text, complete=True):
        shown = self.line(recovery).action_compare()
        wizard = self.env[shown["res_model"]].with_user(self.manager).browse(shown["res_id"])
        wizard.write({"answer": base64.b64encode(text.encode()), "complete": complete})
        return wizard

    def states(self, keys=None):
        self.env.invalidate_all()
        found = self.env["interop.message"].search([("uuid", "in", keys or self.keys)], order="id")
        return found.mapped("state")

    def acts(self, prefix="recovery."):
        self.env.cr.execute(
            "SELECT act, details FROM interop_audit_entry WHERE act LIKE %s ORDER BY id",
            [f"{prefix}%"],
        )
        return [(act, json.loads(details or "{}")) for act, details in self.env.cr.fetchall()]
