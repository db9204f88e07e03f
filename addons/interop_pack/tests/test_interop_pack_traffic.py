"""Limits, windows, batches, conditions and what flows wait for: out of a pack, and into one."""

import base64
import copy
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..lib.pack import make_pack, read_pack
from ..lib.parts import take_apart
from ..lib.places import fill_in
from ..lib.signature import read_file
from .common import BREAKER, LIMITS, traffic_pack
from .test_interop_pack import PackCase


@tagged("post_install", "-at_install")
class TestPackTraffic(PackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        handler = patch.object(cls.registry["interop.handler"], "_composes", "res.partner")
        handler.start()
        cls.addClassCleanup(handler.stop)
        cls.old = cls.pack
        cls.pack = cls.take_in(cls.body())

    @classmethod
    def body(cls, **changes):
        return traffic_pack(cls.connector(), code="busy", **changes)

    def newer(self, change):
        body = copy.deepcopy(self.body(version="2.0"))
        change(body)
        return self.take_in(body)

    def update(self, clone):
        action = clone.with_user(self.manager).action_update()
        return self.env[action["res_model"]].with_user(self.manager).browse(action["res_id"])

    def made(self, connector):
        """The pack that is made from a connector."""
        wizard = (
            self.env["interop.pack.export"]
            .with_user(self.manager)
            .create({"connector_id": connector.id})
        )
        wizard.action_make()
        return read_pack(read_file(base64.b64decode(wizard.file)).pack).body

    def again(self, clone):
        """The pack that is made from a clone, with the address that was asked for."""
        body = self.made(clone.connector_id)
        return fill_in(body, {"url-default": "https://acme.example/orders"})

    def test_what_was_agreed_is_on_what_is_made(self):
        clone = self.clone()
        connector = clone.connector_id
        self.assertEqual({name: connector[name] for name in LIMITS}, LIMITS)
        endpoint = connector.endpoint_ids
        self.assertEqual({name: endpoint[name] for name in BREAKER}, BREAKER)
        self.assertEqual(connector.tz, "Europe/Berlin")
        told = {window.name: window.days_told for window in connector.window_ids}
        self.assertIn("Monday, Friday, 22:30 to 02:10", told["Backup"])
        self.assertIn("Sunday, 00:00 to 24:00", told["Release"])
        orders = clone._record_of("flow", "orders")
        self.assertEqual((orders.mode, orders.priority), ("batch", "1000"))
        self.assertEqual((orders.batch_monday, orders.batch_sunday), (True, False))
        self.assertEqual((orders.batch_zone, orders.batch_release), ("Europe/Berlin", True))
        self.assertEqual(
            orders._condition_items(),
            ["|", ["ref", "=", "cold"], ["parent_id.ref", "in", ["cold", "frozen"]]],
        )
        asked = clone._record_of("flow", "asked")
        self.assertEqual((asked.mode, asked.direct_seconds, asked.direct_at_most), ("direct", 7, 2))
        self.assertEqual(asked.direct_answer_policy_id, clone._record_of("policy", "answers"))
        changes = clone._record_of("flow", "changes")
        self.assertEqual(changes.wait_ids.needs_flow_id, orders)

    def test_what_was_made_reads_back_and_makes_the_pack_again(self):
        clone = self.clone()
        filled = take_apart(fill_in(clone.pack_id._body(), clone._answers()))
        self.assertEqual(take_apart(clone._state()), filled)
        self.assertEqual(take_apart(self.again(clone)), filled)

    def test_a_pack_of_before_gives_what_it_gave(self):
        clone = self.clone(pack_id=self.old.id, prefix="before")
        connector, flow = clone.connector_id, clone.connector_id.flow_ids
        self.assertEqual((connector.rate_limit, connector.inbound_unsigned_rate), (0, 120))
        self.assertEqual(connector.tz, self.env["interop.connector"].default_get(["tz"])["tz"])
        self.assertFalse(connector.window_ids)
        self.assertEqual(connector.endpoint_ids.breaker_failures, 5)
        self.assertEqual((flow.mode, flow.priority, flow.batch_sunday), ("realtime", "100", True))
        self.assertFalse(flow.condition or flow.wait_ids or flow.coalesce or flow.route_group)
        # What is as usual is not said: those who do not know it yet can read the pack.
        body = self.made(connector)
        self.assertFalse({"rate_unit", "time_zone", "rate_burst"} & set(body["connector"]))
        self.assertFalse({"mode", "priority", "batch_days", "waits"} & set(body["flows"][0]))
        self.assertNotIn("breaker_wait", body["connector"]["endpoints"][0])

    def test_a_condition_that_names_records_is_not_handed_on(self):
        clone = self.clone()
        flow = clone._record_of("flow", "orders")
        number = self.partner.id
        for condition in (
            f"[('parent_id', '=', {number})]",
            f"[('id', 'child_of', [{number}])]",
            f"['|', ('ref', '=', 'x'), ('category_id', 'in', ({number},))]",
            f"[('parent_id', 'any', [('company_id', '!=', {number})])]",
            f"[('parent_id.id', '=', {number})]",
        ):
            with self.subTest(condition=condition):
                flow.condition = condition
                with self.assertRaisesRegex(UserError, "names records by their numbers"):
                    self.made(clone.connector_id)
        for condition in (
            "[('color', '=', 3)]",
            "[('parent_id', '=', False)]",
            "[('parent_id', 'ilike', 'Acme')]",
            "[('company_id.name', '=', 'North')]",
        ):
            with self.subTest(condition=condition):
                flow.condition = condition
                self.assertTrue(self.made(clone.connector_id))

    def test_a_field_that_was_made_here_is_not_handed_on(self):
        self.env["ir.model.fields"].create(
            {
                "name": "x_cold",
                "field_description": "Cold",
                "ttype": "boolean",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        clone = self.clone()
        clone._record_of("flow", "orders").condition = "[('x_cold', '=', True)]"
        with self.assertRaisesRegex(UserError, "x_cold” that was made here"):
            self.made(clone.connector_id)

    def test_a_pack_from_elsewhere_that_names_records_makes_nothing(self):
        for condition, told in (
            ([["parent_id", "=", 7]], "by their numbers"),
            ([["no_such", "=", 7]], "does not exist"),
        ):
            body = self.body(version="7.0", name=told)
            body["flows"][1]["condition"] = condition
            body["code"] = f"strange-{condition[0][0]}"
            with self.assertRaisesRegex(UserError, told):
                self.wizard(pack_id=self.take_in(body).id).action_make()

    def test_a_time_zone_that_is_not_known_here_is_said_before_anything_is_made(self):
        body = self.body(version="8.0")
        body["connector"]["time_zone"] = "Mars/Olympus"
        wizard = self.wizard(pack_id=self.take_in(body).id)
        self.assertIn("Mars/Olympus", wizard.preview_html)
        with self.assertRaisesRegex(UserError, "Mars/Olympus"):
            wizard.action_make()

    def test_a_newer_pack_changes_windows_and_ours_stay(self):
        clone = self.clone()
        connector = clone.connector_id
        windows = self.env["interop.maintenance.window"]
        ours = windows.create(
            {"connector_id": connector.id, "name": "Ours", "tuesday": True, "time_to": 2}
        )
        once = windows.create(
            {
                "connector_id": connector.id, "name": "Move", "kind": "once",
                "starts_at": "2027-01-01 00:00:00", "ends_at": "2027-01-02 00:00:00",
            }
        )  # fmt: skip
        backup = connector.window_ids.filtered(lambda window: window.name == "Backup")
        release = connector.window_ids.filtered(lambda window: window.name == "Release")

        def change(body):
            body["connector"]["windows"][0]["to"] = "03:00"
            body["connector"]["windows"][1] = {
                "name": "Stock-taking", "days": ["saturday"], "from": "06:00", "to": "12:00",
            }  # fmt: skip

        self.newer(change)
        wizard = self.update(clone)
        kinds = {line.title: line.kind for line in wizard.line_ids}
        self.assertEqual(
            kinds,
            {
                "connector › window › Backup": "pack",
                "connector › window › Release": "pack",
                "connector › window › Stock-taking": "pack",
                "connector › window › Ours": "local",
            },
        )
        wizard.action_apply()
        connector.invalidate_recordset()
        self.assertEqual(
            set(connector.window_ids.mapped("name")), {"Backup", "Stock-taking", "Ours", "Move"}
        )
        self.assertEqual((backup.time_to, ours.active, once.active), (3.0, True, True))
        self.assertFalse(release.active)

    def test_a_newer_pack_changes_settings_and_what_was_changed_here_stays(self):
        clone = self.clone()
        orders = clone._record_of("flow", "orders")
        orders.batch_times = "10:00"
        text = orders.condition = "[ '|', ('ref','=','cold'), ('parent_id', '=', False) ]"

        def change(body):
            flow = body["flows"][1]
            flow |= {"batch_days": ["sunday"], "batch_release": False, "batch_times": "08:00"}
            body["connector"]["rate_limit"] = 0
            body["flows"][0]["waits"] = [{"flow": "orders", "path": "parent_id"}]

        self.newer(change)
        wizard = self.update(clone)
        kinds = {line.title: line.kind for line in wizard.line_ids}
        self.assertEqual(
            kinds,
            {
                "connector › rate_limit": "pack",
                "flow › orders › batch_days": "pack",
                "flow › orders › batch_release": "pack",
                "flow › orders › batch_times": "conflict",
                "flow › orders › condition": "local",
                "flow › changes › wait › orders": "pack",
                "flow › changes › wait › orders, parent_id": "pack",
            },
        )
        wizard.action_apply()
        self.assertEqual((orders.batch_sunday, orders.batch_monday), (True, False))
        self.assertEqual((orders.batch_release, orders.batch_times), (False, "10:00"))
        self.assertEqual(orders.condition, text)
        self.assertEqual(clone.connector_id.rate_limit, 0)
        waits = clone._record_of("flow", "changes").wait_ids
        self.assertEqual((waits.needs_flow_id, waits.path), (orders, "parent_id"))

    def test_what_a_flow_waits_for_elsewhere_stays_and_is_no_part_of_the_pack(self):
        clone, other = self.clone(), self.clone(prefix="other")
        changes = clone._record_of("flow", "changes")
        elsewhere = other._record_of("flow", "orders")
        self.env["interop.flow.wait"].create({"flow_id": changes.id, "needs_flow_id": elsewhere.id})
        self.assertEqual(take_apart(self.again(clone)), take_apart(self.again(other)))
        self.newer(lambda body: body["flows"][0].update(waits=[]))
        self.update(clone).action_apply()
        self.assertEqual(changes.wait_ids.needs_flow_id, elsewhere)

    def test_an_address_that_takes_over_is_no_part_and_is_not_touched(self):
        clone = self.clone()
        first = clone.connector_id.endpoint_ids
        second = first.copy({"name": "Second", "url": "https://second.example/", "sequence": 20})
        body = self.made(clone.connector_id)
        self.assertEqual([each["name"] for each in body["connector"]["endpoints"]], ["Orders"])
        self.newer(lambda body: body["connector"]["endpoints"][0].update(timeout_total=44))
        wizard = self.update(clone)
        self.assertEqual(wizard.line_ids.mapped("title"), ["endpoint › default › timeout_total"])
        wizard.action_apply()
        self.assertEqual((first.url, first.timeout_total), ("https://acme.example/orders", 44))
        self.assertEqual((second.url, second.timeout_total), ("https://second.example/", 30))
        self.assertEqual(clone.connector_id.endpoint_ids, first | second)

    def test_a_circle_of_waiting_flows_makes_nothing(self):
        body = self.body(version="9.0")
        body["flows"][1]["waits"] = [{"flow": "changes"}]
        make_pack(body)
        with self.assertRaisesRegex(UserError, "in a circle"):
            self.wizard(pack_id=self.take_in(body).id).action_make()
