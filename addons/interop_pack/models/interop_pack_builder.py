import json
from collections.abc import Mapping
from typing import Any

from odoo import api, models
from odoo.fields import Command

from ..lib.parts import (
    CONNECTOR_FIELDS,
    CROSSWALK_FIELDS,
    ENDPOINT_FIELDS,
    ENTRY_FIELDS,
    FLOW_FIELDS,
    FLOW_REFERENCES,
    FLOW_WORDS,
    ROW_FIELDS,
    RULE_FIELDS,
)
from ..lib.traffic import WEEKDAYS, flow_values, window_entry, window_values

MODELS = {
    "endpoint": "interop.endpoint",
    "crosswalk": "interop.crosswalk",
    "mapping": "interop.mapping",
    "policy": "interop.policy",
    "flow": "interop.flow",
}
# In an update a name that people changed stays theirs.
_TEXTS = frozenset(
    {
        "note", "default_out", "default_in", "event", "purpose", "batch_times", "batch_zone",
        "batch_totals", "route_group",
    }
)  # fmt: skip


class InteropPackBuilder(models.AbstractModel):
    """Makes or changes the records of a clone as a pack says. With the rights of whoever asks."""

    _name = "interop.pack.builder"
    _description = "Maker of Partners from Packs"

    @api.model
    def _build(self, clone: models.Model, body: Mapping[str, Any]) -> None:
        """Bring the clone's records to what `body` says: what is not there yet is made.

        `body` comes from `put_together`, so that what it does not say is empty. Entries of the
        clone that `body` does not name are left alone.
        """
        connector = body["connector"]
        clone.connector_id.write({name: connector.get(name) or False for name in CONNECTOR_FIELDS})
        self._windows(clone.connector_id, connector)
        for endpoint in connector.get("endpoints", ()):
            self._endpoint(clone, endpoint)
        for kind in ("crosswalk", "mapping", "policy", "flow"):
            listed = {"policy": "policies"}.get(kind, f"{kind}s")
            for entry in body.get(listed, ()):
                getattr(self, f"_{kind}")(clone, entry)
        for entry in body.get("flows", ()):
            self._waits(clone, entry)  # each may wait for any other

    def _windows(self, connector: models.Model, said: Mapping[str, Any]) -> None:
        """The weekly windows. Those for once are not of the pack, and those that it dropped are
        kept as archived: they count in what was sent when."""
        zone = said.get("time_zone")
        if zone and zone != connector.tz:
            connector.tz = zone
        left = connector.window_ids.filtered(lambda window: window.kind == "weekly")
        names = ("name", "time_from", "time_to", *WEEKDAYS)
        for entry in said.get("windows", ()):
            window = left.filtered(lambda each, name=entry["name"]: each.name == name)[:1]
            left -= window
            if not window:
                values = {"connector_id": connector.id, **window_values(entry)}
                self.env["interop.maintenance.window"].create([values])
            elif window_entry({name: window[name] for name in names}) != entry:
                window.write(window_values(entry))
        if left:
            left.write({"active": False})

    def _endpoint(self, clone: models.Model, entry: Mapping[str, Any]) -> None:
        values = {name: entry.get(name) or False for name in ENDPOINT_FIELDS}
        self._put(
            clone,
            "endpoint",
            {**entry, "code": entry["purpose"]},
            values,
            {
                "connector_id": clone.connector_id.id,
                "purpose": entry["purpose"],
                "name": entry.get("name") or entry["purpose"],
            },
        )

    def _crosswalk(self, clone: models.Model, entry: Mapping[str, Any]) -> None:
        values = {name: entry.get(name) or False for name in CROSSWALK_FIELDS}
        values["entry_ids"] = [
            Command.clear(),
            *(
                Command.create({name: each.get(name) or False for name in ENTRY_FIELDS})
                for each in entry.get("entries", ())
            ),
        ]
        own = {"code": f"{clone.prefix}-{entry['code']}", "partner_id": clone.partner_id.id}
        self._put(clone, "crosswalk", entry, values, own | self._shared(clone))

    def _mapping(self, clone: models.Model, entry: Mapping[str, Any]) -> None:
        rows = []
        for number, row in enumerate(entry.get("rows", ()), 1):
            given = {name: row.get(name) or False for name in ROW_FIELDS}
            crosswalk = given.pop("crosswalk")
            found = crosswalk and clone._record_of("crosswalk", crosswalk)
            given["crosswalk_id"] = found.id if found else False
            given["arguments"] = given["arguments"] and json.dumps(
                given["arguments"], ensure_ascii=False
            )
            rows.append(Command.create({"sequence": 10 * number, **given}))
        values = {
            "direction": entry["direction"],
            "document_type_id": self._type(entry),
            "note": entry.get("note") or False,
            "row_ids": [Command.clear(), *rows],
        }
        self._put(clone, "mapping", entry, values, self._shared(clone))

    def _policy(self, clone: models.Model, entry: Mapping[str, Any]) -> None:
        rules = [
            {"sequence": 10 * number} | {name: rule.get(name) or False for name in RULE_FIELDS}
            for number, rule in enumerate(entry.get("rules", ()), 1)
        ]
        values = {
            "document_type_id": self._type(entry),
            "note": entry.get("note") or False,
            "rule_ids": [Command.clear(), *(Command.create(rule) for rule in rules)],
        }
        self._put(clone, "policy", entry, values, self._shared(clone))

    def _flow(self, clone: models.Model, entry: Mapping[str, Any]) -> None:
        values = {
            name: entry.get(name) or (False if name in _TEXTS else 0)
            for name in FLOW_FIELDS
            if name not in (*FLOW_REFERENCES, *FLOW_WORDS)
        }
        known = clone._record_of("flow", entry["code"])
        values |= flow_values(entry, known.condition if known else "")
        mapping = entry.get("mapping") and clone._record_of("mapping", entry["mapping"])
        policy = entry.get("policy") and clone._record_of("policy", entry["policy"])
        answer = entry.get("answer_policy")
        answer_policy = answer and clone._record_of("policy", answer)
        classes = self.env["interop.retention.class"].sudo()
        kept = classes.search([("code", "=", entry.get("retention_class") or "standard")], limit=1)
        values |= {
            "document_type_id": self._type(entry),
            "mapping_id": mapping.id if mapping else False,
            "policy_id": policy.id if policy else False,
            "retention_class_id": kept.id,
            "direct_answer_type_id": self._answer_type(entry),
            "direct_answer_policy_id": answer_policy.id if answer_policy else False,
        }
        own = {
            "code": f"{clone.prefix}-{entry['code'].replace('_', '-')}",
            "connector_id": clone.connector_id.id,
        }
        self._put(clone, "flow", entry, values, own | self._shared(clone))

    def _waits(self, clone: models.Model, entry: Mapping[str, Any]) -> None:
        """What the flow waits for of the pack. What else it waits for stays."""
        flow = clone._record_of("flow", entry["code"])
        made = {part.res_id for part in clone.part_ids if part.kind == "flow"}
        wanted = {
            (needed.id, wait.get("path") or False)
            for wait in entry.get("waits", ())
            if (needed := clone._record_of("flow", wait["flow"]))
        }
        for wait in flow.wait_ids.filtered(lambda wait: wait.needs_flow_id.id in made):
            key = (wait.needs_flow_id.id, wait.path or False)
            if key in wanted:
                wanted.remove(key)
            else:
                wait.unlink()
        self.env["interop.flow.wait"].create(
            [
                {"flow_id": flow.id, "needs_flow_id": needed, "path": path}
                for needed, path in sorted(wanted, key=str)
            ]
        )

    # -- helpers -------------------------------------------------------------------------------

    def _shared(self, clone: models.Model) -> dict[str, Any]:
        return {"company_id": clone.company_id.id, "area_id": clone.area_id.id}

    def _type(self, entry: Mapping[str, Any]) -> int:
        types = self.env["interop.document.type"]
        return types._get(entry["document_type"], entry["version"]).id

    def _answer_type(self, entry: Mapping[str, Any]) -> int | bool:
        if not entry.get("answer_type"):
            return False
        return self._type(
            {"document_type": entry["answer_type"], "version": entry["answer_version"]}
        )

    def _put(
        self,
        clone: models.Model,
        kind: str,
        entry: Mapping[str, Any],
        values: dict[str, Any],
        new: dict[str, Any],
    ) -> None:
        """Write the entry's record, or make it; `new` is what only a new one is given."""
        known = clone._record_of(kind, entry["code"])
        if known is not None:
            known.write(values)
            return
        named = {"name": self.env._("%(what)s (%(whom)s)", what=entry["name"], whom=clone.name)}
        record = self.env[MODELS[kind]].create({**named, **values, **new})
        # One that is gone was made before: its place is taken.
        clone.part_ids.filtered(
            lambda part: (part.kind, part.code) == (kind, entry["code"])
        ).unlink()
        clone.write(
            {
                "part_ids": [
                    Command.create(
                        {
                            "kind": kind,
                            "code": entry["code"],
                            "res_model": record._name,
                            "res_id": record.id,
                        }
                    )
                ]
            }
        )
