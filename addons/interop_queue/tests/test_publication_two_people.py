import json
from contextlib import contextmanager

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.sql_db import db_connect
from odoo.tests import get_db_name, new_test_user
from odoo.tools import mute_logger

from .common import WIRE, EngineCase

BOTH = "interop_base.group_manager,interop_base.group_approver"


class TestPublicationTwoPeople(EngineCase):
    """Each in a real transaction of their own; and what runs meanwhile."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database = db_connect(get_db_name())
        with cls.transaction() as env:
            flow = env["interop.flow"].browse(cls.world["out"])
            cls.users = {}
            for name in ("ada", "ben", "cleo"):
                user = new_test_user(env, f"{name}-{cls.tag}", groups=BOTH)
                cls.users[name] = user.id
            flow.company_id.interop_second_person = "always"
        cls.addClassCleanup(cls.reset)

    @classmethod
    def reset(cls):
        with cls.transaction() as env:
            flow = env["interop.flow"].browse(cls.world["out"])
            flow.company_id.interop_second_person = "production"
            env["res.users"].browse(cls.users.values()).active = False

    @contextmanager
    def person(self, name):
        with self.database.cursor() as cr:
            yield api.Environment(cr, self.users[name], {})
            cr.rollback()

    def propose(self, attempts):
        with self.person("ada") as env:
            flow = env["interop.flow"].browse(self.world["out"])
            flow.retry_max_attempts = attempts
            publication = env["interop.publication"]._propose(flow, "Fewer tries")
            env.cr.commit()
        self.addCleanup(self.withdraw, publication.id)
        return publication.id

    def withdraw(self, publication_id):
        with self.transaction() as env:
            publication = env["interop.publication"].browse(publication_id)
            if publication.state == "proposed":
                publication.with_user(self.users["ada"]).action_withdraw()

    @mute_logger("odoo.sql_db")
    def test_of_two_who_decide_at_once_the_second_looks_again_and_finds_it_decided(self):
        publication_id = self.propose(3)
        with self.person("ben") as ben, self.person("cleo") as cleo:
            cleo["interop.publication"].browse(publication_id).read(["state"])
            ben["interop.publication"].browse(publication_id).action_approve()
            ben.cr.commit()
            # Odoo runs the request again on this error, and then the next lines apply.
            with self.assertRaises(SerializationFailure):
                cleo["interop.publication"].browse(publication_id).action_reject("No")
        with self.person("cleo") as cleo, self.assertRaisesRegex(UserError, "decided already"):
            cleo["interop.publication"].browse(publication_id).action_reject("No")

    def test_what_another_changes_unseen_while_one_approves_is_not_put_in_force(self):
        publication_id = self.propose(4)
        with self.person("ben") as ben, self.person("cleo") as cleo:
            ben["interop.publication"].browse(publication_id).read(["state"])
            policy = cleo["interop.flow"].browse(self.world["out"]).policy_id
            policy.rule_ids.filtered(lambda rule: rule.path == "quantity").action = "drop"
            cleo.cr.commit()
            ben["interop.publication"].browse(publication_id).action_approve()
            ben.cr.commit()
        self.enqueue("seen", quantity=2)
        self.drain()
        self.assertEqual(WIRE.seen[0][1].get("quantity"), 2)
        with self.person("ben") as env:
            flow = env["interop.flow"].browse(self.world["out"])
            self.assertTrue(flow.has_draft_changes)
            # Cleo's change came after what that publication saw: it is hers to the next one.
            self.assertIn(self.users["cleo"], flow._authors().ids)
        self.republish()

    def test_who_is_an_approver_no_more_does_not_approve(self):
        publication_id = self.propose(5)
        with self.transaction() as env:
            env["res.users"].browse(self.users["ben"]).group_ids = [
                (3, env.ref("interop_base.group_approver").id)
            ]
        with self.person("ben") as ben, self.assertRaises(UserError):
            ben["interop.publication"].browse(publication_id).action_approve()
        with self.transaction() as env:
            env["res.users"].browse(self.users["ben"]).group_ids = [
                (4, env.ref("interop_base.group_approver").id)
            ]

    def test_edits_of_no_part_touch_what_is_in_force(self):
        self.enqueue("before", quantity=2)
        self.drain()
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            flow.policy_id.rule_ids.filtered(lambda rule: rule.path == "quantity").action = "drop"
            flow.connector_id.endpoint_ids.url = "https://elsewhere.example/"
            flow.connector_id.clearance = "public"
            flow.retry_max_attempts = 1
            schema = flow.document_type_id._schema()
            schema["properties"]["quantity"]["maximum"] = 1
            before = flow.document_type_id.schema_text
            # As the update of a module does it.
            env.cr.execute(
                "UPDATE interop_document_type SET schema_text = %s WHERE id = %s",
                [json.dumps(schema), flow.document_type_id.id],
            )
            env.invalidate_all()
        self.enqueue("after", quantity=2)
        self.drain()
        (_key, one), (_other, two) = WIRE.seen
        self.assertEqual(two, one | {"number": "after"})
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            env.cr.execute(
                "UPDATE interop_document_type SET schema_text = %s WHERE id = %s",
                [before, flow.document_type_id.id],
            )
            env.invalidate_all()
            flow.connector_id.clearance = "confidential"
            flow.connector_id.endpoint_ids.url = "https://partner.example/"
        self.republish()

    def republish(self):
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            flow.policy_id.rule_ids.action = "send"
            env.flush_all()
            flow.with_user(SUPERUSER_ID).action_publish()
            env.cr.precommit.run()
