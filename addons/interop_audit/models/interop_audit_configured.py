from dataclasses import dataclass, field
from typing import Any

from odoo import SUPERUSER_ID, api, models

from .. import sql
from ..lib.entry import AuditRow

NOTED = "interop_audit.configured"
#: More records of one kind than this in one transaction make one entry: a module is installed.
SINGLY = 20
NAMED = 50


@dataclass(slots=True)
class _Noted:
    """What became of one record in this transaction."""

    user_id: int
    label: str
    company_id: int | None
    area_id: int | None
    made: bool = False
    deleted: bool = False
    before: dict[str, Any] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)


class InteropAuditConfigured(models.AbstractModel):
    """Configuration: who made, changed and deleted it stands in the audit trail.

    Names of fields, never values. One entry per record and transaction, written when it commits,
    and none for what ends as it began. Models that tell more than that (a digest, their parts) do
    so themselves and have no use for this.
    """

    _name = "interop.audit.configured"
    _description = "Configuration with Evidence"

    #: What the acts begin with: ``system`` makes system.create, system.change, system.delete.
    _configured_noun = "configuration"
    #: Fields that are no configuration: what the engine counts and remembers.
    _configured_unseen: frozenset[str] = frozenset()

    def _configured_concerned(self):
        """Those of these records whose changes are noted."""
        return self

    def _configured_label(self) -> str:
        """What people call the record. Never a value that is secret or personal."""
        return self.sudo().display_name or ""

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        for record in records._configured_concerned():
            noted = record._configured_noted()
            noted.made = True
        return records

    def write(self, vals):
        names = vals.keys() - self._configured_unseen
        concerned = self._configured_concerned() if names else self.browse()
        for record in concerned:
            record._configured_before(names)
        result = super().write(vals)
        # What is made Interop's only by this change.
        for record in (self._configured_concerned() if names else self.browse()) - concerned:
            record._configured_noted().changed |= names
        return result

    def unlink(self):
        for record in self._configured_concerned():
            record._configured_noted().deleted = True
        return super().unlink()

    # -- one transaction's notes ---------------------------------------------------------------

    def _configured_noted(self) -> _Noted:
        self.ensure_one()
        precommit = self.env.cr.precommit
        notes = precommit.data.setdefault(NOTED, {})
        if not notes:
            precommit.add(self.env["interop.audit.configured"]._configured_record)
        found = notes.get((self._name, self.id))
        if found is None:
            known = self.sudo()
            found = notes[self._name, self.id] = _Noted(
                self.env.uid,
                self._configured_label(),
                known.company_id.id or None if "company_id" in self._fields else None,
                known.area_id.id or None if "area_id" in self._fields else None,
            )
        return found

    def _configured_before(self, names: set[str]) -> None:
        noted = self._configured_noted()
        for name in names:
            known = self._fields.get(name)
            if known is None:
                continue
            if known.store and not known.company_dependent:
                noted.before.setdefault(name, _plain(self.sudo()[name]))
            else:
                # Written through to somewhere else, or a different value for each company.
                noted.changed.add(name)

    @api.model
    def _configured_record(self) -> None:
        """Write down what this transaction did. Nothing if the trail itself is being removed."""
        notes: dict[tuple[str, int], _Noted] = self.env.cr.precommit.data.pop(NOTED, {})
        self.env.cr.execute(sql.EXISTS)
        if not self.env.cr.fetchone()[0]:
            return
        # Whoever writes last in a transaction need not be who began.
        env = self.env(user=SUPERUSER_ID)
        by_noun: dict[tuple[str, int], list[tuple[str, AuditRow]]] = {}
        for (model, record_id), noted in notes.items():
            if model not in env:  # its module was uninstalled
                continue
            record = env[model].with_context(active_test=False).browse(record_id)
            told = record._configured_told(noted)
            if told is not None:
                group = by_noun.setdefault((record._configured_noun, noted.user_id), [])
                group.append((noted.label, told))
        for (noun, user_id), told in by_noun.items():
            rows = [row for _label, row in told]
            if len(rows) > SINGLY:
                rows = [_in_one(noun, told)]
            env["interop.audit"].with_user(user_id)._record_many(rows)

    def _configured_told(self, noted: _Noted) -> AuditRow | None:
        """The entry about this record; None if it is as it was."""
        there = bool(self.exists())
        details: dict[str, Any] = {"name": noted.label}
        if noted.deleted and not there:
            if noted.made:
                return None
            act = "delete"
        elif not there:
            return None
        elif noted.made:
            act = "create"
        else:
            changed = noted.changed | {
                name for name, value in noted.before.items() if _plain(self[name]) != value
            }
            if not changed:
                return None
            act, details["fields"] = "change", sorted(changed)
        return AuditRow(
            act=f"{self._configured_noun}.{act}",
            res_model=self._name,
            res_id=self.id,
            company_id=noted.company_id,
            area_id=noted.area_id,
            details=details,
        )


def _plain(value: Any) -> Any:
    """Comparable after the record's environment is gone."""
    return tuple(sorted(value.ids)) if isinstance(value, models.BaseModel) else value


def _in_one(noun: str, told: list[tuple[str, AuditRow]]) -> AuditRow:
    acts = [row.act.rpartition(".")[2] for _label, row in told]
    return AuditRow(
        act=f"{noun}.change",
        res_model=told[0][1].res_model,
        details={
            "records": len(told),
            **{act: acts.count(act) for act in sorted(set(acts))},
            "names": sorted({label for label, _row in told})[:NAMED],
        },
    )
