import random
import threading
import uuid
from contextlib import contextmanager
from unittest.mock import patch

from psycopg2.errors import InsufficientPrivilege

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from odoo.addons.interop_base.lib.failures import InteropError
from odoo.addons.interop_base.lib.keyring import Keyring, KeyringError
from odoo.addons.interop_base.models.interop_fence import FenceState

from .. import sql_seals
from ..lib.entry import AuditRow
from ..lib.evidence import leaf, merkle, seal
from ..lib.evidence.seal import Statement
from ..shutdown import _seal_all
from .common import lines_of
from .sealing import seal_all, wait_for_writers

MODEL = "odoo.addons.interop_audit.models.interop_audit_sealer"


class SealingCase(BaseCase):
    """On real, committed entries: what is not committed is never sealed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        with cls.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["interop.fence"]._arm("tests of sealing")

    def setUp(self):
        super().setUp()
        self.act = f"test.{uuid.uuid4().hex[:10]}"
        self.seal()

    @contextmanager
    def opened(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def record(self, count=1):
        with self.opened() as env:
            env["interop.audit"]._record_many([AuditRow(act=self.act) for _each in range(count)])

    def seal(self, **options):
        """Seal whatever was committed before; the numbers of the seals made."""
        return seal_all(self.registry, **options)

    def seal_now(self, **options):
        """The same, though a transaction of somebody's may hold it up."""
        with self.opened() as env:
            return env["interop.audit.sealer"]._seal(**options)

    def sealed(self, numbers):
        """Statement and ids by number of these seals, in order."""
        with self.opened() as env:
            env.cr.execute(
                "SELECT number, statement, signature, endorsement, leaves, frontier "
                "FROM interop_audit_seal LEFT JOIN interop_audit_leaves USING (number) "
                "WHERE number = ANY(%s) ORDER BY number",
                [numbers],
            )
            return [
                Sealed(
                    number,
                    text,
                    Statement.parse(text),
                    bytes(signature),
                    endorsement and bytes(endorsement),
                    *seal.unpack_leaves(bytes(leaves or b"")),
                    bytes(frontier),
                )
                for number, text, signature, endorsement, leaves, frontier in env.cr.fetchall()
            ]

    def written(self):
        """Lines of this test's entries by id."""
        with self.opened() as env:
            lines = lines_of(env.cr, f"act = '{self.act}'")
        return {leaf.entry_id(line): line for line in lines}

    def assertSealedOnce(self, numbers):
        """Every entry of this test is in one of these seals, once, as it is in the table."""
        written = self.written()
        found = [
            (number, digest)
            for each in self.sealed(numbers)
            for number, digest in zip(each.ids, each.hashes, strict=True)
            if number in written
        ]
        self.assertEqual(sorted(number for number, _digest in found), sorted(written))
        for number, digest in found:
            self.assertEqual(digest, leaf.leaf_hash(written[number]))


class Sealed:
    def __init__(self, number, text, statement, signature, endorsement, ids, hashes, frontier):
        self.number, self.text, self.statement = number, text, statement
        self.signature, self.endorsement = signature, endorsement
        self.ids, self.hashes, self.frontier = ids, hashes, frontier


class TestSealing(SealingCase):
    def test_seal_holds_what_was_committed_and_is_signed_and_chained(self):
        self.record(3)
        first = self.seal()
        self.record(5)
        second = self.seal()
        self.assertSealedOnce(first + second)
        [one], [two] = self.sealed(first), self.sealed(second)
        self.assertEqual(two.statement.number, one.statement.number + 1)
        self.assertEqual(two.statement.previous, seal.digest(one.text).hex())
        self.assertEqual(two.statement.total, one.statement.total + two.statement.count)
        self.assertEqual(two.statement.low, one.statement.high)
        for each in (one, two):
            self.assertEqual(each.statement.root, merkle.root(each.hashes).hex())
            self.assertEqual(each.statement.count, len(each.ids))
            self.assertEqual(
                (each.statement.first, each.statement.last), (min(each.ids), max(each.ids))
            )
            self.assertTrue(seal.verify(each.statement.key, each.text, each.signature))
            self.assertIsNone(each.endorsement)
        with self.opened() as env:
            self.assertIn(one.statement.key, env["interop.keyring"]._public_keys("audit").values())

    def test_log_of_a_seal_is_the_tree_of_all_statements_before_it(self):
        self.record()
        [number] = self.seal()
        with self.opened() as env:
            env.cr.execute("SELECT statement FROM interop_audit_seal ORDER BY number")
            digests = [seal.digest(text) for [text] in env.cr.fetchall()]
        [made] = self.sealed([number])
        self.assertEqual(made.statement.log, merkle.root(digests[: number - 1]).hex())
        frontier = merkle.Frontier.from_bytes(made.frontier)
        self.assertEqual((frontier.size, frontier.root()), (number, merkle.root(digests)))

    def test_nothing_new_makes_no_seal_but_once_an_hour(self):
        self.assertEqual(self.seal(), [])
        with patch(f"{MODEL}.IDLE_SECONDS", -1):
            numbers = self.seal()
        [empty] = self.sealed(numbers)
        self.assertEqual(empty.statement.count, 0)
        self.assertEqual(empty.statement.root, merkle.root([]).hex())

    def test_many_entries_are_several_seals_and_a_transaction_is_not_divided(self):
        self.record(4)
        self.record(4)
        self.record(25)
        self.record(1)
        numbers = self.seal(at_most=10)
        self.assertSealedOnce(numbers)
        written = set(self.written())
        shares = [sum(each in written for each in one.ids) for one in self.sealed(numbers)]
        self.assertEqual([share for share in shares if share], [8, 25, 1])

    def test_what_is_not_committed_is_sealed_when_it_is(self):
        with self.opened() as env:
            env["interop.audit"]._record(self.act)
            self.record(2)
            # Whoever writes delays what was written after it, and is not waited for.
            before = self.seal_now()
            env["interop.audit"]._record(self.act)
        after = self.seal()
        self.assertSealedOnce(before + after)
        [late] = self.sealed(after)
        self.assertEqual(len(set(late.ids) & set(self.written())), 4)

    def test_lag_tells_how_long_the_oldest_entry_waits(self):
        with self.opened() as env:
            self.assertIsNone(env["interop.audit.sealer"]._lag())
        self.record()
        with self.opened() as env:
            self.assertGreaterEqual(env["interop.audit.sealer"]._lag(), 0)
        self.seal()
        with self.opened() as env:
            self.assertIsNone(env["interop.audit.sealer"]._lag())

    def test_second_sealer_leaves_the_work_to_the_first(self):
        self.record()
        with self.opened() as env:
            env.cr.execute(sql_seals.TRY_LOCK)
            self.assertTrue(env.cr.fetchone()[0])
            self.assertEqual(self.seal(), [])
        self.assertSealedOnce(self.seal())

    def test_without_a_key_nothing_is_sealed_and_nothing_is_lost(self):
        self.record()
        with patch(
            "odoo.addons.interop_base.models.interop_keyring.InteropKeyring._signer",
            side_effect=KeyringError("gone"),
        ):
            with self.assertRaises(KeyringError):
                self.seal()
            with self.opened() as env, self.assertLogs(MODEL, "DEBUG"):
                env["interop.audit.sealer"]._cron_seal()
        self.assertSealedOnce(self.seal())

    def test_what_is_there_when_the_server_ends_is_sealed(self):
        self.record()
        with self.opened() as env:
            env.cr.execute("SELECT max(number) FROM interop_audit_seal")
            [before] = env.cr.fetchone()
        wait_for_writers(self.registry)
        _seal_all()
        with self.opened() as env:
            env.cr.execute("SELECT max(number) FROM interop_audit_seal")
            [after] = env.cr.fetchone()
        self.assertGreater(after, before)
        self.assertSealedOnce(list(range(before + 1, after + 1)))


class TestManyWriters(SealingCase):
    """Six writers with savepoints, rollbacks and pauses; two sealers all the while."""

    def setUp(self):
        super().setUp()
        self.stop, self.lock = threading.Event(), threading.Lock()
        self.numbers, self.kept, self.failures = [], [], []

    def write_at_random(self, dice):
        """One transaction of a writer; the marks of the entries that it committed."""
        with self.registry.cursor() as cr:
            env, mine = api.Environment(cr, SUPERUSER_ID, {}), []
            for _step in range(dice.randint(1, 4)):
                mark = str(dice.random())
                with cr.savepoint() as savepoint:
                    env["interop.audit"]._record(self.act, details={"mark": mark})
                    if dice.random() < 0.3:
                        savepoint.rollback()
                    else:
                        mine.append(mark)
                if dice.random() < 0.1:
                    self.stop.wait(0.01)
            if dice.random() < 0.3:
                cr.rollback()
                return []
        return mine

    def writing(self, seed):
        dice = random.Random(seed)
        try:
            for _round in range(60):
                mine = self.write_at_random(dice)
                with self.lock:
                    self.kept += mine
        except Exception as failure:
            self.failures.append(failure)

    def sealing(self):
        try:
            while not self.stop.is_set():
                made = self.seal_now(at_most=40)
                with self.lock:
                    self.numbers += made
                self.stop.wait(0.002)
        except Exception as failure:
            self.failures.append(failure)

    def test_each_committed_entry_is_in_one_seal_whatever_happens_at_once(self):
        writers = [threading.Thread(target=self.writing, args=(seed,)) for seed in range(6)]
        sealers = [threading.Thread(target=self.sealing) for _each in range(2)]
        for thread in writers + sealers:
            thread.start()
        for thread in writers:
            thread.join()
        self.stop.set()
        for thread in sealers:
            thread.join()
        numbers = self.numbers + self.seal()
        self.assertEqual(self.failures, [])
        self.assertEqual(len(self.written()), len(self.kept))
        self.assertGreater(len(self.kept), 300)
        self.assertGreater(len(numbers), 5)
        self.assertEqual(sorted(numbers), list(range(min(numbers), max(numbers) + 1)))
        self.assertSealedOnce(numbers)


class TestEpochs(SealingCase):
    def moved(self):
        place = f"elsewhere/{uuid.uuid4().hex}"
        return patch.object(sql_seals, "PLACE", f"SELECT '{place}'")

    def test_what_a_restored_database_has_in_no_seal_is_sealed_once(self):
        """Also with transaction numbers that the present server has not come to, or passed."""
        self.record(3)
        with self.opened() as env:
            env.cr.execute(
                "INSERT INTO interop_audit_entry (act, outcome, actor_kind, txid) "
                "VALUES (%(act)s, 'ok', 'system', '1'), "
                "(%(act)s, 'ok', 'system', '9000000000000000000')",
                {"act": self.act},
            )
        with self.moved(), self.assertLogs(MODEL, "WARNING"):
            numbers = self.seal(at_most=2)
            self.record(2)
            numbers += self.seal()
        self.assertSealedOnce(numbers)
        made = self.sealed(numbers)
        kinds = [each.statement.kind for each in made]
        self.assertEqual(kinds, sorted(kinds))  # bridges, then ranges
        self.assertEqual({each.statement.epoch for each in made}, {made[0].statement.epoch})
        last_bridge = [each for each in made if each.statement.kind == "bridge"][-1].statement
        self.assertEqual(last_bridge.high, str(last_bridge.after))

    @mute_logger(MODEL)
    def test_new_epoch_seals_nothing_again_that_was_sealed(self):
        self.record(5)
        before = self.seal()
        with self.moved():
            after = self.seal()
        self.assertSealedOnce(before)
        written = set(self.written())
        for each in self.sealed(after):
            self.assertFalse(written & set(each.ids))

    def test_copy_that_nobody_armed_makes_no_seals(self):
        """They would bear the original's numbers, instance and signature."""
        self.record()
        state = FenceState(False, "a copy", "production")
        with (
            self.moved(),
            patch.object(self.registry["interop.fence"], "_state", lambda _: state),
        ):
            self.assertEqual(self.seal(), [])
        self.assertSealedOnce(self.seal())

    @mute_logger(MODEL)
    def test_epoch_does_not_begin_while_somebody_writes(self):
        with self.opened() as env:
            env["interop.audit"]._record(self.act)
            with self.moved(), self.assertRaisesRegex(InteropError, "somebody is writing"):
                self.seal_now()
        with self.moved():
            self.assertSealedOnce(self.seal())


class TestKeyChange(SealingCase):
    def test_new_key_is_endorsed_by_the_one_before(self):
        with self.opened() as env:
            keyring = env["interop.keyring"]._get()
            current, secrets = keyring.current, dict(keyring._secrets)
        rotated = Keyring({**secrets, "k999": b"n" * 32}, "k999", b"d" * 32)
        alone = Keyring({"k999": b"n" * 32}, "k999", b"d" * 32)
        get = "odoo.addons.interop_base.models.interop_keyring.InteropKeyring._get"
        self.record()
        with patch(get, lambda model: rotated):
            [number] = self.seal()
            [made] = self.sealed([number])
        before = keyring.signer("audit", current).public_key().public_bytes_raw().hex()
        self.assertNotEqual(made.statement.key, before)
        self.assertTrue(seal.verify(made.statement.key, made.text, made.signature))
        self.assertTrue(seal.verify(before, made.text, made.endorsement))
        self.record()
        with patch(get, lambda model: alone):
            [number] = self.seal()
            [same] = self.sealed([number])
        self.assertIsNone(same.endorsement)
        # Back with the first key, which the keyring of before cannot know of: nobody endorses.
        self.record()
        with self.assertLogs(MODEL, "WARNING"):
            numbers = self.seal()
        self.assertIsNone(self.sealed(numbers)[0].endorsement)


@tagged("-at_install", "post_install")
class TestSealsStay(SealingCase):
    @mute_logger("odoo.sql_db")
    def test_database_refuses_to_change_seals_epochs_and_leaves(self):
        self.record()
        self.seal()
        for statement in (
            "UPDATE interop_audit_seal SET count = 0",
            "DELETE FROM interop_audit_seal",
            "TRUNCATE interop_audit_seal",
            "UPDATE interop_audit_epoch SET place = ''",
            "DELETE FROM interop_audit_epoch",
            "TRUNCATE interop_audit_epoch",
            "UPDATE interop_audit_leaves SET leaves = ''",
            "TRUNCATE interop_audit_leaves",
        ):
            with self.opened() as env, self.assertRaises(InsufficientPrivilege, msg=statement):
                env.cr.execute(statement)
            # nothing of it may be committed
