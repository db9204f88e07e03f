import threading
import time
from unittest.mock import patch

from odoo.exceptions import UserError

from ..engine import dependencies, maintenance
from ..engine.transaction import read_committed
from ..engine.transaction import run as run_statement
from .common import EVENT, WIRE, EngineCase, fail, note

PARTNER_EVENT = "test.partner.ready"


class TestEngineDependencies(EngineCase):
    """Partners leave through one flow, notes about their children through another that waits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.transaction() as env, cls.records_of_partners():
            out = env["interop.flow"].browse(cls.world["out"])
            connector = out.connector_id.copy(
                {"name": f"Other {cls.tag}", "code": f"other-{cls.tag}", "endpoint_ids": False}
            )
            connector.endpoint_ids = out.connector_id.endpoint_ids.copy(
                {"connector_id": connector.id}
            )
            connector.action_activate()
            partners = out.copy(
                {
                    "name": f"Partners {cls.tag}",
                    "code": f"partners-{cls.tag}",
                    "connector_id": connector.id,
                }
            )
            partners.action_publish()
            out.wait_ids = [(0, 0, {"needs_flow_id": partners.id, "path": "parent_id"})]
            out.action_publish()
            cls.world |= {"partners": partners.id, "other": connector.id}
            parent = env["res.partner"].create({"name": "Parent", "ref": "parent"})
            child = env["res.partner"].create(
                {"name": "Child", "ref": "child", "parent_id": parent.id}
            )
            cls.parent, cls.child = parent.id, child.id

    @classmethod
    def records_of_partners(cls):
        return patch.object(cls.registry["interop.handler"], "_composes", "res.partner")

    def setUp(self):
        super().setUp()
        compose = self.handler(
            _compose=lambda handler, records: [note(record) for record in records],
            _composes="res.partner",
            _concerns=lambda handler, record, flow_id: (
                (flow_id == self.world["partners"]) == (record.id == self.parent)
            ),
        )
        compose.__enter__()
        self.addCleanup(compose.__exit__, None, None, None)

    def clear(self):
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_message SET interchange_id = NULL WHERE connector_id = %s",
                [self.world["other"]],
            )
            env.cr.execute(
                "DELETE FROM interop_message WHERE connector_id = %s", [self.world["other"]]
            )
            env.cr.execute(
                "DELETE FROM interop_interchange WHERE connector_id = %s", [self.world["other"]]
            )
        return super().clear()

    def emit(self, *ids):
        """Put messages about these partners into the queue, one transaction; return their ids."""
        with self.transaction() as env:
            last = env["interop.message"].search([], order="id desc", limit=1).id or 0
            for each in ids:
                env["interop.queue"]._emit(EVENT, env["res.partner"].browse(each))
            return env["interop.message"].search([("id", ">", last)], order="id").mapped("uuid")

    def act(self, key, name, *arguments):
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", key)])
            getattr(message, name)(*arguments)

    def let(self, key, seconds=10.0):
        self.drain(seconds)
        return self.look(key, "state")

    # -- the order -------------------------------------------------------------------------------

    def test_an_order_waits_for_its_partner_although_it_has_another_connector(self):
        parent, child = self.emit(self.parent, self.child)
        [taken] = self.claim(connectors=(self.world["connector"], self.world["other"]))
        self.assertEqual(taken.uuid, parent)
        self.assertEqual(self.look(child, "state", "parked"), ("waiting", True))

    def test_both_leave_in_order_and_nothing_hangs(self):
        keys = self.emit(self.parent, self.child)
        self.drain()
        self.assertEqual(self.states(keys), ["done", "done"])
        self.assertEqual(WIRE.numbers, ["parent", "child"])

    def test_what_is_put_in_later_is_not_waited_for(self):
        [child] = self.emit(self.child)
        self.emit(self.parent)
        self.assertEqual(self.let(child), "done")

    def test_a_dead_partner_holds_its_order_until_it_is_run_again(self):
        WIRE.script = lambda body, tries: (
            fail("partner") if body["number"] == "parent" and tries == 1 else None
        )
        parent, child = self.emit(self.parent, self.child)
        self.drain(3)
        self.assertEqual(self.states([parent, child]), ["dead", "waiting"])
        self.act(parent, "action_redrive")
        self.drain()
        self.assertEqual(self.states([parent, child]), ["done", "done"])

    def test_a_cancelled_partner_lets_its_order_go(self):
        WIRE.script = lambda body, tries: fail("partner") if body["number"] == "parent" else None
        parent, child = self.emit(self.parent, self.child)
        self.drain(3)
        self.act(parent, "action_cancel", "Known by phone")
        self.assertEqual(self.let(child), "done")

    def test_a_partner_that_waits_for_its_retry_holds_its_order(self):
        WIRE.script = lambda body, tries: (
            fail("transient") if body["number"] == "parent" and tries == 1 else None
        )
        parent, child = self.emit(self.parent, self.child)
        self.drain(2)
        self.assertEqual(self.states([parent, child]), ["waiting", "waiting"])
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_message SET run_at = timezone('utc', clock_timestamp()) "
                "WHERE uuid = %s",
                [parent],
            )
        self.drain()
        self.assertEqual(WIRE.numbers, ["parent", "parent", "child"])

    # -- letting go ------------------------------------------------------------------------------

    def test_an_operator_lets_it_go_with_a_reason_that_is_kept(self):
        WIRE.script = lambda body, tries: fail("partner") if body["number"] == "parent" else None
        parent, child = self.emit(self.parent, self.child)
        self.drain(3)
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", child)])
            self.assertTrue(message.waits_for_others)
            self.assertIn("Dead letters among them: 1", message.waits_told)
        with self.assertRaises(UserError):
            self.act(child, "action_let_go", " ")
        self.act(child, "action_let_go", "They have the supplier already")
        self.assertEqual(self.let(child), "done")
        with self.transaction() as env:
            entry = env["interop.audit.entry"].search(
                [("act", "=", "message.let_go"), ("subject", "=", child)]
            )
            self.assertIn("They have the supplier already", str(entry.details))
            self.assertIn(parent, str(entry.details))

    def test_who_waits_for_nobody_cannot_be_let_go(self):
        [child] = self.emit(self.child)
        with self.assertRaises(UserError):
            self.act(child, "action_let_go", "In a hurry")

    # -- races -----------------------------------------------------------------------------------

    def test_a_claim_that_parks_while_a_settle_is_not_committed_looks_again(self):
        """The hole between a settle's release and its commit, made wide."""
        parent, child = self.emit(self.parent, self.child)
        [taken] = self.claim(connectors=(self.world["other"],))
        self.assertEqual(taken.uuid, parent)
        looked = []
        with read_committed(self.registry) as cr:
            # As a settle does: the state, the locks of its own connector, the release.
            cr.execute(
                "UPDATE interop_message SET state = 'done', lease_token = NULL WHERE uuid = %s",
                [parent],
            )
            run_statement(cr, "lock_runtimes", connector_ids=[self.world["other"]])
            run_statement(cr, "release_dependents", ids=[taken.id])
            claiming = threading.Thread(
                target=lambda: looked.append(self.claim(connectors=(self.world["connector"],)))
            )
            claiming.start()
            deadline = time.monotonic() + 5
            while not self.look(child, "parked") and time.monotonic() < deadline:
                time.sleep(0.01)
            self.assertTrue(self.look(child, "parked"), "the claim did not see it as blocked")
        claiming.join()
        self.assertEqual(looked, [[]])
        self.assertEqual(self.look(child, "state", "parked"), ("ready", False))

    def test_the_sweep_finds_what_a_dying_worker_did_not_let_go(self):
        parent, child = self.emit(self.parent, self.child)
        self.claim(connectors=(self.world["connector"],))
        with self.transaction() as env:
            env.cr.execute("UPDATE interop_message SET state = 'done' WHERE uuid = %s", [parent])
        self.assertEqual(self.look(child, "parked"), True)
        self.assertEqual(maintenance.release_forgotten(self.registry), 1)
        self.assertEqual(self.look(child, "state"), "ready")

    def test_the_sweep_leaves_alone_what_still_waits(self):
        _parent, child = self.emit(self.parent, self.child)
        self.claim(connectors=(self.world["connector"],))
        self.assertEqual(maintenance.release_forgotten(self.registry), 0)
        self.assertTrue(self.look(child, "parked"))

    def test_looking_again_does_not_wake_what_follows_in_its_chain(self):
        first, second = self.emit(self.child, self.child)
        with self.transaction() as env:
            ids = env["interop.message"].search([("uuid", "in", [first, second])]).ids
        self.claim(slots=1, connectors=(self.world["connector"],))
        dependencies.look_again(
            self.registry,
            [
                {"message_id": each, "connector_id": self.world["connector"]}
                | {"needs_connector_id": self.world["other"]}
                for each in ids
            ],
        )
        self.assertEqual(self.look(second, "state"), "waiting")

    def test_what_stands_behind_a_backfill_makes_it_as_urgent(self):
        with self.transaction() as env:
            count = env["interop.queue"]._emit_through(
                self.world["partners"], env["res.partner"].browse(self.parent), 1000
            )
        self.assertEqual(count, 1)
        [child] = self.emit(self.child)
        self.claim(connectors=(self.world["connector"],))
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", child)])
            self.assertEqual(message.need_ids.needs_id.priority, 100)
        self.assertEqual(self.let(child), "done")

    # -- settings --------------------------------------------------------------------------------

    def test_flows_cannot_wait_for_each_other_in_a_circle(self):
        with self.transaction() as env, self.assertRaisesRegex(UserError, "circle"):
            partners = env["interop.flow"].browse(self.world["partners"])
            with env.cr.savepoint():
                partners.wait_ids = [
                    (0, 0, {"needs_flow_id": self.world["out"], "path": "parent_id"})
                ]

    def test_a_way_that_leads_elsewhere_is_refused(self):
        with self.transaction() as env, self.assertRaisesRegex(UserError, "does not lead"):
            out = env["interop.flow"].browse(self.world["out"])
            with env.cr.savepoint():
                out.wait_ids.write({"path": "country_id"})
