from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.interop_base.lib.failures import DataError
from odoo.addons.interop_document.lib.fields import SchemaError
from odoo.addons.interop_document.lib.schema import MAX_PROBLEMS, compile_schema

from .common import SCHEMAS, example_of, order_of
from .strategies import JSON, PROFILE, documents, mutations

CANARY = "Keller-4711"
ORDER = compile_schema(SCHEMAS["PurchaseOrder"])
ANSWER = compile_schema(SCHEMAS["PurchaseOrderAcknowledgement"])

VALIDATORS = {code: compile_schema(schema) for code, schema in SCHEMAS.items()}

# (what is done to the second line of the example order, path, sentence)
WRONG_LINES = (
    ({"quantity": 0}, "quantity", "quantity: must be greater than 0"),
    ({"quantity": -1.5}, "quantity", "quantity: must be greater than 0"),
    ({"quantity": CANARY}, "quantity", "quantity: must be a number"),
    ({"quantity": True}, "quantity", "quantity: must be a number"),
    ({"quantity": float("nan")}, "quantity", "quantity: must be a finite number"),
    ({"quantity": None}, "quantity", "quantity: must be a number"),
    ({"line_number": 1}, "line_number", "line number: must not repeat that of another entry"),
    ({"line_number": 1.5}, "line_number", "line number: must be a whole number"),
    ({"discount_percent": 101}, "discount_percent", "discount: must be at most 100"),
    (
        {"requested_date": "2026-02-30"},
        "requested_date",
        "requested date: must be a date such as 2026-03-01",
    ),
    (
        {"item": {"name": "Gloves", "gtin": "04012345678902"}},
        "item.gtin",
        "item, GTIN: must be a GTIN of 8, 12, 13 or 14 digits with a right check digit",
    ),
    ({"item": {}}, "item.name", "item, name: is missing"),
    ({"item": {"name": ""}}, "item.name", "item, name: must not be empty"),
    ({"item": {"name": "x" * 501}}, "item.name", "item, name: must have at most 500 characters"),
    (
        {"cold_chain": {"required": True, "condition": CANARY}},
        "cold_chain.condition",
        "cold chain, storage condition: must be one of ambient, refrigerated, frozen, deep_frozen",
    ),
    (
        {"unit_price": {"amount": 1, "currency": "euro"}},
        "unit_price.currency",
        "unit price, currency: must be a currency code of three capital letters, such as EUR",
    ),
    ({"uom": CANARY}, "uom", "unit of measure: must be a group of fields"),
    ({"qty": 3}, "qty", "qty: is not a field of this document type"),
    ({CANARY: 3}, "?", "?: is not a field of this document type"),
    (
        {"notes": f"{CANARY}\x00"},
        "notes",
        "notes: contains a NUL character, which cannot be stored",
    ),
)

# (type, what is done to its example, path, sentence)
WRONG_ELSEWHERE = (
    (
        "ShipNotice",
        lambda notice: notice["packages"][1]["contents"][0]["lots"][0].pop("number"),
        "packages[1].contents[0].lots[0]",
        "package 2, content 1, lot 1: needs at least one of lot number, serial numbers",
    ),
    (
        "ShipNotice",
        lambda notice: notice["packages"][0].update(sscc="340000200000000019"),
        "packages[0].sscc",
        "package 1, SSCC: must be an SSCC of 18 digits with a right check digit",
    ),
    (
        "ShipNotice",
        lambda notice: notice["packages"][2]["contents"][0]["lots"][0]["serials"].append(""),
        "packages[2].contents[0].lots[0].serials[2]",
        "package 3, content 1, lot 1, serial number 3: must not be empty",
    ),
    (
        "ShipNotice",
        lambda notice: notice["lines"].clear(),
        "lines",
        "lines: must have at least one entry",
    ),
    (
        "PurchaseOrderChange",
        lambda change: (
            change["lines"][2].update(action="add", item={"name": "Gloves"}, quantity=1)
            or change["lines"][2].update(uom={"name": "Box"})
        ),
        "lines[2].unit_price",
        "line 3, unit price: is missing",
    ),
    (
        "ReceiptAdvice",
        lambda advice: advice["lines"][1]["outcomes"][0].pop("reason_code"),
        "lines[1].outcomes[0].reason_code",
        "line 2, outcome 1, reason: is missing",
    ),
    (
        "Partner",
        lambda partner: partner["roles"].append("supplier"),
        "roles",
        "roles: must not have the same entry twice",
    ),
    (
        "Partner",
        lambda partner: partner["contacts"][0]["contact"].update(email=CANARY),
        "contacts[0].contact.email",
        "contact person 1, contact, e-mail: must be an e-mail address",
    ),
    (
        "CatalogueItem",
        lambda item: item["storage"]["temperature"].clear(),
        "storage.temperature",
        "storage, temperature range: needs at least one of lowest temperature, highest temperature",
    ),
    (
        "Invoice",
        lambda invoice: invoice["lines"][1]["allowances_charges"][0].update(reason_code="??"),
        "lines[1].allowances_charges[0].reason_code",
        "line 2, allowance or charge 1, reason code: must be a code of up to four capital letters "
        "or digits, such as FC",
    ),
)
# (rule for a field, value that breaks it, what would be right)
OTHER_RULES = (
    ({"minProperties": 2}, {"b": 1}, "must have at least 2 fields"),
    ({"maxProperties": 1}, {"b": 1, "c": 2}, "must have at most 1 fields"),
    ({"multipleOf": 5}, 7, "must be a multiple of 5"),
    ({"exclusiveMaximum": 7}, 7, "must be less than 7"),
    ({"const": "x"}, CANARY, "must be x"),
    ({"const": True}, CANARY, "must be true"),
    ({"enum": [1, False, None]}, CANARY, "must be one of 1, false, empty"),
    ({"maxItems": 1}, [1, 2], "must have at most one entry"),
    ({"type": ["number", "null"]}, CANARY, "must be a number or empty"),
    ({"dependentRequired": {"b": ["c"]}}, {"b": 1}, None),
    ({"oneOf": [{"required": ["b"]}, {"required": ["c"]}]}, {}, "needs exactly one of b, c"),
    ({"not": {"const": 3}, "x-expects": "another number"}, 3, "must be another number"),
    ({"contains": {"const": 1}, "x-expects": "a list with a 1"}, [2], "must be a list with a 1"),
    ({"contains": {"const": 1}}, [2], "must have an entry of the kind that the document type"),
    ({"propertyNames": {"maxLength": 1}}, {CANARY: 1}, "has a field whose name is not allowed"),
    ({"anyOf": [{"type": "null"}, {"minimum": 9}]}, 3, "does not meet the rules of this document"),
)


class TestSchema(BaseCase):
    def test_each_wrong_place_of_the_other_types_is_told(self):
        for code, change, path, sentence in WRONG_ELSEWHERE:
            with self.subTest(sentence):
                document = example_of(code)
                change(document)
                [problem] = compile_schema(SCHEMAS[code]).problems(document)
                self.assertEqual((problem.path, problem.sentence), (path, sentence))

    def test_every_rule_has_a_sentence(self):
        for rule, value, told in OTHER_RULES:
            with self.subTest(rule=rule):
                validator = compile_schema({"properties": {"a": {"title": "Amount", **rule}}})
                [problem] = validator.problems({"a": value})
                expected = "amount, c: is missing" if told is None else f"amount: {told}"
                self.assertTrue(problem.sentence.startswith(expected), problem.sentence)
                self.assertNotIn(CANARY, problem.sentence)

    @PROFILE
    @given(st.data())
    def test_no_broken_document_is_told_without_saying_what_would_be_right(self, data):
        code = data.draw(st.sampled_from(sorted(SCHEMAS)))
        document = data.draw(documents(SCHEMAS[code]).flatmap(mutations))
        for problem in VALIDATORS[code].problems(document):
            self.assertNotIn("does not meet the rules", problem.sentence)

    def test_each_wrong_line_is_told_with_place_and_reason(self):
        for change, path, sentence in WRONG_LINES:
            with self.subTest(sentence):
                order = example_of("PurchaseOrder")
                order["lines"][1].update(change)
                [problem] = ORDER.problems(order)
                self.assertEqual(problem.path, f"lines[1].{path}")
                self.assertEqual(problem.sentence, f"line 2, {sentence}")

    def test_missing_field_is_named(self):
        order = example_of("PurchaseOrder")
        del order["supplier"], order["lines"][0]["quantity"]
        self.assertEqual(
            [(problem.path, problem.sentence) for problem in ORDER.problems(order)],
            [
                ("supplier", "supplier: is missing"),
                ("lines[0].quantity", "line 1, quantity: is missing"),
            ],
        )

    def test_order_without_lines_is_refused(self):
        [problem] = ORDER.problems({**example_of("PurchaseOrder"), "lines": []})
        self.assertEqual(problem.sentence, "lines: must have at least one entry")

    def test_partial_answer_needs_lines(self):
        answer = {**example_of("PurchaseOrderAcknowledgement"), "lines": []}
        [problem] = ANSWER.problems(answer)
        self.assertEqual(problem.sentence, "lines: must have at least one entry")
        self.assertEqual(ANSWER.problems({**answer, "status": "accepted"}), [])

    def test_times_need_a_zone_and_must_exist(self):
        for text, fine in (
            ("2026-03-02T09:30:00Z", True),
            ("2026-03-02T09:30:00.123+05:30", True),
            ("2026-03-02T09:30:00", False),
            ("2026-03-02 09:30:00Z", False),
            ("2026-02-30T09:30:00Z", False),
            ("2026-03-02T25:30:00Z", False),
            ("2026-06-30T23:59:60Z", False),
            ("0000-03-02T09:30:00Z", False),
            ("2026-03-02T09:30:00Z\n", False),
        ):
            with self.subTest(text):
                order = {**example_of("PurchaseOrder"), "ordered_at": text}
                self.assertIs(ORDER.is_valid(order), fine)

    def test_what_is_no_document_at_all_is_told(self):
        for body in (None, [], "text", 3):
            with self.subTest(body):
                [problem] = ORDER.problems(body)
                self.assertEqual(problem.sentence, "the document: must be a group of fields")
        [problem] = ORDER.problems({"number": "\ud800"})
        self.assertEqual(problem.sentence, "order number: contains text that is not valid Unicode")

    def test_endless_nesting_is_refused_and_kills_nothing(self):
        body = {}
        for _level in range(100_000):
            body = {"buyer": body}
        [problem] = ORDER.problems(body)
        self.assertIn("is nested too deeply", problem.sentence)
        while body:
            body = body.pop("buyer")  # else Python itself recurses to free it

    def test_number_of_problems_is_bounded(self):
        order = order_of(1000)
        for line in order["lines"]:
            line["quantity"] = 0
        self.assertEqual(len(ORDER.problems(order)), MAX_PROBLEMS)
        self.assertEqual(len(ORDER.problems(order, limit=3)), 3)

    def test_check_raises_the_first_problem_with_all_of_them(self):
        order = example_of("PurchaseOrder")
        ORDER.check(order)
        order["lines"][0]["quantity"] = order["lines"][1]["quantity"] = 0
        with self.assertRaises(DataError) as caught:
            ORDER.check(order)
        error = caught.exception
        self.assertEqual(error.sentence, "line 1, quantity: must be greater than 0 (and 1 more)")
        self.assertEqual(
            [p.path for p in error.problems], ["lines[0].quantity", "lines[1].quantity"]
        )

    def test_schema_that_cannot_work_is_refused(self):
        for schema in (
            {"type": "nonsense"},
            {"properties": {"a": {"type": "string", "format": "gtn"}}},
            {"properties": {"a": {"type": "string", "pattern": "(?=a)b"}}},
            {"properties": {"a": {"type": "string", "pattern": "(a"}}},
            {"allOf": [{"$ref": "https://example.org/schema.json"}]},
            {"properties": {"a": {"type": "array", "items": {}, "x-unique-by": "b"}}},
        ):
            with self.subTest(schema), self.assertRaises(SchemaError):
                compile_schema(schema)

    @PROFILE
    @given(JSON)
    def test_any_json_is_answered(self, body):
        for problem in ORDER.problems(body):
            self.assertTrue(problem.sentence)

    @PROFILE
    @given(st.data())
    def test_sentences_never_contain_values(self, data):
        """Every text of a broken document is a canary; none is in what is told about it."""
        code = data.draw(st.sampled_from(sorted(SCHEMAS)))
        body = poisoned(data.draw(documents(SCHEMAS[code]).flatmap(mutations)))
        for problem in VALIDATORS[code].problems(body, limit=1000):
            self.assertNotIn("Keller", problem.sentence)
            self.assertNotIn("Keller", problem.path)


def poisoned(value):
    match value:
        case dict():
            return {key: poisoned(inner) for key, inner in value.items()}
        case list():
            return [poisoned(inner) for inner in value]
        case str():
            return f"{CANARY} {value}"
        case _:
            return value
