from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from odoo import api, fields, models

from odoo.addons.interop_document.lib.difference import Change, changes

from ..lib.parts import PARTS

#: Differences shown; more of them are only counted.
SHOWN = 300


class InteropVersionCompare(models.TransientModel):
    """Two versions of a flow side by side, or a version and the draft."""

    _name = "interop.version.compare"
    _description = "Compare Versions"

    flow_id = fields.Many2one("interop.flow", required=True, help="The flow that is looked at.")
    before_id = fields.Many2one(
        "interop.flow.version",
        string="From",
        domain="[('flow_id', '=', flow_id)]",
        help="The older side. Empty: from nothing.",
    )
    after_id = fields.Many2one(
        "interop.flow.version",
        string="To",
        domain="[('flow_id', '=', flow_id)]",
        help="The newer side. Empty: the draft as it is now.",
    )
    changes_html = fields.Html(
        string="Differences",
        compute="_compute_changes_html",
        sanitize=False,
        help="What differs, field by field.",
    )

    @api.depends("flow_id", "before_id", "after_id")
    def _compute_changes_html(self) -> None:
        for wizard in self:
            # Snapshots are read with all rights: whoever asks must be allowed to see the flow.
            wizard.flow_id.check_access("read")
            (wizard.before_id | wizard.after_id).check_access("read")
            before = wizard.before_id._value() if wizard.before_id else None
            after = wizard.after_id._value() if wizard.after_id else wizard.flow_id._snapshot()
            wizard.changes_html = self._differences(before, after)

    @api.model
    def _open(self, flow: models.BaseModel, before: models.BaseModel) -> dict[str, Any]:
        wizard = self.create({"flow_id": flow.id, "before_id": before.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compare versions of %s", flow.name),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.model
    def _differences(self, before: dict[str, Any] | None, after: dict[str, Any]) -> Markup:
        """The differences as people read them: by part, with the names of what numbers mean."""
        if before is None:
            return self.env["ir.qweb"]._render("interop_queue.version_first", {})
        words = self.env["interop.version.words"]
        before, after = words._comparable(before), words._comparable(after)
        found = changes(before, after)
        parts: dict[str, list[dict[str, Any]]] = {}
        for change in found[:SHOWN]:
            part = change.path[0] if change.path else ""
            parts.setdefault(PARTS.get(part, part), []).append(self._row(change, before, after))
        return self.env["ir.qweb"]._render(
            "interop_queue.version_changes",
            {"parts": parts, "more": max(len(found) - SHOWN, 0)},
        )

    def _row(
        self, change: Change, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> dict[str, Any]:
        part, *inner = change.path or ("",)
        of_flow = part == "flow"
        name = inner[0] if of_flow and len(inner) == 1 else ""
        told = [
            self._told(part, name, value, side["flow"])
            for value, side in ((change.before, before), (change.after, after))
        ]
        if told[0] == told[1]:
            # Two that are called alike are not the same.
            told = [_lines(change.before), _lines(change.after)]
        return {
            "where": " › ".join(map(self._label, inner) if of_flow else inner),
            "kind": change.kind,
            "before": told[0],
            "after": told[1],
        }

    def _label(self, name: str) -> str:
        field = self.env["interop.flow"]._fields.get(_FIELDS.get(name, name))
        named = self.env["interop.version.words"]._name_of(name)
        return named or (field._description_string(self.env) if field else name.replace("_", " "))

    def _told(self, part: str, name: str, value: Any, facts: Mapping[str, Any]) -> Any:
        """What a person reads for a value: names for numbers of records, labels for choices."""
        if part == "flow" and value is not None:
            words = self.env["interop.version.words"]._words(name, value, facts)
            if words is not None:
                return words
        if part == "flow" and value not in (None, "", 0):
            field = self.env["interop.flow"]._fields.get(_FIELDS.get(name, name))
            if field is not None and field.type == "many2one" and isinstance(value, int):
                record = (
                    self.env[field.comodel_name].with_context(active_test=False).browse(value)
                ).sudo()
                return record.exists().display_name or self.env._("number %s, deleted", value)
            if field is not None and field.type == "selection":
                return dict(field._description_selection(self.env)).get(value, value)
        return _lines(value)


#: Names of the snapshot -> fields of the flow, where they are not the same.
_FIELDS = {
    "company": "company_id",
    "area": "area_id",
    "connector": "connector_id",
    "service_user": "service_user_id",
    "retention_class": "retention_class",
}


def _lines(value: Any) -> Any:
    """A value set out for reading: one line per name or element, nested ones indented."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case dict():
            return "\n".join(_pair(name, inner) for name, inner in value.items()) or "{}"
        case list() if all(not isinstance(each, (dict, list)) for each in value):
            return ", ".join(str(_lines(each)) for each in value) or "(none)"
        case list():
            return "\n".join(_pair("-", each) for each in value)
        case _:
            return str(value)


def _pair(name: str, value: Any) -> str:
    text = str(_lines(value))
    if "\n" in text:
        return f"{name}:\n" + "\n".join(f"   {line}" for line in text.splitlines())
    return f"{name}: {text}"
