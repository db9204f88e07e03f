import doctest

from odoo.tests import BaseCase

from ..lib import environments, registry
from ..lib.registry import Registry, UnknownCode


class Part:
    def __init__(self, label):
        self.label = label


class TestRegistry(BaseCase):
    def setUp(self):
        super().setUp()
        self.parts = Registry("part")

    def test_registered_part_is_found_by_its_code(self):
        part = self.parts.register("a", Part("Apple"))
        self.assertIs(self.parts.get("a"), part)
        self.assertIn("a", self.parts)
        self.assertEqual(len(self.parts), 1)

    def test_unknown_code_is_told_with_those_known(self):
        self.parts.register("a", Part("Apple"))
        with self.assertRaisesRegex(UnknownCode, 'no part with code "b". Known: a'):
            self.parts.get("b")

    def test_selection_is_ordered_by_label(self):
        self.parts.register("a", Part("Zebra"))
        self.parts.register("b", Part("apple"))
        self.assertEqual(self.parts.selection(), [("b", "apple"), ("a", "Zebra")])

    def test_code_is_taken_only_once(self):
        self.parts.register("a", Part("Apple"))
        with self.assertRaises(ValueError):
            self.parts.register("a", "another kind of thing")

    def test_examples_in_the_documentation_hold(self):
        for module in (registry, environments):
            self.assertEqual(doctest.testmod(module).failed, 0)
