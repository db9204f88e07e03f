from odoo.tests import BaseCase

from odoo.addons.interop_document.lib.fields import SchemaError
from odoo.addons.interop_document.lib.sensitivity import Sensitivity, sensitivities

TEXT = {"type": "string"}


def schema(properties, **more):
    return {"type": "object", "properties": properties, **more}


class TestSensitivity(BaseCase):
    def test_classes_are_ordered_from_harmless_to_secret(self):
        names = ["public", "internal", "confidential", "personal", "health", "secret"]
        self.assertEqual([item.name for item in sorted(Sensitivity)], names)
        self.assertEqual([code for code, _label in Sensitivity.selection()], names)

    def test_unknown_class_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "known are public, internal"):
            Sensitivity.parse("harmless")
        with self.assertRaisesRegex(SchemaError, "name: Unknown sensitivity"):
            sensitivities(schema({"name": {**TEXT, "x-sensitivity": "harmless"}}))

    def test_field_without_a_class_is_secret(self):
        self.assertEqual(sensitivities(schema({"name": TEXT})), {"name": Sensitivity.secret})

    def test_field_has_the_class_of_its_nearest_ancestor(self):
        found = sensitivities(
            schema(
                {
                    "name": TEXT,
                    "patient": {
                        **schema({"id": TEXT, "ward": {**TEXT, "x-sensitivity": "internal"}}),
                        "x-sensitivity": "health",
                    },
                },
                **{"x-sensitivity": "public"},
            )
        )
        self.assertEqual(
            found,
            {
                "name": Sensitivity.public,
                "patient.id": Sensitivity.health,
                "patient.ward": Sensitivity.internal,
            },
        )

    def test_what_stands_beside_a_reference_wins(self):
        found = sensitivities(
            {
                "$defs": {"name": {**TEXT, "x-sensitivity": "public"}},
                **schema(
                    {
                        "site": {"$ref": "#/$defs/name"},
                        "person": {"$ref": "#/$defs/name", "x-sensitivity": "personal"},
                    }
                ),
            }
        )
        self.assertEqual(found, {"site": Sensitivity.public, "person": Sensitivity.personal})

    def test_lists_are_written_with_brackets(self):
        lines = {"type": "array", "items": schema({"codes": {"type": "array", "items": TEXT}})}
        self.assertEqual(list(sensitivities(schema({"lines": lines}))), ["lines[].codes[]"])
