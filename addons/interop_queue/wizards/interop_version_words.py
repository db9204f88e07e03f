from collections.abc import Mapping
from typing import Any

from odoo import api, models
from odoo.fields import Domain

from ..lib.handlers import HANDLERS
from ..lib.settings import SETTINGS_BEFORE

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class InteropVersionWords(models.AbstractModel):
    """Published settings of a flow as people read them: names and words for numbers."""

    _name = "interop.version.words"
    _description = "Words for Published Settings"

    @api.model
    def _comparable(self, snapshot: Mapping[str, Any]) -> dict[str, Any]:
        """A snapshot whose settings stand beside those of another.

        What an older version does not say it ran with all the same. What a flow waits for is read
        as a whole.
        """
        flow = {**SETTINGS_BEFORE, **snapshot["flow"]}
        flow["waits"] = [[wait["flow"], wait["path"]] for wait in flow["waits"]]
        return {**snapshot, "flow": flow}

    @api.model
    def _name_of(self, name: str) -> str | None:
        """What a setting is called that has no field of its own."""
        return {
            "batch_days": self.env._("Leaves on"),
            "direct": self.env._("Direct calls"),
            "waits": self._label("wait_ids"),
            "seconds": self._label("direct_seconds"),
            "at_most": self._label("direct_at_most"),
            "answer": self._label("direct_answer_type_id"),
        }.get(name)

    @api.model
    def _words(self, name: str, value: Any, facts: Mapping[str, Any]) -> str | None:
        """`value` of a setting of the flow that has these facts; None: it is read as it is."""
        match name:
            case "priority":
                labels = self._choices("priority")
                return labels.get(str(value), str(value))
            case "batch_days" if value:
                return ", ".join(self._label(f"batch_{WEEKDAYS[day]}") for day in value)
            case "condition":
                return self._condition(value, facts) if value else self.env._("(all records)")
            case "waits" if value:
                return "\n".join(self._wait(flow, path, facts) for flow, path in value)
            case "direct" if value:
                kind = (value["answer"] or {}).get("document_type")
                answer = f"{kind['code']} {kind['version']}" if kind else self.env._("(none)")
                told = {"seconds": value["seconds"], "at_most": value["at_most"], "answer": answer}
                return "\n".join(f"{self._name_of(each)}: {told[each]}" for each in told)
        return None

    def _condition(self, items: list[Any], facts: Mapping[str, Any]) -> str | None:
        model = self._composed(facts)
        if not model:
            return None
        try:
            return self.env["interop.routing"]._told(self.env[model], Domain(list(items)))
        except (TypeError, ValueError, KeyError):
            return None  # of an older installation: shown as it was published

    def _wait(self, flow_id: int, path: str, facts: Mapping[str, Any]) -> str:
        flow = self.env["interop.flow"].sudo().browse(flow_id).exists()
        name = flow.name or self.env._("number %s, deleted", flow_id)
        if not path:
            return name
        labels, model = [], self._composed(facts)
        for step in path.split("."):
            field = self.env[model]._fields.get(step) if model else None
            labels.append(field._description_string(self.env) if field else step)
            model = field.comodel_name if field is not None and field.relational else None
        return self.env._("%(flow)s (about: %(path)s)", flow=name, path=" › ".join(labels))

    def _composed(self, facts: Mapping[str, Any]) -> str | None:
        """The model of the records that the flow's documents are made of, if it is known here."""
        if facts["handler"] not in HANDLERS.codes():
            return None
        name = self.env[HANDLERS.get(facts["handler"]).model]._composes
        return name if name in self.env else None

    def _label(self, name: str) -> str:
        return self.env["interop.flow"]._fields[name]._description_string(self.env)

    def _choices(self, name: str) -> dict[str, str]:
        field = self.env["interop.flow"]._fields[name]
        return dict(field._description_selection(self.env))
