"""The blind index: which messages concern a person, found without keeping the person."""

import json

from odoo.exceptions import AccessError
from odoo.tests.common import new_test_user

from .common import WIRE, fail
from .inbound_common import InboundCase

PERSON = "Inés Canary-Quist"


class TestEnginePersons(InboundCase):
    def found(self, value, user=None):
        """Uuids of the messages about someone."""
        with self.transaction() as env:
            messages = env["interop.message"].with_user(user or env.user)
            return set(messages.search([("person", "=", value)]).mapped("uuid"))

    def indexed(self, key):
        with self.transaction() as env:
            env.cr.execute(
                "SELECT count(*) FROM interop_message_person p JOIN interop_message m "
                "ON m.id = p.message_id WHERE m.uuid = %s",
                [key],
            )
            return env.cr.fetchone()[0]

    def test_a_message_is_found_by_the_person_in_it_however_the_name_is_spelled(self):
        about, other = self.enqueue("P1", patient=PERSON), self.enqueue("P2", patient="Bo Sample")
        self.drain()
        self.assertEqual(self.found(PERSON), {about})
        self.assertEqual(self.found("  ines   CANARY-quist "), {about})
        self.assertEqual(self.found("Bo Sample"), {other})
        for unknown in ("Inés", "Canary", "P1", ""):
            self.assertEqual(self.found(unknown), set(), "whole values of personal fields only")

    def test_further_tries_index_nothing_twice(self):
        WIRE.script = lambda body, tries: fail("transient") if tries < 3 else None
        key = self.enqueue("P3", patient=PERSON)
        for _try in range(3):
            self.drain()
            self.make_due()
        self.assertEqual(self.look(key, "state"), "done")
        self.assertEqual(self.indexed(key), 1)

    def test_a_document_that_may_not_leave_is_found_as_long_as_it_is_kept(self):
        key = self.enqueue("P4", quantity=-1, patient=PERSON)
        self.drain()
        self.assertEqual(self.look(key, "state"), "dead")
        self.assertEqual(self.found(PERSON), {key})

    def test_what_came_in_is_found_though_it_was_dropped_or_refused(self):
        with self.transaction() as env:
            flows = env["interop.flow"].browse((self.world["out"], self.world["in"]))
            flows[1].policy_id = flows[0].policy_id
            flows[1].action_publish()
            env.cr.precommit.run()
        dropped = self.accept({"number": f"I-{self.tag}", "patient": PERSON})
        unfit = self.accept({"number": f"J-{self.tag}", "quantity": "x", "patient": PERSON})
        with self.handled():
            self.drain()
        self.assertEqual([self.look(key, "state") for key in (dropped, unfit)], ["done", "dead"])
        self.assertEqual(self.found(PERSON), {dropped, unfit})

    def test_each_document_of_a_payload_is_found_by_its_own_person(self):
        people = ("Ann Example", "Bo Sample", PERSON)
        bodies = [{"number": f"S{n}-{self.tag}", "patient": who} for n, who in enumerate(people)]
        self.accept(None, raw=json.dumps(bodies).encode())
        with self.handled():
            self.drain()
        for person, body in zip(people, bodies, strict=True):
            [key] = self.found(person)
            self.assertEqual(self.look(key, "business_key"), body["number"])

    def test_nothing_in_the_index_is_the_person_or_a_digest_that_could_be_guessed(self):
        self.enqueue("P5", patient=PERSON)
        self.drain()
        with self.transaction() as env:
            env.cr.execute("SELECT encode(digest, 'hex') FROM interop_message_person")
            digests = {digest for (digest,) in env.cr.fetchall()}
            self.assertTrue(set(env["interop.persons"]._digests([PERSON])) <= digests)
            env.cr.execute(
                "SELECT encode(sha256(convert_to(t, 'UTF8')), 'hex') FROM unnest(%s) t",
                [[PERSON, PERSON.lower(), "ines canary-quist"]],
            )
            self.assertFalse(digests & {digest for (digest,) in env.cr.fetchall()})

    def test_looking_for_a_person_is_a_right_and_leaves_a_note_without_the_person(self):
        self.enqueue("P6", patient=PERSON)
        self.drain()
        with self.transaction() as env:
            operator = new_test_user(env, f"op-{self.tag}", groups="interop_base.group_manager")
            reader = new_test_user(
                env, f"rd-{self.tag}", groups="interop_base.group_payload_reader"
            )
            reader.interop_area_ids = env["interop.area"].browse(self.world["area"])
            users = operator.id, reader.id
        with self.assertRaises(AccessError):
            self.found(PERSON, users[0])
        self.assertEqual(len(self.found(PERSON, users[1])), 1)
        with self.transaction() as env:
            env.cr.execute(
                "SELECT actor_id, details::text FROM interop_audit_entry "
                "WHERE act = 'person.search' ORDER BY id DESC LIMIT 1"
            )
            actor, details = env.cr.fetchone()
        self.assertEqual((actor, json.loads(details)), (users[1], {"found": 1}))

    def test_the_index_is_forgotten_after_six_years(self):
        old, new = self.enqueue("P7", patient=PERSON), self.enqueue("P8", patient=PERSON)
        self.drain()
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_message_person SET noted_on = noted_on - 2193 WHERE message_id = "
                "(SELECT id FROM interop_message WHERE uuid = %s)",
                [old],
            )
            env["interop.persons"]._gc_persons()
        self.assertEqual(self.found(PERSON), {new})
