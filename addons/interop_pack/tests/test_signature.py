import base64
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from odoo.tests.common import BaseCase, tagged

from ..lib.pack import PackError, make_pack
from ..lib.signature import (
    MAX_FILE,
    KeyProblem,
    fingerprint,
    is_signed_by,
    read_file,
    read_private_key,
    read_public_key,
    write_file,
)
from .common import pack

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)


def public(key):
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def public_pem(key):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def private_pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@tagged("interop_lib")
class TestSignature(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.text = make_pack(pack()).text
        cls.signed = write_file(cls.text, KEY)

    def test_what_was_signed_is_recognised_by_its_signers_key_only(self):
        file = read_file(self.signed)
        self.assertEqual(file.pack.decode(), self.text)
        self.assertTrue(is_signed_by(file, public(KEY)))
        self.assertFalse(is_signed_by(file, public(OTHER)))
        self.assertFalse(is_signed_by(read_file(write_file(self.text)), public(KEY)))

    def test_a_signature_is_bound_to_what_it_is_for(self):
        signature = base64.b64encode(KEY.sign(self.text.encode())).decode()
        found = json.loads(self.signed)
        found["signature"]["value"] = signature
        self.assertFalse(is_signed_by(read_file(json.dumps(found).encode()), public(KEY)))

    @given(st.integers(0, 10**6), st.integers(1, 255))
    def test_a_changed_byte_is_noticed_or_makes_it_no_file(self, place, by):
        data = bytearray(self.signed)
        place %= len(data)
        data[place] ^= by
        try:
            file = read_file(bytes(data))
        except PackError:
            return
        same = file.pack.decode(errors="replace") == self.text
        self.assertTrue(same or not is_signed_by(file, public(KEY)))

    def test_what_is_no_file_is_refused_with_a_sentence(self):
        good = json.loads(self.signed)
        for bad in (
            b"",
            b"[]",
            b"{}",
            b"x" * (MAX_FILE + 1),
            json.dumps(good | {"more": 1}).encode(),
            json.dumps(good | {"pack": {}}).encode(),
            json.dumps(good | {"signature": {}}).encode(),
            json.dumps(good | {"signature": good["signature"] | {"algorithm": "none"}}).encode(),
            json.dumps(good | {"signature": good["signature"] | {"value": "AAAA"}}).encode(),
        ):
            with self.assertRaises(PackError):
                read_file(bad)

    def test_keys_are_read_from_pem_and_base64_and_nothing_else(self):
        raw = public(KEY)
        self.assertEqual(read_public_key(public_pem(KEY)), raw)
        self.assertEqual(read_public_key(base64.b64encode(raw).decode()), raw)
        self.assertEqual(public(read_private_key(private_pem(KEY))), raw)
        for bad in ("", "AAAA", private_pem(KEY).decode(), "-----BEGIN PUBLIC KEY-----\nx"):
            with self.assertRaises(KeyProblem):
                read_public_key(bad)
        with self.assertRaises(KeyProblem):
            read_private_key(public_pem(KEY).encode())

    def test_a_fingerprint_is_short_enough_to_be_read_aloud(self):
        self.assertRegex(fingerprint(public(KEY)), r"^([0-9A-F]{4} ){9}[0-9A-F]{4}$")
        self.assertNotEqual(fingerprint(public(KEY)), fingerprint(public(OTHER)))
