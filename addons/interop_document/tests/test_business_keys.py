import copy

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_document.lib.business_keys import (
    KINDS,
    LONGEST,
    MOST,
    BusinessKeys,
    business_keys,
)
from odoo.addons.interop_document.lib.fields import SchemaError, walk_fields
from odoo.addons.interop_document.lib.people import MOST as MOST_PEOPLE
from odoo.addons.interop_document.lib.people import People
from odoo.addons.interop_document.lib.sensitivity import Sensitivity

from .common import SCHEMAS, example_of
from .strategies import PROFILE, documents

CODE = {"type": "string", "maxLength": 64, "x-sensitivity": "internal"}
REFERENCE = {"type": "object", "properties": {"number": CODE, "line": CODE}}


def schema(**properties):
    return {"type": "object", "properties": properties}


def keyed(kind="order", **changes):
    return {**CODE, "x-business-key": kind, **changes}


def values(found, body, people=()):
    return list(BusinessKeys(found).values(body, people))


def personal(found, body):
    """All texts in fields of a document that are personal or worse."""
    told = []

    def gather(value, steps):
        if isinstance(value, list):
            for inner in value:
                gather(inner, steps)
        elif steps and isinstance(value, dict):
            gather(value.get(steps[0]), steps[1:])
        elif not steps:
            told.append(str(value).strip())

    for field in walk_fields(found):
        if field.is_leaf and field.sensitivity >= Sensitivity.personal:
            gather(body, field.path.replace("[]", "").split("."))
    return told


class TestBusinessKeys(BaseCase):
    def test_fields_and_members_of_groups_say_what_kind_they_are(self):
        found = schema(
            number=keyed("invoice"),
            order={**REFERENCE, "x-business-key": {"number": "order"}},
            notices={"type": "array", "items": {"$ref": "#/$defs/notice"}},
            tags={"type": "array", "items": keyed("lot")},
        ) | {"$defs": {"notice": {**REFERENCE, "x-business-key": {"number": "shipment"}}}}
        self.assertEqual(
            business_keys(found),
            {
                "number": "invoice",
                "order.number": "order",
                "notices[].number": "shipment",
                "tags[]": "lot",
            },
        )
        body = {
            "number": " INV-1 ",
            "order": {"number": "P1", "line": "7"},
            "notices": [{"number": "D1"}, {"number": "D2"}, {"number": "D1"}],
            "tags": ["L1"],
        }
        self.assertEqual(
            set(values(found, body)),
            {
                ("invoice", "INV-1"),
                ("order", "P1"),
                ("shipment", "D1"),
                ("shipment", "D2"),
                ("lot", "L1"),
            },
        )

    def test_what_may_point_to_a_person_is_refused(self):
        for changes in (
            {"x-sensitivity": "personal"},
            {"x-sensitivity": "health"},
            {"x-sensitivity": "secret"},
            {"x-free-text": True},
            {"x-kind": "phone"},
            {"contentEncoding": "base64"},
            {"type": "integer"},
            {"maxLength": LONGEST + 1},
        ):
            bad = schema(code=keyed(**changes))
            with self.subTest(changes), self.assertRaisesRegex(SchemaError, "^code: "):
                business_keys(bad)
            self.assertFalse(BusinessKeys(bad), "and it is not taken where nobody checked")
        unstated = schema(code={key: CODE[key] for key in ("type", "maxLength")})
        unstated["properties"]["code"]["x-business-key"] = "order"
        with self.assertRaisesRegex(SchemaError, "secret"):
            business_keys(unstated)

    def test_a_group_cannot_make_a_key_of_a_personal_member(self):
        person = {**CODE, "x-sensitivity": "personal"}
        group = {"type": "object", "properties": {"name": person}}
        bad = schema(contact={**group, "x-business-key": {"name": "partner"}})
        with self.assertRaisesRegex(SchemaError, r"^contact\.name: what is personal"):
            business_keys(bad)
        self.assertFalse(BusinessKeys(bad))

    def test_an_unknown_kind_and_a_group_without_members_are_refused(self):
        for bad in (
            schema(code=keyed("nonsense")),
            schema(code=keyed({"code": "order"})),
            schema(order={**REFERENCE, "x-business-key": "order"}),
            schema(order={**REFERENCE, "x-business-key": {"missing": "order"}}),
        ):
            with self.subTest(bad), self.assertRaises(SchemaError):
                business_keys(bad)

    def test_a_number_that_is_a_persons_in_the_same_document_is_left_out(self):
        found = schema(number=keyed(), other=keyed())
        body = {"number": "ann  EXAMPLE", "other": "P1"}
        self.assertEqual(values(found, body, {"Ann Example"}), [("order", "P1")])
        many = {f"Person {number}" for number in range(MOST_PEOPLE)}
        self.assertEqual(values(found, body, many), [], "nobody looked at all of them")

    def test_a_long_list_does_not_crowd_out_the_others(self):
        found = schema(lots={"type": "array", "items": keyed("lot")}, number=keyed())
        body = {"lots": [f"L{number}" for number in range(MOST * 3)], "number": "P1"}
        kept = values(found, body)
        self.assertEqual(len(kept), MOST)
        self.assertIn(("order", "P1"), kept)

    def test_what_cannot_be_kept_or_typed_is_passed_over(self):
        odd = ["", "  ", "a\0b", "a\nb", "\ud800", "x" * (LONGEST + 1), 5, None, {}, [["fine"]]]
        found = schema(tags={"type": "array", "items": keyed("lot")})
        self.assertEqual(values(found, {"tags": odd}), [("lot", "fine")])
        for body in ({}, {"tags": 1}, {"tags": {"tags": "x"}}):
            self.assertEqual(values(found, body), [])

    def test_every_shipped_type_is_found_by_its_own_number(self):
        own = {
            "PurchaseOrder": ("order", "number"),
            "PurchaseOrderAcknowledgement": ("order", "order_number"),
            "PurchaseOrderChange": ("order", "order_number"),
            "ShipNotice": ("shipment", "number"),
            "ReceiptAdvice": ("receipt", "number"),
            "Invoice": ("invoice", "number"),
            "Partner": ("partner", "partner_id"),
        }
        self.assertEqual({*SCHEMAS} - {*own}, {"AuditAnchor", "CatalogueItem"})
        for code, (kind, name) in own.items():
            example = example_of(code)
            with self.subTest(code):
                self.assertIn((kind, example[name]), values(SCHEMAS[code], example))
        item = example_of("CatalogueItem")
        self.assertIn(("item", item["item"]["gtin"]), values(SCHEMAS["CatalogueItem"], item))

    def test_examples_are_found_by_the_order_and_the_partner_that_they_are_about(self):
        found = values(SCHEMAS["Invoice"], example_of("Invoice"))
        self.assertLessEqual(
            {("order", "P00042"), ("shipment", "DN-550917"), ("partner", "4000002000004")},
            set(found),
        )

    def test_kinds_have_labels(self):
        self.assertTrue(all(kind.code == code and kind.label for code, kind in KINDS))

    @PROFILE
    @given(
        st.sampled_from(sorted(SCHEMAS)).flatmap(
            lambda c: st.tuples(st.just(c), documents(SCHEMAS[c]))
        )
    )
    def test_no_personal_field_of_a_shipped_type_ever_becomes_a_key(self, drawn):
        code, body = drawn
        found = SCHEMAS[code]
        before = copy.deepcopy(body)
        kept = {value for _kind, value in values(found, body, People(found).values(body))}
        self.assertEqual(body, before)
        self.assertLessEqual(len(kept), MOST)
        whole = People(found).values(body)
        self.assertFalse(kept & whole)
        classes = {field.path: field.sensitivity for field in walk_fields(found)}
        for path in business_keys(found):
            self.assertLess(classes[path], Sensitivity.personal)

    @PROFILE
    @given(
        st.dictionaries(
            st.sampled_from("abcde"),
            st.tuples(st.sampled_from([each.name for each in Sensitivity] + [""]), st.booleans()),
            min_size=1,
        ),
        st.booleans(),
    )
    def test_whatever_a_schema_states_no_personal_value_becomes_a_key(self, fields, by_group):
        members = {}
        for name, (sensitivity, marked) in fields.items():
            members[name] = {"type": "string", "maxLength": 64}
            if sensitivity:
                members[name]["x-sensitivity"] = sensitivity
            if marked and not by_group:
                members[name]["x-business-key"] = "order"
        group = schema(**members)
        if by_group:
            group["x-business-key"] = {name: "order" for name in members if fields[name][1]}
        found = schema(group=group)
        body = {"group": {name: f"value of {name}" for name in members}}
        kept = {value for _kind, value in values(found, body)}
        self.assertFalse(kept & set(personal(found, body)))
        allowed = {
            f"value of {name}"
            for name, (sensitivity, marked) in fields.items()
            if marked and sensitivity in ("public", "internal", "confidential")
        }
        self.assertEqual(kept, allowed)
