import re
from pathlib import Path

from odoo.tests import BaseCase

from ..lib.evidence import leaf, merkle

PAGE = Path(__file__).parents[3] / "docs/evidence.rst"


class TestDocumentedBytes(BaseCase):
    def test_the_worked_example_in_the_documentation_holds(self):
        text = PAGE.read_text()
        line = re.search(r"^    (7→.*)$", text, re.MULTILINE)[1].replace("→", "\t").encode()
        hashed = re.search(r"^    leaf  ([0-9a-f]{64})$", text, re.MULTILINE)[1]
        node = re.search(r"^    node  ([0-9a-f]{64})", text, re.MULTILINE)[1]
        self.assertEqual(leaf.line(leaf.values(line)), line)
        self.assertEqual(leaf.leaf_hash(line).hex(), hashed)
        self.assertEqual(merkle.root([bytes.fromhex(hashed)] * 2).hex(), node)

    def test_the_documentation_names_the_columns_in_their_order(self):
        listed = ", ".join(f"``{name}``" for name in leaf.COLUMNS)
        self.assertIn(listed, " ".join(PAGE.read_text().split()))
