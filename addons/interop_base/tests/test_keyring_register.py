from odoo.tests import BaseCase

from ..lib.keyring import Keyring, KeyringError
from ..lib.keyring_register import Registered, compare


def ring(current="k1", root=b"0", destroyed=(), **keys):
    keys = keys or {"k1": b"1"}
    periods = {"standard/2026-03": keys.pop("march") * 32} if "march" in keys else {}
    return Keyring(
        {name: key * 32 for name, key in keys.items()},
        current,
        root * 32,
        periods=periods,
        destroyed=dict.fromkeys(destroyed, ""),
    )


def registered(keyring, destroyed=()):
    return [
        Registered(key_id, fingerprint, key_id in destroyed)
        for key_id, fingerprint in keyring.fingerprints().items()
    ]


class TestKeyringRegister(BaseCase):
    def test_keyring_that_is_registered_is_sound_and_brings_nothing_new(self):
        findings = compare(ring(k1=b"1", march=b"m"), registered(ring(k1=b"1", march=b"m")))
        findings.require_sound()
        self.assertEqual((findings.new, findings.gone, findings.lingering), ([], [], []))

    def test_first_keyring_is_all_new(self):
        findings = compare(ring(), [])
        findings.require_sound()
        self.assertEqual(findings.new, ["digest_root", "k1"])

    def test_what_stops_a_process(self):
        both = registered(ring(k1=b"1", k2=b"2", march=b"m"))
        for keyring, known, told in (
            (ring(k1=b"1", march=b"m"), both, "lacks k2,"),
            (ring(k1=b"1", k2=b"2"), both, "lacks standard/2026-03,"),
            (ring(k1=b"1", k2=b"x", march=b"m"), both, "another key under the name k2 "),
            (ring(k1=b"1", k2=b"2", march=b"x"), both, "the name standard/2026-03 "),
            (ring(root=b"x"), registered(ring()), "not the one of this database"),
            (
                ring(),
                registered(ring(k1=b"1", k2=b"2"), destroyed=["k1"]),
                "lacks k2,",
            ),
            (ring(), registered(ring(), destroyed=["k1"]), "still seals with k1,"),
        ):
            with self.subTest(told), self.assertRaisesRegex(KeyringError, told):
                compare(keyring, known).require_sound()

    def test_what_was_destroyed_on_purpose_is_not_missed(self):
        known = registered(ring(k1=b"1", march=b"m"))
        here = compare(ring(destroyed=["standard/2026-03"]), known)
        here.require_sound()
        self.assertEqual(here.gone, ["standard/2026-03"])
        there = compare(ring(), registered(ring(k1=b"1", march=b"m"), ["standard/2026-03"]))
        there.require_sound()
        self.assertEqual((there.gone, there.missing), ([], []))

    def test_destroyed_key_that_a_copy_of_the_keyring_still_holds_is_pointed_out(self):
        both = ring(k1=b"1", march=b"m")
        findings = compare(both, registered(both, destroyed=["standard/2026-03"]))
        findings.require_sound()
        self.assertEqual(findings.lingering, ["standard/2026-03"])

    def test_many_keys_are_not_all_listed(self):
        many = {"k1": b"1"} | {f"k{number}": bytes([number]) for number in range(2, 12)}
        with self.assertRaisesRegex(KeyringError, "lacks k10, k11, k2, k3, k4 and 5 more,"):
            compare(ring(), registered(ring(**many))).require_sound()
