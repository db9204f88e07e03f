import json
from collections import OrderedDict
from pathlib import Path
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.interop_base.lib.failures import DataError

from ..lib.blocks import SHIPPED, bind_text, load_blocks
from ..lib.business_keys import business_keys
from ..lib.canonical import canonical_json, digest
from ..lib.fields import SchemaError
from ..lib.schema import Validator, compile_schema
from ..lib.sensitivity import Sensitivity
from ..lib.tree import field_tree
from ..lib.truths import truths

# Compiled schemas of this process, by digest: equal digests are equal schemas in any database.
_VALIDATORS: OrderedDict[str, Validator] = OrderedDict()
_VALIDATORS_KEPT = 200


class InteropDocumentType(models.Model):
    """A canonical business document: what flows read and write, whatever a partner speaks.

    Types come with modules and change only by updating the module; a changed shape is a new
    version. What a published flow uses is part of its snapshot, so an update changes no live flow.
    """

    _name = "interop.document.type"
    _description = "Document Type"
    _inherit = ["interop.document.type.truth"]
    _order = "code, version desc"
    _rec_names_search = ["code", "name"]

    code = fields.Char(
        required=True,
        readonly=True,
        help="The name that flows, messages and partners know the type by.",
    )
    version = fields.Char(
        required=True,
        readonly=True,
        help="A changed shape gets a new version; flows move to it one by one.",
    )
    name = fields.Char(
        string="Title", compute="_compute_from_schema", store=True, help="The type in plain words."
    )
    description = fields.Text(
        compute="_compute_from_schema", store=True, help="What the document is for."
    )
    schema_text = fields.Text(
        string="JSON Schema",
        required=True,
        readonly=True,
        help="The exact definition, as JSON Schema 2020-12. Developers and partners work with it.",
    )
    digest = fields.Char(
        compute="_compute_from_schema",
        store=True,
        help="SHA-256 of the schema's content. It differs as soon as anything in the schema does.",
    )
    field_count = fields.Integer(
        string="Fields",
        compute="_compute_from_schema",
        store=True,
        help="How many fields a document may have, groups not counted.",
    )
    highest_sensitivity = fields.Selection(
        string="Up to",
        selection=Sensitivity.selection(),
        compute="_compute_from_schema",
        store=True,
        help="The sensitivity of the most sensitive field in it.",
    )
    field_tree = fields.Json(
        string="Field list",
        compute="_compute_field_tree",
        help="All fields with their meaning, type, unit and sensitivity.",
    )
    example_text = fields.Text(
        string="Example", compute="_compute_example_text", help="An example with invented data."
    )
    examples_text = fields.Text(
        string="Examples", compute="_compute_example_text", help="All examples, invented each."
    )
    active = fields.Boolean(
        default=True,
        help="Archive a type that should not be chosen any more. Flows that use it go on.",
    )

    _code_version_unique = models.UniqueIndex(
        "(code, version)", "This version of the document type exists already."
    )

    @api.depends("code", "version")
    def _compute_display_name(self) -> None:
        for document_type in self:
            document_type.display_name = f"{document_type.code} {document_type.version}"

    @api.depends("schema_text")
    def _compute_from_schema(self) -> None:
        for document_type in self:
            schema = document_type._schema()
            found = document_type._sensitivities().values()
            document_type.name = schema.get("title", document_type.code)
            document_type.description = schema.get("description", False)
            document_type.digest = digest(canonical_json(schema))
            document_type.field_count = len(found)
            document_type.highest_sensitivity = max(found).name if found else False

    @api.depends("schema_text")
    def _compute_field_tree(self) -> None:
        for document_type in self:
            validator = document_type._validator()
            document_type.field_tree = field_tree(
                validator.fields, truths(validator.schema), business_keys(validator.schema)
            )

    @api.depends("schema_text")
    def _compute_example_text(self) -> None:
        for document_type in self:
            examples = [
                json.dumps(example, indent=2, ensure_ascii=False)
                for example in document_type._schema().get("examples", ())
            ]
            document_type.example_text = examples[0] if examples else False
            document_type.examples_text = "\n\n".join(examples) or False

    @api.constrains("schema_text")
    def _check_schema(self) -> None:
        for document_type in self:
            validator = document_type._validator()
            for example in document_type._schema().get("examples", ()):
                for problem in validator.problems(example, limit=1):
                    raise ValidationError(
                        self.env._(
                            "The example in %(type)s is not valid: %(problem)s",
                            type=document_type.display_name,
                            problem=problem.sentence,
                        )
                    )

    @api.constrains("schema_text")
    def _check_business_keys(self) -> None:
        for document_type in self:
            try:
                business_keys(document_type._validator().schema)
            except SchemaError as problem:
                raise ValidationError(str(problem)) from None

    @api.model_create_multi
    def create(self, vals_list):
        document_types = super().create([self._bound(vals) for vals in vals_list])
        for document_type in document_types:
            document_type._audit("document_type.load")
        return document_types

    def write(self, vals):
        """Only modules change a type (they load as superuser); people may archive it."""
        if not self.env.su and set(vals) - {"active"}:
            raise UserError(
                self.env._(
                    "Document types are changed by updating the module they come with. A changed "
                    "shape is a new version."
                )
            )
        before = {document_type.id: document_type.digest for document_type in self}
        result = super().write(self._bound(vals))
        for document_type in self:
            if document_type.digest != before[document_type.id]:
                document_type._audit("document_type.change")
        if "active" in vals:
            act = "document_type.restore" if vals["active"] else "document_type.archive"
            for document_type in self:
                document_type._audit(act)
        return result

    @api.model
    def _block_folders(self) -> list[Path]:
        """Where building blocks lie. A module that brings blocks of its own adds its folder."""
        return [SHIPPED]

    def _bound(self, vals: dict[str, Any]) -> dict[str, Any]:
        """`vals` with the blocks that its schema refers to copied in: what is stored is whole."""
        if not isinstance(vals.get("schema_text"), str):
            return vals
        try:
            text = bind_text(vals["schema_text"], load_blocks(*self._block_folders()))
        except SchemaError as problem:
            raise ValidationError(str(problem)) from None
        return {**vals, "schema_text": text}

    def _audit(self, act: str) -> None:
        self.env["interop.audit"]._record(
            act, record=self, digest=self.digest, details={"type": self.display_name}
        )

    # -- for the engine ------------------------------------------------------------------------

    @api.model
    def _get(self, code: str, version: str) -> "InteropDocumentType":
        """The type of that code and version, archived ones too. Raises `DataError` if none is."""
        domain = [("code", "=", code), ("version", "=", version)]
        found = self.with_context(active_test=False).search(domain, limit=1)
        if not found:
            raise DataError(f"There is no document type {code} {version}. Install its module.")
        return found

    def _schema(self) -> dict[str, Any]:
        self.ensure_one()
        try:
            schema = json.loads(self.schema_text)
        except ValueError as problem:
            raise ValidationError(
                self.env._("The JSON Schema cannot be read: %s", str(problem))
            ) from None
        if not isinstance(schema, dict):
            raise ValidationError(self.env._("The JSON Schema must be an object."))
        return schema

    def _validator(self) -> Validator:
        """The compiled schema: made once per process, then a dictionary lookup."""
        self.ensure_one()
        key = digest(self.schema_text.encode())
        validator = _VALIDATORS.get(key)
        if validator is None:
            try:
                validator = _VALIDATORS[key] = compile_schema(self._schema())
            except SchemaError as problem:
                raise ValidationError(str(problem)) from None
            while len(_VALIDATORS) > _VALIDATORS_KEPT:
                _VALIDATORS.popitem(last=False)
        return validator

    def _sensitivities(self) -> dict[str, Sensitivity]:
        """The sensitivity of each leaf field, by path."""
        return {f.path: f.sensitivity for f in self._validator().fields if f.is_leaf}
