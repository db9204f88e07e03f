import json
from typing import Any

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.interop_base.lib.failures import DataError, InteropError

from .. import sql
from ..lib.canonical import canonical_json, digest
from ..lib.mapping.editing import MAX_SAMPLE, crosswalks_named, rows_of, try_rows
from ..lib.mapping.outline import places_of
from ..lib.mapping.proposing import Place, Proposal, add_row, set_source, suggest, usual_target
from ..lib.mapping.rows import Row
from ..lib.mapping.showing import (
    Shown,
    converters_shown,
    lines_shown,
    places_shown,
    targets_shown,
)
from ..lib.mapping.uses import uses_of
from ..lib.plain import NotPlain, require_plain
from ..lib.sensitivity import Sensitivity

COLUMNS = (
    "target", "each", "source", "constant", "converter", "default", "required", "when", "note",
)  # fmt: skip


class InteropMappingEditor(models.Model):
    """What the editor of a mapping asks the server: pure questions about rows that are not saved.

    Nothing but `editor_save` writes. A sample comes with each question and is kept nowhere.
    """

    _inherit = "interop.mapping"

    # -- questions -----------------------------------------------------------------------------

    def action_open_editor(self) -> dict[str, Any]:
        """The editor, for who may edit mappings."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.client",
            "tag": "interop_mapping_editor",
            "name": self.env._("%s: editor", self.name),
            "params": {"mapping_id": self.id},
            "context": {"active_id": self.id, "active_model": self._name},
        }

    def editor_open(self) -> dict[str, Any]:
        """The mapping as the editor shows it, what may stand in its rows, and its stamp."""
        self._require_editor()
        kind = self.document_type_id
        example = kind.example_text if self.direction == "out" else ""
        return {
            "id": self.id,
            "name": self.name,
            "direction": self.direction,
            "document_type": {"name": kind.name, "code": kind.code, "version": kind.version},
            "example": example or "",
            "rows": self._editor_rows(),
            "stamp": self._editor_stamp(),
            "converters": converters_shown(),
            "crosswalks": self.env["interop.crosswalk"].search_read(
                [("company_id", "in", [False, self.company_id.id or self.env.company.id])],
                ["name", "code"],
            ),
            "codecs": self._editor_codecs(),
            "flows": self._editor_flows(),
            "longest": MAX_SAMPLE,
        }

    def editor_try(
        self, rows: list, text: str = "", codec: str = "json", wanted: str = "", flow_id: int = 0
    ) -> dict[str, Any]:
        """What unsaved `rows` make of a sample, with all that is to be said about both.

        `wanted`: a sample of what the partner wants, for the names of targets (outbound).
        `problem` is a sentence about the sample if it cannot be read. Nothing of it is kept.
        """
        self._require_editor()
        listed = self._editor_read(rows)
        problem, body = self._editor_sample(text, codec)
        told, goal = self._editor_sample(wanted, codec)
        seen, decisions, policy = body, {}, ""
        if body is not None and self.direction == "out":
            seen, decisions, policy = self._editor_decided(body, flow_id)
        company = self.company_id.id or self.env.company.id
        lookup = self.env["interop.crosswalk"]._lookup(company)
        tried = try_rows(listed, self.direction, seen, lookup)
        found = []
        fields = self.document_type_id._validator().fields
        if self.direction == "in" and seen is not None:
            found = self.document_type_id._validator().problems(tried.made)
            _made, decisions, policy = self._editor_decided(tried.made, flow_id)
        shown = Shown(fields, listed, self.direction, decisions)
        return {
            "problem": problem,
            "wanted_problem": told,
            "policy": policy,
            "rows": [
                {"row": each.row, "sentence": each.reason} for each in tried.problems if each.row
            ],
            "whole": [each.reason for each in tried.problems if not each.row],
            "lost": [{"row": each.row, "reason": each.reason} for each in tried.lost],
            "missing": self._editor_missing(listed, tried.missing),
            "schema": [{"path": each.path, "sentence": each.sentence} for each in found],
            "result": lines_shown(shown, tried.made, found, tried.lost)
            if seen is not None
            else None,
            "tree": places_shown(shown, body),
            "targets": targets_shown(shown, goal),
            "decided": shown.by_row(),
        }

    def editor_take(
        self, rows: list, path: str, target: str = "", row: int = -1, opens: bool = False
    ) -> dict[str, Any]:
        """The rows after the place at `path` was taken to a target, or to the row numbered from 0.

        Without either: the target that is offered for it. `before` says of each row which it was.
        """
        self._require_editor()
        listed = self._editor_read(rows)
        try:
            if row >= 0:
                if row >= len(listed):
                    raise DataError("The row is gone.")
                return self._editor_proposed(rows, set_source(listed, row, path, opens))
            if target:
                return self._editor_proposed(rows, add_row(listed, path, target, opens))
            return {"target": usual_target(listed, path, opens)}
        except InteropError as problem:
            return {"problem": problem.sentence}

    def editor_suggest(
        self, rows: list, text: str = "", codec: str = "json", wanted: str = ""
    ) -> list[dict[str, str]]:
        """Pairs of a source and a target with the same or nearly the same names, best first."""
        self._require_editor()
        listed = self._editor_read(rows)
        fields = self.document_type_id._validator().fields
        ours = [Place(each.path, each.title) for each in fields if each.is_leaf]
        other = wanted if self.direction == "out" else text
        _problem, body = self._editor_sample(other, codec)
        outlined = places_of(body).lines if body else ()
        theirs = [
            Place(line.path) for line in outlined if line.path and line.kind != "group"
            and not line.opens
        ]  # fmt: skip
        sources, targets = (ours, theirs) if self.direction == "out" else (theirs, ours)
        used = set().union(*uses_of(listed).taken.values()) if listed else set()
        left = [each for each in sources if each.path.removesuffix("[]") not in used]
        return [
            {"source": source, "target": target}
            for source, target in suggest(listed, left, targets)
        ]

    def editor_save(self, rows: list, stamp: str) -> dict[str, Any]:
        """Write the rows, unless somebody changed them since `stamp`. Gives what is there now."""
        self._require_editor()
        listed = self._editor_read(rows)
        self.env.flush_all()
        self.env.cr.execute(sql.TOUCH_MAPPING, [self.id])
        if self._editor_stamp() != stamp:
            raise UserError(
                self.env._(
                    "Somebody changed this mapping since you opened it. Open it again; your rows "
                    "stay on this screen until you do."
                )
            )
        commands = [(5, 0, 0)]
        for number, (given, row) in enumerate(zip(rows, listed, strict=True)):
            values = {name: given.get(name) or False for name in COLUMNS}
            arguments = json.dumps(row.arguments, ensure_ascii=False) if row.arguments else False
            crosswalk = given.get("crosswalk_id") or False
            values |= {"sequence": number, "required": row.required}
            values |= {"arguments": arguments, "crosswalk_id": crosswalk}
            commands.append((0, 0, values))
        self.write({"row_ids": commands})
        return {"rows": self._editor_rows(), "stamp": self._editor_stamp()}

    # -- hooks ---------------------------------------------------------------------------------

    def _editor_codecs(self) -> list[dict[str, str]]:
        """Formats that `_editor_decode` reads."""
        return [{"code": "json", "label": "JSON"}]

    def _editor_decode(self, text: str, codec: str) -> dict[str, Any]:
        """The first document of a sample. Raises `DataError`, which never tells a value."""
        problem = ""
        try:
            body = json.loads(text)
            require_plain(body)
        except NotPlain as refused:
            problem = f"The sample cannot be used: {refused}."
        except RecursionError:
            problem = "The sample is nested too deeply."
        except ValueError as refused:
            line = getattr(refused, "lineno", 1)
            problem = f"The sample is no JSON: look at line {line}."
        else:
            if type(body) is dict:
                return body
            problem = "The sample must be a JSON object."
        # Outside the handlers: the original exception holds the sample.
        raise DataError(problem)

    def _editor_flows(self) -> list[dict[str, Any]]:
        """Flows that use the mapping, of which one can be chosen to see its policy at work."""
        return []

    def _editor_decisions(
        self, document: dict[str, Any], flow_id: int
    ) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
        """The document as the flow's policy lets it be seen, and the decision for each path as
        ``label`` and ``css``. Raises `InteropError` for what stops there."""
        return document, {}

    # -- helpers -------------------------------------------------------------------------------

    def _require_editor(self) -> None:
        self.ensure_one()
        self.check_access("write")

    def _editor_rows(self) -> list[dict[str, Any]]:
        return [
            {name: row[name] or "" for name in COLUMNS if name != "required"}
            | {
                "required": row.required,
                "arguments": row._arguments(),
                "crosswalk_id": row.crosswalk_id.id or False,
            }
            for row in self.row_ids.sorted("sequence")
        ]

    def _editor_stamp(self) -> str:
        """Differs as soon as a row, or what it is for, does."""
        self.invalidate_recordset()
        listed = self.sudo()._editor_rows()
        kind = self.document_type_id.sudo()
        return digest(canonical_json([self.direction, kind.code, kind.version, listed]))

    def _editor_read(self, rows: Any) -> list[Row]:
        wanted = self.env["interop.crosswalk"].with_context(active_test=False)
        known = wanted.search([("id", "in", crosswalks_named(rows))])
        try:
            return rows_of(rows, {each.id: each.code for each in known})
        except DataError as problem:
            raise UserError(problem.sentence) from None

    def _editor_sample(self, text: str, codec: str) -> tuple[str, dict[str, Any] | None]:
        """What is wrong with a sample in a sentence, or its document; neither if there is none."""
        if type(text) is not str or not text.strip():
            return "", None
        if len(text) > MAX_SAMPLE or len(text.encode(errors="replace")) > MAX_SAMPLE:
            return self.env._(
                "The sample is larger than 1 MB. Take one message out of it: two or three lines "
                "of an order are enough to map it."
            ), None
        try:
            return "", self._editor_decode(text, codec)
        except InteropError as problem:
            return problem.sentence, None

    def _editor_decided(
        self, document: dict[str, Any], flow_id: int
    ) -> tuple[dict[str, Any] | None, dict[str, dict[str, str]], str]:
        """What is seen of a document, the decisions, and the sentence of a policy that stops it."""
        if type(flow_id) is not int or not flow_id:
            return document, {}, ""
        try:
            return *self._editor_decisions(document, flow_id), ""
        except InteropError as problem:
            # What a policy stops is not mapped by a flow; here neither.
            return None, {}, problem.sentence

    def _editor_missing(self, rows: list[Row], missing: tuple) -> list[dict[str, Any]]:
        """Codes that no crosswalk knows, each once; not told where the field is of a person."""
        listed = {}
        numbers = {row.target: number for number, row in enumerate(rows, 1)}
        takes = uses_of(rows).taken
        classes = {
            each.path: each.sensitivity for each in self.document_type_id._validator().fields
        }
        for each in missing:
            number = numbers.get(each.path, 0)
            paths = takes.get(number, ()) if self.direction == "out" else [each.path]
            personal = any(
                classes.get(path, Sensitivity.secret) >= Sensitivity.personal for path in paths
            )
            code = "" if personal else each.code[:80]
            listed[each.crosswalk, each.path, code] = {
                "row": number, "crosswalk": each.crosswalk, "target": each.path, "code": code,
            }  # fmt: skip
            if len(listed) >= 50:
                break
        names = {
            each.code: (each.id, each.name)
            for each in self.env["interop.crosswalk"].search(
                [("code", "in", [found["crosswalk"] for found in listed.values()])]
            )
        }
        for found in listed.values():
            found["crosswalk_id"], found["name"] = names.get(
                found["crosswalk"], (False, found["crosswalk"])
            )
        return list(listed.values())

    @staticmethod
    def _editor_proposed(rows: list[dict], proposal: Proposal) -> dict[str, Any]:
        """Rows as the editor has them: what is not said of a row stays as it was there."""
        listed = []
        for was, row in zip(proposal.before, proposal.rows, strict=True):
            given = dict(rows[was]) if was is not None else {}
            if was is None or was == proposal.place:
                given |= {"target": row.target, "source": row.source, "each": row.each}
            if row.constant is None:
                given["constant"] = ""
            listed.append(given)
        before = [-1 if was is None else was for was in proposal.before]
        return {"rows": listed, "place": proposal.place, "before": before}
