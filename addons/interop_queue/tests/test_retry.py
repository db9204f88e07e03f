import doctest
import json

from odoo.tests.common import BaseCase

from odoo.addons.interop_base.lib.registry import UnknownCode

from ..lib import spans
from ..lib.retry import (
    LONGEST_PAUSE,
    STRATEGIES,
    Exponential,
    Fixed,
    Never,
    Retry,
    make_strategy,
    schedule,
)


def settings(**values):
    return {"retry_strategy": "exponential", "retry_max_attempts": 12} | values


class TestStrategies(BaseCase):
    def test_the_examples_in_the_text_hold(self):
        self.assertEqual(doctest.testmod(spans).failed, 0)

    def test_a_fixed_pause_stays_the_same_and_varies_little(self):
        strategy = Fixed(every=600)
        for attempts in range(1, 12):
            pause = strategy.delay(Retry("transient", attempts))
            self.assertTrue(570 <= pause <= 630, pause)

    def test_no_try_is_later_than_the_greatest_age(self):
        strategy = Exponential(max_attempts=1000, max_age=3600.0)
        tries = schedule(strategy)
        self.assertLessEqual(tries[-1].elapsed, 3600)
        late = Retry("transient", 1, age=3600.0 - 1)
        self.assertIsNone(strategy.delay(late), "five seconds later would be too late")
        self.assertIsNotNone(strategy.delay(Retry("transient", 1, age=3600.0 - 10)))

    def test_a_throttle_that_is_asked_for_ever_is_granted_six_hours(self):
        for strategy in (Exponential(), Fixed()):
            pause = strategy.delay(Retry("throttled", 0, retry_after=1e12))
            self.assertTrue(LONGEST_PAUSE <= pause <= LONGEST_PAUSE * 1.2, pause)

    def test_a_partners_wish_lengthens_a_pause_of_ours_and_never_shortens_it(self):
        longer = Fixed(every=60).delay(Retry("transient", 1, retry_after=900))
        self.assertGreaterEqual(longer, 900)
        same = Fixed(every=600).delay(Retry("transient", 1, retry_after=1))
        self.assertGreaterEqual(same, 570)

    def test_a_throttle_uses_up_no_attempt_but_the_age(self):
        strategy = Fixed(max_attempts=2, max_age=3600.0)
        self.assertIsNotNone(strategy.delay(Retry("throttled", 1, age=100, retry_after=30)))
        self.assertIsNone(strategy.delay(Retry("throttled", 1, age=3590, retry_after=30)))

    def test_absurd_numbers_of_attempts_do_not_overflow(self):
        self.assertEqual(
            Exponential(jitter=0, max_attempts=10**9).delay(Retry("transient", 10**6)),
            LONGEST_PAUSE,
        )


class TestFromSettings(BaseCase):
    def test_each_strategy_takes_its_settings(self):
        fixed = make_strategy(
            settings(retry_strategy="fixed", retry_pause_minutes=30, retry_max_hours=2)
        )
        self.assertEqual((fixed.every, fixed.max_age, fixed.max_attempts), (1800.0, 7200.0, 12))
        growing = make_strategy(settings(retry_max_attempts=3, retry_max_hours=5))
        self.assertEqual((growing.max_attempts, growing.max_age), (3, 5 * 3600.0))
        self.assertIsInstance(make_strategy(settings(retry_strategy="none")), Never)

    def test_versions_of_before_run_as_they_did(self):
        old = json.loads('{"retry_strategy": "exponential", "retry_max_attempts": 7}')
        self.assertEqual(make_strategy(old), Exponential(max_attempts=7, max_age=72 * 3600.0))

    def test_a_strategy_that_is_not_there_is_told(self):
        with self.assertRaises(UnknownCode):
            make_strategy(settings(retry_strategy="hopeful"))

    def test_every_strategy_has_a_schedule_that_begins_at_once(self):
        for code, strategy in STRATEGIES:
            tries = schedule(strategy.of(settings(retry_strategy=code)))
            self.assertEqual((tries[0].number, tries[0].elapsed), (1, 0.0), code)
            self.assertEqual([t.number for t in tries], list(range(1, len(tries) + 1)), code)
            self.assertLessEqual(len(tries), 12, code)

    def test_the_schedule_adds_up(self):
        tries = schedule(Exponential(max_attempts=12))
        self.assertEqual(len(tries), 12)
        self.assertEqual(tries[-1].elapsed, sum(each.pause for each in tries))
