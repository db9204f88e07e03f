import json
from typing import Any

from odoo import api, models

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
    as_said,
    only_set,
)
from ..lib.traffic import WEEKDAYS, flow_entry, window_entry


class InteropPackReader(models.AbstractModel):
    """Reads records back into the form of a pack: to compare them with one, or to make one."""

    _name = "interop.pack.reader"
    _description = "Reader of Partners into Packs"

    @api.model
    def _read_connector(self, connector: models.Model, codes: dict[str, dict[int, str]]) -> dict:
        """What a pack says of a connector and all its flows use; no names of ours, no secrets.

        `codes` gives by kind what a record is called in the pack; others get no entry. Without
        any codes of endpoints those are read that come first for their purpose.
        """
        body: dict[str, Any] = {"connector": self._connector(connector, codes)}
        for kind, listed in (
            ("crosswalk", "crosswalks"),
            ("mapping", "mappings"),
            ("policy", "policies"),
            ("flow", "flows"),
        ):
            records = self.env[f"interop.{kind}"].browse(codes.get(kind, ())).exists()
            body[listed] = [
                {"code": codes[kind][record.id], "name": record.name}
                | getattr(self, f"_{kind}")(record, codes)
                for record in records
            ]
        return body

    def _connector(self, connector: models.Model, codes: dict[str, dict[int, str]]) -> dict:
        endpoints = connector.endpoint_ids
        if "endpoint" in codes:
            endpoints = endpoints.filtered(lambda each: each.id in codes["endpoint"])
        else:
            first = [each[:1].id for each in endpoints.grouped("purpose").values()]
            endpoints = endpoints.browse(first)
        found = self._said("connector", connector, CONNECTOR_FIELDS)
        found["endpoints"] = [
            self._said("endpoint", each, ENDPOINT_FIELDS)
            | {"purpose": each.purpose, "name": each.name}
            for each in endpoints
        ]
        windows = connector.window_ids.filtered(lambda window: window.kind == "weekly")
        if windows:
            names = ("name", "time_from", "time_to", *WEEKDAYS)
            found["time_zone"] = connector.tz
            found["windows"] = [
                window_entry({name: window[name] for name in names}) for window in windows
            ]
        return found

    def _crosswalk(self, record: models.Model, codes: dict[str, dict[int, str]]) -> dict:
        return self._said("crosswalk", record, CROSSWALK_FIELDS) | {
            "entries": [
                {
                    name: value.isoformat() if name.startswith("valid_") else value
                    for name, value in self._plain(entry, ENTRY_FIELDS).items()
                }
                for entry in record.entry_ids
                if not entry.company_id or entry.company_id == record.company_id
            ]
        }

    def _mapping(self, record: models.Model, codes: dict[str, dict[int, str]]) -> dict:
        rows = []
        for row in record.row_ids.sorted("sequence"):
            names = [name for name in ROW_FIELDS if name not in ("arguments", "crosswalk")]
            found = self._plain(row, names)
            if row.arguments:
                found["arguments"] = json.loads(row.arguments)
            if row.crosswalk_id:
                known = codes.get("crosswalk", {})
                found["crosswalk"] = known.get(row.crosswalk_id.id, row.crosswalk_id.sudo().code)
            rows.append(found)
        return self._typed(record) | {"direction": record.direction, "rows": rows}

    def _policy(self, record: models.Model, codes: dict[str, dict[int, str]]) -> dict:
        rules = [self._plain(rule, RULE_FIELDS) for rule in record.rule_ids.sorted("sequence")]
        return self._typed(record) | {"rules": rules}

    def _flow(self, record: models.Model, codes: dict[str, dict[int, str]]) -> dict:
        others = (*FLOW_REFERENCES, *FLOW_WORDS)
        names = [name for name in FLOW_FIELDS if name not in others]
        kept = {"priority": record.priority, "condition": record.condition}
        kept |= {f"batch_{day}": record[f"batch_{day}"] for day in WEEKDAYS}
        found = self._said("flow", record, names) | as_said("flow", flow_entry(kept))
        for name, kind, key in (
            ("mapping_id", "mapping", "mapping"),
            ("policy_id", "policy", "policy"),
            ("direct_answer_policy_id", "policy", "answer_policy"),
        ):
            if record[name]:
                found[key] = codes.get(kind, {}).get(record[name].id, f"local-{record[name].id}")
        if answer := record.direct_answer_type_id:
            found |= {"answer_type": answer.code, "answer_version": answer.version}
        typed = self._typed(record)
        typed.pop("note", None)
        retention = record.sudo().retention_class_id.code
        return (
            found
            | typed
            | ({"retention_class": retention} if retention else {})
            | ({"waits": waits} if (waits := self._waits(record, codes)) else {})
        )

    def _waits(self, record: models.Model, codes: dict[str, dict[int, str]]) -> list[dict]:
        """What it waits for of the pack. Other flows are no part of the pack, nor are their waits
        changed by it."""
        flows = codes.get("flow", {})
        return [
            {"flow": flows[wait.needs_flow_id.id]} | ({"path": wait.path} if wait.path else {})
            for wait in record.wait_ids
            if wait.needs_flow_id.id in flows
        ]

    def _typed(self, record: models.Model) -> dict[str, Any]:
        """Document type and note, which mappings, policies and flows have alike."""
        kind = record.document_type_id
        note = "note" in record._fields and record.note
        return {"document_type": kind.code, "version": kind.version} | (
            {"note": note} if note else {}
        )

    def _said(self, kind: str, record: models.Model, names: Any) -> dict[str, Any]:
        return as_said(kind, {name: record[name] for name in names})

    def _plain(self, record: models.Model, names: Any) -> dict[str, Any]:
        return only_set({name: record[name] for name in names}, names)
