import doctest

from odoo.tests import BaseCase

from ..lib import pacing


class TestPacing(BaseCase):
    def test_the_examples_in_its_documentation_hold(self):
        self.assertFalse(doctest.testmod(pacing).failed)

    def test_a_redrive_never_has_more_on_their_way_than_it_looks_at_before_they_have_ended(self):
        for ended in range(20):
            for open_now in range(40):
                allowed = pacing.room(6000, 60, ended, open_now, 20)
                self.assertLessEqual(open_now + allowed, max(20, open_now))
