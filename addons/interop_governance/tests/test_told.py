from odoo.tests.common import BaseCase

from ..lib.told import Kind, summary

SCHEMA = {
    "type": "object",
    "properties": {
        "number": {"type": "string", "title": "Number", "x-sensitivity": "internal"},
        "patient": {
            "type": "object",
            "x-sensitivity": "health",
            "properties": {"name": {"type": "string", "title": "Name"}},
        },
        "key": {"type": "string", "x-sensitivity": "secret"},
    },
}


class TestTold(BaseCase):
    def test_the_most_sensitive_fields_come_first_and_unknown_ones_before_them(self):
        shape = (("number", "send"), ("gone.*", "send"), ("patient.name", "mask"), ("key", "hash"))
        told = Kind(SCHEMA).told(shape)
        self.assertEqual(
            [(each.title, each.class_word, each.done) for each in told],
            [
                ("gone.*", "Unknown", "Sent"),
                ("key", "Secret", "Hashed"),
                ("Name", "Health", "Masked"),
                ("Number", "Internal", "Sent"),
            ],
        )

    def test_a_long_list_is_cut_and_says_so(self):
        told = Kind(SCHEMA).told([("number", "send"), ("patient.name", "mask")])
        self.assertEqual(summary(told), "Name (masked), Number")
        self.assertEqual(summary(told, most=1), "Name (masked) and 1 more")
        self.assertEqual(summary([]), "")

    def test_an_action_that_is_not_installed_is_told_by_its_code(self):
        [told] = Kind({}).told([("a", "somebodys")])
        self.assertEqual((told.done, told.sensitivity), ("somebodys", "unknown"))

    def test_a_title_that_several_fields_have_is_told_with_the_group_around_it(self):
        amount = {"type": "object", "properties": {"amount": {"type": "number", "title": "Amount"}}}
        kind = Kind(
            {
                "type": "object",
                "x-sensitivity": "internal",
                "properties": {"price": amount | {"title": "Price"}, "tax": amount},
            }
        )
        told = kind.told([("price.amount", "send"), ("tax.amount", "send")])
        self.assertEqual([each.title for each in told], ["Price: Amount", "tax: Amount"])
