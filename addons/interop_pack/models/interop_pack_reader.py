import json
from typing import Any

from odoo import api, models

from ..lib.parts import (
    CONNECTOR_FIELDS,
    CROSSWALK_FIELDS,
    ENDPOINT_FIELDS,
    ENTRY_FIELDS,
    FLOW_FIELDS,
    ROW_FIELDS,
    RULE_FIELDS,
    only_set,
)


class InteropPackReader(models.AbstractModel):
    """Reads records back into the form of a pack: to compare them with one, or to make one."""

    _name = "interop.pack.reader"
    _description = "Reader of Partners into Packs"

    @api.model
    def _read_connector(self, connector: models.Model, codes: dict[str, dict[int, str]]) -> dict:
        """What a pack says of a connector and all its flows use; no names of ours, no secrets.

        `codes` gives by kind what a record is called in the pack; others get no entry.
        """
        body: dict[str, Any] = {
            "connector": self._plain(connector, CONNECTOR_FIELDS)
            | {
                "endpoints": [
                    self._plain(each, ENDPOINT_FIELDS)
                    | {"purpose": each.purpose, "name": each.name}
                    for each in connector.endpoint_ids
                ]
            }
        }
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

    def _crosswalk(self, record: models.Model, codes: dict[str, dict[int, str]]) -> dict:
        return self._plain(record, CROSSWALK_FIELDS) | {
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
        own = ("document_type", "version", "mapping", "policy", "retention_class")
        found = self._plain(record, [name for name in FLOW_FIELDS if name not in own])
        for name, kind in (("mapping_id", "mapping"), ("policy_id", "policy")):
            if record[name]:
                found[kind] = codes.get(kind, {}).get(record[name].id, f"local-{record[name].id}")
        typed = self._typed(record)
        typed.pop("note", None)
        kept = record.sudo().retention_class_id.code
        return found | typed | ({"retention_class": kept} if kept else {})

    def _typed(self, record: models.Model) -> dict[str, Any]:
        """Document type and note, which mappings, policies and flows have alike."""
        kind = record.document_type_id
        note = "note" in record._fields and record.note
        return {"document_type": kind.code, "version": kind.version} | (
            {"note": note} if note else {}
        )

    def _plain(self, record: models.Model, names: Any) -> dict[str, Any]:
        return only_set({name: record[name] for name in names}, names)
