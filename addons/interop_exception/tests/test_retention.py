from odoo.tests import tagged

from ..lib.facts import Fact
from .common import ExceptionCase

CANARY = "Ottoline Periwinkle"


@tagged("post_install", "-at_install")
class TestRetention(ExceptionCase):
    def setUp(self):
        super().setUp()
        self.exception = self.difference(
            facts=[Fact("Unit price", "lines[].unit_price.amount", CANARY, CANARY, CANARY)],
            data={"name": CANARY},
        )
        self.message_id = self.exception.message_id.id

    def test_an_open_decision_keeps_the_content_of_its_message(self):
        retention = self.env["interop.retention"]
        other = self.message("done").id
        self.assertEqual(retention._undecided([self.message_id, other]), {self.message_id})
        self.exception._settle("settled", "It is decided.")
        self.assertEqual(retention._undecided([self.message_id, other]), set())

    def test_compared_values_go_with_the_content_and_the_decision_stays(self):
        self.exception._settle("settled", "The supplier was asked.")
        other = self.difference(subject="line:4:price")
        self.env["interop.retention"]._forget([self.message_id])
        self.env.flush_all()
        for table in ("interop_exception", "interop_exception_fact", "mail_message"):
            self.env.cr.execute(
                f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s",  # pylint: disable=sql-injection
                [f"%{CANARY}%"],
            )
            self.assertEqual(self.env.cr.fetchone(), (0,), table)
        self.assertEqual(self.exception.fact_ids.mapped("theirs"), ["purged"])
        self.assertEqual(self.exception.fact_ids.label, "Unit price")
        self.assertEqual(self.exception.resolution_note, "The supplier was asked.")
        self.assertEqual(other.fact_ids.theirs, "5.2 USD")
