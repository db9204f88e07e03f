import threading
import uuid

from .test_interop_audit_sealer import SealingCase


class TestAlarms(SealingCase):
    def setUp(self):
        super().setUp()
        self.code = f"test_{uuid.uuid4().hex[:10]}"
        self.addCleanup(self.clear)

    def raise_(self, sentence="It is so.", **facts):
        with self.opened() as env:
            env["interop.audit.alarms"]._raise(self.code, sentence, facts)

    def clear(self):
        with self.opened() as env:
            env["interop.audit.alarms"]._clear(self.code)

    def alarms(self):
        with self.opened() as env:
            return env["interop.audit.alarm"].search([("code", "=", self.code)], order="id").read()

    def entries(self, act):
        with self.opened() as env:
            return env["interop.audit.entry"].search_count(
                [("act", "=", act), ("details", "ilike", self.code)]
            )

    def test_what_lasts_is_one_alarm_that_tells_what_is_so_now(self):
        self.raise_("It is so.", count=1)
        self.raise_("It is worse.", count=2)
        [alarm] = self.alarms()
        self.assertEqual(alarm["sentence"], "It is worse.")
        self.assertEqual((alarm["facts_shown"], alarm["times"]), ("count: 2", 2))
        self.assertTrue(alarm["is_open"])
        self.assertEqual(self.entries("alarm.raised"), 1)

    def test_alarm_ends_once_and_comes_again_as_another(self):
        self.clear()
        self.raise_()
        self.clear()
        self.clear()
        self.raise_()
        first, second = self.alarms()
        self.assertTrue(first["ended"] and not first["is_open"])
        self.assertFalse(second["ended"])
        self.assertEqual((self.entries("alarm.raised"), self.entries("alarm.ended")), (2, 1))

    def test_alarm_stands_although_the_run_that_raised_it_fails(self):
        with self.assertRaises(ZeroDivisionError), self.opened() as env:
            env["interop.audit.alarms"]._raise(self.code, "It is so.")
            raise ZeroDivisionError
        self.assertEqual(len(self.alarms()), 1)

    def test_several_at_once_raise_one(self):
        barrier = threading.Barrier(4)

        def run():
            barrier.wait()
            self.raise_()

        threads = [threading.Thread(target=run) for _each in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        [alarm] = self.alarms()
        self.assertEqual(alarm["times"], 4)
        self.assertEqual(self.entries("alarm.raised"), 1)

    def test_open_ones_are_found(self):
        self.raise_()
        with self.opened() as env:
            alarms = env["interop.audit.alarm"]
            mine = [("code", "=", self.code)]
            self.assertEqual(alarms.search_count([*mine, ("is_open", "=", True)]), 1)
            self.assertEqual(alarms.search_count([*mine, ("is_open", "=", False)]), 0)
