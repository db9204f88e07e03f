"""Every copy of content goes when its time is over, and nothing else does."""

import json
from datetime import date

from odoo.tests import tagged
from odoo.tests.common import BaseCase

from odoo.addons.interop_document.lib.document import Document

from ..lib.retention import default_class, due_keys, key_is_due, month_end
from .common import WIRE, fail
from .retention_common import CANARY, RetentionCase


class TestArithmetic(BaseCase):
    def test_a_month_ends_with_the_first_of_the_next(self):
        self.assertEqual(month_end("2026-02"), date(2026, 3, 1))
        self.assertEqual(month_end("2026-12"), date(2027, 1, 1))

    def test_a_key_is_due_when_the_days_after_its_month_are_over(self):
        self.assertFalse(key_is_due("2026-01", 30, date(2026, 3, 2)))
        self.assertTrue(key_is_due("2026-01", 30, date(2026, 3, 3)))

    def test_a_class_that_nobody_knows_is_never_due(self):
        found = due_keys(["short/2020-01", "odd/2020-01"], {"short": 30}, date(2026, 1, 1))
        self.assertEqual([str(key) for key in found], ["short/2020-01"])

    def test_health_data_is_kept_short_by_default(self):
        self.assertEqual(default_class("health"), "short")
        self.assertEqual(default_class("internal"), "standard")
        self.assertEqual(default_class(None), "standard")


@tagged("post_install", "-at_install")
class TestRetention(RetentionCase):
    # -- every copy ----------------------------------------------------------------------------

    def test_every_copy_goes_and_the_digests_stay(self):
        # A retry, a dead letter that is redriven (two payloads), a diagnosis, a reply, inbound.
        WIRE.script = lambda body, tries: fail("partner") if tries == 1 else None
        redriven = self.enqueue("1", patient=CANARY)
        self.drain()
        self.assertEqual(self.look(redriven, "state"), "dead")
        WIRE.script = lambda body, tries: None
        with self.transaction() as env:
            env["interop.message"].search([("uuid", "=", redriven)]).action_redrive("mended")
        with self.handled():
            received = self.accept({"number": "note-1", "patient": CANARY})
            split = self.accept(None, raw=json.dumps({"number": "odoo-says-no"}).encode())
            self.drain()
        with self.transaction() as env:
            env["interop.message"].search([("uuid", "=", split)]).action_cancel("of no use")
            resent = (
                env["interop.message"]
                .search([("uuid", "=", redriven)])
                .action_resend("the partner lost it")
                .uuid
            )
        self.drain()
        self.assertEqual(
            self.states([redriven, received, split, resent]), ["done"] * 2 + ["cancelled", "done"]
        )
        before = self.vault_rows()
        self.assertEqual(
            {kind for kind, *_rest in before}, {"document", "payload", "reply", "diagnosis"}
        )
        self.age()
        self.purge()
        after = self.vault_rows()
        self.assertEqual([row[1:3] for row in after], [(False, False)] * len(before))
        self.assertEqual(
            sorted(digest for *_, digest in after), sorted(digest for *_, digest in before)
        )
        for key in (redriven, received, resent):
            self.assertEqual(self.opens(key), "shredded")
            self.assertTrue(self.look(key, "purged_at"))
        [report] = self.reports()
        self.assertEqual(report["message_count"], 4)
        self.assertEqual(report["piece_count"], len(before))
        self.assertTrue(report["ended_at"])
        self.assertEqual(self.tables_with(CANARY), [])
        self.assertEqual(self.tables_with("Canary Person"), [])

    def test_the_look_for_clear_text_finds_what_is_there(self):
        self.enqueue(CANARY)
        self.assertIn("interop_message", self.tables_with(CANARY))

    def test_young_content_and_what_has_not_ended_stays(self):
        [young, old] = self.ended_outbound("1", "2")
        WIRE.script = lambda body, tries: fail("partner")
        dead = self.enqueue("3")
        self.drain()
        self.age(keys=[old, dead])
        self.purge()
        self.assertNotEqual(self.opens(young), "shredded")
        self.assertNotEqual(self.opens(dead), "shredded")
        self.assertEqual(self.opens(old), "shredded")
        self.assertEqual(self.reports()[0]["dead_count"], 1)

    def test_each_flow_has_the_days_of_its_published_class(self):
        [key] = self.ended_outbound("1")
        self.age(days=31)
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            self.assertEqual(flow.retention_class_id.code, "short")
        self.publish("long")
        self.addCleanup(self.publish, "short")
        self.purge()
        self.assertNotEqual(self.opens(key), "shredded")
        self.publish("short")
        self.purge()
        self.assertEqual(self.opens(key), "shredded")

    def test_content_is_sealed_under_the_class_of_its_flow(self):
        WIRE.script = lambda body, tries: fail("partner") if body["number"] == "2" else None
        self.enqueue_emitted("1")
        self.enqueue("2")
        self.drain()
        with self.handled():
            self.accept({"number": "note-1"})
            self.accept({"number": "odoo-says-no"})
            self.drain()
        with self.transaction() as env:
            env.cr.execute(
                """
                SELECT DISTINCT v.kind, v.retention_class FROM interop_vault_content v
                 WHERE v.uuid::text IN (SELECT uuid FROM interop_message WHERE connector_id = %(c)s
                                          AND business_key IS DISTINCT FROM '2'
                                        UNION SELECT uuid FROM interop_interchange
                                               WHERE connector_id = %(c)s)
                """,
                {"c": self.world["connector"]},
            )
            self.assertEqual(
                set(env.cr.fetchall()),
                {(kind, "short") for kind in ("document", "payload", "reply", "diagnosis")},
            )

    def enqueue_emitted(self, number):
        with self.transaction() as env:
            [key] = env["interop.queue"]._emit_documents(
                "test.note.ready", [Document("TestNote", "1.0", {"number": number}, number)]
            )
        return key

    # -- batches -------------------------------------------------------------------------------

    def test_a_payload_of_several_waits_for_the_last_of_them(self):
        self.batch(3)
        self.addCleanup(self.batch, 1)
        keys = self.enqueue_many([{"number": str(n)} for n in range(3)], [None] * 3)
        self.drain()
        [owner] = {self.payload_of(key) for key in keys}
        self.age(keys=keys[:2])
        self.purge()
        self.assertEqual(self.opens(keys[0]), "shredded")
        self.assertNotEqual(self.opens(owner, "payload"), "shredded")
        self.age(keys=keys[2:])
        self.purge()
        self.assertEqual(self.opens(owner, "payload"), "shredded")
        self.assertEqual(self.opens(owner, "reply"), "shredded")
        self.assertEqual([r["payload_count"] for r in self.reports()], [0, 1])

    def test_a_payload_that_a_message_has_left_waits_for_it_too(self):
        self.batch(2)
        self.addCleanup(self.batch, 1)
        WIRE.script = lambda body, tries: fail("partner")
        keys = self.enqueue_many([{"number": "1"}, {"number": "2"}], [None] * 2)
        self.drain()
        self.assertEqual(self.states(keys), ["dead", "dead"])
        with self.transaction() as env:
            messages = env["interop.message"].search([("uuid", "in", keys)])
            first = messages.interchange_id.uuid
            messages.filtered(lambda m: m.uuid == keys[0]).action_redrive("mended")
            messages.filtered(lambda m: m.uuid == keys[1]).action_cancel("of no use")
        WIRE.script = lambda body, tries: None
        self.drain()
        self.assertEqual(self.states(keys), ["done", "cancelled"])
        self.age(keys=keys[1:])
        self.purge()
        self.assertNotEqual(self.opens(first, "payload"), "shredded")
        self.age(keys=keys[:1])
        self.purge()
        self.assertEqual(self.opens(first, "payload"), "shredded")
