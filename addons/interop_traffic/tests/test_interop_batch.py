from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.interop_queue.tests.common import build_world


@tagged("post_install", "-at_install")
class TestInteropBatch(TransactionCase):
    """Who may decide about batches, and what becomes of those that nobody decides about."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["interop.fence"]._arm("tests of batches")
        cls.world = build_world(cls.env, "traffic")
        cls.batch = cls.env["interop.batch"].create(
            {
                "name": "BATCH/TEST",
                "uuid": "11111111-2222-4333-8444-555555555555",
                "flow_id": cls.world["out"].id,
                "connector_id": cls.world["connector"].id,
                "company_id": cls.world["company"].id,
                "area_id": cls.world["area"].id,
                "state": "awaiting_release",
                "member_count": 1,
                "document_count": 1,
                "digest": "sealed",
                "needs_release": True,
                "release_hours": 4,
                "release_due_at": fields.Datetime.now() - timedelta(hours=1),
            }
        )

    def person(self, login, group, areas=True):
        user = new_test_user(self.env, login, groups=f"base.group_user,interop_base.{group}")
        if areas:
            user.interop_area_ids = self.world["area"]
        return user

    def open_exceptions(self):
        return self.env["interop.exception"].search(
            [("kind", "=", "unreleased"), ("state", "in", ["open", "in_progress"])]
        )

    def test_a_batch_that_nobody_releases_becomes_one_exception_and_settles_itself(self):
        for _round in range(2):
            self.env["interop.exception"]._sweep_batches()
        exception = self.open_exceptions()
        self.assertEqual(exception.document_ref, "BATCH/TEST")
        self.assertEqual(exception.flow_id, self.world["out"])
        self.batch.state = "leaving"
        self.env["interop.exception"]._sweep_batches()
        self.assertFalse(self.open_exceptions())
        self.assertEqual(exception.resolution, "settled")

    def test_only_operators_decide(self):
        user = self.person("batch-user", "group_user")
        with self.assertRaises(AccessError):
            self.batch.with_user(user).action_release("sealed")
        with self.assertRaises(AccessError):
            self.batch.with_user(user).action_return("because I want to")

    def test_an_operator_of_another_area_neither_sees_it_nor_decides(self):
        stranger = self.person("batch-stranger", "group_operator", areas=False)
        self.assertFalse(self.env["interop.batch"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            self.batch.with_user(stranger).action_release("sealed")

    def test_dissolving_asks_for_a_reason(self):
        operator = self.person("batch-operator", "group_operator")
        with self.assertRaises(UserError):
            self.batch.with_user(operator).action_return("no")

    def test_nobody_writes_or_deletes_a_batch(self):
        manager = self.person("batch-manager", "group_manager")
        with self.assertRaises(AccessError):
            self.batch.with_user(manager).write({"state": "delivered"})
        with self.assertRaises(UserError):
            self.batch.unlink()
