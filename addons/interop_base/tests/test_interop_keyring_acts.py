import os

from psycopg2 import Binary

from ..lib.keyring import KeyInUse, KeyringError
from ..lib.wrapped import WRAPPED, WrappedTable
from .test_interop_keyring import KeyringCase

LONG_AGO = "2020-01"


def associated_data(instance, name):
    return f"{instance}:{name}".encode()


class TestInteropKeyringActs(KeyringCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.cr.execute(
            "CREATE TABLE interop_test_wrapped (id serial, name text, key_id text, wrapped bytea,"
            " class text, month text)"
        )
        for code, period in (("interop_test", ("class", "month")), ("interop_test_gone", None)):
            table = WrappedTable(
                "interop_test_wrapped" if period else "interop_test_no_such_table",
                "test rows",
                ("name",),
                associated_data,
                wrapped_key="wrapped",
                period=period,
            )
            WRAPPED.register(code, table)
            cls.addClassCleanup(WRAPPED.unregister, code)

    def setUp(self):
        super().setUp()
        self.told = []
        self.patch(
            type(self.keyrings), "_on_act", lambda _self, act, details: self.told.append(act)
        )

    def wrap(self, name, month=None, period=True):
        """A row as whoever seals stores it; returns its data key."""
        month = month or self.month
        key = os.urandom(32)
        label = f"standard/{month}"
        ring = self.keyrings._get_for([label])
        instance = self.env["interop.instance"]._get_uuid()
        key_id, wrapped = ring.wrap(key, associated_data(instance, name), period and label or None)
        self.env.cr.execute(
            "INSERT INTO interop_test_wrapped (name, key_id, wrapped, class, month)"
            " VALUES (%s, %s, %s, 'standard', %s)",
            [name, key_id, Binary(wrapped), month],
        )
        return key

    def unwrapped(self):
        instance = self.env["interop.instance"]._get_uuid()
        self.env.cr.execute("SELECT name, key_id, wrapped FROM interop_test_wrapped")
        ring = self.keyrings._get()
        return {
            name: ring.unwrap(key_id, bytes(wrapped), associated_data(instance, name))
            for name, key_id, wrapped in self.env.cr.fetchall()
        }

    def key_ids(self):
        self.env.cr.execute("SELECT DISTINCT key_id FROM interop_test_wrapped ORDER BY 1")
        return [row[0] for row in self.env.cr.fetchall()]

    def test_rotation_adds_a_version_and_makes_it_current(self):
        self.assertEqual(self.keyrings._rotate(), "k2")
        keyring = self.keyrings._get()
        self.assertEqual((keyring.current, keyring.key_ids), ("k2", ["k1", "k2"]))
        self.assertEqual(self.registered()["k2"].state, "current")
        self.assertEqual(self.told, ["keyring.rotate"])

    def test_prepared_version_waits_until_it_is_made_current(self):
        self.assertEqual(self.keyrings._rotate(prepare=True), "k2")
        self.assertEqual(self.keyrings._get().current, "k1")
        self.assertEqual(self.keyrings._rotate(), "k2")
        self.assertEqual(self.keyrings._get().current, "k2")
        self.assertEqual(self.told, ["keyring.prepare", "keyring.rotate"])

    def test_rewrapping_moves_all_to_the_current_version_and_its_period(self):
        keys = {name: self.wrap(name) for name in ("one", "two", "three")}
        keys["old"] = self.wrap("old", LONG_AGO, period=False)
        self.keyrings._rotate()
        keys["new"] = self.wrap("new")
        said = []
        done = self.keyrings._rewrap(said.append, batch=2)
        self.assertEqual((done.version, done.count, done.failed, done.left), ("k2", 4, 0, 0))
        self.assertEqual(self.key_ids(), [f"k2/standard/{LONG_AGO}", f"k2/{self.now}"])
        self.assertEqual(self.unwrapped(), keys)
        self.assertEqual(said[-1], "test rows: 4 re-wrapped")
        self.assertEqual(self.told, ["keyring.rotate", "keyring.rewrap"])
        self.assertEqual(self.keyrings._rewrap(batch=2).count, 0)

    def test_what_does_not_open_is_passed_over_and_told(self):
        self.wrap("one")
        self.wrap("two")
        self.env.cr.execute("UPDATE interop_test_wrapped SET name = 'moved' WHERE name = 'one'")
        self.keyrings._rotate()
        done = self.keyrings._rewrap(batch=1)
        self.assertEqual((done.count, done.failed, done.left), (1, 1, 1))

    def test_version_in_use_is_not_retired_and_the_count_is_told(self):
        self.wrap("one")
        self.wrap("two")
        with self.assertRaisesRegex(KeyInUse, "k1 is current"):
            self.keyrings._retire("k1")
        self.keyrings._rotate()
        with self.assertRaisesRegex(KeyInUse, "k1 is in use: 2 of test rows"):
            self.keyrings._retire("k1")
        self.assertTrue(self.keyrings._get().holds("k1"))
        self.keyrings._rewrap()
        self.keyrings._retire("k1")
        self.assertEqual(self.keyrings._get().key_ids, ["k2"])
        self.assertEqual(self.registered()["k1"].state, "destroyed")
        self.assertEqual(self.told[-1], "keyring.retire")
        self.assertEqual(len(self.unwrapped()), 2)

    def test_who_stored_with_a_key_that_is_gone_is_told_to_undo_it(self):
        used = self.keyrings._get()
        self.keyrings._require_kept(used, [self.now])
        self.keyrings._rotate()
        self.keyrings._require_kept(used, [self.now])
        with self.assertRaisesRegex(KeyringError, "was destroyed while"):
            self.keyrings._require_kept(used, [f"standard/{LONG_AGO}"])
        self.keyrings._retire("k1")
        with self.assertRaisesRegex(KeyringError, "was destroyed while"):
            self.keyrings._require_kept(used)

    def test_version_k1_is_not_taken_for_k11(self):
        self.wrap("one")
        self.keyrings._rotate()
        self.keyrings._rewrap()
        self.env.cr.execute("UPDATE interop_test_wrapped SET key_id = 'k11/standard/2020-01'")
        self.keyrings._retire("k1")

    def test_unknown_version_is_told(self):
        for version in ("k9", "standard/2020-01", "nonsense"):
            with self.assertRaisesRegex(KeyringError, "holds no version"):
                self.keyrings._retire(version)

    def test_period_with_living_content_is_not_destroyed(self):
        self.wrap("one", LONG_AGO)
        with self.assertRaisesRegex(KeyInUse, "standard/2020-01 is in use: 1 of test rows"):
            self.keyrings._destroy_period("standard", LONG_AGO)
        self.assertIn(f"standard/{LONG_AGO}", self.keyrings._periods())
        self.assertEqual(self.told, [])

    def test_destroyed_period_opens_no_more_and_never_comes_again(self):
        self.wrap("one", LONG_AGO)
        self.env.cr.execute("SELECT key_id, wrapped FROM interop_test_wrapped")
        [(key_id, wrapped)] = self.env.cr.fetchall()  # as a backup has it
        self.env.cr.execute("UPDATE interop_test_wrapped SET wrapped = NULL")
        self.keyrings._destroy_period("standard", LONG_AGO)
        keyring = self.keyrings._get()
        self.assertNotIn(f"standard/{LONG_AGO}", keyring.periods)
        aad = associated_data(self.env["interop.instance"]._get_uuid(), "one")
        with self.assertRaises(KeyringError):
            keyring.unwrap(key_id, bytes(wrapped), aad)
        self.assertEqual(self.registered()[f"standard/{LONG_AGO}"].state, "destroyed")
        with self.assertRaisesRegex(KeyringError, "was destroyed"):
            self.keyrings._get_for([f"standard/{LONG_AGO}"])
        self.keyrings._destroy_period("standard", LONG_AGO)
        self.assertEqual(self.told, ["keyring.destroy"])

    def test_month_that_is_not_over_is_not_destroyed(self):
        with self.assertRaisesRegex(KeyInUse, "is not over"):
            self.keyrings._destroy_period("standard", self.month)
        with self.assertRaisesRegex(KeyringError, "no key of standard/2019-12"):
            self.keyrings._destroy_period("standard", "2019-12")

    def test_keyring_that_cannot_be_written_says_what_to_remove_and_learns_that_it_is_gone(self):
        self.keyrings._get_for([f"standard/{LONG_AGO}"])
        self.patch(type(self.keyrings._store()), "writable", False)
        with self.assertRaisesRegex(KeyringError, "delete the file period.standard.2020-01"):
            self.keyrings._destroy_period("standard", LONG_AGO)
        self.assertEqual(self.registered()[f"standard/{LONG_AGO}"].state, "held")
        self.changed(lambda contents: contents.destroy(f"standard/{LONG_AGO}"))
        self.keyrings._destroy_period("standard", LONG_AGO)
        self.assertEqual(self.registered()[f"standard/{LONG_AGO}"].state, "destroyed")
        self.assertEqual(self.told, ["keyring.destroy"])
