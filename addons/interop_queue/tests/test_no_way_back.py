"""What the policy removed comes back through no mapping, neither as a value nor by influence."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_base.lib.failures import InteropError
from odoo.addons.interop_document.lib.document import Document
from odoo.addons.interop_document.lib.mapping.compiled import RowMapper
from odoo.addons.interop_document.lib.mapping.functions import CONVERTERS
from odoo.addons.interop_document.lib.mapping.rows import row_of

from ..lib.plan import compile_plan
from .test_screening import base_of, keyed, rule

SOURCES = st.sampled_from(
    [
        "@", "*", "patient", "patient || number", "values(@)", "keys(@)", "[@]", "length(@)",
        "number", "quantity", "not_null(patient, number)", "type(patient)", "sort(keys(@))",
        "{p: patient, n: number}", "patient == `null`", "length(values(@))", "^.patient",
        "/patient", "number && patient", "max_by([@], &length(number)).patient",
    ]
)  # fmt: skip
VALUES = st.sampled_from(["DD.MM.YYYY", ",", ".", "", "x", "EA", 0, 1, 2, True, {"EA": "STK"}])
# None of their letters is in a pattern, or YYYY would be found in the sentence about a date.
SECRETS = st.text("QZXJVWK", min_size=4, max_size=12)


@st.composite
def rows(draw, place):
    row = {"target": f"t{place}", "source": draw(SOURCES)}
    converter = draw(st.sampled_from(["", *(code for code, _each in CONVERTERS)]))
    if converter:
        names = [each.name for each in CONVERTERS.get(converter).parameters]
        row["converter"] = converter
        row["arguments"] = {name: draw(VALUES) for name in names if draw(st.booleans())}
    if draw(st.booleans()):
        row["when"] = draw(SOURCES)
    if draw(st.booleans()):
        row["default"] = "none"
    row["required"] = draw(st.booleans())
    return row


class TestNoWayBack(BaseCase):
    def outcome(self, plan, secret):
        body = {"number": "N1", "quantity": 3} | ({"patient": secret} if secret else {})
        try:
            shown = plan.shown(Document("TestNote", "1.0", body), 1, keyed).body
            return json.dumps([shown, plan.encode([shown], {"message": "m"}).decode()])
        except InteropError as problem:
            return problem.sentence

    def works(self, row):
        """What cannot work cannot be published either."""
        try:
            RowMapper([row_of(row)], "out")
        except InteropError:
            return False
        return True

    @settings(
        max_examples=300,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(st.data(), SECRETS, SECRETS)
    def test_no_mapping_makes_anything_of_a_value_that_the_policy_dropped(self, data, one, other):
        drawn = [data.draw(rows(place)) for place in range(data.draw(st.integers(2, 6)))]
        chosen = [row for row in drawn if self.works(row)]
        if not chosen:
            return
        mapping = {"code": "rows", "direction": "out", "rows": chosen}
        rules = (rule("number", "send"), rule("quantity", "send"), rule("patient", "drop"))
        plan = compile_plan("d", json.dumps(base_of(*rules, mapping=mapping)))
        outcomes = {self.outcome(plan, secret) for secret in (one, other, None)}
        self.assertEqual(len(outcomes), 1)
        self.assertNotIn(one, outcomes.pop())

    def test_the_test_would_see_a_value_that_is_sent(self):
        mapping = {"code": "rows", "rows": [{"target": "t", "source": "@"}]}
        plan = compile_plan(
            "d",
            json.dumps(
                base_of(
                    rule("**", "send"),
                    mapping=mapping,
                    guard={"mode": "off", "reason": "test", "patterns": [], "countries": {}},
                )
            ),
        )
        self.assertNotEqual(self.outcome(plan, "QZXJ"), self.outcome(plan, "KJWV"))
