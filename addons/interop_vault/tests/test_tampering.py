"""Somebody who may write to the database moves sealed bytes about: nothing of it opens."""

import random
import uuid

from odoo.addons.interop_audit.tests.common import AuditCase
from odoo.addons.interop_base.lib.failures import InteropError

from ..lib.refs import Sealing
from ..lib.sealing import PIECE, VaultError

COLUMNS = ("key_id", "wrapped_key", "sealed", "digest", "clear_size", "sealed_size")


class TestTampering(AuditCase):
    def setUp(self):
        super().setUp()
        self.vault = self.env["interop.vault"]
        self.one, self.two = str(uuid.uuid4()), str(uuid.uuid4())

    def seal(self, uid, data, kind="document"):
        self.vault._seal_many([Sealing(uid, kind, data)])

    def move(self, source, target, columns=COLUMNS):
        """Write the columns of one (uuid, kind, generation) over those of another."""
        sets = ", ".join(f"{column} = o.{column}" for column in columns)
        place = "(%s::uuid, %s, %s)"
        self.env.cr.execute(
            f"UPDATE interop_vault_content c SET {sets} FROM interop_vault_content o "
            f"WHERE (c.uuid, c.kind, c.generation) = {place} "
            f"  AND (o.uuid, o.kind, o.generation) = {place}",
            [*target, *source],
        )
        self.assertEqual(self.env.cr.rowcount, 1)

    def assert_refused(self, uid, kind="document"):
        with self.assertRaises(VaultError) as caught:
            self.vault._open(uid, kind)
        self.assertEqual(caught.exception.reason, "tampered")
        # Not transient: nobody tries again and again, and no lane stands still for it.
        self.assertEqual(caught.exception.failure_class, "internal")

    def test_row_of_another_record_is_refused(self):
        self.seal(self.one, b"first")
        self.seal(self.two, b"other")
        self.move((self.one, "document", 1), (self.two, "document", 1))
        self.assert_refused(self.two)
        self.assertEqual(self.vault._open(self.one, "document"), b"first")

    def test_row_of_another_kind_is_refused(self):
        self.seal(self.one, b"first")
        self.seal(self.one, b"other", kind="payload")
        self.move((self.one, "document", 1), (self.one, "payload", 1))
        self.assert_refused(self.one, "payload")

    def test_older_generation_in_a_newer_place_is_refused(self):
        self.seal(self.one, b"old")
        self.seal(self.one, b"new")
        self.move((self.one, "document", 1), (self.one, "document", 2))
        self.assert_refused(self.one)

    def test_renumbered_generation_is_refused(self):
        self.seal(self.one, b"old")
        self.env.cr.execute(
            "UPDATE interop_vault_content SET generation = 2 WHERE uuid = %s", [self.one]
        )
        self.assert_refused(self.one)

    def test_single_columns_of_another_row_are_refused(self):
        for column in ("wrapped_key", "sealed", "digest"):
            one, two = str(uuid.uuid4()), str(uuid.uuid4())
            self.seal(one, b"first")
            self.seal(two, b"other")
            with self.subTest(column):
                self.move((one, "document", 1), (two, "document", 1), [column])
                self.assert_refused(two)

    def test_row_of_another_month_is_refused_under_this_ones_key(self):
        self.seal(self.one, b"first")
        [period] = self.env["interop.keyring"]._extend(1)
        self.env.cr.execute(
            "UPDATE interop_vault_content SET key_id = %s WHERE uuid = %s",
            [f"k1/{period}", self.one],
        )
        self.assert_refused(self.one)

    def test_truncated_content_is_refused(self):
        for length in ("0", "11", "12", "28", "length(sealed) - 1"):
            uid = str(uuid.uuid4())
            self.seal(uid, b"first" * 100)
            self.env.cr.execute(
                f"UPDATE interop_vault_content SET sealed = substring(sealed FROM 1 FOR {length}) "
                "WHERE uuid = %s",
                [uid],
            )
            with self.subTest(length):
                self.assert_refused(uid)

    def test_reordered_and_truncated_pieces_of_large_content_are_refused(self):
        half = PIECE + 12
        for change in (
            f"substring(sealed FROM 1 FOR 12) || substring(sealed FROM {half + 1} FOR {PIECE}) || "
            f"substring(sealed FROM 13 FOR {PIECE}) || substring(sealed FROM {half + PIECE + 1})",
            f"substring(sealed FROM 1 FOR {half})",
        ):
            uid = str(uuid.uuid4())
            self.seal(uid, random.Random(5).randbytes(3 * PIECE))
            self.env.cr.execute(
                f"UPDATE interop_vault_content SET sealed = {change} WHERE uuid = %s RETURNING "
                "length(sealed) = sealed_size",
                [uid],
            )
            with self.subTest(change):
                self.assert_refused(uid)

    def test_content_of_another_installation_is_refused(self):
        self.seal(self.one, b"first")
        self.instance.uuid = str(uuid.uuid4())
        self.env.registry.clear_cache()
        self.addCleanup(self.env.registry.clear_cache)
        with self.assertRaises(InteropError):
            self.vault._open(self.one, "document")
