"""Content that no ordinary end leads to: what was never answered, payloads of late workers."""

import uuid

from odoo.tests import new_test_user, tagged

from odoo.addons.interop_vault.lib.refs import Sealing

from ..engine.transaction import run
from .retention_common import CANARY, RetentionCase
from .test_engine_conclusion import RECEIPTS


@tagged("post_install", "-at_install")
class TestRetentionStrays(RetentionCase):
    def test_a_payload_made_of_a_message_whose_lease_was_lost_goes_with_it(self):
        [key] = self.ended_outbound("1", patient=CANARY)
        stray = str(uuid.uuid4())
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", key)])
            made = message.interchange_id.sudo().copy(
                {"uuid": stray, "idempotency_key": stray, "state": "prepared"}
            )
            env["interop.vault"]._seal_many([Sealing(stray, "payload", CANARY.encode())])
            lost = {"id": [message.id], "token": ["of another lane"], "position": [0]}
            noted = run(env.cr, "note_prepared", interchange_id=[made.id], **lost)
            self.assertEqual(noted, [])
            self.assertNotEqual(message.interchange_id, made)
        self.age()
        self.purge()
        self.assertEqual(self.opens(stray, "payload"), "shredded")

    def test_what_was_sent_and_never_answered_has_ended_when_its_answer_was_due(self):
        [late, awaited] = self.ended_outbound("1", "2")
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_message SET state = 'sent', done_at = NULL, answer_due_at = "
                "timezone('utc', now()) + make_interval(days => CASE uuid WHEN %s THEN -31 ELSE 1 "
                "END) WHERE uuid = ANY (%s)",
                [late, [late, awaited]],
            )
        self.purge()
        self.assertEqual(self.opens(late), "shredded")
        self.assertNotEqual(self.opens(awaited), "shredded")
        self.assertEqual(self.look(late, "state"), "sent")

    def test_whoever_may_see_a_message_sees_that_it_is_held_and_only_managers_why(self):
        [key] = self.ended_outbound("1")
        self.hold(business_key="1")
        with self.transaction() as env:
            user = new_test_user(
                env, f"operator-{self.tag}", "interop_base.group_operator",
                company_id=self.world["company"], company_ids=[(6, 0, [self.world["company"]])],
                interop_area_ids=[(6, 0, [self.world["area"]])],
            )  # fmt: skip
            message = env["interop.message"].search([("uuid", "=", key)])
            self.assertEqual(message.hold_ids.name, "Case 7")
            message.invalidate_recordset()
            mine = message.with_user(user)
            view = {"on_hold": {}, "purged_at": {}, "held_back": {}}
            self.assertEqual(mine.web_read(view)[0]["on_hold"], True)
            self.assertNotIn("hold_ids", mine.fields_get())
            user.active = False


@tagged("post_install", "-at_install")
class TestRetentionReceipts(RetentionCase):
    """Technical acknowledgements repeat what the sender's envelope said."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.transaction() as env:
            env["interop.connector"].browse(cls.world["connector"]).codec = RECEIPTS.code
            env["interop.flow"].browse(cls.world["in"]).action_publish()
            env.flush_all()
            env.cr.precommit.run()

    def test_our_acknowledgement_goes_with_the_payload_that_it_is_for(self):
        RECEIPTS.reset()
        key = self.accept({"control": CANARY, "documents": [{"number": f"a{self.tag}"}] * 2})
        with self.handled():
            self.drain()
        payload = self.payload_of(key)
        self.assertIn(CANARY.encode(), self.opens(payload, "acknowledgement"))
        self.age()
        self.purge()
        for kind in ("payload", "acknowledgement"):
            self.assertEqual(self.opens(payload, kind), "shredded")
        self.assertEqual(self.tables_with(CANARY), [])
