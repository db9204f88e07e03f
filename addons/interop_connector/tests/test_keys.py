import base64

from odoo.tests import BaseCase

from ..lib.keys import new_webhook_key, webhook_key


class TestWebhookKey(BaseCase):
    def test_a_new_key_reads_back(self):
        self.assertEqual(len(webhook_key(new_webhook_key())), 32)
        self.assertNotEqual(new_webhook_key(), new_webhook_key())

    def test_a_bad_key_is_refused_without_showing_it(self):
        short = base64.b64encode(b"short").decode()
        for text in ("", "hush", "whsec_", "whsec_hush!", "whsec_é", f"whsec_{short}"):
            with self.subTest(text=text), self.assertRaises(ValueError) as caught:
                webhook_key(text)
            self.assertNotIn("hush", str(caught.exception))
            self.assertIsNone(caught.exception.__context__)
