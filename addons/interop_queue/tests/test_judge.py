import json

from odoo.tests import BaseCase

from odoo.addons.interop_connector.lib.codec import CODECS
from odoo.addons.interop_connector.lib.transport import Endpoint, Outgoing, Reply

from ..engine.settle import judge
from ..lib.retry import Exponential
from ..lib.work import Claimed, Exchanged, Prepared


class TestJudge(BaseCase):
    """What a partner's reply to several documents makes of each of them."""

    def judged(self, reply, count=3):
        nothing = dict.fromkeys(Claimed.__dataclass_fields__)
        messages = [
            Claimed(**nothing | {"id": number, "attempts": 0, "age": 0.0, "token": "t"})
            for number in range(count)
        ]
        prepared = Prepared(
            messages=messages,
            transport=None,
            endpoint=Endpoint(code="default", url="https://partner.example/", idempotent=True),
            outgoing=Outgoing("key", b"[{}, {}, {}]", "application/json"),
            retry=Exponential(),
            codec=CODECS.get("json"),
        )
        body = json.dumps(reply).encode()
        verdicts = judge(Exchanged(prepared, Reply(200, body), None, 1.0))
        return [(verdict.state, verdict.failure_class) for verdict in verdicts]

    def test_only_the_documents_that_are_refused_become_dead_letters(self):
        reply = {"documents": [{"position": 2, "status": "rejected", "reason": "Canary"}]}
        self.assertEqual(self.judged(reply), [("done", None), ("dead", "partner"), ("done", None)])

    def test_a_reply_without_verdicts_is_about_the_whole(self):
        self.assertEqual(self.judged({"ok": True}), [("done", None)] * 3)

    def test_verdicts_that_contradict_themselves_are_for_a_person(self):
        entry = {"position": 1, "status": "accepted"}
        rejected = {"position": 1, "status": "rejected"}
        self.assertEqual(self.judged({"documents": [entry, rejected]}), [("dead", "partner")] * 3)
