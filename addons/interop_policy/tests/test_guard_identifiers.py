"""Location and article numbers in lists of identifiers, and cards that are called such."""

import copy

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_document.lib.fields import walk_fields
from odoo.addons.interop_document.lib.gs1 import check_digit, is_gln, is_gtin, is_sscc
from odoo.addons.interop_document.tests.common import SCHEMAS, example_of
from odoo.addons.interop_document.tests.strategies import PROFILE
from odoo.addons.interop_policy.lib.guard import Guard
from odoo.addons.interop_policy.lib.looks import ALL_KINDS
from odoo.addons.interop_policy.lib.names import Names
from odoo.addons.interop_policy.lib.numbers import is_card

from .guard_common import with_check_digit

NOBODY = Names()
FIELDS = walk_fields(SCHEMAS["Partner"])
SENT = {field.path: "send" for field in FIELDS if field.is_leaf}
SCHEME, VALUE = "identifiers[].scheme", "identifiers[].value"
GLN = "4000002000004"
CHECKS = {"gln": is_gln, "gtin": is_gtin, "sscc": is_sscc}

CARDS = st.builds(
    lambda prefix, length, digits: with_check_digit((prefix + digits)[: length - 1]),
    st.sampled_from(["4", "51", "36", "62", "6759"]),
    st.sampled_from([13, 14, 16, 18, 19]),
    st.text("0123456789", min_size=19, max_size=19),
).filter(is_card)


def guard(mode="hold", fields=FIELDS, **decisions):
    told = {field.path: "send" for field in fields if field.is_leaf} | decisions
    return Guard(fields, told, ALL_KINDS, mode=mode)


def listed(value, scheme="gln", **more):
    return {"identifiers": [{"scheme": scheme, "value": value, **more}]}


class TestGuardIdentifiers(BaseCase):
    def held(self, document, told=None):
        with self.assertRaises(PolicyError) as held:
            (told or guard()).look(document, NOBODY)
        return held.exception.sentence

    def test_the_partner_type_s_own_example_leaves(self):
        example = example_of("Partner")
        self.assertTrue(is_card(GLN), "it would be taken for a card's number")
        self.assertEqual(guard().look(example, NOBODY).body, example)
        masking = guard("mask").look(example, NOBODY)
        self.assertEqual((masking.body, masking.findings), (example, ()))

    @PROFILE
    @given(CARDS.filter(lambda card: not is_gln(card)), st.sampled_from(["gln", "duns", "other"]))
    def test_a_card_s_number_is_held_whatever_it_is_called(self, card, scheme):
        sentence = self.held(listed(card, scheme))
        self.assertIn("identifiers[0].value (Payment card number)", sentence)
        self.assertNotIn(card, sentence)
        masked = guard("mask").look(listed(card, scheme), NOBODY)
        self.assertEqual(masked.body["identifiers"][0]["value"], "[CARD]")

    @PROFILE
    @given(st.just(GLN[:-1]) | st.text("0123456789", min_size=12, max_size=12))
    def test_a_location_number_leaves_and_only_under_its_own_name(self, digits):
        gln = digits + check_digit(digits)
        self.assertEqual(guard().look(listed(gln), NOBODY).body, listed(gln))
        if is_card(gln):
            self.held(listed(gln, "other"))
            self.held(listed(gln, "GLN"))
            self.held(listed(gln, None))
            self.held({"identifiers": [{"value": gln}]})
            self.held(listed(f" {gln}"))
            self.held({"notes": gln})
            self.held(listed([gln]))
            self.held(listed(int(gln)))

    def test_nothing_else_passes_in_the_name_of_a_location_number(self):
        for value in ("123-45-6789", "m@n.example", f"{GLN} 4111111111111111", "4111111111111111"):
            with self.subTest(value):
                self.held(listed(value))

    def test_a_scheme_that_the_policy_does_not_send_as_it_is_says_nothing(self):
        for decision in ("drop", "constant", "mask", "depends"):
            with self.subTest(decision):
                self.held(listed(GLN), guard(**{SCHEME: decision}))
        self.assertTrue(guard(**{SCHEME: "require"}).look(listed(GLN), NOBODY))

    def test_a_scheme_that_may_be_any_text_says_nothing(self):
        schema = copy.deepcopy(SCHEMAS["Partner"])
        members = schema["properties"]["identifiers"]["items"]["properties"]
        del members["scheme"]["enum"]
        self.held(listed(GLN), guard(fields=walk_fields(schema)))

    def test_every_scheme_is_checked_by_its_own_rule(self):
        schema = copy.deepcopy(SCHEMAS["Partner"])
        members = schema["properties"]["identifiers"]["items"]["properties"]
        members["scheme"]["enum"] = [*CHECKS, "other"]
        told = guard(fields=walk_fields(schema))
        for digits in ("400000200000", "3600000000000", "62000000000000000"):
            number = next(
                number
                for rest in range(10**6)
                for body in [f"{digits[:-6]}{rest:06d}"]
                for number in [body + check_digit(body)]
                if is_card(number)
            )
            for scheme, check in CHECKS.items():
                with self.subTest(f"{scheme}, {len(number)} digits"):
                    if check(number):
                        self.assertTrue(told.look(listed(number, scheme), NOBODY))
                    else:
                        self.held(listed(number, scheme), told)
            self.held(listed(number, "other"), told)

    def test_what_passed_is_not_held_after_a_mapping(self):
        passed = guard().look(listed(GLN), NOBODY).body
        mapped = {"LOCATION": GLN}
        self.assertEqual(guard().look_mapped(mapped, NOBODY, passed).body, mapped)
        with self.assertRaises(PolicyError):
            guard().look_mapped(mapped, NOBODY, {})
