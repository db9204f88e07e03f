"""What changed between two versions of a flow, in the words of the form."""

import json
from unittest.mock import patch

from odoo.tests import TransactionCase

from .common import build_world


class TestVersionCompare(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        handler = patch.object(cls.registry["interop.handler"], "_composes", "res.partner")
        handler.start()
        cls.addClassCleanup(handler.stop)
        cls.flow = build_world(cls.env, "compare")["out"]
        cls.other = cls.flow.copy({"name": "Stock levels", "code": "compare-stock"})
        cls.wizards = cls.env["interop.version.compare"]

    def told(self, before=None, after=None):
        before = before or self.flow.version_id._value()
        return str(self.wizards._differences(before, after or self.flow._snapshot()))

    def assertTold(self, *words, told=None):
        told = told or self.told()
        for each in words:
            self.assertIn(each, told)

    def test_priority_mode_and_days_are_told_in_words(self):
        self.flow.write(
            {
                "priority": "1000", "mode": "batch", "batch_size": 20, "batch_times": "09:00",
                "batch_saturday": False, "batch_sunday": False, "batch_release": True,
                "content_as_of": "event",
            }
        )  # fmt: skip
        self.assertTold(
            "Priority", ">Normal<", ">Low<", "Batch: gathered, and sent together", "Leaves on",
            "Monday, Tuesday, Wednesday, Thursday, Friday<", "Leaves at", "A person releases it",
            "When the event happened",
        )  # fmt: skip

    def test_a_condition_is_told_as_people_read_it(self):
        cold = self.env["res.partner"].create({"name": "Cold chain"})
        self.flow.condition = f"[('parent_id', '=', {cold.id})]"
        self.assertTold("(all records)", "Related Company is Cold chain")

    def test_two_that_are_called_alike_are_told_apart(self):
        one, two = self.env["res.partner"].create([{"name": "Cold chain"}] * 2)
        self.flow.condition = f"[('parent_id', '=', {one.id})]"
        before = self.flow._snapshot()
        self.flow.condition = f"[('parent_id', '=', {two.id})]"
        self.assertTold(str(one.id), str(two.id), told=self.told(before))

    def test_what_a_flow_waits_for_is_told_by_name(self):
        self.env["interop.flow.wait"].create(
            [
                {"flow_id": self.flow.id, "needs_flow_id": self.other.id, "path": "parent_id"},
                {"flow_id": self.flow.id, "needs_flow_id": self.other.id},
            ]
        )
        self.assertTold("Waits for", "Stock levels (about: Related Company)\nStock levels")

    def test_direct_calls_are_told_in_words(self):
        self.flow.write({"mode": "direct", "direct_seconds": 7, "expects_answer": False})
        self.assertTold("Direct calls", "Wait at most: 7", "Callers at once: 4", "Answer: (none)")
        before = self.flow._snapshot()
        self.flow.direct_seconds = 9
        self.assertTold("Direct calls › Wait at most", ">9<", told=self.told(before))

    def test_what_an_older_version_could_not_say_is_no_difference(self):
        old = json.loads(json.dumps(self.flow._snapshot()))
        for name in ("priority", "condition", "waits", "batch_days", "mode", "batch_release_hours"):
            del old["flow"][name]
        self.assertIn("Nothing differs", self.told(old))
        self.flow.priority = "10"
        self.assertTold(">Normal<", ">Urgent<", told=self.told(old))

    def test_a_condition_of_what_is_not_installed_any_more_is_shown_as_it_was(self):
        old = json.loads(json.dumps(self.flow._snapshot()))
        old["flow"] |= {"handler": "gone", "condition": [["no_such", "=", 7]]}
        self.assertTold("no_such", told=self.told(old))
