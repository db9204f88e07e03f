from odoo.tests import BaseCase

from ..lib.answers import MAX_RETRY_AFTER, retry_after


class TestRetryAfter(BaseCase):
    def test_seconds_and_dates_are_understood_and_bounded(self):
        now = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT
        cases = {
            "0": 0.0,
            "120": 120.0,
            "  7 ": 7.0,
            "999999999": MAX_RETRY_AFTER,
            "Tue, 14 Nov 2023 22:14:20 GMT": 60.0,
            "Tue, 14 Nov 2023 20:00:00 GMT": 0.0,
            "Tue, 14 Nov 2033 20:00:00 GMT": MAX_RETRY_AFTER,
            "": None,
            "-5": None,
            "1.5": None,
            "soon": None,
            "²": None,
            "9" * 500: None,
            "Tue, 99 Nov 2023 22:14:20 GMT": None,
        }
        for text, expected in cases.items():
            with self.subTest(text=text[:40]):
                self.assertEqual(retry_after({"Retry-After": text}, now), expected)

    def test_a_date_is_measured_by_the_partners_own_clock(self):
        headers = {
            "Retry-After": "Tue, 14 Nov 2023 22:14:20 GMT",
            "Date": "Tue, 14 Nov 2023 22:14:10 GMT",
        }
        self.assertEqual(retry_after(headers, 0.0), 10.0)
