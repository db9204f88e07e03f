import json

from odoo.addons.interop_connector.lib.codec import CODECS, CodecError, Decoded
from odoo.addons.interop_connector.lib.control_numbers import NumberRule, register_kind

from .common import EngineCase

register_kind("test_loose", "Loose (tests)", NumberRule(highest=9_999))


class NumberedCodec:
    """JSON in an envelope that carries control numbers, as the EDI standards have them."""

    code = "test_numbered"
    label = "Numbered (tests)"
    content_type = "application/json"
    acknowledges = True
    numbers = ("interchange", "transaction", "test_loose")

    def encode(self, documents, envelope):
        bodies = [document.body for document in documents]
        if any(body["number"] == "unwritable" for body in bodies):
            raise CodecError("", "this number cannot be written")
        count = len(bodies)
        return json.dumps(
            {
                "interchange": envelope.number_text("interchange"),
                "documents": [envelope.number_text("transaction", n) for n in range(count)],
                "loose": envelope.number_text("test_loose"),
                "number": bodies[0]["number"],
                "bodies": bodies,
            }
        ).encode()

    def decode(self, payload):
        data = json.loads(payload if isinstance(payload, bytes) else payload.read())
        facts = {name: data[name] for name in ("sender", "receiver") if name in data}
        if "interchange" in data:
            facts["number:interchange"] = data["interchange"]
        for body in data["bodies"]:
            yield Decoded(body, facts)

    def acknowledge(self, envelope, verdicts):
        told = [verdict.accepted for verdict in verdicts]
        return json.dumps([envelope.facts.get("number:interchange"), told]).encode()

    def verdicts(self, reply, count):
        return None


CODECS.register(NumberedCodec.code, NumberedCodec())


class NumbersCase(EngineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.publish(codec=NumberedCodec.code)

    def setUp(self):
        super().setUp()
        with self.transaction() as env:
            env.cr.execute(
                "DELETE FROM interop_control_number WHERE connector_id = %s",
                [self.world["connector"]],
            )

    @classmethod
    def publish(cls, codec=None, **flow):
        with cls.transaction() as env:
            if codec:
                env["interop.connector"].browse(cls.world["connector"]).codec = codec
            flows = env["interop.flow"].browse([cls.world["out"], cls.world["in"]])
            flows[0].write(flow)
            flows.action_publish()
            env.flush_all()
            env.cr.precommit.run()

    def counters(self):
        with self.transaction() as env:
            found = env["interop.control.number"].search(
                [("connector_id", "=", self.world["connector"])]
            )
            return {counter.kind: counter.next_number for counter in found}
