import json
from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.interop_base.lib.failures import FenceClosed, InternalError

from ..lib.keys import new_webhook_key, webhook_key
from ..lib.transport import Health, HealthStep
from .common import ConnectorCase


@tagged("post_install", "-at_install")
class TestLifecycle(ConnectorCase):
    def test_a_new_connector_is_a_draft_with_one_runtime_row(self):
        self.assertEqual(self.connector.state, "draft")
        self.assertEqual(len(self.connector.runtime_ids), 1)

    def test_the_way_from_draft_to_retired(self):
        for step, state in (
            ("activate", "active"),
            ("pause", "paused"),
            ("resume", "active"),
            ("drain", "draining"),
            ("resume", "active"),
            ("drain", "draining"),
            ("pause", "paused"),
            ("retire", "retired"),
        ):
            getattr(self.connector, f"action_{step}")()
            self.assertEqual(self.connector.state, state)

    def test_many_at_once_are_paused_where_that_is_possible_and_the_rest_is_told(self):
        draft = self._connector("Still a draft")
        others = self._connector("One") | self._connector("Two")
        others.action_activate()
        told = (draft | others).with_user(self.operator).action_pause()
        self.assertEqual((draft | others).mapped("state"), ["draft", "paused", "paused"])
        self.assertEqual(
            told["params"]["message"],
            "2 connectors are paused. Those that this is not for stay as they were: 1.",
        )
        paused = [act for act, *_rest in self.acts(draft) if act == "connector.pause"]
        self.assertFalse(paused)

    def test_many_at_once_that_cannot_take_the_step_are_refused(self):
        drafts = self._connector("One") | self._connector("Two")
        with self.assertRaises(UserError):
            drafts.action_drain()

    def test_every_step_leaves_evidence(self):
        connector = self.connector.with_user(self.manager)
        connector.action_activate()
        connector.action_pause()
        self.assertEqual(
            [act for act, *_rest in self.acts(self.connector)][-2:],
            ["connector.activate", "connector.pause"],
        )
        self.env.cr.execute(
            "SELECT actor_name FROM interop_audit_entry"
            " WHERE act = 'connector.pause' AND res_id = %s",
            [self.connector.id],
        )
        self.assertEqual(self.env.cr.fetchall(), [("Mona Ager",)])

    def test_steps_from_the_wrong_state_are_refused(self):
        with self.assertRaises(UserError):
            self.connector.action_pause()
        self.connector.action_retire()
        for step in ("activate", "pause", "drain", "resume", "retire"):
            with self.subTest(step=step), self.assertRaises(UserError):
                getattr(self.connector, f"action_{step}")()

    def test_the_state_cannot_be_written(self):
        for user in (self.manager, self.env.user):
            with self.assertRaises(UserError):
                self.connector.with_user(user).write({"state": "active"})
        created = self.env["interop.connector"].create(
            {"name": "Sly", "system_id": self.system.id, "state": "active"}
        )
        self.assertEqual(created.state, "draft")

    def test_operators_pause_drain_and_resume_but_do_not_activate_or_retire(self):
        connector = self.connector.with_user(self.operator)
        with self.assertRaises(AccessError):
            connector.action_activate()
        self.connector.action_activate()
        connector.action_pause()
        connector.action_resume()
        connector.action_drain()
        connector.action_resume()
        with self.assertRaises(AccessError):
            connector.action_retire()
        self.assertEqual(self.connector.state, "active")

    def test_activation_lists_everything_that_is_missing(self):
        self.connector.write(
            {
                "transport": False,
                "codec": False,
                "endpoint_ids": [(5, 0, 0)],
                "auth_secret_id": self.env["interop.vault.secret"]
                .create({"name": "Empty one", "kind": "bearer", "company_id": False})
                .id,
                "signing_secret_id": self._secret("Odd one", "hmac", "not-a-key").id,
            }
        )
        with self.assertRaises(UserError) as caught:
            self.connector.action_activate()
        for word in ("transport", "format", "endpoint", "Empty one", "Odd one", "whsec_"):
            self.assertIn(word, str(caught.exception))
        self.assertNotIn("not-a-key", str(caught.exception))

    def test_a_connector_that_only_receives_needs_no_endpoint(self):
        self.connector.write({"endpoint_ids": [(5, 0, 0)], "inbound_secret_id": self.inbound.id})
        self.connector.action_activate()
        self.assertEqual(self.connector.state, "active")

    def test_what_was_in_use_cannot_be_deleted(self):
        draft = self._connector("Never used")
        draft.unlink()
        self.connector.action_activate()
        with self.assertRaises(UserError):
            self.connector.unlink()


@tagged("post_install", "-at_install")
class TestConfiguration(ConnectorCase):
    def test_the_code_is_made_from_the_name_and_unique(self):
        again = self._connector("Orders to Gloves")
        self.assertEqual(self.connector.code, "orders-to-gloves")
        self.assertEqual(again.code, "orders-to-gloves-2")
        self.assertEqual(self._connector("手袋").code.split("-")[0], "connector")

    def test_a_code_that_does_not_fit_an_address_is_refused(self):
        for code in ("Upper", "a b", "a/b", "-a", "a" * 64, "ä"):
            with self.subTest(code=code), self.assertRaises(ValidationError):
                self.connector.code = code

    def test_the_code_is_fixed_once_the_connector_was_active(self):
        self.connector.code = "gloves"
        self.connector.action_activate()
        with self.assertRaises(UserError):
            self.connector.code = "other"
        self.connector.write({"code": "gloves", "name": "Renamed"})

    def test_a_copy_is_a_draft_without_secrets(self):
        self.connector.write({"auth_secret_id": self.bearer.id})
        self.connector.action_activate()
        copied = self.connector.copy()
        self.assertEqual(copied.state, "draft")
        self.assertFalse(copied.auth_secret_id)
        self.assertNotEqual(copied.code, self.connector.code)
        self.assertEqual(copied.endpoint_ids.url, "loop:orders")
        self.assertEqual(len(copied.runtime_ids), 1)

    def test_changes_are_audited_by_name_and_never_by_value(self):
        self.connector.write({"clearance": "personal", "auth_secret_id": self.bearer.id})
        self.connector.endpoint_ids.url = "loop:elsewhere"
        acts = self.acts(self.connector)[-2:]
        self.assertEqual([act for act, *_rest in acts], ["connector.change"] * 2)
        self.assertIn('"auth_secret_id","clearance"', acts[0][2])
        self.assertIn('"endpoint_ids.url"', acts[1][2])
        self.assertNotIn("elsewhere", str(acts))

    @mute_logger("odoo.sql_db")
    def test_secrets_in_use_cannot_be_deleted(self):
        self.connector.auth_secret_id = self.bearer
        with self.assertRaises(psycopg2.IntegrityError), self.env.cr.savepoint():
            self.bearer.unlink()


@tagged("post_install", "-at_install")
class TestFacts(ConnectorCase):
    def test_the_snapshot_names_secrets_by_uuid_only(self):
        self.connector.write(
            {"auth_secret_id": self.bearer.id, "signing_secret_id": self.signing.id}
        )
        snapshot = self.connector._technical_snapshot()
        self.assertEqual(snapshot["auth"]["secret"], self.bearer.uuid)
        self.assertEqual(snapshot["signing"]["secret"], self.signing.uuid)
        self.assertNotIn("hush", str(snapshot))

    def test_the_snapshot_tells_system_region_and_recipient(self):
        facts = self.connector._technical_snapshot()
        self.assertEqual((facts["system"], facts["region"]), (self.system.id, None))
        self.assertIsNone(facts["recipient_key"])
        key = {"kty": "OKP", "crv": "X25519", "x": "Q5A4CnqKIrjornvVnVzomyoqUVzKYz9HymC5kav-MXo"}
        self.connector.write(
            {"region_id": self.env.ref("base.de").id, "recipient_key": json.dumps(key)}
        )
        facts = self.connector._technical_snapshot()
        self.assertEqual((facts["region"], facts["recipient_key"]), ("DE", key))
        self.assertIn('"recipient_key","region_id"', self.acts(self.connector)[-1][2])

    def test_a_recipients_key_must_be_a_public_one_that_can_be_used(self):
        for key, reason in (
            ("not a key", "no JSON Web Key"),
            ('{"kty": "oct", "k": "c2VjcmV0"}', "private parts"),
            ('{"kty": "RSA", "n": "AQAB", "e": "AQAB"}', "cannot be used"),
        ):
            with self.subTest(reason), self.assertRaisesRegex(ValidationError, reason):
                self.connector.recipient_key = key

    def test_an_endpoint_is_built_from_the_snapshot_alone(self):
        self.connector.write(
            {"auth_secret_id": self.bearer.id, "signing_secret_id": self.signing.id}
        )
        snapshot = self.connector._technical_snapshot()
        self.connector.endpoint_ids.url = "loop:changed-since"
        endpoint = self.env["interop.connector"]._resolve_endpoint(snapshot)
        self.assertEqual(endpoint.url, "loop:orders")
        self.assertEqual((endpoint.auth.kind, endpoint.auth.secret), ("bearer", "hush-token"))
        self.assertEqual(endpoint.auth.header, "Authorization")
        self.assertEqual(len(endpoint.signing_key), 32)
        self.assertEqual(endpoint.max_response_bytes, 1024 * 1024)
        self.assertNotIn("hush", repr(endpoint))

    def test_a_replaced_secret_needs_no_new_snapshot(self):
        self.connector.auth_secret_id = self.bearer
        snapshot = self.connector._technical_snapshot()
        self.bearer.value = "hush-new"
        endpoint = self.env["interop.connector"]._resolve_endpoint(snapshot)
        self.assertEqual(endpoint.auth.secret, "hush-new")

    def test_an_archived_secret_still_serves_what_was_published(self):
        self.connector.auth_secret_id = self.bearer
        snapshot = self.connector._technical_snapshot()
        self.bearer.active = False
        self.assertTrue(self.env["interop.connector"]._resolve_endpoint(snapshot).auth)

    def test_a_vanished_secret_or_purpose_stops(self):
        snapshot = self.connector._technical_snapshot()
        with self.assertRaises(InternalError):
            self.env["interop.connector"]._resolve_endpoint(snapshot, "invoices")
        snapshot["auth"] = {"kind": "bearer", "secret": "no-such-uuid", "header": "x"}
        with self.assertRaises(InternalError):
            self.env["interop.connector"]._resolve_endpoint(snapshot)

    def test_inbound_keys_hold_both_while_one_is_being_changed(self):
        new = self._secret("Their new key", "hmac", new_webhook_key())
        self.assertEqual(self.connector._inbound_keys(), ())
        self.connector.inbound_secret_id = new
        self.assertEqual(len(self.connector._inbound_keys()), 1)
        self.connector.inbound_old_secret_id = self.inbound
        self.assertEqual(len(self.connector._inbound_keys()), 2)
        self.inbound.expires_on = "2001-01-01"
        [only] = self.connector._inbound_keys()
        self.assertEqual(only, webhook_key(new._reveal("test")))

    def test_a_key_that_is_none_leaves_the_door_shut(self):
        self.connector.inbound_secret_id = self._secret("Odd", "hmac", "plain words")
        self.assertEqual(self.connector._inbound_keys(), ())

    def test_without_a_queue_the_intake_leads_nowhere(self):
        intake = self.env["interop.intake"]
        if type(intake)._route.__module__.startswith("odoo.addons.interop_connector."):
            self.assertIsNone(intake._route(self.connector.code, "acks"))


@tagged("post_install", "-at_install")
class TestProbe(ConnectorCase):
    def setUp(self):
        super().setUp()
        self.opened = self.patch_fence(None)
        self.transport.probed.clear()

    def patch_fence(self, error):
        def require_open(_self, environment):
            if error:
                raise error

        patcher = patch.object(type(self.env["interop.fence"]), "_require_open", require_open)
        patcher.start()
        self.addCleanup(patcher.stop)

    def test_a_probe_shows_each_step(self):
        self.connector.auth_secret_id = self.bearer
        action = self.connector.with_user(self.operator).action_probe()
        probe = self.env["interop.probe"].browse(action["res_id"])
        self.assertTrue(probe.ok)
        self.assertEqual(probe.line_ids.mapped("name"), ["Name", "TCP"])
        self.assertEqual(self.transport.probed[0].auth.secret, "hush-token")
        self.assertEqual(self.acts(self.connector)[-1][:2], ("connector.probe", "ok"))

    def test_a_failed_step_is_shown_and_audited(self):
        before = self.transport.health
        self.addCleanup(setattr, self.transport, "health", before)
        self.transport.health = Health((HealthStep("Name", False, "not found"),))
        action = self.connector.action_probe()
        probe = self.env["interop.probe"].browse(action["res_id"])
        self.assertFalse(probe.ok)
        self.assertEqual(probe.line_ids.detail, "not found")
        self.assertEqual(self.acts(self.connector)[-1][1], "failed")

    def test_a_secret_without_value_is_a_failed_step(self):
        self.connector.auth_secret_id = self.env["interop.vault.secret"].create(
            {"name": "Empty", "kind": "bearer", "company_id": False}
        )
        action = self.connector.action_probe()
        probe = self.env["interop.probe"].browse(action["res_id"])
        self.assertFalse(probe.ok)
        self.assertIn("Empty", probe.line_ids.detail)
        self.assertEqual(self.transport.probed, [])

    def test_a_closed_fence_stops_a_probe_before_anything_is_touched(self):
        self.patch_fence(FenceClosed("The environment fence is closed. Here it is a copy."))
        with self.assertRaisesRegex(UserError, "fence is closed"):
            self.connector.action_probe()
        self.assertEqual(self.transport.probed, [])
        self.connector.invalidate_recordset(["silence_reason"])
        self.assertIn("copy", self.connector.silence_reason)

    def test_a_retired_connector_is_not_probed(self):
        self.connector.action_retire()
        with self.assertRaises(UserError):
            self.connector.action_probe()
