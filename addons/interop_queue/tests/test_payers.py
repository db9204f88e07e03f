from odoo.tests import BaseCase

from ..engine.gates import payers
from ..lib.work import Claimed

BATCHING = 7


class TestPayers(BaseCase):
    """A payload costs one token of the rate limit, however many documents it carries."""

    def paying(self, *facts):
        nothing = dict.fromkeys(Claimed.__dataclass_fields__)
        messages = [
            Claimed(**nothing | {"id": number, "flow_id": 1, "token": "t"} | each)
            for number, each in enumerate(facts)
        ]
        return [message.id for message in payers(messages, {BATCHING: 3})]

    def test_messages_that_travel_alone_pay_each(self):
        self.assertEqual(self.paying({}, {}, {}), [0, 1, 2])

    def test_of_those_that_travel_together_one_pays_for_each_full_payload(self):
        heads = [{"flow_id": BATCHING}] * 7
        self.assertEqual(self.paying(*heads), [0, 3, 6])

    def test_companies_do_not_share_a_payload(self):
        heads = [{"flow_id": BATCHING, "company_id": company} for company in (1, 2, 1)]
        self.assertEqual(self.paying(*heads), [0, 1])

    def test_a_batch_is_one_payload_whatever_the_size_is_now(self):
        self.assertEqual(self.paying(*[{"flow_id": BATCHING, "batch_id": 5}] * 5), [0])

    def test_what_travelled_together_before_is_one_payload(self):
        self.assertEqual(self.paying(*[{"flow_id": BATCHING, "interchange_id": 9}] * 4), [0])
