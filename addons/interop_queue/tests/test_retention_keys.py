"""Purging and the keyring's own keys: a real one is destroyed, one that is in use is left alone."""

from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.interop_base.lib.keyring import KeyInUse

from .retention_common import RetentionCase

LONG_OVER = "short/2020-01"


@tagged("post_install", "-at_install")
class TestRetentionKeys(RetentionCase):
    def setUp(self):
        super().setUp()
        with self.transaction() as env:
            env["interop.keyring"]._make_periods([LONG_OVER])

    def periods(self):
        with self.transaction() as env:
            return env["interop.keyring"]._periods()

    def test_the_key_of_a_month_that_nothing_needs_is_destroyed_and_reported(self):
        this_month = [period for period in self.periods() if period != LONG_OVER]
        with patch.object(
            self.registry["interop.keyring"], "_destroy_period", side_effect=KeyInUse("In use.")
        ):
            self.purge()
        self.assertIn(LONG_OVER, self.periods())
        self.assertEqual(self.reports(), [], "what is in use is not left to a person")
        self.purge()
        self.assertEqual(self.periods(), this_month)
        [report] = self.reports()
        self.assertEqual((report["keys_destroyed"], report["keys_by_hand"]), (LONG_OVER, False))
