import random
import uuid

from psycopg2.errors import UniqueViolation

from odoo.tools import mute_logger

from odoo.addons.interop_audit.tests.common import AuditCase
from odoo.addons.interop_base.lib.failures import InteropError
from odoo.addons.interop_base.lib.keyring import Keyring, KeyringError

from ..lib.refs import Sealing
from ..lib.sealing import PIECE, VaultError


class TestInteropVault(AuditCase):
    def setUp(self):
        super().setUp()
        self.vault = self.env["interop.vault"]
        self.one, self.two = str(uuid.uuid4()), str(uuid.uuid4())

    def seal(self, uid, data, kind="document"):
        return self.vault._seal_many([Sealing(uid, kind, data)])[0]

    def test_sealed_content_comes_back(self):
        refs = self.vault._seal_many(
            [
                Sealing(self.one, "document", b"first"),
                Sealing(self.two, "payload", b"second", retention_class="short"),
                Sealing(self.one, "payload", b""),
            ]
        )
        self.assertEqual([ref.uuid for ref in refs], [self.one, self.two, self.one])
        self.assertEqual([ref.clear_size for ref in refs], [5, 6, 0])
        self.assertEqual(self.vault._open(self.one, "document"), b"first")
        self.assertEqual(self.vault._open(self.one, "payload"), b"")
        self.assertTrue(self.vault._has(self.two, "payload"))
        self.assertFalse(self.vault._has(self.two, "document"))

    def test_newest_generation_is_opened(self):
        self.assertEqual(self.seal(self.one, b"old").generation, 1)
        refs = self.vault._seal_many(
            [Sealing(self.one, "document", b"newer"), Sealing(self.one, "document", b"newest")]
        )
        self.assertEqual([ref.generation for ref in refs], [2, 3])
        self.assertEqual(self.vault._open(self.one, "document"), b"newest")

    def test_many_are_sealed_with_one_query_and_one_copy_and_opened_in_one(self):
        uuids = [str(uuid.uuid4()) for _ in range(100)]
        self.vault._open_many([(self.one, "document")])
        copies = self.count_copies()
        with self.assertQueryCount(1):
            self.vault._seal_many([Sealing(u, "document", u.encode()) for u in uuids])
        self.assertEqual(len(copies), 1)
        with self.assertQueryCount(1):
            opened = self.vault._open_many([(u, "document") for u in (*uuids, self.one)])
        self.assertEqual(opened, {(u, "document"): u.encode() for u in uuids})

    def count_copies(self):
        copies = []
        original = type(self.vault)._copy

        def _copy(vault, rows):
            copies.append(len(rows))
            return original(vault, rows)

        self.patch(type(self.vault), "_copy", _copy)
        return copies

    def test_what_was_never_stored_needs_no_query(self):
        self.vault._seal_many([Sealing(self.one, "payload", b"x")])
        with self.assertQueryCount(0):
            self.vault._seal_many([Sealing(self.one, "document", b"new")], fresh=True)
        self.assertEqual(self.vault._open(self.one, "document"), b"new")

    @mute_logger("odoo.sql_db")
    def test_who_is_wrong_about_that_overwrites_nothing(self):
        self.seal(self.one, b"first")
        with self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            self.vault._seal_many([Sealing(self.one, "document", b"other")], fresh=True)
        self.assertEqual(self.vault._open(self.one, "document"), b"first")

    def test_large_and_small_content_comes_back_in_any_order(self):
        large = random.Random(1).randbytes(3 * PIECE + 17)
        text = b"Nitrile gloves, size M; " * 200_000
        copies = self.count_copies()
        refs = self.vault._seal_many(
            [
                Sealing(self.one, "payload", large),
                Sealing(self.two, "document", b"small"),
                Sealing(self.one, "document", text),
                Sealing(self.two, "payload", large[::-1]),
            ]
        )
        self.assertEqual(copies, [1, 3], "what is large does not wait for more")
        self.assertEqual([ref.clear_size for ref in refs], [len(large), 5, len(text), len(large)])
        places = [
            (self.one, "payload"),
            (self.two, "document"),
            (self.one, "document"),
            (self.two, "payload"),
        ]
        opened = self.vault._open_many(places)
        self.assertEqual([opened[place] for place in places], [large, b"small", text, large[::-1]])

    def test_a_large_row_is_never_read_at_once(self):
        self.seal(self.one, random.Random(2).randbytes(2 * PIECE))
        longest = []
        original = type(self.vault)._pieces

        def _pieces(vault, *args):
            for piece in original(vault, *args):
                longest.append(len(piece))
                yield piece

        self.patch(type(self.vault), "_pieces", _pieces)
        self.vault._open(self.one, "document")
        self.assertEqual((len(longest), max(longest)), (3, PIECE))

    def test_a_changed_byte_of_large_content_is_refused(self):
        self.seal(self.one, random.Random(3).randbytes(2 * PIECE))
        self.env.cr.execute(
            "UPDATE interop_vault_content "
            "SET sealed = set_byte(sealed, 1500000, (get_byte(sealed, 1500000) + 1) %% 256) "
            "WHERE uuid = %s",
            [self.one],
        )
        with self.assertRaises(VaultError) as caught:
            self.vault._open(self.one, "document")
        self.assertEqual(caught.exception.reason, "tampered")

    def test_content_is_filed_under_the_present_month(self):
        self.seal(self.one, b"first")
        self.env.cr.execute(
            "SELECT period = to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM'), retention_class, "
            "sealed_size = length(sealed) FROM interop_vault_content WHERE uuid = %s",
            [self.one],
        )
        self.assertEqual(self.env.cr.fetchone(), (True, "standard", True))

    def test_uuid_in_capitals_is_the_same(self):
        self.seal(self.one.upper(), b"first")
        self.assertEqual(self.vault._open(self.one, "document"), b"first")
        self.assertEqual(self.vault._open(self.one.upper(), "document"), b"first")

    def test_nothing_kept_is_told(self):
        with self.assertRaises(VaultError) as caught:
            self.vault._open(self.one, "document")
        self.assertEqual(caught.exception.reason, "missing")
        self.assertEqual(self.vault._open_many([]), {})

    def test_content_is_wrapped_by_the_key_of_its_class_and_month(self):
        self.seal(self.one, b"first")
        self.vault._seal_many([Sealing(self.two, "document", b"x", retention_class="short")])
        self.env.cr.execute(
            "SELECT key_id = 'k1/' || retention_class || '/' || period, retention_class "
            "  FROM interop_vault_content WHERE uuid = ANY(%s::uuid[]) ORDER BY id",
            [[self.one, self.two]],
        )
        self.assertEqual(self.env.cr.fetchall(), [(True, "standard"), (True, "short")])

    def test_content_of_another_installation_is_refused(self):
        self.seal(self.one, b"first")
        self.instance.uuid = str(uuid.uuid4())
        self.env.registry.clear_cache()
        self.addCleanup(self.env.registry.clear_cache)
        with self.assertRaises(InteropError):
            self.vault._open(self.one, "document")

    def test_missing_key_stops_and_loses_nothing(self):
        self.seal(self.one, b"first")
        good = self.env["interop.keyring"]._get()
        wrong = Keyring({"k7": b"7" * 32}, "k7", b"0" * 32)
        with self.subTest("another keyring"):
            self.patch(type(self.env["interop.keyring"]), "_get", lambda model: wrong)
            with self.assertRaisesRegex(KeyringError, "does not hold the key"):
                self.vault._open(self.one, "document")
        self.patch(type(self.env["interop.keyring"]), "_get", lambda model: good)
        self.assertEqual(self.vault._open(self.one, "document"), b"first")

    def test_shredded_content_is_gone_and_its_digest_stays(self):
        ref = self.seal(self.one, b"first")
        self.seal(self.one, b"more")
        self.seal(self.two, b"other")
        self.assertEqual(self.vault._shred([self.one]), 2)
        with self.assertRaises(VaultError) as caught:
            self.vault._open(self.one, "document")
        self.assertEqual(caught.exception.reason, "shredded")
        self.assertFalse(self.vault._has(self.one, "document"))
        self.assertEqual(self.vault._open(self.two, "document"), b"other")
        self.env.cr.execute(
            "SELECT digest, wrapped_key, sealed FROM interop_vault_content "
            "WHERE uuid = %s ORDER BY generation LIMIT 1",
            [self.one],
        )
        self.assertEqual(self.env.cr.fetchone(), (ref.digest, None, None))
        self.assertEqual(self.entries("vault.shred").mapped("subject"), [self.one])
        self.assertEqual(self.vault._shred([self.one]), 0)
        self.assertEqual(self.vault._shred([]), 0)

    def test_content_is_sealed_again_after_shredding(self):
        self.seal(self.one, b"first")
        self.vault._shred([self.one])
        self.assertEqual(self.seal(self.one, b"again").generation, 2)
        self.assertEqual(self.vault._open(self.one, "document"), b"again")

    @mute_logger("odoo.sql_db")
    def test_clear_content_is_in_no_column(self):
        self.seal(self.one, b"Canary Fieldmouse")
        self.env.cr.execute(
            "SELECT c::text FROM interop_vault_content c WHERE uuid = %s", [self.one]
        )
        row = self.env.cr.fetchone()[0]
        self.assertNotIn("Canary", row)
        self.assertNotIn(b"Canary".hex(), row)

    def test_text_form_of_a_sealing_shows_no_content(self):
        self.assertNotIn("Canary", repr(Sealing(self.one, "document", b"Canary")))
