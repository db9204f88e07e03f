import json
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg2
from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api

from odoo.addons.interop_base.lib.failures import BusinessError
from odoo.addons.interop_connector.lib.intake import IntakeConflict

from .inbound_common import InboundCase


class TestEngineInbound(InboundCase):
    def test_a_received_document_is_applied_once_and_shows_its_record(self):
        number = f"N-{self.tag}-1"
        key = self.accept({"number": number})
        self.assertEqual(self.look(key, "state"), "ready")
        with self.handled():
            self.assertEqual(self.drain().states, {"done": 1})
        state, business_key, model = self.look(key, "state", "business_key", "res_model")
        self.assertEqual((state, business_key, model), ("done", number, "res.partner"))
        with self.transaction() as env:
            self.assertEqual(env["res.partner"].search_count([("ref", "=", number)]), 1)

    def test_the_same_delivery_twice_is_one_message_and_other_bytes_are_a_conflict(self):
        first = self.accept({"number": "1"}, ref="same")
        self.assertEqual(self.accept({"number": "1"}, ref="same"), first)
        with self.assertRaises(IntakeConflict):
            self.accept({"number": "2"}, ref="same")

    def test_fifty_equal_deliveries_at_once_are_one_interchange(self):
        start = threading.Barrier(10)

        def deliver(_number):
            # As Odoo does with a request: again from the start after a serialization failure.
            for _try in range(20):
                try:
                    return self.accept({"number": "fifty"}, ref="fifty")
                except SerializationFailure:
                    continue
            raise AssertionError("never accepted")

        def thread(number):
            start.wait(20)
            return [deliver(each) for each in range(5)]

        with ThreadPoolExecutor(10) as pool:
            receipts = [each for found in pool.map(thread, range(10)) for each in found]
        self.assertEqual((len(receipts), len(set(receipts))), (50, 1))
        with self.transaction() as env:
            kept = env["interop.interchange"].search([("sender_ref", "=", "fifty")])
            self.assertEqual((len(kept), len(kept.message_ids)), (1, 1))
            self.assertTrue(env["interop.vault"]._has(kept.uuid, "payload"))

    def test_accepting_is_a_handful_of_statements_whatever_the_size(self):
        counted = []
        for size in (1_000, 3_000_000):
            with self.transaction() as env:
                intake = env["interop.intake"]
                env.cr.precommit.run()
                before = env.cr.sql_log_count
                route = intake._route(f"test-{self.tag}", f"in-{self.tag}")
                raw = json.dumps({"number": "x" * size}).encode()
                intake._accept(route, raw, str(uuid.uuid4()), "application/json", "127.0.0.1")
                env.cr.flush()
                counted.append(env.cr.sql_log_count - before)
        self.assertEqual(counted[0], counted[1])
        self.assertLessEqual(counted[0], 9)

    def test_a_document_of_25_mb_is_accepted_sealed_decoded_and_applied(self):
        number = f"big-{self.tag}-" + "0123456789abcdef" * (25 * 65536)
        key = self.accept({"number": number})
        sizes = []

        def apply(model, document, message):
            sizes.append(len(document.body["number"]))
            return model.env["res.partner"]

        with self.handler(_apply=apply, _business_key=lambda model, document: "big"):
            self.assertEqual(self.drain(60).states, {"done": 1})
        self.assertEqual(sizes, [len(number)])
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", key)])
            self.assertEqual(message.interchange_id.state, "applied")
            vault = env["interop.vault"]
            self.assertEqual(json.loads(vault._open(key, "document")), {"number": number})
            self.assertEqual(
                json.loads(vault._open(message.interchange_id.uuid, "payload"))["number"], number
            )

    def test_what_cannot_be_read_is_a_dead_letter_and_its_bytes_are_kept(self):
        bad = {
            b"{not json": "data",
            b'{"number": 5}': "data",
            b"[]": "data",
            '{"number": "\u00e4"}'.encode("latin-1"): "data",
        }
        keys = {self.accept(None, raw=raw): raw for raw in bad}
        with self.handled():
            self.drain()
        for key, raw in keys.items():
            state, failure_class, failure = self.look(key, "state", "failure_class", "failure")
            self.assertEqual((state, failure_class), ("dead", "data"), raw)
            self.assertTrue(failure)
            with self.transaction() as env:
                message = env["interop.message"].search([("uuid", "=", key)])
                kept = env["interop.vault"]._open(message.interchange_id.uuid, "payload")
                self.assertEqual(kept, raw)

    def test_a_poison_message_fails_alone(self):
        keys = [self.accept({"number": n}) for n in ("p1", "unknown", "odoo-says-no", "p4")]
        with self.handled():
            self.drain()
        self.assertEqual(self.states(keys), ["done", "dead", "dead", "done"])
        self.assertEqual(self.look(keys[1], "failure"), "The note's number is not known here.")

    def test_odoos_own_words_are_sealed_and_not_shown_in_the_message(self):
        key = self.accept({"number": "odoo-says-no"})
        with self.handled():
            self.drain()
        failure_class, failure = self.look(key, "failure_class", "failure")
        self.assertEqual(failure_class, "business")
        self.assertNotIn("Canary", failure)
        with self.transaction() as env:
            self.assertIn(b"Canary Person", env["interop.vault"]._open(key, "diagnosis"))

    def test_a_lost_database_connection_is_tried_again_and_no_dead_letter(self):
        def apply(model, document, message):
            raise psycopg2.OperationalError("server closed the connection unexpectedly")

        key = self.accept({"number": "db1"})
        with self.handler(_apply=apply):
            self.drain(1)
        self.assertEqual(self.look(key, "state", "failure_class"), ("waiting", "transient"))
        self.make_due()
        with self.handled():
            self.drain(2)
        self.assertEqual(self.look(key, "state"), "done")

    def test_a_failed_effect_leaves_nothing_behind(self):
        def apply(model, document, message):
            model.env["res.partner"].create({"name": "Half", "ref": f"half-{self.tag}"})
            raise BusinessError("Not after all.")

        self.accept({"number": "h1"})
        with self.handler(_apply=apply):
            self.drain()
        with self.transaction() as env:
            self.assertFalse(env["res.partner"].search([("ref", "=", f"half-{self.tag}")]))

    def test_a_payload_of_several_documents_becomes_several_messages(self):
        bodies = [{"number": "m1"}, {"number": "m2", "quantity": -1}, {"number": "m3"}]
        first = self.accept(bodies)
        with self.handled():
            self.drain()
        with self.transaction() as env:
            interchange = env["interop.message"].search([("uuid", "=", first)]).interchange_id
            found = interchange.message_ids.sorted("position")
            self.assertEqual(found.mapped("state"), ["done", "dead", "done"])
            self.assertEqual(found.mapped("position"), [0, 1, 2])

    def test_a_redriven_message_reads_the_kept_bytes_again(self):
        key = self.accept({"number": "unknown"})
        with self.handled():
            self.drain()
        with self.transaction() as env:
            env["interop.message"].search([("uuid", "=", key)]).action_redrive()
        accepting = lambda model, document, message: model.env["res.partner"]  # noqa: E731
        with self.handler(_apply=accepting):
            self.drain()
        self.assertEqual(self.look(key, "state"), "done")

    def test_an_answer_that_is_quicker_than_our_settle_still_ends_the_message(self):
        from ..engine.settle import settle
        from ..lib.work import Verdict

        original = self.enqueue("q1")
        [claimed] = self.claim()

        def apply(model, document, message):
            message._answer(message.browse(claimed.id))
            return model.env["res.partner"]

        self.accept({"number": "answer"})
        with self.handler(_apply=apply):
            self.drain()
        self.assertEqual(self.look(original, "state"), "running")
        settle(self.registry, [Verdict(claimed, "sent", answer_in=3600)], "lane")
        self.assertEqual(self.look(original, "state"), "done")

    def test_an_unknown_address_leads_nowhere(self):
        with self.registry.cursor() as cr:
            intake = api.Environment(cr, SUPERUSER_ID, {})["interop.intake"]
            self.assertIsNone(intake._route(f"test-{self.tag}", f"out-{self.tag}"))
            self.assertIsNone(intake._route("nobody", f"in-{self.tag}"))
