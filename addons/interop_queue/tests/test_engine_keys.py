"""The numbers by which messages are found: written by the engine, never a person's."""

import json
from unittest.mock import patch

from odoo.tests import tagged

from ..engine import keys
from .common import WIRE, fail
from .inbound_common import InboundCase
from .retention_common import CANARY, RetentionCase

PERSON = "Inés Canary-Quist"


class TestEngineKeys(InboundCase):
    def found(self, value, field="number"):
        with self.transaction() as env:
            messages = env["interop.message"].search([(field, "ilike", value)])
            return set(messages.mapped("uuid"))

    def kept(self, key):
        with self.transaction() as env:
            env.cr.execute(
                "SELECT r.kind, r.value FROM interop_message_reference r "
                "JOIN interop_message m ON m.id = r.message_id WHERE m.uuid = %s",
                [key],
            )
            return set(env.cr.fetchall())

    def noting(self):
        """Records the statements of the engine's keys."""
        ran = []
        real = keys.run

        def run(cr, name, **params):
            ran.append(name)
            return real(cr, name, **params)

        return ran, patch.object(keys, "run", run)

    def test_what_leaves_is_found_also_by_what_the_partner_does_not_get(self):
        key = self.enqueue("K1", order="P00042", parties=["4000001000005", "C-1"], patient=PERSON)
        self.drain()
        self.assertEqual(WIRE.seen[0][1], {"number": "K1"}, "the policy sends no more")
        for number, field in (
            ("k1", "number"), ("p000", "number"), ("C-1", "number"),
            ("P00042", "order_number"), ("4000001", "partner_number"),
        ):  # fmt: skip
            with self.subTest(number):
                self.assertEqual(self.found(number, field), {key})
        self.assertEqual(self.found("P00042", "partner_number"), set())

    def test_nothing_of_a_person_is_kept_even_if_it_stands_in_a_field_for_a_number(self):
        key = self.enqueue("K2", order=PERSON.upper(), parties=["P1", PERSON], patient=PERSON)
        self.drain()
        self.assertEqual(self.kept(key), {("partner", "P1")})

    def test_further_tries_write_nothing_twice(self):
        WIRE.script = lambda body, tries: fail("transient") if tries < 3 else None
        key = self.enqueue("K3", order="P3")
        for _try in range(3):
            self.drain()
            self.make_due()
        self.assertEqual(self.look(key, "state"), "done")
        self.assertEqual(self.kept(key), {("order", "P3")})

    def test_what_may_not_leave_is_found(self):
        key = self.enqueue("K4", quantity=-1, order="P4")
        self.drain()
        self.assertEqual(self.look(key, "state"), "dead")
        self.assertEqual(self.found("P4"), {key})

    def test_what_came_in_is_found_done_or_refused(self):
        done = self.accept({"number": f"I-{self.tag}", "order": "P5"})
        dead = self.accept({"number": f"J-{self.tag}", "quantity": "x", "order": "P5-1"})
        with self.handled():
            self.drain()
        self.assertEqual([self.look(key, "state") for key in (done, dead)], ["done", "dead"])
        self.assertEqual(self.found("P5", "order_number"), {done, dead})

    def test_each_document_of_a_payload_is_found_by_its_own_number(self):
        bodies = [{"number": f"S{n}-{self.tag}", "order": f"P6-{n}"} for n in range(3)]
        self.accept(None, raw=json.dumps(bodies).encode())
        with self.handled():
            self.drain()
        for number, body in enumerate(bodies):
            [key] = self.found(f"P6-{number}")
            self.assertEqual(self.look(key, "business_key"), body["number"])

    def test_hostile_numbers_do_no_harm_to_their_neighbours(self):
        odd = ["a\0b", "\ud800", "x" * 5000]
        syntax = ["{", '"\\', "NULL", "'; DROP TABLE x; --"]
        self.accept({"number": f"H-{self.tag}", "order": "P7\0", "parties": odd})
        bad = self.accept({"number": f"I-{self.tag}", "parties": ["x" * 5000, "a\nb", *syntax]})
        good = self.accept({"number": f"G-{self.tag}", "order": "P7"})
        with self.handled():
            self.drain()
        self.assertEqual(self.look(good, "state"), "done")
        self.assertEqual(self.found("P7"), {good})
        self.assertEqual({value for _kind, value in self.kept(bad)}, set(syntax))

    def test_a_batch_costs_one_statement_and_none_without_such_numbers(self):
        for bodies, expected in (
            ([{"number": f"A{n}", "order": f"P{n}"} for n in range(5)], ["note_keys"]),
            ([{"number": f"B{n}"} for n in range(5)], []),
        ):
            self.enqueue_many(bodies, [None] * 5)
            ran, noting = self.noting()
            with noting:
                self.drain()
            with self.subTest(bodies[0]["number"]):
                self.assertEqual(ran, expected)


@tagged("post_install", "-at_install")
class TestKeysStay(RetentionCase):
    def test_references_stay_when_the_content_is_purged(self):
        [key] = self.ended_outbound("1", order="P8", patient=CANARY)
        self.age()
        self.purge()
        self.assertEqual(self.opens(key), "shredded")
        self.assertEqual(self.look(key, "order_number"), "P8")
