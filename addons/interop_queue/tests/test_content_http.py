import json
import time
from datetime import timedelta

from odoo import fields
from odoo.http import root
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from .test_content_reading import ReadingCase

LOGIN = "http-reader"


@tagged("post_install", "-at_install")
class TestContentOverHttp(ReadingCase, HttpCase):
    """Where the password is asked for, no call of a client gives content without it."""

    session = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.interop_identity_check = "always"
        cls.person_reading = new_test_user(cls.env, LOGIN, "interop_base.group_clear_reader")
        cls.person_reading.interop_area_ids = cls.area

    def call(self, model, method, *args, **kwargs):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": list(args), "kwargs": kwargs},
        )

    def old_session(self, last=3600):
        session = self.authenticate(LOGIN, LOGIN)
        session["identity-check-last"] = time.time() - last
        root.session_store.save(session)

    def ways(self):
        """Each way to content: what is opened, with what, and the fields that would tell it."""
        reading = {"message_id": self.message.id, "reason_code": "partner"}
        preview = {
            "source": "message",
            "message_id": self.message.id,
            "values": "clear",
            "reason_code": "partner",
        }
        return (
            ("interop.content.reading", reading, ["content", "fields_html", "is_open"]),
            ("interop.content.reading", reading | {"view": "clear"}, ["content", "is_open"]),
            ("interop.preview", preview, ["outcome_html", "evidence", "is_open"]),
        )

    def test_an_old_session_gets_the_question_and_no_content_by_any_way(self):
        self.old_session()
        for model, vals, names in self.ways():
            with self.subTest(model=model, vals=vals):
                [number] = self.call(model, "create", [vals])
                action = self.call(model, "action_read", [number])
                self.assertEqual(action["res_model"], "res.users.identitycheck")
                [told] = self.call(model, "read", [number], names)
                self.assertFalse(any(told[name] for name in names), told)
                web = self.call(model, "web_read", [number], {name: {} for name in names})
                self.assertNotIn("Canary", json.dumps(web))
                asked = {"read_at": "2030-01-01 00:00:00", "closes_at": "2040-01-01 00:00:00"}
                shown = self.call(
                    model, "onchange", [number], asked, ["read_at"], {name: {} for name in names}
                )
                self.assertNotIn("Canary", json.dumps(shown))
        self.assertFalse(self.notes())

    @mute_logger("odoo.http")
    def test_what_opens_it_is_not_called_past_the_question(self):
        self.old_session()
        [number] = self.call("interop.content.reading", "create", [self.ways()[0][1]])
        for method, args in (
            ("_read_identified", []),
            ("_note", [True]),
            ("_write_noted", [{"read_at": "2030-01-01 00:00:00"}]),
            ("write", [{"identified": True, "read_at": "2030-01-01 00:00:00"}]),
        ):
            with self.subTest(method), self.assertRaises(JsonRpcException):
                self.call("interop.content.reading", method, [number], *args)
        answer = self.url_open(f"/web/content/interop.content.reading/{number}/content")
        self.assertNotIn("Canary", answer.text)
        self.assertFalse(self.notes())

    def test_a_fresh_session_opens_it(self):
        self.old_session(last=5)
        [number] = self.call("interop.content.reading", "create", [self.ways()[0][1]])
        self.call("interop.content.reading", "action_read", [number])
        [told] = self.call("interop.content.reading", "read", [number], ["content"])
        self.assertIn("Canary-7", told["content"])
        self.assertEqual(self.notes()[0].identity, "checked")

    @mute_logger("odoo.http", "odoo.addons.web.controllers.json")
    def test_a_programs_key_never_answers_the_question(self):
        keys = self.env["res.users.apikeys"].with_user(self.person_reading)
        key = keys._generate("rpc", "test", fields.Datetime.now() + timedelta(hours=1))
        headers = {"Authorization": f"Bearer {key}"}

        def call(method, body):
            url = f"/json/2/interop.content.reading/{method}"
            return self.url_open(url, json=body, headers=headers)

        [number] = call("create", {"vals_list": [self.ways()[0][1]]}).json()
        call("action_read", {"ids": [number]})
        answer = call("read", {"ids": [number], "fields": ["content", "is_open"]})
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertFalse(answer.json()[0]["content"])
        self.assertFalse(self.notes())
