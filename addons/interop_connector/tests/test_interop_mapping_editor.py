"""A sample in the editor is read as strictly as a partner's message."""

import json

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests.common import TransactionCase

from odoo.addons.interop_base.lib.failures import DataError
from odoo.addons.interop_document.tests.strategies import PROFILE


class TestMappingEditor(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kind = cls.env["interop.document.type"]._get("PurchaseOrder", "1.0")
        cls.mapping = cls.env["interop.mapping"].create(
            {"name": "From them", "document_type_id": kind.id, "direction": "in"}
        )

    def test_every_registered_format_is_offered(self):
        offered = self.mapping.editor_open()["codecs"]
        self.assertIn({"code": "json", "label": "JSON"}, offered)

    def test_of_several_documents_the_first_is_shown(self):
        self.assertEqual(self.mapping._editor_decode('[{"a": 1}, {"a": 2}]', "json"), {"a": 1})

    def test_what_cannot_be_read_is_told_with_its_place_and_without_its_text(self):
        for text, words in (
            ('{"name": "Abernathy", }', "line 1"),
            ('{"a": 1, "a": "Abernathy"}', "twice"),
            ("[" * 10_000, "nested deeper"),
            ('{"a": "Abernathy\\ud800"}', "surrogate"),
            ('{"a": "\ud800"}', "not valid Unicode"),
            ('{"a": 1e999}', "too large"),
            ('"Abernathy"', "object"),
        ):
            tried = self.mapping.editor_try([], text)
            self.assertIn(words, tried["problem"])
            self.assertNotIn("Abernathy", json.dumps(tried))
        self.assertIn("no such format", self.mapping.editor_try([], "{}", "nonsense")["problem"])

    @given(st.text(max_size=200) | st.binary(max_size=100).map(lambda raw: raw.decode("latin-1")))
    @PROFILE
    def test_any_text_is_a_document_or_a_sentence(self, text):
        try:
            self.assertIsInstance(self.mapping._editor_decode(text, "json"), dict)
        except DataError as problem:
            self.assertTrue(problem.sentence)
            self.assertIsNone(problem.__context__, "what was read does not travel along")
