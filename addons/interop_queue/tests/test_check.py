import json
import os
import subprocess
import sys

from odoo.tests import BaseCase
from odoo.tools import config

from ..engine.checking import check_flows
from ..lib.checked import Checked, Line, as_text, count_bad
from ..lib.samples import compare
from .common import EngineCase
from .test_flow_readiness import ReadinessCase

BETTER = '{"number": "N1", "quantity": 3}'


class TestChecked(BaseCase):
    def test_one_line_per_check_and_the_diff_below_what_differs(self):
        verdict = compare('{"a": 1}', '{"a": 2}')
        lines = (
            Line("owner", "Owner", "ready", "Ada answers for it."),
            Line("samples", "Sample “x”", "difference", "1 value.", "live", None, verdict.diff),
        )
        checked = [Checked("orders", "Orders", "live", 3, lines), Checked("b", "B", "draft")]
        text = list(as_text(checked))
        self.assertEqual(text[0], "orders: Orders (live, live: version 3)")
        self.assertEqual(text[1], "  ready    Owner: Ada answers for it.")
        self.assertEqual(text[2], "  DIFFERS  Sample “x” [live]: 1 value.")
        self.assertIn('           -  "a": 1', text)
        self.assertEqual(text[-2], "b: B (draft, nothing is live)")
        self.assertEqual(text[-1], "2 flow(s), 2 check(s): 1 to see to.")
        self.assertEqual(count_bad(checked), 1)


class TestCheckFlows(ReadinessCase):
    def statuses(self, flow, **options):
        [checked] = check_flows(flow, **options)
        return {(line.check, line.against): line.status for line in checked.lines}

    def test_what_is_ready_has_nothing_bad(self):
        self.accepted(self.sample())
        [checked] = check_flows(self.flow)
        self.assertEqual([line for line in checked.lines if line.status != "ready"], [])
        self.assertEqual(checked.version, self.flow.version_id.number)
        self.flow.owner_id = False
        self.assertEqual(self.statuses(self.flow)["owner", "draft"], "missing")
        self.assertNotIn(("owner", "draft"), self.statuses(self.flow, samples_only=True))

    def test_draft_and_what_is_live_are_told_apart(self):
        self.accepted(self.sample())
        self.flow.action_publish()
        self.flow.policy_id.rule_ids.filtered(lambda rule: rule.path == "quantity").unlink()
        statuses = self.statuses(self.flow)
        self.assertEqual(statuses["samples", "live"], "ready")
        self.assertEqual(statuses["samples", "draft"], "difference")
        self.accepted(self.flow.sample_ids)
        statuses = self.statuses(self.flow)
        self.assertEqual(statuses["samples", "live"], "difference")
        self.assertEqual(statuses["samples", "draft"], "ready")

    def test_a_flow_without_samples_lacks_them(self):
        self.assertEqual(self.statuses(self.flow)["samples", "draft"], "missing")

    def test_checking_writes_nothing(self):
        sample = self.sample()
        check_flows(self.flow)
        self.assertEqual(sample.last_result, "never")


class TestCommand(EngineCase):
    """As an administrator or a CI calls it, in a process of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.transaction() as env:
            flow = env["interop.flow"].browse(cls.world["out"])
            cls.code = flow.code
            cls.sample = (
                env["interop.sample"]
                .create({"name": "Case", "flow_id": flow.id, "given": BETTER, "expected": BETTER})
                .id
            )

    @classmethod
    def tearDownClass(cls):
        with cls.transaction() as env:
            env["interop.sample"].browse(cls.sample).unlink()
        super().tearDownClass()

    def check(self, *words):
        addons_path = ",".join(config["addons_path"])
        return subprocess.run(
            [sys.executable, "-m", "odoo", f"--addons-path={addons_path}", "interop_check"]
            + (["-c", config["config"]] if config["config"] else [])
            + ["-d", self.registry.db_name, *words],
            env=dict(os.environ),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def test_what_cannot_run_there_fails_with_a_sentence_and_ends_with_1(self):
        """The transport of these tests does not exist in the other process."""
        told = self.check("--flow", self.code)
        self.assertEqual(told.returncode, 1, told.stderr)
        self.assertIn("FAILS    Sample “Case” [draft]: The published version of flow", told.stdout)
        self.assertIn("MISSING  What is live [live]: ", told.stdout)
        self.assertIn("look     Acts as: ", told.stdout)

    def test_programs_get_json(self):
        told = self.check("--samples", "--flow", self.code, "--json")
        self.assertEqual(told.returncode, 1, told.stderr)
        [flow] = json.loads(told.stdout)["flows"]
        self.assertEqual((flow["code"], flow["version"]), (self.code, 1))
        self.assertEqual([line["status"] for line in flow["lines"]], ["error", "missing"])

    def test_a_flow_that_nobody_knows_is_a_wrong_call(self):
        told = self.check("--flow", "nobody-knows")
        self.assertEqual(told.returncode, 2)
        self.assertIn("there is no flow nobody-knows", told.stderr)
