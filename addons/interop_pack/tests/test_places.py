from odoo.tests.common import BaseCase, tagged

from ..lib.places import AnswerError, fill_in, read_answer
from .common import PACK


@tagged("interop_lib")
class TestPlaces(BaseCase):
    def test_answers_stand_where_their_questions_say(self):
        filled = fill_in(PACK, {"url": "https://b.example/", "buyer": "NMC", "hours": 4.0})
        self.assertEqual(filled["connector"]["endpoints"][0]["url"], "https://b.example/")
        self.assertEqual(filled["mappings"][0]["rows"][1]["constant"], "NMC")
        self.assertEqual(filled["flows"][0]["answer_hours"], 4.0)
        self.assertEqual(PACK["mappings"][0]["rows"][1]["constant"], "unknown")

    def test_an_answer_is_what_its_question_asks_for(self):
        for kind, text, wanted in (
            ("url", "https://a.example/x", "https://a.example/x"),
            ("gln", "4000001000005", "4000001000005"),
            ("integer", "12", 12),
            ("number", "2.5", 2.5),
            ("choice", "b", "b"),
            ("text", " x ", "x"),
        ):
            question = {"title": "Q", "kind": kind, "choices": [{"value": "b", "label": "B"}]}
            self.assertEqual(read_answer(question, text), wanted)

    def test_what_is_no_answer_is_told_without_repeating_it(self):
        for kind, text in (
            ("url", "ftp://secret.example"),
            ("url", "http://[secret"),
            ("gln", "4000001000006"),
            ("integer", "secret"),
            ("integer", "²"),
            ("number", "1,secret"),
            ("choice", "secret"),
            ("text", ""),
        ):
            with self.subTest(kind=kind), self.assertRaises(AnswerError) as caught:
                read_answer({"title": "Q", "kind": kind}, text)
            self.assertIn("Q", caught.exception.sentence)
            self.assertNotIn("secret", caught.exception.sentence)
