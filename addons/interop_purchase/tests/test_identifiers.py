from odoo.tests import BaseCase, tagged

from ..lib.identifiers import clean_gln, clean_gtin, clean_udi_di, same_gtin


@tagged("post_install", "-at_install")
class TestIdentifiers(BaseCase):
    def test_only_a_real_gtin_leaves_as_one(self):
        for typed, leaves in (
            ("6291041500213", "6291041500213"),
            ("6 291041 500213", "6291041500213"),
            ("6291041500214", None),
            ("SHELF-12", None),
            ("", None),
            (False, None),
            ("٦٢٩١٠٤١٥٠٠٢١٣", None),
        ):
            with self.subTest(typed=typed):
                self.assertEqual(clean_gtin(typed), leaves)

    def test_a_gln_has_thirteen_digits_and_a_right_check_digit(self):
        self.assertEqual(clean_gln("4006381333931"), "4006381333931")
        self.assertIsNone(clean_gln("4006381333930"))
        self.assertIsNone(clean_gln("96385074"))

    def test_the_length_of_a_gtin_does_not_make_it_another_item(self):
        self.assertTrue(same_gtin("6291041500213", "06291041500213"))
        self.assertFalse(same_gtin("6291041500213", "4006381333931"))

    def test_a_device_identifier_of_digits_is_checked_and_others_are_taken_as_they_are(self):
        self.assertEqual(clean_udi_di(" A99912345 "), "A99912345")
        self.assertIsNone(clean_udi_di("06291041500214"))
        self.assertIsNone(clean_udi_di(False))
