import uuid

from odoo.addons.interop_audit.tests.common import AuditCase
from odoo.addons.interop_base.lib.keyring import KeyInUse, KeyringError

from ..lib.refs import Keepsake, Sealing
from ..lib.sealing import Place, VaultError, seal


class TestRotation(AuditCase):
    """What becomes of the vault's own tables when something is done to keys."""

    def setUp(self):
        super().setUp()
        self.keyrings = self.env["interop.keyring"]
        with open(self.keyring_path) as file:
            text = file.read()
        self.addCleanup(self.put_back, text)
        self.vault = self.env["interop.vault"]
        for table in ("content", "token"):
            self.env.cr.execute(f"DELETE FROM interop_vault_{table}")
        self.env.cr.execute("UPDATE interop_vault_secret SET sealed_wrapped_key = NULL")
        self.uuid = str(uuid.uuid4())
        self.vault._seal_many([Sealing(self.uuid, "document", b"first" * 1000)])
        self.secret = self.env["interop.vault.secret"].create(
            {"name": "Order API", "kind": "bearer", "value": "canary-4711"}
        )
        self.tokens = self.env["interop.vault.tokens"]
        self.tokens._keep([Keepsake("a", "tok_1", 4711)])

    def put_back(self, text):
        with open(self.keyring_path, "w") as file:
            file.write(text)

    def row(self):
        self.env.cr.execute(
            "SELECT key_id, sealed, digest, period FROM interop_vault_content WHERE uuid = %s",
            [self.uuid],
        )
        [(key_id, sealed, digest, period)] = self.env.cr.fetchall()
        return key_id, bytes(sealed or b""), digest, period

    def test_rewrapping_touches_no_content_and_lets_the_old_version_be_retired(self):
        before = self.row()
        self.keyrings._rotate()
        with self.assertRaisesRegex(KeyInUse, "1 of sealed content, 1 of secrets, 1 of tokens"):
            self.keyrings._retire("k1")
        done = self.keyrings._rewrap()
        self.assertEqual((done.count, done.failed, done.left), (3, 0, 0))
        # Before the lock that retiring takes: a use is counted on a connection of its own.
        self.assertEqual(self.secret._reveal("send"), "canary-4711")
        self.keyrings._retire("k1")
        after = self.row()
        self.assertEqual(after[1:], before[1:])
        self.assertEqual((before[0][:3], after[0][:3]), ("k1/", "k2/"))
        self.assertEqual(self.vault._open(self.uuid, "document"), b"first" * 1000)
        self.assertEqual(self.tokens._resolve("a", ["tok_1"]), {"tok_1": 4711})

    def test_what_was_sealed_before_there_were_periods_opens_and_gets_one(self):
        self.env.cr.execute("DELETE FROM interop_vault_content")
        place = Place(self.env["interop.instance"]._get_uuid(), self.uuid, "document", 1)
        sealed = seal(self.keyrings._get(), place, b"old")
        self.vault._copy([self.vault._row(place, "standard", "2026-01", sealed)])
        self.assertEqual(self.row()[0], "k1")
        self.assertEqual(self.vault._open(self.uuid, "document"), b"old")
        self.keyrings._rewrap()
        self.assertEqual(self.row()[0], "k1/standard/2026-01")
        self.assertEqual(self.vault._open(self.uuid, "document"), b"old")

    def test_destroying_a_period_waits_for_its_content_and_reaches_backups(self):
        self.env.cr.execute("UPDATE interop_vault_content SET period = '2020-01'")
        self.keyrings._rewrap()
        self.assertEqual(self.row()[0], "k1/standard/2020-01")
        with self.assertRaisesRegex(KeyInUse, "1 of sealed content"):
            self.keyrings._destroy_period("standard", "2020-01")
        self.env.cr.execute("CREATE TEMP TABLE backup AS SELECT * FROM interop_vault_content")
        self.vault._shred([self.uuid])
        self.keyrings._destroy_period("standard", "2020-01")
        self.env.cr.execute(
            "UPDATE interop_vault_content c SET sealed = b.sealed, wrapped_key = b.wrapped_key "
            "FROM backup b WHERE b.id = c.id"
        )
        with self.assertRaises(VaultError) as caught:
            self.vault._open(self.uuid, "document")
        self.assertEqual(caught.exception.reason, "shredded")

    def test_every_act_leaves_evidence(self):
        self.keyrings._extend(0, ["standard"])
        self.keyrings._get_for(["standard/2020-01"])
        self.keyrings._rotate()
        self.keyrings._rewrap()
        self.keyrings._retire("k1")
        self.keyrings._destroy_period("standard", "2020-01")
        for act, details in (
            ("keyring.rotate", '{"before":"k1","key":"k2"}'),
            ("keyring.rewrap", '{"count":3,"failed":0,"key":"k2","left":0}'),
            ("keyring.retire", '{"key":"k1"}'),
            ("keyring.destroy", '{"key":"standard/2020-01"}'),
        ):
            with self.subTest(act):
                self.assertEqual(self.entries(act).mapped("details"), [details])

    def test_who_was_about_to_store_when_the_version_was_retired_stores_nothing(self):
        original = type(self.vault)._copy

        def retired_meanwhile(vault, rows):
            self.keyrings._rotate()
            self.keyrings._rewrap()
            self.keyrings._retire("k1")
            original(vault, rows)

        self.patch(type(self.vault), "_copy", retired_meanwhile)
        with self.assertRaisesRegex(KeyringError, "was destroyed while it was being used"):
            self.vault._seal_many([Sealing(self.uuid, "document", b"late")])

    def test_who_was_about_to_store_when_the_version_was_rotated_stores(self):
        original = type(self.vault)._copy

        def rotated_meanwhile(vault, rows):
            self.keyrings._rotate()
            original(vault, rows)

        self.patch(type(self.vault), "_copy", rotated_meanwhile)
        self.vault._seal_many([Sealing(self.uuid, "document", b"late")])
        self.assertEqual(self.vault._open(self.uuid, "document"), b"late")
