from dataclasses import FrozenInstanceError

from odoo.tests import BaseCase

from odoo.addons.interop_document.lib.document import Document


class TestDocument(BaseCase):
    def test_text_form_shows_no_content(self):
        document = Document("PurchaseOrder", "1.0", {"notes": "Keller"}, "Keller/P00042")
        self.assertEqual(repr(document), "<Document PurchaseOrder 1.0>")
        self.assertEqual(f"{document}", "<Document PurchaseOrder 1.0>")

    def test_document_cannot_be_reassigned(self):
        document = Document("PurchaseOrder", "1.0", {})
        with self.assertRaises(FrozenInstanceError):
            document.body = {"number": "1"}
