import copy
import traceback
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_document.lib.fields import walk_fields
from odoo.addons.interop_document.lib.sensitivity import Sensitivity
from odoo.addons.interop_document.tests.strategies import JSON, PROFILE
from odoo.addons.interop_policy.lib.guard import Finding, Guard
from odoo.addons.interop_policy.lib.looks import ALL_KINDS, kinds_for, look_at
from odoo.addons.interop_policy.lib.names import Names

from .guard_common import FIELDS, FILLERS, NAMES, PLANTED, guard_of, texts_of

MASKING = guard_of(mode="mask")
HOLDING = guard_of()
NOBODY = Names()

DIRTY = st.builds("{} {} {}".format, FILLERS, PLANTED, FILLERS)
TEXTS = st.one_of(FILLERS, DIRTY)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "notes": TEXTS,
        "remarks": st.lists(TEXTS, max_size=3),
        "lines": st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "notes": TEXTS,
                    "parts": st.lists(st.fixed_dictionaries({"reason": TEXTS}), max_size=2),
                },
            ),
            max_size=3,
        ),
        "stranger": st.recursive(
            TEXTS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(FILLERS, inner)
        ),
    },
)


class TestGuard(BaseCase):
    @PROFILE
    @given(DOCUMENTS, PLANTED)
    def test_nothing_planted_gets_out_wherever_it_stands(self, document, planted):
        document.setdefault("lines", []).append({"parts": [{"reason": f"see {planted} there"}]})
        before = copy.deepcopy(document)
        looked = MASKING.look(document, NAMES)
        self.assertEqual(document, before)
        self.assertTrue(looked.findings)
        self.assertNotIn(planted, " ".join(texts_of(looked.body)))
        self.assertEqual(MASKING.look(looked.body, NAMES).findings, ())
        self.assertEqual(MASKING.look(document, NAMES), looked)

    @PROFILE
    @given(DOCUMENTS, PLANTED)
    def test_a_held_document_is_told_without_a_value(self, document, planted):
        document = {"notes": f"see {planted} there"} | {
            name: value for name, value in document.items() if name != "notes"
        }
        with self.assertRaises(PolicyError) as held:
            HOLDING.look(document, NAMES)
        self.assertIn("notes (", held.exception.sentence)
        self.assertNotIn(planted, "".join(traceback.format_exception(held.exception)))

    @PROFILE
    @given(DOCUMENTS)
    def test_what_is_clean_leaves_as_it_is(self, document):
        looked = MASKING.look(document, NAMES)
        if not looked.findings:
            self.assertEqual(looked.body, document)
            self.assertEqual(HOLDING.look(document, NAMES).body, document)

    @PROFILE
    @given(st.dictionaries(st.text(max_size=5), JSON, max_size=4))
    def test_it_is_total(self, document):
        for look in (
            lambda: MASKING.look(document, NAMES),
            lambda: MASKING.look_mapped({"inner": document}, NAMES, {}),
        ):
            # A long number may be a card's, and numbers cannot be masked.
            with suppress(PolicyError):
                self.assertIsInstance(look().body, dict)

    def test_findings_name_places_and_kinds(self):
        document = {"notes": "fine", "lines": [{}, {"notes": "a@b.example", "code": "123-45-6789"}]}
        looked = MASKING.look(document, NOBODY)
        self.assertEqual(looked.body["lines"][1], {"notes": "[EMAIL]", "code": "[SSN]"})
        self.assertCountEqual(
            looked.findings,
            [Finding("lines[1].notes", "email"), Finding("lines[1].code", "ssn")],
        )
        with self.assertRaises(PolicyError) as held:
            HOLDING.look(document, NOBODY)
        self.assertIn("lines[1].notes (E-mail address)", held.exception.sentence)
        self.assertIn("lines[1].code (US Social Security number)", held.exception.sentence)

    def test_a_field_passes_for_its_own_kind_and_for_no_other(self):
        contact = {"name": "Mariela Quintana-Roth", "phone": "617-253-1000", "email": "m@n.example"}
        self.assertEqual(HOLDING.look({"contact": contact}, NAMES).findings, ())
        swapped = {"phone": "m@n.example", "email": "123-45-6789"}
        kinds = {each.kind for each in MASKING.look({"contact": swapped}, NAMES).findings}
        self.assertEqual(kinds, {"email", "ssn"})

    def test_the_bytes_of_a_file_are_not_taken_for_numbers(self):
        field = {"type": "string", "x-sensitivity": "internal"}
        fields = walk_fields(
            {"properties": {"file": field | {"contentEncoding": "base64"}, "text": field}}
        )
        self.assertEqual([look_at(each, ALL_KINDS) is None for each in fields], [True, False])

    def test_what_the_policy_put_in_a_place_is_not_taken_for_a_number(self):
        token = {"number": "4111111111111111"}
        self.assertEqual(guard_of({"number": "tokenise"}).look(token, NOBODY).findings, ())
        with self.assertRaises(PolicyError):
            HOLDING.look(token, NOBODY)

    def test_a_value_after_a_decision_of_another_module_is_looked_at(self):
        for decision in ("redact", "depends", "of another module"):
            with self.subTest(decision):
                looked = guard_of({"number": decision}, mode="mask").look(
                    {"number": "123-45-6789"}, NOBODY
                )
                self.assertEqual(looked.body, {"number": "[SSN]"})

    def test_a_name_that_only_some_documents_send_is_looked_for(self):
        document = {"contact": {"name": "Mariela Quintana-Roth"}}
        self.assertTrue(guard_of({"contact.name": "depends"}).people(document))

    def test_numbers_are_looked_at_and_always_hold(self):
        for document in (
            {"serial": 123456789},
            {"serial": 1234567893},
            {"amount": 4111111111111111},
            {"amount": 4111111111111111.0},
            {"stranger": [{"x": 123456789}]},
        ):
            with self.subTest(document), self.assertRaises(PolicyError):
                MASKING.look(document, NOBODY)
        harmless = {"amount": 123456789, "serial": 4711, "due": "2026-03-02"}
        self.assertEqual(HOLDING.look(harmless, NOBODY).body, harmless)

    def test_people_are_those_whose_names_the_policy_keeps(self):
        document = {"contact": {"name": "Mariela Quintana-Roth"}}
        keeping = guard_of({"contact.name": "mask"}, mode="mask")
        text = {"notes": "Call Quintana-Roth, Mariela."}
        looked = keeping.look(text, keeping.people(document))
        self.assertEqual(looked.body, {"notes": "Call [NAME]."})
        self.assertFalse(HOLDING.people(document))
        self.assertEqual(HOLDING.look(text, HOLDING.people(document)).body, text)

    def test_what_a_mapping_makes_is_looked_at_and_what_passed_is_not(self):
        passed = {"contact": {"email": "m@n.example"}, "number": "123", "notes": "45-6789"}
        self.assertEqual(HOLDING.look(passed, NOBODY).body, passed)
        mapped = {"MAIL": "m@n.example", "NOTE": "fine"}
        self.assertEqual(HOLDING.look_mapped(mapped, NOBODY, passed).body, mapped)
        with self.assertRaises(PolicyError):
            HOLDING.look_mapped({"NOTE": "123-45-6789"}, NOBODY, passed)

    def test_clearance_and_region_decide_what_is_looked_for(self):
        self.assertEqual(kinds_for(Sensitivity.public), ALL_KINDS)
        self.assertEqual(kinds_for(Sensitivity.confidential), ALL_KINDS)
        self.assertEqual(kinds_for(Sensitivity.personal), {"ssn", "card", "mrn", "birth_date"})
        self.assertEqual(kinds_for(Sensitivity.health), {"ssn", "card"})
        self.assertEqual(kinds_for(Sensitivity.secret), {"ssn", "card"})
        self.assertEqual(kinds_for(Sensitivity.health, personal_may_go=False), ALL_KINDS)
        self.assertEqual(
            kinds_for(Sensitivity.health, health_may_go=False), kinds_for(Sensitivity.personal)
        )
        cleared = guard_of(kinds=kinds_for(Sensitivity.health))
        text = {"notes": "Mariela Quintana-Roth, m@n.example, born 1980-03-01, NF-123456"}
        self.assertEqual(cleared.look(text, NAMES).body, text)

    def test_off_looks_at_nothing(self):
        text = {"notes": "123-45-6789"}
        self.assertEqual(guard_of(mode="off").look(text, NAMES).body, text)

    def test_what_is_not_set_up_is_refused(self):
        for settings in ({"mode": "maybe"}, {"templates": [".*"]}):
            with self.subTest(settings), self.assertRaises(PolicyError):
                Guard(FIELDS, {}, ALL_KINDS, **settings)
        with self.assertRaises(PolicyError):
            Guard(FIELDS, {}, frozenset({"shoe_size"}))
