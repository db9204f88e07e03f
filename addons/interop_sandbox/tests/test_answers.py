import json

from odoo.tests import BaseCase, tagged

from ..lib import answers
from ..lib.answers import acknowledgement
from .common import ORDER


@tagged("at_install")
class TestAnswers(BaseCase):
    def test_mixed_accepts_backorders_and_reprices(self):
        document = acknowledgement(ORDER, answers.mixed)
        first, second, third = document["lines"]
        self.assertEqual((first["status"], first["promised_date"]), ("accepted", "2030-05-10"))
        self.assertEqual((second["status"], second["quantity_backordered"]), ("backordered", 5))
        self.assertEqual(second["backorder_date"], "2030-05-24")
        self.assertEqual((third["status"], third["unit_price"]["amount"]), ("changed", 13.5))
        self.assertEqual((document["status"], document["order_revision"]), ("partial", 1))

    def test_the_status_of_the_whole_follows_from_its_lines(self):
        for line_answer, status in (
            (answers.accept, "accepted"),
            (answers.reject, "rejected"),
            (answers.backorder, "partial"),
            (answers.late, "accepted"),
        ):
            with self.subTest(line_answer.__name__):
                self.assertEqual(acknowledgement(ORDER, line_answer)["status"], status)

    def test_prices_are_rounded_to_the_cent(self):
        line = {"line_number": 1, "quantity": 1, "unit_price": {"amount": 0.99, "currency": "EUR"}}
        answer = answers.reprice(line, 0, {})
        self.assertEqual(answer["unit_price"], {"amount": 1.07, "currency": "EUR"})

    def test_an_order_of_which_the_policy_left_little_can_be_answered(self):
        bare = {"number": "P1", "lines": [{"line_number": 1, "quantity": 2}] * 3}
        for name in ("accept", "backorder", "reprice", "late", "reject", "mixed"):
            with self.subTest(name):
                document = acknowledgement(bare, getattr(answers, name))
                self.assertEqual(len(json.loads(json.dumps(document))["lines"]), 3)
