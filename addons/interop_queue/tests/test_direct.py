"""Direct calls: the caller waits, is told the truth, and what it leaves is the same evidence."""

import threading
from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.interop_base.lib.failures import DataError, FenceClosed, TransientError
from odoo.addons.interop_connector.lib.transport import Reply
from odoo.addons.interop_document.lib.document import Document

from ..engine.maintenance import reap
from ..lib.direct import PendingWrites, bounded
from .common import EVENT, WIRE, EngineCase, fail


@tagged("-at_install", "post_install")
class TestDirect(EngineCase):
    def setUp(self):
        super().setUp()
        self.set_up_flow()

    def set_up_flow(self, **settings):
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            answer_type = env["interop.document.type"].search([("code", "=", "TestNote")], limit=1)
            flow.write(
                {"mode": "direct", "direct_answer_type_id": answer_type.id, "direct_at_most": 4}
                | settings
            )
            if flow.has_draft_changes:
                flow.action_publish()

    def ask(self, number="N1", timeout=None, **body):
        with self.transaction() as env:
            note = Document("TestNote", "1.0", {"number": number} | body, number)
            return env["interop.direct"]._ask(EVENT, note, timeout)

    @staticmethod
    def answering(body):
        """The partner answers with these bytes."""
        real = WIRE.send

        def send(endpoint, outgoing):
            real(endpoint, outgoing)
            return Reply(200, body)

        return patch.object(WIRE, "send", send)

    def in_flight(self):
        with self.transaction() as env:
            return env["interop.connector"].browse(self.world["connector"]).runtime_ids.in_flight

    # -- a good day ----------------------------------------------------------------------------

    def test_the_caller_gets_the_answer_and_the_message_is_done_with_all_evidence(self):
        with self.answering(b'{"number": "N1", "quantity": 5}'):
            answer = self.ask()
        self.assertTrue(answer.is_done)
        self.assertEqual(answer.body, {"number": "N1", "quantity": 5})
        self.assertEqual(self.look(answer.message, "state", "held", "attempts"), ("done", False, 1))
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", answer.message)])
            self.assertEqual(message.interchange_id.state, "delivered")
            self.assertTrue(message.version_id)
            vault = env["interop.vault"]
            self.assertTrue(vault._open(message.interchange_id.uuid, "reply"))
            acts = env["interop.audit.entry"].search([("subject", "=", answer.message)])
            self.assertIn("message.sent", acts.mapped("act"))
        self.assertEqual(self.in_flight(), 0)

    def test_without_a_type_nothing_of_the_answer_comes_in(self):
        self.set_up_flow(direct_answer_type_id=False)
        with self.answering(b'{"number": "N1"}'):
            answer = self.ask()
        self.assertEqual((answer.status, answer.body), ("done", None))

    def test_no_lane_takes_the_message_of_a_caller_who_waits(self):
        claimed = []
        WIRE.script = lambda body, tries: claimed.extend(self.claim())
        with self.answering(b'{"number": "N1"}'):
            self.ask()
        self.assertEqual(claimed, [])

    def test_an_event_puts_nothing_into_the_queue_for_a_direct_flow(self):
        with self.transaction() as env:
            note = Document("TestNote", "1.0", {"number": "N1"}, "N1")
            self.assertEqual(env["interop.queue"]._emit_documents(EVENT, [note]), [])

    # -- what goes wrong -----------------------------------------------------------------------

    def test_a_refusal_is_told_as_one(self):
        WIRE.script = lambda body, tries: fail("partner", status=422)
        answer = self.ask()
        self.assertEqual((answer.status, answer.http_status), ("refused", 422))
        self.assertEqual(self.look(answer.message, "state", "failure_class"), ("dead", "partner"))

    def test_no_answer_is_uncertain_and_stays_for_a_person(self):
        WIRE.script = lambda body, tries: fail("uncertain", sent=True)
        answer = self.ask()
        self.assertEqual(answer.status, "uncertain")
        self.assertEqual(len(WIRE.seen), 1)
        self.assertEqual(self.look(answer.message, "state", "held"), ("dead", "direct"))
        self.assertEqual(self.in_flight(), 0)

    def test_what_is_idempotent_is_asked_again_with_the_same_key_while_there_is_time(self):
        with self.transaction() as env:
            env["interop.endpoint"].search(
                [("connector_id", "=", self.world["connector"])]
            ).idempotent = True
            env["interop.flow"].browse(self.world["out"]).action_publish()
        WIRE.script = lambda body, tries: tries < 2 and fail("uncertain", sent=True)
        with self.answering(b'{"number": "N1"}'):
            answer = self.ask()
        self.assertEqual(answer.status, "done")
        self.assertEqual({key for key, _body in WIRE.seen}, {answer.message})
        self.assertEqual(len(WIRE.seen), 2)
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", answer.message)])
            tries = env["interop.attempt"].search(
                [("interchange_id", "=", message.interchange_id.id)]
            )
            self.assertEqual(sorted(tries.mapped("outcome")), ["failed", "ok"])
            env["interop.endpoint"].search(
                [("connector_id", "=", self.world["connector"])]
            ).idempotent = False
            env["interop.flow"].browse(self.world["out"]).action_publish()

    def test_an_answer_that_does_not_fit_its_type_is_no_success(self):
        with self.answering(b'{"strange": 1}'), self.assertRaises(DataError):
            self.ask()
        with self.transaction() as env:
            message = env["interop.message"].search(
                [("flow_id", "=", self.world["out"])], order="id desc", limit=1
            )
            self.assertEqual((message.state, message.failure_class), ("dead", "data"))

    def test_who_cannot_be_reached_is_told_with_the_class_of_the_failure(self):
        WIRE.script = lambda body, tries: fail("transient", sent=True)
        with self.assertRaises(Exception) as raised:
            self.ask()
        self.assertEqual(raised.exception.failure_class, "transient")

    def test_an_answer_that_comes_too_late_is_not_taken_for_a_success(self):
        with patch("odoo.addons.interop_queue.engine.direct.GRACE", -60), self.answering(b"{}"):
            answer = self.ask()
        self.assertEqual(answer.status, "uncertain")
        self.assertEqual(self.look(answer.message, "state"), "dead")

    def test_a_process_that_dies_leaves_a_dead_letter_that_nobody_sends_again(self):
        # As a kill leaves it: the lease ends, and nobody settles.
        with patch("odoo.addons.interop_queue.engine.direct._run", side_effect=KeyboardInterrupt):
            with self.assertRaises(KeyboardInterrupt):
                self.ask()
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_message SET lease_until = timezone('utc', now()) - interval '1 s' "
                "WHERE flow_id = %s AND state = 'running' RETURNING uuid",
                [self.world["out"]],
            )
            [[key]] = env.cr.fetchall()
        self.assertEqual(reap(self.registry), 1)
        self.assertEqual(
            self.look(key, "state", "failure_class", "held"), ("dead", "uncertain", "direct")
        )
        self.assertEqual(self.in_flight(), 0)
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", key)])
            with self.assertRaisesRegex(Exception, "does not run again"):
                message.action_redrive()
            message.action_cancel("The partner does not have it")

    # -- gates ---------------------------------------------------------------------------------

    def test_more_callers_than_may_wait_are_told_at_once_and_nothing_is_sent(self):
        self.set_up_flow(direct_at_most=1)
        inside, go_on, first = threading.Event(), threading.Event(), []

        def hold(body, tries):
            inside.set()
            go_on.wait(10)

        WIRE.script = hold
        with self.answering(b'{"number": "N1"}'):
            thread = threading.Thread(target=lambda: first.append(self.ask()))
            thread.start()
            inside.wait(10)
            second = self.ask("N2")
            go_on.set()
            thread.join()
        self.assertEqual((second.status, second.message), ("throttled", None))
        self.assertEqual(first[0].status, "done")
        self.assertEqual(WIRE.numbers, ["N1"])

    def test_a_paused_connector_a_throttle_and_an_open_breaker_refuse_at_once(self):
        connector = self.world["connector"]
        for close, reopen in (
            (
                "UPDATE interop_connector SET state = 'paused' WHERE id = %s",
                "UPDATE interop_connector SET state = 'active' WHERE id = %s",
            ),
            (
                "UPDATE interop_connector_runtime SET throttled_until = "
                "timezone('utc', now()) + interval '1 h' WHERE connector_id = %s",
                "UPDATE interop_connector_runtime SET throttled_until = NULL "
                "WHERE connector_id = %s",
            ),
            (
                "UPDATE interop_endpoint_runtime SET state = 'open', open_until = "
                "timezone('utc', now()) + interval '1 h' WHERE connector_id = %s",
                "UPDATE interop_endpoint_runtime SET state = 'closed', open_until = NULL "
                "WHERE connector_id = %s",
            ),
        ):
            with self.transaction() as env:
                env.cr.execute(close, [connector])
            try:
                answer = self.ask()
            finally:
                with self.transaction() as env:
                    env.cr.execute(reopen, [connector])
            with self.subTest(close):
                self.assertEqual((answer.status, answer.message), ("throttled", None))
                self.assertTrue(answer.sentence)
        self.assertEqual(WIRE.seen, [])

    def test_a_closed_fence_refuses(self):
        with self.transaction() as env:
            env["interop.fence"]._disarm("a test")
        try:
            with self.assertRaises(FenceClosed):
                self.ask()
        finally:
            with self.transaction() as env:
                env["interop.fence"]._arm("tests of the engine")
        self.assertEqual(WIRE.seen, [])

    # -- the caller's side ---------------------------------------------------------------------

    def test_a_caller_that_has_written_is_refused(self):
        with self.transaction() as env:
            env["res.partner"].create({"name": "Not committed yet"})
            with self.assertRaises(PendingWrites):
                env["interop.direct"]._ask(EVENT, Document("TestNote", "1.0", {"number": "N1"}))
            env.cr.rollback()
        self.assertEqual(WIRE.seen, [])

    def test_what_cannot_be_composed_is_raised_and_nothing_is_sent(self):
        with self.assertRaises(DataError):
            self.ask(strange="field")
        self.assertEqual(WIRE.seen, [])

    def test_time_that_is_over_before_sending_sends_nothing(self):
        with self.assertRaises(TransientError):
            self.ask(timeout=0.0001)
        self.assertEqual(WIRE.seen, [])

    def test_nobody_waits_longer_than_half_a_minute(self):
        self.assertEqual(bounded(90), 30)

    def test_what_was_asked_directly_is_not_sent_as_a_new_message(self):
        with self.answering(b'{"number": "N1"}'):
            answer = self.ask()
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", answer.message)])
            with self.assertRaisesRegex(Exception, "asked directly"):
                message.action_resend("They say they lost it")

    # -- an operator tries it ------------------------------------------------------------------

    @contextmanager
    def trial(self, kind="res.partner", record="base.main_partner"):
        """The dialog of an operator about one record, in a transaction of its own."""
        composes = self.handler(
            _composes=kind,
            _compose=lambda model, records: [
                Document("TestNote", "1.0", {"number": "N1"}, "N1") for _record in records
            ],
        )
        with self.transaction() as env:
            login = f"direct-{self.tag}"
            person = env["res.users"].search([("login", "=", login)])
            person = person or new_test_user(env, login, groups="interop_base.group_operator")
            person.interop_area_ids = [(6, 0, [self.world["area"]])]
            person_id, record = person.id, record and env.ref(record)
            reference = record and f"{record._name},{record.id}"
        with composes:
            with self.transaction() as env:
                trials = env["interop.direct.trial"].with_user(person_id)
                made = trials.create({"flow_id": self.world["out"], "record": reference}).id
            with self.transaction() as env:
                trials = env["interop.direct.trial"].with_user(person_id)
                yield trials.browse(made)

    def test_an_operator_sees_the_answer_and_the_try_is_audited(self):
        with self.answering(b'{"number": "N1"}'), self.trial() as trial:
            shown = trial.action_ask()
            self.assertEqual((trial.status, trial.answer_fields), ("done", "number"))
            self.assertEqual(shown["res_id"], trial.id)
            key = trial.message_uuid
        self.assertEqual(self.look(key, "state", "res_model"), ("done", "res.partner"))
        with self.transaction() as env:
            acts = env["interop.audit.entry"].search([("act", "=", "flow.direct_tried")])
            self.assertIn(key, str(acts.mapped("details")))

    def test_an_operator_is_told_why_it_could_not_be_asked_and_asks_again(self):
        with self.answering(b'{"number": "N1"}'), self.trial() as trial:
            WIRE.script = lambda body, tries: fail("transient", sent=True)
            trial.action_ask()
            self.assertEqual((trial.status, trial.failure_class), ("failed", "transient"))
            self.assertTrue(trial.sentence)
            WIRE.script = lambda body, tries: None
            trial.action_ask()
            self.assertEqual((trial.status, trial.failure_class), ("done", False))

    def test_what_the_request_itself_has_written_does_not_stop_a_try(self):
        with self.answering(b'{"number": "N1"}'), self.trial() as trial:
            trial.env["res.users.log"].sudo().create({})
            trial.env.flush_all()
            trial.action_ask()
            self.assertEqual(trial.status, "done")

    def test_nobody_asks_about_what_they_may_not_see(self):
        with self.trial("ir.cron", record=False) as trial:
            self.assertIn("may not see", trial.obstacle)
            self.assertNotIn("ir.cron", dict(trial._selection_record()))
            with self.assertRaises(AccessError):
                trial.action_ask()
        self.assertEqual(WIRE.seen, [])
