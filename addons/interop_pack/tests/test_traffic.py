"""When and how fast documents travel, as a pack says it."""

import copy
import doctest
import json

from odoo.tests.common import BaseCase, tagged

from ..lib import parts as lib_parts
from ..lib import traffic
from ..lib.pack import PackError, make_pack, read_pack
from ..lib.parts import as_said, only_set, put_together, take_apart
from .common import LIMITS, PACK, WINDOWS, pack, traffic_pack


@tagged("interop_lib")
class TestTraffic(BaseCase):
    def refused(self, body, *words):
        with self.assertRaises(PackError) as caught:
            make_pack(body)
        told = "; ".join(caught.exception.problems)
        for word in words:
            self.assertIn(word, told)
        return told

    def flow(self, **values):
        return pack(flows=[PACK["flows"][0] | values])

    def connector(self, **values):
        return pack(connector=PACK["connector"] | values)

    def test_the_examples_hold(self):
        for module in (traffic, lib_parts):
            self.assertEqual(doctest.testmod(module).failed, 0)

    def test_a_pack_of_before_is_what_it_was(self):
        parts = take_apart(PACK)
        usual = {
            ("flow", "orders", "mode"): "realtime",
            ("flow", "orders", "priority"): "normal",
            ("flow", "orders", "batch_days"): list(traffic.WEEKDAYS),
            ("flow", "orders", "content_as_of"): "latest",
            ("connector", "rate_limit"): None,
            ("connector", "time_zone"): None,
            ("connector", "inbound_unsigned_rate"): 120,
            ("endpoint", "default", "breaker_failures"): 5,
            ("endpoint", "default", "probe_method"): "HEAD",
        }
        self.assertEqual({key: parts.get(key) for key in usual}, usual)

    def test_what_travels_is_taken_apart_and_put_together_again(self):
        body = make_pack(traffic_pack()).body
        parts = take_apart(body)
        again = put_together(parts)
        self.assertEqual(again["connector"]["windows"], WINDOWS)
        # What is put together says all there is: no limit is none.
        said = {name: value for name, value in LIMITS.items() if value}
        self.assertEqual(only_set(again["connector"], LIMITS), said)
        self.assertEqual(again["flows"][0]["waits"], [{"flow": "orders"}])
        self.assertEqual(again["flows"][1]["batch_days"], body["flows"][1]["batch_days"])
        self.assertEqual(parts["flow", "changes", "wait", "orders"], {"flow": "orders"})
        self.assertEqual(parts["connector", "window", "Backup"]["from"], "22:30")

    def test_days_in_another_order_are_no_change(self):
        one = self.flow(batch_days=["friday", "monday"])
        other = self.flow(batch_days=["monday", "friday"])
        self.assertEqual(take_apart(make_pack(one).body), take_apart(make_pack(other).body))

    def test_none_at_all_is_said_where_there_usually_is_something(self):
        kept = {"breaker_failures": 0, "breaker_rate": 50, "method": "POST", "probe_path": False}
        self.assertEqual(as_said("endpoint", kept), {"breaker_failures": 0, "method": "POST"})
        self.assertEqual(as_said("crosswalk", {"ignore_spaces": False}), {"ignore_spaces": False})
        self.assertNotIn(
            ("endpoint", "default", "breaker_failures"),
            take_apart(
                self.connector(
                    endpoints=[PACK["connector"]["endpoints"][0] | {"breaker_failures": 0}]
                )
            ),
        )

    def test_windows_and_their_time_zone_come_together(self):
        self.refused(self.connector(windows=WINDOWS), "dependentRequired")
        self.refused(self.connector(time_zone="Europe/Berlin"), "dependentRequired")
        for wrong in ({"days": []}, {"days": ["funday"]}, {"from": "24:00"}, {"to": "9:00"}):
            self.refused(
                self.connector(time_zone="UTC", windows=[WINDOWS[0] | wrong]), "connector.windows"
            )

    def test_a_flow_waits_for_flows_of_the_pack_only(self):
        self.refused(self.flow(waits=[{"flow": "x"}]), "waits for a flow that is not in the pack")
        self.refused(self.flow(waits=[{"flow": "orders"}]), "flow orders waits for itself")
        self.refused(self.flow(waits=[{"flow": "orders", "path": "a['b']"}]), "flows.0.waits")

    def test_what_is_no_condition_is_refused_and_not_repeated(self):
        for wrong in (
            ["hunter2"],
            [["ref", "=", {"hunter2": 1}]],
            [["ref", "=", ["x", ["hunter2"]]]],
            [["ref", "hunter2", 1]],
            [["ref", "any!", []]],
            [["parent_id", "any", [["ref", "hunter2", 1]]]],
            [["ref", "="]],
            [[1, "=", 1]],
        ):
            with self.subTest(condition=wrong):
                told = self.refused(self.flow(condition=wrong), "flow orders has a condition")
                self.assertNotIn("hunter2", told)
        self.refused(self.flow(condition="[]"), "flows.0.condition")
        self.refused(self.flow(condition=[["ref", "=", "x"]] * 201), "flows.0.condition")

    def test_times_that_are_none_are_refused(self):
        self.refused(self.flow(batch_times="9 o'clock"), "flow orders names times that are none")
        make_pack(self.flow(batch_times="09:00, 14:30"))

    def test_the_policy_of_the_answer_is_one_of_the_pack_and_its_type_has_a_version(self):
        self.refused(
            self.flow(answer_policy="x"), "names a policy of the answer that is not in the pack"
        )
        self.refused(self.flow(answer_type="Quote"), "dependentRequired")

    def test_what_is_not_in_its_bounds_is_refused(self):
        for name, value in (
            ("priority", "10"), ("batch_release_hours", 0), ("content_as_of", "now"),
            ("batch_days", ["monday", "monday"]), ("batch_zone", "../etc"), ("route_group", ""),
        ):  # fmt: skip
            with self.subTest(name=name):
                self.refused(self.flow(**{name: value}), f"flows.0.{name}")
        for name, value in (
            ("rate_limit", -1), ("rate_burst", 0), ("rate_unit", "hour"), ("inbound_rate", 3e6),
            ("inbound_networks", "10.0.0.0/8"),
        ):  # fmt: skip
            with self.subTest(name=name):
                self.refused(self.connector(**{name: value}))

    def test_the_text_of_a_pack_of_before_is_the_same(self):
        body = copy.deepcopy(PACK)
        self.assertEqual(json.loads(read_pack(json.dumps(body).encode()).text), body)
