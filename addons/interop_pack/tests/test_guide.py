from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from odoo.tests.common import BaseCase, tagged

from ..lib.guide import guide_html

ALLOWED = {"p", "h4", "ul", "ol", "li", "strong", "em", "code", "div"}


@tagged("interop_lib")
class TestGuide(BaseCase):
    def test_headings_lists_and_words_are_shown(self):
        shown = guide_html("# First\nAsk for a **token**,\nsoon.\n\n- *one*\n- `two`\n1. three")
        self.assertEqual(
            shown,
            "<h4>First</h4><p>Ask for a <strong>token</strong>, soon.</p>"
            "<ul><li><em>one</em></li><li><code>two</code></li></ul><ol><li>three</li></ol>",
        )

    @given(st.text(alphabet="<>&\"'/*`#-1. \nabonerrscript=", max_size=200))
    def test_no_text_becomes_markup_of_its_own(self, text):
        tree = html.fragment_fromstring(str(guide_html(text)), create_parent="div")
        for element in tree.iter():
            self.assertIn(element.tag, ALLOWED)
            self.assertFalse(element.attrib)
