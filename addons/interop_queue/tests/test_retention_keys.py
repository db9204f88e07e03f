"""Purging and the keyring's own keys: a real one is destroyed, one that is in use is left alone."""

from itertools import product
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.interop_base.lib.keyring import KeyInUse

from .retention_common import RetentionCase


@tagged("post_install", "-at_install")
class TestRetentionKeys(RetentionCase):
    def setUp(self):
        super().setUp()
        with self.transaction() as env:
            keyring = env["interop.keyring"]
            # What was destroyed never comes again, and the keyring outlives a run of the tests.
            months = (
                f"short/{year}-{month:02}"
                for year, month in product(range(2000, 2020), range(1, 13))
            )
            self.over = next(each for each in months if each not in keyring._get().destroyed)
            keyring._make_periods([self.over])

    def periods(self):
        with self.transaction() as env:
            return env["interop.keyring"]._periods()

    def test_the_key_of_a_month_that_nothing_needs_is_destroyed_and_reported(self):
        with patch.object(
            self.registry["interop.keyring"], "_destroy_period", side_effect=KeyInUse("In use.")
        ):
            self.purge()
        self.assertIn(self.over, self.periods())
        self.assertEqual(self.reports(), [], "what is in use is not left to a person")
        self.purge()
        self.assertNotIn(self.over, self.periods())
        [report] = self.reports()
        self.assertEqual((report["keys_destroyed"], report["keys_by_hand"]), (self.over, False))
