from odoo.tests.common import BaseCase, tagged

from ..lib.parts import put_together, take_apart
from .common import PACK


@tagged("interop_lib")
class TestParts(BaseCase):
    def test_taken_apart_and_put_together_it_is_the_same(self):
        parts = take_apart(PACK)
        self.assertEqual(take_apart(put_together(parts)), parts)
        self.assertEqual(put_together(parts)["mappings"][0]["rows"], PACK["mappings"][0]["rows"])

    def test_rows_rules_and_entries_are_pieces_of_their_own(self):
        parts = take_apart(PACK)
        self.assertEqual(
            parts["mapping", "orders", "row", "Lines[].Unit"],
            {"target": "Lines[].Unit", "source": "uom.code", "crosswalk": "units"},
        )
        self.assertEqual(parts["policy", "orders", "rule", "number"]["action"], "send")
        self.assertEqual(parts["crosswalk", "units", "entry", "EA – STK"]["theirs"], "STK")
        self.assertEqual(parts["flow", "orders", "answer_hours"], 24)

    def test_what_is_not_said_is_what_is_usual(self):
        parts = take_apart(PACK)
        self.assertEqual(parts["flow", "orders", "order_by"], "record")
        self.assertTrue(parts["crosswalk", "units", "ignore_spaces"])
