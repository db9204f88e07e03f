"""Codes that no crosswalk knows: listed, mapped once, and everything that waited runs again."""

import json
from contextlib import contextmanager
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import api
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from ..engine import missing
from ..engine.inbound import handle_many
from ..engine.missing import catch_up
from ..engine.outbound import prepare
from ..engine.settle import settle
from .common import WIRE
from .inbound_common import InboundCase

CATCH_UP = "odoo.addons.interop_queue.models.interop_crosswalk.catch_up"


class TestEngineMissing(InboundCase):
    def setUp(self):
        super().setUp()
        self.code = f"missing-{self._testMethodName[-40:]}-{self.tag}"
        with self.transaction() as env:
            self.crosswalks = [
                env["interop.crosswalk"].create({"name": name, "code": f"{self.code}-{name}"}).id
                for name in ("numbers", "kinds")
            ]
        self.addCleanup(self.remove)

    def remove(self):
        with self.transaction() as env:
            flows = env["interop.flow"].browse([self.world["out"], self.world["in"]])
            flows.mapping_id = False
            flows.action_publish()
            env["interop.missing.code"].search([]).unlink()
            env.cr.precommit.run()

    def map(self, way, **targets):
        """Publish a mapping of these targets; each is a source and which crosswalk it goes by."""
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world[way])
            flow.mapping_id = env["interop.mapping"].create(
                {
                    "name": f"Test {way}",
                    "direction": way,
                    "document_type_id": flow.document_type_id.id,
                    "row_ids": [
                        (0, 0, {"sequence": place, "target": target, "source": source,
                                "crosswalk_id": self.crosswalks[number]})
                        for place, (target, (source, number)) in enumerate(targets.items())
                    ],
                }
            )  # fmt: skip
            self.publish(env, way)

    def publish(self, env, way):
        env["interop.flow"].browse(self.world[way]).action_publish()
        env.flush_all()
        env.cr.precommit.run()

    def listed(self, *names, **domain):
        with self.transaction() as env:
            found = env["interop.missing.code"].search(
                [("crosswalk_id", "in", self.crosswalks)]
                + [(name, "=", value) for name, value in domain.items()]
            )
            return [tuple(each[name] for name in names) for each in found]

    def fill_in(self, code, answer, env=None):
        """As the list does it."""
        if env is None:
            with self.transaction() as own:
                return self.fill_in(code, answer, own)
        missing = env["interop.missing.code"].search(
            [("code", "=", code), ("crosswalk_id", "in", self.crosswalks)]
        )
        missing.write({"theirs" if missing.way == "out" else "ours": answer})
        env.flush_all()
        return missing.told

    def acts(self, act, key):
        with self.transaction() as env:
            env.cr.execute(
                "SELECT details FROM interop_audit_entry WHERE act = %s AND subject = %s",
                [act, key],
            )
            return [json.loads(row[0]) for row in env.cr.fetchall()]

    # -- one code, many messages ---------------------------------------------------------------

    def test_one_code_is_one_row_and_mapping_it_runs_all_that_waited(self):
        self.map("out", Nr=("number", 0))
        keys = self.enqueue_many(
            [{"number": "EA"}, {"number": " EA "}, {"number": "BX"}], [None] * 3
        )
        self.drain()
        self.assertEqual(self.states(keys), ["dead"] * 3)
        self.assertEqual(
            sorted(self.listed("code", "way", "waiting", "state")),
            [("BX", "out", 1, "open"), ("EA", "out", 2, "open")],
        )
        self.assertEqual(self.fill_in("EA", "PCE"), "Mapped. 2 messages run again.")
        self.drain()
        self.assertEqual(self.states(keys), ["done", "done", "dead"])
        self.assertEqual([body for _key, body in WIRE.seen], [{"Nr": "PCE"}] * 2)
        self.assertEqual(self.listed("past", "count", "waiting", code="EA"), [(2, 2, 0)])

    def test_the_audit_trail_says_who_had_mapped_it_and_that_the_queue_ran_it(self):
        self.map("out", Nr=("number", 0))
        key = self.enqueue("EA")
        self.drain()
        self.fill_in("EA", "PCE")
        [details] = self.acts("message.redriven", key)
        self.assertEqual((details["reason"], details["mapped_by"]), ("codes mapped", [1]))

    def test_it_works_for_what_comes_in(self):
        self.map("in", number=("Nr", 0))
        number = f"in-{self.tag}"
        keys = [self.accept({"Nr": "X1"}), self.accept({"Nr": "X1"})]
        with self.handled():
            self.drain()
            self.assertEqual(self.listed("code", "theirs", "waiting"), [("X1", "X1", 2)])
            self.fill_in("X1", number)
            self.drain()
        self.assertEqual(self.states(keys), ["done", "done"])
        self.assertEqual(self.partners(number), [1])

    def test_a_message_that_misses_two_codes_runs_when_both_are_mapped(self):
        self.map("out", Nr=("number", 0), Menge=("quantity", 1))
        key = self.enqueue("EA", quantity=7)
        self.drain()
        told = self.fill_in("EA", "PCE")
        self.assertEqual(told, "Mapped. 1 still wait for other codes.")
        self.assertEqual(self.look(key, "state"), "dead")
        self.fill_in("7", "seven")
        self.drain()
        self.assertEqual(self.look(key, "state"), "done")
        self.assertEqual(WIRE.seen[-1][1], {"Nr": "PCE", "Menge": "seven"})

    def test_a_code_that_is_added_to_the_crosswalk_itself_counts_too(self):
        self.map("out", Nr=("number", 0))
        key = self.enqueue("EA")
        self.drain()
        self.add(0, ours="EA", theirs="PCE")
        self.drain()
        self.assertEqual(self.look(key, "state"), "done")
        self.assertEqual(self.listed("state", code="EA"), [("mapped",)])

    def add(self, crosswalk, env=None, **entry):
        if env is None:
            with self.transaction() as own:
                return self.add(crosswalk, own, **entry)
        entries = env["interop.crosswalk.entry"]
        return entries.create({"crosswalk_id": self.crosswalks[crosswalk], **entry})

    def test_those_of_one_chain_keep_their_order(self):
        self.map("out", Nr=("number", 0))
        keys = self.enqueue_many([{"number": "A"}, {"number": "B"}, {"number": "A"}], ["c"] * 3)
        self.drain()
        self.assertEqual(self.look(keys[0], "state"), "dead")
        self.fill_in("A", "1")
        self.drain()
        self.assertEqual(self.states(keys), ["done", "dead", "waiting"])
        self.fill_in("B", "2")
        self.drain()
        self.assertEqual([body["Nr"] for _key, body in WIRE.seen], ["1", "2", "1"])

    def test_a_message_that_a_person_ran_or_cancelled_waits_no_more(self):
        self.map("out", Nr=("number", 0))
        key = self.enqueue("EA")
        self.drain()
        with self.transaction() as env:
            env["interop.message"].search([("uuid", "=", key)]).action_cancel("not needed")
        self.assertEqual(self.listed("message_ids", code="EA")[0][0].ids, [])
        self.fill_in("EA", "PCE")
        self.assertEqual(self.look(key, "state"), "cancelled")

    # -- what must not be kept -----------------------------------------------------------------

    def test_a_code_of_a_personal_field_is_not_kept_and_still_runs_when_it_is_mapped(self):
        self.map("in", patient=("Wer", 0), number=("Nr", 1))
        self.add(1, ours=f"p-{self.tag}", theirs="1")
        key = self.accept({"Wer": "Ines Canary", "Nr": "1"})
        with self.handled():
            self.drain()
            self.assertEqual(
                self.listed("code", "withheld", "theirs"),
                [(False, "personal", "A code of a personal field")],
            )
            with self.transaction() as env:
                env.cr.execute("SELECT m::text FROM interop_missing_code m")
                self.assertNotIn("Canary", str(env.cr.fetchall()))
            with self.assertRaisesRegex(UserError, "is not kept here"), self.transaction() as env:
                waiting = env["interop.missing.code"].search(
                    [("crosswalk_id", "in", self.crosswalks)]
                )
                waiting.write({"ours": "X"})
            self.add(0, ours="P1", theirs="ines  canary")
            self.assertEqual(self.look(key, "state"), "dead", "case counts here")
            self.add(0, ours="P1", theirs="Ines  Canary")
            self.drain()
        self.assertEqual(self.look(key, "state"), "done")

    def test_what_is_too_long_for_a_code_is_not_kept(self):
        self.map("out", Nr=("number", 0))
        self.enqueue("long " * 20)
        self.drain()
        self.assertEqual(self.listed("code", "withheld"), [(False, "too_long")])

    # -- at the same time ----------------------------------------------------------------------

    def test_a_code_that_is_mapped_while_a_message_fails_for_it_is_found(self):
        self.map("out", Nr=("number", 0))
        key = self.enqueue("EA")
        _prepared, verdicts = prepare(self.registry, self.claim())
        self.add(0, ours="EA", theirs="PCE")
        self.assertEqual(self.look(key, "state"), "running", "its failure is not written yet")
        settle(self.registry, verdicts, "test")
        self.assertEqual(self.look(key, "state"), "ready")
        self.drain()
        self.assertEqual(self.look(key, "state"), "done")

    def test_the_same_for_what_comes_in(self):
        self.map("in", number=("Nr", 0))
        key = self.accept({"Nr": "X1"})
        [claimed] = self.claimed()
        noted = missing.note_missing

        def map_meanwhile(env, held):
            if not self.listed("code"):
                self.add(0, ours=f"in-{self.tag}", theirs="X1")
            noted(env, held)

        with self.handled():
            noting = "odoo.addons.interop_queue.engine.outcome_evidence.note_missing"
            with patch(noting, map_meanwhile):
                handle_many(self.registry, [claimed], "test")
            self.assertEqual(self.look(key, "state"), "ready")
            self.drain()
        self.assertEqual(self.look(key, "state"), "done")

    @contextmanager
    def person(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, 1, {})

    @mute_logger("odoo.sql_db")
    def test_of_two_who_map_one_code_at_once_the_second_starts_again_and_is_told(self):
        self.map("out", Nr=("number", 0))
        key = self.enqueue("EA")
        self.drain()
        with self.person() as second:
            second["interop.missing.code"].search([]).read(["code"])
            with self.person() as first:
                self.fill_in("EA", "PCE", first)
            with self.assertRaises(SerializationFailure):
                self.fill_in("EA", "CT", second)
            second.cr.rollback()
            second.invalidate_all()
            # Odoo runs the request again on this error.
            with self.assertRaisesRegex(UserError, "Somebody has mapped this code meanwhile"):
                self.fill_in("EA", "CT", second)
            second.cr.rollback()
        self.drain()
        self.assertEqual(self.look(key, "state"), "done")
        self.assertEqual(WIRE.seen[-1][1], {"Nr": "PCE"})

    def test_two_who_map_the_two_codes_of_one_message_at_once_let_it_run(self):
        self.map("out", Nr=("number", 0), Menge=("quantity", 1))
        key = self.enqueue("EA", quantity=7)
        self.drain()
        with self.person() as first, self.person() as second:
            for env in (first, second):
                env["interop.missing.code"].search([]).read(["code"])
            self.fill_in("EA", "PCE", first)
            self.fill_in("7", "seven", second)
        self.drain()
        self.assertEqual(self.look(key, "state"), "done")

    def test_what_died_between_the_commit_and_the_rerun_is_swept_up(self):
        self.map("out", Nr=("number", 0))
        key = self.enqueue("EA")
        self.drain()
        with patch(CATCH_UP):
            self.fill_in("EA", "PCE")
        self.assertEqual(self.look(key, "state"), "dead")
        catch_up(self.registry)
        self.assertEqual(self.look(key, "state"), "ready")

    def test_published_rules_that_find_less_than_the_present_ones_do_not_run_it_for_ever(self):
        self.map("out", Nr=("number", 0))
        key = self.enqueue("ea")
        self.drain()
        with self.transaction() as env:
            env["interop.crosswalk"].browse(self.crosswalks[0]).ignore_case = True
        self.add(0, ours="EA", theirs="PCE")
        self.drain()
        self.assertEqual(self.look(key, "state"), "dead", "the flow's own rules tell case apart")
        self.assertEqual(catch_up(self.registry), 0)
        self.assertEqual(len(self.acts("message.redriven", key)), 1)
        with self.transaction() as env:
            self.publish(env, "out")
            env["interop.message"].search([("uuid", "=", key)]).action_redrive()
        self.drain()
        self.assertEqual(self.look(key, "state"), "done")

    def test_a_code_that_was_mapped_long_ago_is_listed_no_more(self):
        self.map("out", Nr=("number", 0))
        self.enqueue_many([{"number": "EA"}, {"number": "BX"}], [None] * 2)
        self.drain()
        self.fill_in("EA", "PCE")
        for days, left in ((89, ["BX", "EA"]), (91, ["BX"])):
            with self.transaction() as env:
                env.cr.execute(
                    "UPDATE interop_missing_code SET mapped_at = now() - %s * interval '1 day', "
                    "first_at = now() - interval '1 year'",
                    [days],
                )
                env["interop.missing.code"]._gc_mapped()
            self.assertEqual(sorted(code for (code,) in self.listed("code")), left)

    # -- people --------------------------------------------------------------------------------

    def test_an_ignored_code_leaves_the_list_with_a_reason_and_its_messages_stay(self):
        self.map("out", Nr=("number", 0))
        key = self.enqueue("EA")
        self.drain()
        with self.transaction() as env:
            code = env["interop.missing.code"].search([("code", "=", "EA")])
            with self.assertRaisesRegex(UserError, "Say why"):
                code.action_ignore(" ")
            code.action_ignore("we sell none")
        self.assertEqual(self.listed("state", "reason"), [("ignored", "we sell none")])
        another = self.enqueue("EA")
        self.drain()
        self.assertEqual(self.listed("state", "waiting"), [("ignored", 2)])
        self.add(0, ours="EA", theirs="PCE")
        self.drain()
        self.assertEqual(self.states([key, another]), ["done", "done"])

    def test_who_may_not_edit_the_crosswalk_may_not_map(self):
        self.map("out", Nr=("number", 0))
        self.enqueue("EA")
        self.drain()
        with self.person() as env:
            user = new_test_user(env, f"op-{self.tag}", "interop_base.group_operator")
            code = env["interop.missing.code"].search([("code", "=", "EA")]).with_user(user)
            with self.assertRaises(AccessError):
                code.write({"theirs": "PCE"})
            with self.assertRaises(AccessError):
                code.action_ignore("no")
            with self.assertRaises(AccessError):
                code.action_take_suggestion()
            env.cr.rollback()

    def test_a_suggestion_is_taken_from_a_code_that_looks_the_same(self):
        self.map("out", Nr=("number", 0))
        self.add(0, ours="EA", theirs="PCE")
        key = self.enqueue("ea.")
        self.drain()
        with self.transaction() as env:
            code = env["interop.missing.code"].search([("code", "=", "ea.")])
            self.assertEqual(code.suggestion, "PCE")
            told = code.action_take_suggestion()["params"]["message"]
        self.assertEqual(told, "Mapped. 1 message runs again.")
        self.drain()
        self.assertEqual(self.look(key, "state"), "done")

    def test_a_second_code_for_theirs_leaves_the_way_back_as_it_was(self):
        self.map("out", Nr=("number", 0))
        self.add(0, ours="EA", theirs="PCE")
        self.enqueue("UNIT")
        self.drain()
        self.fill_in("UNIT", "PCE")
        with self.transaction() as env:
            lookup = env["interop.crosswalk"]._lookup(self.world["company"])
            self.assertEqual(lookup(f"{self.code}-numbers", "PCE", "in"), "EA")

    def test_a_code_whose_entry_has_ended_is_mapped_from_today(self):
        self.map("out", Nr=("number", 0))
        self.add(0, ours="EA", theirs="PCE", valid_until="2026-01-01")
        key = self.enqueue("EA")
        self.drain()
        self.fill_in("EA", "PCE")
        self.drain()
        self.assertEqual(self.look(key, "state"), "done")
