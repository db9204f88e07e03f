import json

from joserfc import jwe
from joserfc.jwk import ECKey, OKPKey, RSAKey

from odoo.tests import BaseCase

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_policy.lib.encrypt import read_key, recipient


class TestEncrypt(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keys = [
            RSAKey.generate_key(2048),
            ECKey.generate_key("P-256"),
            ECKey.generate_key("P-521"),
            OKPKey.generate_key("X25519"),
        ]

    def test_only_the_recipient_can_read_it(self):
        for key in self.keys:
            encrypt = recipient(key.as_dict(private=False))
            for value in ("Maria Keller", 4711, 1.5, True, None, "Ł", "\ud800"):
                text = encrypt(value)
                self.assertEqual(text.count("."), 4)
                found = jwe.decrypt_compact(
                    text, key, algorithms=["RSA-OAEP-256", "ECDH-ES+A256KW", "A256GCM"]
                )
                self.assertEqual(json.loads(found.plaintext), value)
                self.assertEqual(found.protected["enc"], "A256GCM")
                self.assertNotEqual(encrypt(value), text)

    def test_header_names_the_key(self):
        public = self.keys[0].as_dict(private=False) | {"kid": "2026-11"}
        header = jwe.decrypt_compact(
            recipient(public)("x"), self.keys[0], algorithms=["RSA-OAEP-256", "A256GCM"]
        ).protected
        self.assertEqual((header["alg"], header["kid"]), ("RSA-OAEP-256", "2026-11"))

    def test_key_that_cannot_be_meant_is_refused_without_being_quoted(self):
        public = self.keys[0].as_dict(private=False)
        for text, reason in (
            ("no json", "no JSON Web Key"),
            ("[]", "no JSON Web Key"),
            ("{}", "cannot be used"),
            (json.dumps({"kty": "oct", "k": "c2VjcmV0"}), "private parts"),
            (json.dumps(self.keys[0].as_dict(private=True)), "private parts"),
            (json.dumps(self.keys[3].as_dict(private=True)), "private parts"),
            (json.dumps(public | {"use": "sig"}), "not meant for encryption"),
            (json.dumps(public | {"n": "AQAB"}), "cannot be used"),
            (json.dumps(public | {"n": 5}), "cannot be used"),
            (json.dumps(public | {"n": public["n"][:171]}), "cannot be used"),
            (json.dumps(ECKey.generate_key("secp256k1").as_dict(private=False)), "cannot be used"),
            (json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=False)), "cannot be used"),
        ):
            with self.subTest(reason), self.assertRaisesRegex(PolicyError, reason) as caught:
                read_key(text)
            self.assertNotIn("AQAB", caught.exception.sentence)

    def test_key_is_read_as_it_was_written(self):
        public = self.keys[1].as_dict(private=False)
        self.assertEqual(read_key(json.dumps(public)), public)
