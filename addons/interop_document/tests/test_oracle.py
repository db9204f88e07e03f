"""The fast validator against the reference implementation, on valid and on broken documents."""

from datetime import datetime

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_document.lib.schema import FORMATS, compile_schema

from .common import SCHEMAS
from .strategies import PROFILE, documents, mutations

CHECKER = jsonschema.FormatChecker(formats=["date"])
for name, function in FORMATS.items():
    CHECKER.checks(name)(
        lambda text, function=function: not isinstance(text, str) or function(text)
    )


@CHECKER.checks("date-time", raises=ValueError)
def is_date_time(text):
    return not isinstance(text, str) or datetime.fromisoformat(text).tzinfo is not None


FAST = {code: compile_schema(schema) for code, schema in SCHEMAS.items()}
ORACLE = {
    code: jsonschema.Draft202012Validator(schema, format_checker=CHECKER)
    for code, schema in SCHEMAS.items()
}


class TestOracle(BaseCase):
    @PROFILE
    @given(st.data())
    def test_valid_documents_are_valid_for_both(self, data):
        code = data.draw(st.sampled_from(sorted(SCHEMAS)))
        document = data.draw(documents(SCHEMAS[code]))
        self.assertEqual([str(error.message) for error in ORACLE[code].iter_errors(document)], [])
        self.assertEqual(FAST[code].problems(document), [])

    @PROFILE
    @given(st.data())
    def test_broken_documents_break_the_same_rules_at_the_same_places(self, data):
        code = data.draw(st.sampled_from(sorted(SCHEMAS)))
        document = data.draw(documents(SCHEMAS[code]).flatmap(mutations))
        fast = {
            (tuple(error.instance_path), error.kind.name)
            for error in FAST[code]._rules.iter_errors(document)
        }
        oracle = {
            (tuple(error.absolute_path), error.validator)
            for error in ORACLE[code].iter_errors(document)
        }
        self.assertEqual(fast, oracle)
        self.assertEqual(FAST[code]._rules.is_valid(document), not oracle)
