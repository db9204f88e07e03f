"""Packs out of a file and into one: who signed, where, and what does not travel."""

import base64
import dataclasses
import json
import tempfile
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from odoo.addons.interop_base.models.interop_fence import InteropFence

from ..lib.pack import make_pack, read_pack
from ..lib.parts import take_apart
from ..lib.places import fill_in
from ..lib.signature import is_signed_by, read_file, write_file
from .common import pack
from .test_interop_pack import PackCase
from .test_signature import KEY, OTHER, private_pem, public, public_pem


@tagged("post_install", "-at_install")
class TestPackFiles(PackCase):
    def server(self, **values):
        """A server whose configuration says so."""
        settings = self.env["interop.fence"]._server_settings()
        changed = dataclasses.replace(settings, **values)
        patcher = patch.object(InteropFence, "_server_settings", lambda fence: changed)
        patcher.start()
        self.addCleanup(patcher.stop)

    def trust(self, key=KEY):
        return (
            self.env["interop.pack.publisher"]
            .with_user(self.manager)
            .create({"name": "Publisher", "public_key": public_pem(key)})
        )

    def importing(self, data=None, key=KEY, **values):
        data = data or write_file(make_pack(self.body()).text, key)
        return (
            self.env["interop.pack.import"]
            .with_user(self.manager)
            .create({"file": base64.b64encode(data), **values})
        )

    def body(self):
        return pack(code="filed", connector=self.connector())

    def test_a_trusted_publishers_pack_is_taken_in_in_production(self):
        self.server(environment="production")
        publisher = self.trust()
        wizard = self.importing()
        self.assertEqual(wizard.verdict, "trusted")
        self.assertIn(publisher.fingerprint, wizard.told)
        taken = self.env["interop.pack"].browse(wizard.action_take_in()["res_id"])
        self.assertEqual((taken.code, taken.origin), ("filed", "file"))
        self.assertIn("Publisher", taken.origin_note)

    def test_in_production_and_where_nobody_knows_nothing_else_is_taken_in(self):
        self.trust(OTHER)
        for environment in ("production", None):
            self.server(environment=environment)
            for key in (KEY, None):
                wizard = self.importing(key=key, confirmed=True)
                with self.subTest(environment=environment, key=key):
                    self.assertEqual(wizard.verdict, "refused")
                    with self.assertRaisesRegex(UserError, "only packs of trusted publishers"):
                        wizard.action_take_in()
        self.assertFalse(self.env["interop.pack"].search([("code", "=", "filed")]))

    def test_elsewhere_it_is_taken_in_when_somebody_confirms(self):
        self.server(environment="test")
        wizard = self.importing(key=None)
        self.assertEqual(wizard.verdict, "unknown")
        with self.assertRaisesRegex(UserError, "Confirm"):
            wizard.action_take_in()
        wizard.confirmed = True
        taken = self.env["interop.pack"].browse(wizard.action_take_in()["res_id"])
        self.assertEqual(taken.origin, "unsigned")
        self.assertIn(self.manager.name, taken.origin_note)

    def test_a_publisher_that_is_archived_is_not_trusted(self):
        self.server(environment="production")
        self.trust().active = False
        self.assertEqual(self.importing().verdict, "refused")

    def test_a_changed_pack_under_a_trusted_signature_is_refused(self):
        self.server(environment="production")
        self.trust()
        found = json.loads(write_file(make_pack(self.body()).text, KEY))
        found["pack"] = make_pack(self.body() | {"summary": "Other"}).text
        self.assertEqual(self.importing(json.dumps(found).encode()).verdict, "refused")

    def test_hostile_files_are_refused_with_a_sentence(self):
        self.server(environment="test")
        for data in (b"x", b"[" * 100_000, write_file("{}"), write_file('{"a":' * 5_000)):
            wizard = self.importing(data, confirmed=True)
            self.assertEqual(wizard.verdict, "refused")
            with self.assertRaises(UserError):
                wizard.action_take_in()

    def test_a_key_that_is_none_is_no_publisher(self):
        with self.assertRaisesRegex(ValidationError, "Ed25519"):
            self.env["interop.pack.publisher"].create({"name": "X", "public_key": "AAAA"})

    def test_operators_trust_nobody_and_take_nothing_in(self):
        operator = new_test_user(
            self.env, "pack_operator_2", "base.group_user,interop_base.group_operator"
        )
        for model, values in (
            ("interop.pack.publisher", {"name": "X", "public_key": public_pem(KEY)}),
            ("interop.pack.import", {"file": "eA=="}),
            ("interop.pack.export", {"connector_id": 1}),
        ):
            with self.assertRaises(AccessError):
                self.env[model].with_user(operator).create(values)

    # -- making one ----------------------------------------------------------------------------

    def exporting(self, clone, **values):
        return (
            self.env["interop.pack.export"]
            .with_user(self.manager)
            .create({"connector_id": clone.connector_id.id, **values})
        )

    def test_a_pack_made_from_a_clone_is_the_pack_again(self):
        clone = self.clone()
        wizard = self.exporting(clone)
        self.assertEqual((wizard.code, wizard.version), ("acme", "1.1"))
        wizard.action_make()
        self.assertEqual(wizard.file_name, "acme-1.1.interop-pack")
        body = read_pack(read_file(base64.b64decode(wizard.file)).pack).body
        answers = {"url-default": "https://acme.example/orders"}
        filled = fill_in(clone.pack_id._body(), clone._answers())
        self.assertEqual(take_apart(fill_in(body, answers)), take_apart(filled))

    def test_no_secret_and_no_address_is_in_it(self):
        clone = self.clone()
        secret = clone.connector_id.auth_secret_id
        secret.value = "a-token-that-stays-here"
        wizard = self.exporting(clone)
        wizard.action_make()
        text = base64.b64decode(wizard.file).decode()
        for kept in ("a-token-that-stays-here", secret.uuid, secret.name, "acme.example"):
            self.assertNotIn(kept, text)
        body = read_pack(read_file(text.encode()).pack).body
        self.assertEqual(body["secrets"][0]["kind"], "bearer")

    def test_it_is_signed_with_the_key_that_the_server_names(self):
        clone = self.clone()
        with self.assertRaisesRegex(UserError, "no key to sign with"):
            self.server(pack_key=None)
            self.exporting(clone, signed=True).action_make()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "key.pem"
            path.write_bytes(private_pem(KEY))
            self.server(pack_key=str(path))
            wizard = self.exporting(clone, signed=True)
            self.assertTrue(wizard.can_sign)
            wizard.action_make()
        file = read_file(base64.b64decode(wizard.file))
        self.assertTrue(is_signed_by(file, public(KEY)))
