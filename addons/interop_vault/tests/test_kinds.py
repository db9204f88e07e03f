import json
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..lib.all_kinds import KINDS
from ..lib.key_files import split_pem
from ..lib.kinds import Entered, SecretProblem
from ..lib.oauth2 import ClientCredentials
from .keys import certificate, new_key, pem

NOW = datetime.now(UTC)
CANARY = "canary-4711"


def enter(kind, **entered):
    """The sealed text and what is shown of it."""
    found = KINDS.get(kind)
    text = found.compose(Entered(**entered))
    return text, found.check(text, NOW)


class KindCase(BaseCase):
    def refused(self, kind, **entered):
        with self.assertRaises(SecretProblem) as caught:
            enter(kind, **entered)
        self.assertIsNone(caught.exception.__cause__)
        self.assertIsNone(caught.exception.__context__)
        for value in entered.values():
            if len(value) > 5:
                self.assertNotIn(value, str(caught.exception))
        return str(caught.exception)


class TestPlainKinds(KindCase):
    def test_every_kind_refuses_an_empty_entry_with_a_sentence(self):
        self.assertEqual(
            KINDS.codes(), ["api_key", "basic", "bearer", "hmac", "mtls", "oauth2", "ssh"]
        )
        for code in KINDS.codes():
            with self.subTest(code=code):
                self.assertTrue(self.refused(code).endswith("."))

    @given(value=st.text(max_size=40))
    def test_what_a_kind_takes_fits_into_a_header(self, value):
        for code in ("bearer", "api_key"):
            try:
                text, _facts = enter(code, value=value)
            except SecretProblem:
                continue
            self.assertTrue(text.isascii() and text.isprintable() and text == text.strip())

    def test_a_line_end_is_refused_without_repeating_the_value(self):
        for value in (CANARY + "\n", f"{CANARY}\n{CANARY}", " " + CANARY, CANARY + "é"):
            self.refused("bearer", value=value)

    def test_user_and_password_are_sealed_together(self):
        self.assertEqual(enter("basic", login="clinic", value="a:b")[0], "clinic:a:b")
        self.assertEqual(enter("basic", value="clinic:a:b")[0], "clinic:a:b")
        self.refused("basic", login="cli:nic", value=CANARY)
        self.refused("basic", value=CANARY)

    def test_nothing_typed_is_in_a_representation(self):
        typed = Entered(CANARY, CANARY, CANARY, CANARY)
        self.assertNotIn(CANARY, repr(typed))
        self.assertNotIn(CANARY, repr(ClientCredentials("https://x", "id", CANARY)))


class TestClientCredentials(KindCase):
    entered = {"token_url": "https://idp.example/token", "client_id": "us", "value": CANARY}

    def test_the_address_is_sealed_with_the_secret(self):
        text, _facts = enter("oauth2", **self.entered)
        self.assertEqual(
            ClientCredentials.from_text(text),
            ClientCredentials("https://idp.example/token", "us", CANARY, "basic"),
        )

    def test_addresses_without_tls_are_refused_but_on_this_machine(self):
        for url in (
            "http://idp.example/token",
            "ftp://idp.example",
            "https://",
            "https://me@idp.example/",
            "https://idp.example/#part",
            "https://idp.example/to ken",
            "https://[::1",
        ):
            with self.subTest(url=url):
                self.assertIn(
                    "address", self.refused("oauth2", **self.entered | {"token_url": url})
                )
        for url in ("http://127.0.0.1:8080/token", "http://localhost/t", "http://[::1]:1/t"):
            enter("oauth2", **self.entered | {"token_url": url})

    def test_a_reference_leads_to_json_or_is_refused(self):
        kind = KINDS.get("oauth2")
        whole = {"token_url": "https://idp.example", "client_id": "us", "client_secret": CANARY}
        kind.check(json.dumps(whole), NOW)
        for data in (whole | {"token_auth": "none"}, whole | {"client_id": 7}, {}, [], "x"):
            with self.assertRaises(SecretProblem):
                kind.check(json.dumps(data), NOW)
        with self.assertRaises(SecretProblem):
            kind.check(CANARY, NOW)


class TestCertificates(KindCase):
    def test_a_certificate_with_its_key_shows_whose_it_is(self):
        authority, key = new_key(), new_key()
        own = certificate(key, end=40, signer=(authority, "Clearing CA"))
        above = certificate(authority, name="Clearing CA", ca=True)
        text, facts = enter("mtls", certificate=own + above, private_key=pem(key))
        self.assertEqual((facts.subject, facts.issuer), ("interop.hospital.example", "Clearing CA"))
        self.assertEqual(facts.expires_on, (NOW + timedelta(days=40)).date())
        self.assertEqual(facts.key_type, "ECDSA secp256r1")
        chain, again = split_pem(text)
        self.assertEqual(len(chain), 2)
        self.assertEqual(again.public_key(), key.public_key())

    def test_a_protected_key_is_opened_once_and_kept_clear_inside_the_seal(self):
        key = new_key()
        for form in (
            serialization.PrivateFormat.PKCS8,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.PrivateFormat.OpenSSH,
        ):
            protected = pem(key, CANARY, form)
            both = {"certificate": certificate(key), "private_key": protected}
            text, _facts = enter("mtls", passphrase=CANARY, **both)
            self.assertEqual(split_pem(text)[1].public_key(), key.public_key())
            self.assertIn("protected", self.refused("mtls", **both))
            self.assertIn("passphrase", self.refused("mtls", passphrase="other one", **both))

    def test_what_does_not_fit_or_hold_is_refused(self):
        key = new_key()
        for why, own, private in (
            ("does not belong", certificate(new_key()), pem(key)),
            ("has expired", certificate(key, begin=-9, end=-1), pem(key)),
            ("not valid yet", certificate(key, begin=2), pem(key)),
            ("begins with", "", pem(key)),
            ("begins with", certificate(key), ""),
            ("one private key", certificate(key), pem(key) + pem(key)),
            ("cannot be read", certificate(key)[:90] + "\n-----END CERTIFICATE-----", pem(key)),
        ):
            with self.subTest(why=why):
                self.assertIn(why, self.refused("mtls", certificate=own, private_key=private))

    def test_weak_keys_are_refused(self):
        weak = rsa.generate_private_key(65537, 1024)
        self.assertIn("1024 bits", self.refused("ssh", private_key=pem(weak)))
        old = dsa.generate_private_key(2048)
        self.assertIn("not safe", self.refused("ssh", private_key=pem(old)))


class TestSshKeys(KindCase):
    def test_type_and_fingerprint_are_those_that_openssh_shows(self):
        key = ed25519.Ed25519PrivateKey.generate()
        openssh = serialization.PrivateFormat.OpenSSH
        for form in (openssh, serialization.PrivateFormat.PKCS8):
            text, facts = enter("ssh", private_key=pem(key, form=form))
            self.assertEqual(facts.key_type, "ssh-ed25519")
            self.assertRegex(facts.fingerprint, r"^SHA256:[A-Za-z0-9+/]{43}$")
        _text, same = enter("ssh", private_key=pem(key, CANARY, openssh), passphrase=CANARY)
        self.assertEqual(same, facts)
        if shutil.which("ssh-keygen"):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "key")
                path.touch(0o600)
                path.write_text(text)
                shown = subprocess.run(
                    ["ssh-keygen", "-l", "-f", path], capture_output=True, text=True, check=True
                )
            self.assertIn(facts.fingerprint, shown.stdout)
