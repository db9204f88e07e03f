import uuid

from psycopg2 import errors

from odoo.addons.interop_base.lib.failures import BusinessError

from ..engine import inbound
from .inbound_common import InboundCase


class TestEngineInboundBatch(InboundCase):
    """Many inbound messages in one transaction, each of them on its own."""

    def setUp(self):
        super().setUp()
        self.here = uuid.uuid4().hex[:8]

    def handle_many(self, apply, **more):
        """Claim all that is ready and handle it together; return the outcomes' states by uuid."""
        claimed = self.claimed()
        with self.handler(
            _apply=apply, _business_key=lambda model, document: document.body["number"]
        ):
            outcomes = inbound.handle_many(self.registry, claimed, "lane", **more)
        return {outcome.uuid: outcome.state for outcome in outcomes}

    def refs(self, *names):
        return [f"{name}-{self.here}" for name in names]

    def deliver(self, *names):
        return [self.accept({"number": ref}) for ref in self.refs(*names)]

    @property
    def simply(self):
        return lambda model, document, message: self.apply(model, document, message)

    def once(self, ref, act):
        """A handler that calls `act` with its environment the first time `ref` is applied."""
        done = []

        def apply(model, document, message):
            if document.body["number"] == ref and not done:
                done.append(ref)
                act(model.env)
            return self.apply(model, document, message)

        return apply

    def elsewhere(self, query, params):
        with self.registry.cursor() as cr:
            cr.execute(query, params)

    def test_many_messages_are_one_transaction(self):
        keys = self.deliver(*"abcdefgh")
        self.assertEqual(self.handle_many(self.simply), dict.fromkeys(keys, "done"))
        self.assertEqual(self.partners(*self.refs(*"abcdefgh")), [1] * 8)
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT count(DISTINCT txid), count(*) FROM interop_audit_entry "
                "WHERE act = 'message.applied' AND subject = ANY (%s::uuid[])",
                [keys],
            )
            self.assertEqual(cr.fetchone(), (1, 8))

    def test_a_poison_message_leaves_no_trace_and_its_neighbours_stay(self):
        told = []

        def apply(model, document, message):
            ref = document.body["number"]
            model.env.cr.postcommit.add(lambda: told.append(ref))
            partner = self.apply(model, document, message)
            partner.message_post(body="Noted")
            if ref == poison:
                raise BusinessError("Not this one.")
            return partner

        keys = self.deliver("a", "poison", "c")
        [poison] = self.refs("poison")
        states = self.handle_many(apply)
        self.assertEqual([states[key] for key in keys], ["done", "dead", "done"])
        self.assertEqual(self.partners(*self.refs("a", "poison", "c")), [1, 0, 1])
        self.assertEqual(told, self.refs("a", "c"))

    def test_tracking_that_fails_before_the_commit_fails_its_own_message_only(self):
        ran = []

        def apply(model, document, message):
            ref = document.body["number"]

            @model.env.cr.precommit.add
            def track():
                ran.append(ref)
                if ref == poison:
                    raise ValueError("a hook that fails")

            return self.apply(model, document, message)

        keys = self.deliver("a", "poison", "c")
        [poison] = self.refs("poison")
        states = self.handle_many(apply)
        self.assertEqual([states[key] for key in keys], ["done", "dead", "done"])
        self.assertEqual(self.look(keys[1], "failure_class"), "internal")
        self.assertEqual(self.partners(*self.refs("a", "poison", "c")), [1, 0, 1])
        self.assertEqual(ran, self.refs("a", "poison", "c"), "each once")

    def test_what_a_poison_message_changed_is_not_seen_by_the_next(self):
        parameter = f"interop.test.{self.here}"
        with self.transaction() as env:
            shared = env["res.partner"].create({"name": "Shared", "comment": "before"}).id
            env["ir.config_parameter"].set_param(parameter, "before")
        seen = []

        def apply(model, document, message):
            partner = model.env["res.partner"].browse(shared)
            parameters = model.env["ir.config_parameter"].sudo()
            seen.append((partner.name, parameters.get_param(parameter)))
            if document.body["number"] == poison:
                partner.name = "Changed"
                parameters.set_param(parameter, "changed")
                # Cached, from a row that is about to vanish.
                self.assertEqual(parameters.get_param(parameter), "changed")
                raise BusinessError("Not this one.")
            return partner

        self.deliver("poison", "b")
        [poison] = self.refs("poison")
        self.handle_many(apply)
        self.assertEqual(seen, [("Shared", "before")] * 2)

    def test_the_next_message_finds_the_one_before_done(self):
        found = []

        def apply(model, document, message):
            key = document.body["number"]
            messages = model.env["interop.message"].sudo()
            found.append(
                messages.search_count([("state", "=", "done"), ("business_key", "=", key)])
            )
            return model.env["res.partner"]

        keys = self.deliver("same", "same", "same")
        self.assertEqual(self.handle_many(apply), dict.fromkeys(keys, "done"))
        self.assertEqual(found, [0, 1, 2])

    def test_a_conflict_with_a_user_undoes_the_batch_and_each_is_applied_once(self):
        with self.transaction() as env:
            shared = env["res.partner"].create({"name": "Shared"}).id

        def conflict(env):
            self.elsewhere("UPDATE res_partner SET name = 'Theirs' WHERE id = %s", [shared])
            env["res.partner"].browse(shared).name = "Ours"
            env.flush_all()

        keys = self.deliver("a", "b", "c")
        ref = self.refs("b")[0]
        with self.assertLogs("odoo.sql_db", "ERROR"):
            states = self.handle_many(self.once(ref, conflict))
        self.assertEqual(states, dict.fromkeys(keys, "done"))
        self.assertEqual(self.partners(*self.refs("a", "b", "c")), [1, 1, 1])

    def test_a_connection_lost_in_the_middle_costs_no_attempt_and_no_effect(self):
        def die(env):
            env.cr.execute("SELECT pg_backend_pid()")
            [pid] = env.cr.fetchone()
            self.elsewhere("SELECT pg_terminate_backend(%s, 5000)", [pid])
            env["res.partner"].search([("ref", "=", "x")])

        keys = self.deliver("a", "b", "c")
        with self.assertLogs("odoo.sql_db", "ERROR"):
            states = self.handle_many(self.once(self.refs("b")[0], die))
        self.assertEqual(states, dict.fromkeys(keys, "done"))
        self.assertEqual(self.partners(*self.refs("a", "b", "c")), [1, 1, 1])
        self.assertEqual([self.look(key, "attempts") for key in keys], [1, 1, 1])

    def test_a_message_whose_lease_was_lost_keeps_no_effect_and_takes_none_along(self):
        keys = self.deliver("a", "stolen", "c")

        def steal(env):
            self.elsewhere(
                "UPDATE interop_message SET lease_token = 'another' WHERE uuid = %s", [keys[1]]
            )

        for moment in ("a", "stolen"):
            with self.subTest(stolen_while_applying=moment):
                with self.assertLogs("odoo.addons.interop_queue", "INFO"):
                    states = self.handle_many(self.once(self.refs(moment)[0], steal))
                self.assertEqual(states, {keys[0]: "done", keys[2]: "done"})
                self.assertEqual(self.partners(*self.refs("a", "stolen", "c")), [1, 0, 1])
                self.assertEqual(self.look(keys[1], "state"), "running")
            self.clear()
            self.here = uuid.uuid4().hex[:8]
            keys[:] = self.deliver("a", "stolen", "c")

    def test_a_handler_cannot_end_the_transaction(self):
        keys = self.deliver("a", "commits", "c")
        states = self.handle_many(self.once(self.refs("commits")[0], lambda env: env.cr.commit()))
        self.assertEqual([states[key] for key in keys], ["done", "dead", "done"])
        self.assertEqual(self.look(keys[1], "failure_class"), "internal")

    def test_a_statement_that_fails_fails_its_own_message_only(self):
        def wrong(env):
            env.cr.execute("SELECT 1 / 0", log_exceptions=False)

        keys = self.deliver("a", "wrong", "c")
        states = self.handle_many(self.once(self.refs("wrong")[0], wrong))
        self.assertEqual([states[key] for key in keys], ["done", "dead", "done"])
        self.assertEqual(self.partners(*self.refs("a", "wrong", "c")), [1, 0, 1])

    def test_what_has_not_begun_when_the_lane_is_to_stop_is_given_back(self):
        keys = self.deliver("a", "b")
        self.assertEqual(self.handle_many(self.simply, going_on=lambda: False), {})
        self.assertEqual(
            [self.look(key, "state", "claims", "attempts") for key in keys], [("ready", 0, 0)] * 2
        )

    def test_a_long_batch_is_several_transactions(self):
        self.patch(inbound, "TOGETHER_SECONDS", 0.0)
        keys = self.deliver("a", "b", "c")
        self.assertEqual(self.handle_many(self.simply), dict.fromkeys(keys, "done"))
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT count(DISTINCT txid) FROM interop_audit_entry "
                "WHERE act = 'message.applied' AND subject = ANY (%s::uuid[])",
                [keys],
            )
            self.assertEqual(cr.fetchone(), (3,))

    def test_an_engine_fault_at_the_end_falls_on_single_messages_only(self):
        """Settling itself fails for one of them: the others are done, that one says why."""
        keys = self.deliver("a", "b", "c")
        original = inbound.write_evidence

        def write_evidence(env, held, lane):
            if any(verdict.message.uuid == keys[1] for verdict in held):
                raise errors.CheckViolation("for a test")
            return original(env, held, lane)

        self.patch(inbound, "write_evidence", write_evidence)
        states = self.handle_many(self.simply)
        self.assertEqual([states[key] for key in keys], ["done", "dead", "done"])
        self.assertEqual(self.partners(*self.refs("a", "b", "c")), [1, 0, 1])

    def test_documents_of_one_payload_are_decoded_once(self):
        decoded = []
        bodies = [{"number": ref} for ref in self.refs(*"abcd")]
        self.accept(bodies)
        with self.transaction() as env:
            _version, plan = env["interop.flow.version"]._plan_of(self.world["in"])
        original = plan.codec.decode

        def decode(payload):
            decoded.append(1)
            return original(payload)

        self.patch(plan.codec, "decode", decode)
        self.assertEqual(list(self.handle_many(self.simply).values()), ["done"])
        self.assertEqual(list(self.handle_many(self.simply).values()), ["done"] * 3)
        self.assertEqual(len(decoded), 1)
        self.assertEqual(self.partners(*self.refs(*"abcd")), [1] * 4)

    def test_the_other_documents_come_into_being_even_if_the_first_is_refused(self):
        self.accept([{"number": "unknown"}, *({"number": ref} for ref in self.refs("b", "c"))])
        self.assertEqual(list(self.handle_many(self.simply).values()), ["dead"])
        self.assertEqual(list(self.handle_many(self.simply).values()), ["done"] * 2)

    def test_a_chain_goes_on_after_a_batch(self):
        with self.transaction() as env:
            keys = self.deliver("a", "b", "c")
            env.cr.execute("UPDATE interop_message SET chain = 'x' WHERE uuid = ANY (%s)", [keys])
        for key in keys:
            self.assertEqual(self.handle_many(self.simply), {key: "done"})

    def test_what_a_batch_needs_does_not_grow_with_it(self):
        """Settling is set-based: per message only its savepoint, its state and its handler."""

        def statements(number):
            self.deliver(*(f"{number}-{each}" for each in range(number)))
            counted = []
            self.patch(
                inbound, "write_evidence", lambda *args: counted.append(args[0].cr.sql_log_count)
            )
            self.handle_many(lambda model, document, message: model.env["res.partner"])
            return counted[0]

        statements(2)  # warm caches
        few, many = statements(5), statements(25)
        self.assertLessEqual((many - few) / 20, 4)
