"""A small world for tests of the engine: real cursors, real commits, a transport in memory.

The engine opens its own READ COMMITTED transactions, so its tests cannot live inside one that is
rolled back. Each class makes a connector and flows of its own, and what it queued is removed
afterwards.
"""

import json
import threading
import uuid
from contextlib import contextmanager
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests.common import BaseCase, get_db_name

from odoo.addons.interop_connector.lib.transport import TRANSPORTS, Health, Reply, TransportError
from odoo.addons.interop_document.lib.canonical import canonical_json
from odoo.addons.interop_document.lib.document import Document
from odoo.addons.interop_vault.lib.refs import Sealing

from ..engine.claim import Wanted, claim, claim_suspect
from ..engine.transaction import insert_messages
from ..lib.handlers import HANDLERS, HandlerSpec, register_event

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Test note",
    "type": "object",
    "additionalProperties": False,
    "required": ["number"],
    "properties": {
        "number": {"type": "string", "title": "Number", "x-sensitivity": "internal"},
        "quantity": {
            "type": "number",
            "exclusiveMinimum": 0,
            "title": "Quantity",
            "x-sensitivity": "internal",
        },
        "order": {
            "type": "string",
            "title": "Order number",
            "maxLength": 64,
            "x-sensitivity": "internal",
            "x-business-key": "order",
        },
        "parties": {
            "type": "array",
            "title": "Parties",
            "items": {
                "type": "string",
                "maxLength": 64,
                "x-sensitivity": "confidential",
                "x-business-key": "partner",
            },
        },
        "patient": {"type": "string", "title": "Patient", "x-sensitivity": "health"},
    },
}
EVENT = "test.note.ready"


class MemoryTransport:
    """A wire that ends in this process. `script` decides by payload what the partner does."""

    code = "test_memory"
    label = "Memory (tests)"

    def __init__(self):
        self.lock = threading.Lock()
        self.reset()

    def reset(self):
        self.seen = []
        self.script = lambda body, tries: None
        self.running = 0
        self.most = 0

    def send(self, endpoint, outgoing):
        body = json.loads(outgoing.payload)
        with self.lock:
            self.seen.append((outgoing.key, body))
            tries = sum(key == outgoing.key for key, _body in self.seen)
            self.running += 1
            self.most = max(self.most, self.running)
        try:
            self.script(body, tries)
        finally:
            with self.lock:
                self.running -= 1
        return Reply(200, b'{"ok": true}')

    def fetch(self, endpoint):
        return iter(())

    def confirm(self, endpoint, incoming):
        pass

    def probe(self, endpoint):
        return Health(())

    def check_url(self, url):
        pass

    @property
    def numbers(self):
        return [body["number"] for _key, body in self.seen]


WIRE = TRANSPORTS.register(MemoryTransport.code, MemoryTransport())
HANDLERS.register(
    "test_note_out", HandlerSpec("test_note_out", "Test note", "interop.handler", "TestNote", "out")
)
HANDLERS.register(
    "test_note_in", HandlerSpec("test_note_in", "Test note", "interop.handler", "TestNote", "in")
)
register_event(EVENT, "Test note ready")


def build_world(env, tag):
    """A connector and two flows, published and live; returns their ids by name."""
    env["interop.flow"].search([("event", "=", EVENT)]).state = "retired"
    area = env.ref("interop_base.area_purchasing")
    document_type = env["interop.document.type"].search([("code", "=", "TestNote")], limit=1)
    if not document_type:
        document_type = env["interop.document.type"].create(
            {
                "code": "TestNote",
                "version": "1.0",
                "name": "Test note",
                "schema_text": json.dumps(SCHEMA),
            }
        )
    company = env.company
    policy = env["interop.policy"].create(
        {
            "name": f"Test {tag}",
            "document_type_id": document_type.id,
            "area_id": area.id,
            "rule_ids": [
                (0, 0, {"path": "number", "action": "send"}),
                (0, 0, {"path": "quantity", "action": "send"}),
            ],
        }
    )
    secret = env["interop.vault.secret"].create({"name": f"Test {tag}", "kind": "hmac"})
    secret.value = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
    system = env["interop.system"].create({"name": f"Test {tag}"})
    connector = env["interop.connector"].create(
        {
            "name": f"Test {tag}",
            "code": f"test-{tag}",
            "system_id": system.id,
            "company_id": company.id,
            "area_id": area.id,
            "environment": "test",
            "clearance": "confidential",
            "transport": WIRE.code,
            "codec": "json",
            "inbound_secret_id": secret.id,
            "endpoint_ids": [
                (0, 0, {"name": "Default", "purpose": "default", "url": "https://partner.example/"})
            ],
        }
    )
    connector.action_activate()
    common = {
        "document_type_id": document_type.id,
        "connector_id": connector.id,
        "company_id": company.id,
        "area_id": area.id,
        "service_user_id": env.ref("base.user_root").id,
    }
    out = env["interop.flow"].create(
        common
        | {
            "name": f"Out {tag}",
            "code": f"out-{tag}",
            "direction": "out",
            "event": EVENT,
            "handler": "test_note_out",
            "policy_id": policy.id,
        }
    )
    inbound = env["interop.flow"].create(
        common
        | {
            "name": f"In {tag}",
            "code": f"in-{tag}",
            "direction": "in",
            "handler": "test_note_in",
            "order_by": "none",
        }
    )
    (out | inbound).action_publish()
    # Chatter's tracking waits for the commit with records in its hands; tests cannot copy those.
    env.flush_all()
    env.cr.precommit.run()
    return {"connector": connector, "out": out, "in": inbound, "company": company, "area": area}


class EngineCase(BaseCase):
    """Tests of the engine on real, committed rows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        cls.tag = uuid.uuid4().hex[:8]
        with cls.transaction() as env:
            env["interop.fence"]._arm("tests of the engine")
            env.cr.execute("UPDATE interop_connector SET state = 'paused' WHERE state = 'active'")
            world = build_world(env, cls.tag)
            cls.world = {name: record.id for name, record in world.items()}

    def setUp(self):
        super().setUp()
        WIRE.reset()
        self.addCleanup(self.clear)

    @classmethod
    @contextmanager
    def transaction(cls):
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            yield env
            env.flush_all()
        cls.registry.signal_changes()

    def clear(self):
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_message SET interchange_id = NULL, answers_id = NULL "
                "WHERE connector_id = %s",
                [self.world["connector"]],
            )
            env.cr.execute(
                "DELETE FROM interop_message WHERE connector_id = %s", [self.world["connector"]]
            )
            env.cr.execute("DELETE FROM interop_message_person")
            env.cr.execute("DELETE FROM interop_message_reference")
            env.cr.execute(
                "UPDATE interop_connector_runtime SET in_flight = 0, throttled_until = NULL"
            )
            env.cr.execute(
                "UPDATE interop_endpoint_runtime"
                "   SET state = 'closed', failures = 0, calls = NULL, opened = 0, open_until = NULL"
            )
            env.cr.execute(
                "DELETE FROM interop_interchange WHERE connector_id = %s", [self.world["connector"]]
            )

    # -- acting --------------------------------------------------------------------------------

    def enqueue(self, number, chain=None, **body):
        """Queue one outbound message that brings its own document; return its uuid."""
        return self.enqueue_many([{"number": number} | body], [chain])[0]

    def enqueue_many(self, bodies, chains):
        rows = []
        with self.transaction() as env:
            for body, chain in zip(bodies, chains, strict=True):
                rows.append(
                    {
                        "uuid": str(uuid.uuid4()),
                        "flow_id": self.world["out"],
                        "connector_id": self.world["connector"],
                        "company_id": self.world["company"],
                        "area_id": self.world["area"],
                        "direction": "out",
                        "document_type": "TestNote 1.0",
                        "priority": 100,
                        "delay": 0.0,
                        "chain": chain,
                        "business_key": body.get("number"),
                        "position": 0,
                    }
                )
            insert_messages(env.cr, rows)
            env["interop.vault"]._seal_many(
                [
                    Sealing(row["uuid"], "document", canonical_json(body))
                    for row, body in zip(rows, bodies, strict=True)
                ]
            )
        return [row["uuid"] for row in rows]

    def claim(self, lane="lane", direction="out", slots=5, lease=60.0, **wanted):
        """Claim as a lane does: what is not suspicious first, else one that is."""
        asked = Wanted(direction, "test", slots, lease, **wanted)
        return claim(self.registry, lane, asked) or claim_suspect(self.registry, lane, asked)

    def drain(self, seconds=10.0):
        with self.transaction() as env:
            lanes = env["interop.lane"]
            return lanes._drain(seconds)

    def look(self, key, *names):
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", key)])
            values = tuple(message[name] for name in names)
            return values[0] if len(values) == 1 else values

    def states(self, keys):
        return [self.look(key, "state") for key in keys]

    def make_due(self):
        """Let the time of all waiting messages come."""
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_message SET run_at = timezone('utc', clock_timestamp()) "
                "WHERE connector_id = %s AND state = 'waiting'",
                [self.world["connector"]],
            )

    @contextmanager
    def handler(self, **methods):
        """Give the test flows' handler these methods."""
        model = self.registry["interop.handler"]
        with patch.multiple(model, **methods):
            yield


def note(record):
    return Document("TestNote", "1.0", {"number": record.ref or str(record.id)}, record.ref or "")


def fail(kind, **facts):
    raise TransportError(f"The partner fails on purpose ({kind}).", kind=kind, **facts)
