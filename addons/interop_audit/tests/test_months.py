import doctest
from datetime import UTC, date, datetime

from odoo.tests import BaseCase

from ..lib import months
from ..lib.months import Month, months_from


class TestMonths(BaseCase):
    def test_months_touch_and_do_not_overlap(self):
        run = list(months_from(date(2026, 1, 31), 40))
        for month, following in zip(run, run[1:], strict=False):
            self.assertEqual(month.next, following)
            self.assertLess(month.first, following.first)

    def test_month_begins_at_midnight_utc(self):
        self.assertEqual(Month(2026, 2).first, datetime(2026, 2, 1, tzinfo=UTC))

    def test_examples_in_the_documentation_hold(self):
        self.assertEqual(doctest.testmod(months).failed, 0)
