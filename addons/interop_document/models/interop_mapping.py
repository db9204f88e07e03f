import json
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.interop_base.lib.failures import InteropError

from ..lib.canonical import canonical_json, digest
from ..lib.mapping.compiled import compile_mapping
from ..lib.mapping.inverse import invert
from ..lib.mapping.rows import row_of

#: What is no part of a published mapping.
UNPUBLISHED = frozenset({"active", "note"})


class InteropMapping(models.Model):
    """How a document becomes a partner's shape, or comes back from it: rows that people can read.

    What is edited here is a draft. It runs when a flow that uses it is published.
    """

    _name = "interop.mapping"
    _description = "Mapping"
    _order = "name, id"

    name = fields.Char(required=True, help="For example: Orders to Meridian, their JSON.")
    active = fields.Boolean(
        default=True,
        help="Archive a mapping that should not be chosen any more. Published flows go on.",
    )
    direction = fields.Selection(
        [("out", "From our document to the partner's shape"), ("in", "From the partner's shape")],
        required=True,
        default="out",
        help="Outbound: sources are fields of the document, targets are the partner's. Inbound the "
        "other way round.",
    )
    document_type_id = fields.Many2one(
        "interop.document.type",
        required=True,
        ondelete="restrict",
        help="The document that is mapped, in this version.",
    )
    company_id = fields.Many2one(
        "res.company", index=True, help="The company that may use it. Empty: all companies."
    )
    area_id = fields.Many2one(
        "interop.area",
        string="Business area",
        ondelete="restrict",
        index=True,
        help="Users of this area see the mapping. Empty: all areas.",
    )
    row_ids = fields.One2many(
        "interop.mapping.row",
        "mapping_id",
        string="Rows",
        copy=True,
        help="Each puts one value at one place. The order does not matter, except that a list is "
        "opened above the rows that fill it.",
    )
    note = fields.Text(help="What the partner asks for, where it is written, and whom to ask.")
    sample_text = fields.Text(
        string="Try it on",
        compute="_compute_sample_text",
        readonly=False,
        store=False,
        help="A document, or what the partner sends, as JSON. It is not stored: the result shows "
        "as soon as you leave the field.",
    )
    result_text = fields.Text(
        string="Result",
        compute="_compute_result_text",
        help="What these rows make of it, or what is wrong.",
    )
    unused_text = fields.Text(
        string="Not used",
        compute="_compute_unused_text",
        help="Outbound: fields of the document that no row takes: they do not reach the partner. "
        "Inbound: fields that no row fills.",
    )
    lost_text = fields.Text(
        string="No way back",
        compute="_compute_unused_text",
        help="Rows whose values cannot be turned back, and why.",
    )

    @api.depends("document_type_id", "direction")
    def _compute_sample_text(self) -> None:
        for mapping in self:
            example = mapping.document_type_id.example_text if mapping.direction == "out" else False
            mapping.sample_text = example or False

    @api.depends(
        "sample_text", "direction", "row_ids", "row_ids.target", "row_ids.source", "row_ids.each",
        "row_ids.constant", "row_ids.converter", "row_ids.arguments", "row_ids.crosswalk_id",
        "row_ids.default", "row_ids.required", "row_ids.when",
    )  # fmt: skip
    def _compute_result_text(self) -> None:
        for mapping in self:
            mapping.result_text = mapping._tried()

    @api.depends("document_type_id", "direction", "row_ids.target", "row_ids.source")
    def _compute_unused_text(self) -> None:
        for mapping in self:
            mapping.unused_text = "\n".join(mapping._unused()) or False
            mapping.lost_text = "\n".join(mapping._lost()) or False

    @api.constrains("row_ids", "direction")
    def _check_rows(self) -> None:
        for mapping in self:
            try:
                compile_mapping(mapping._snapshot())
            except InteropError as problem:
                raise ValidationError(problem.sentence) from None

    # -- trying --------------------------------------------------------------------------------

    def _try(self, body: dict[str, Any]) -> dict[str, Any]:
        """What the rows make of `body`, without sending or storing anything.

        ``result`` (or None), ``problems`` (sentences), ``unused`` (fields of the document type that
        no row uses), ``lost`` (rows without a way back). Raises nothing about `body`.
        """
        self.ensure_one()
        result, problems = None, []
        company = self.company_id.id or self.env.company.id
        try:
            lookup = self.env["interop.crosswalk"]._lookup(company)
            result = compile_mapping(self._snapshot())(body, lookup)
        except InteropError as problem:
            found = getattr(problem, "problems", None)
            problems = [each.sentence for each in found] if found else [problem.sentence]
        return {
            "result": result,
            "problems": problems,
            "unused": self._unused(),
            "lost": self._lost(),
        }

    def _tried(self) -> str | bool:
        if not self.sample_text:
            return False
        try:
            body = json.loads(self.sample_text)
        except ValueError as problem:
            line = getattr(problem, "lineno", 1)
            return self.env._("The sample is no JSON: look at line %s.", line)
        if not isinstance(body, dict):
            return self.env._("The sample must be a JSON object.")
        tried = self._try(body)
        if tried["problems"]:
            return "\n".join(tried["problems"])
        return json.dumps(tried["result"], indent=2, ensure_ascii=False)

    def _unused(self) -> list[str]:
        if not self.document_type_id:
            return []
        paths = [f.path for f in self.document_type_id._validator().fields if f.is_leaf]
        rows = [row_of(each) for each in self._snapshot()["rows"] if each["target"]]
        if self.direction == "in":
            used = {row.target for row in rows}
        else:
            used = self._sources(rows)
        return [path for path in paths if path not in used]

    @staticmethod
    def _sources(rows: list) -> set[str]:
        """Paths of the document that plain rows take. An expression may take more."""
        scopes = {"": ""}
        used = set()
        for row in rows:
            around = row.target.removesuffix("[]").rpartition("[]")
            scope = scopes.get(around[0] + around[1], "")
            source = (row.each or row.source).strip()
            path = source[1:].strip() if source.startswith("/") else f"{scope}{source}"
            if row.each:
                scopes[row.target] = f"{path}[]."
            used.add(path)
        return used

    def _lost(self) -> list[str]:
        try:
            found = invert([row_of(each) for each in self._snapshot()["rows"]])
        except InteropError:
            return []
        return [f"{each.target}: {each.reason}" for each in found.lost]

    # -- publishing ----------------------------------------------------------------------------

    def _snapshot(self) -> dict[str, Any]:
        """What a flow publishes of it."""
        self.ensure_one()
        told: dict[str, Any] = {
            "code": "rows",
            "name": self.name or "",
            "direction": self.direction,
            "rows": [row._row().as_json() for row in self.row_ids.sorted("sequence")],
        }
        # Of crosswalks the rules are published; their entries are live.
        crosswalks = self.row_ids.crosswalk_id.sudo()
        if crosswalks:
            told["crosswalks"] = {each.code: each._snapshot() for each in crosswalks}
        return told

    @api.model_create_multi
    def create(self, vals_list):
        mappings = super().create(vals_list)
        watched = self.env.cr.precommit.data.get("interop_mapping.before", {})
        for mapping in mappings:
            watched.pop(mapping.id, None)  # its first rows are no change
        mappings._audit("mapping.create")
        return mappings

    def write(self, vals):
        self._watch()
        done = super().write(vals)
        if UNPUBLISHED & vals.keys():
            # Not `change`: who does this may approve what is published.
            self._audit("mapping.configured")
        return done

    def unlink(self):
        self._audit("mapping.delete")
        return super().unlink()

    def _digest(self) -> str:
        return digest(canonical_json(self.sudo()._snapshot()))

    def _watch(self) -> None:
        """About to change: at the end of the transaction it is noted whether it did, once."""
        precommit = self.env.cr.precommit
        before = precommit.data.setdefault("interop_mapping.before", {})
        if not before:
            precommit.add(self._record_changes)
        for mapping in self:
            before.setdefault(mapping.id, (mapping._digest(), self.env.uid))

    @api.model
    def _record_changes(self) -> None:
        before = self.env.cr.precommit.data.pop("interop_mapping.before", {})
        for mapping_id, (known, user_id) in before.items():
            mapping = self.sudo().browse(mapping_id).exists()
            if mapping and mapping._digest() != known:
                mapping.with_user(user_id).sudo()._audit("mapping.change")

    def _audit(self, act: str) -> None:
        for mapping in self:
            self.env["interop.audit"]._record(
                act,
                record=mapping,
                digest=mapping._digest(),
                details={"name": mapping.name, "rows": len(mapping.row_ids)},
            )
