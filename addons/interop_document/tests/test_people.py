from odoo.tests import BaseCase

from odoo.addons.interop_document.lib.people import MOST, People

from .common import schema_of

SCHEMA = {
    "type": "object",
    "properties": {
        "number": {"type": "string", "x-sensitivity": "internal"},
        "patients": {
            "type": "array",
            "x-sensitivity": "health",
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "mrn": {"type": "integer"},
                    "aliases": {"type": "array", "items": {"type": "string"}},
                    "born": {"type": "string", "format": "date"},
                    "ward": {"type": "string", "x-sensitivity": "internal"},
                },
            },
        },
        "password": {"type": "string", "x-sensitivity": "secret"},
    },
}


class TestPeople(BaseCase):
    def test_personal_and_health_fields_are_found_wherever_they_stand(self):
        body = {
            "number": "PO-1234",
            "password": "not a person",
            "patients": [
                {"name": "Ann Example", "mrn": 471100, "born": "1950-01-31", "ward": "Four East"},
                {"aliases": ["Annie Example", "A."], "name": ""},
                "odd",
            ],
        }
        people = People(SCHEMA)
        self.assertEqual(people.values(body), {"Ann Example", "471100", "Annie Example"})
        self.assertEqual(people.values({"patients": 5}), set())
        self.assertEqual(people.values({}), set())

    def test_a_type_without_such_fields_costs_nothing(self):
        self.assertFalse(People({"type": "object", "properties": {"a": {"type": "string"}}}))

    def test_the_contact_of_an_order_is_found(self):
        body = {"ship_to": {"name": "Ward 4", "contact": {"name": "Ann Example"}}, "notes": "Bob"}
        self.assertEqual(People(schema_of("PurchaseOrder", "1.0")).values(body), {"Ann Example"})

    def test_there_is_a_most(self):
        body = {"patients": [{"name": f"Person {n:05d}"} for n in range(MOST * 2)]}
        self.assertEqual(len(People(SCHEMA).values(body)), MOST)
