import json
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..lib.merge import CONFLICT, LOCAL, PACK, SAME, compare, merge
from ..lib.parts import Key, put_together, take_apart

_ORDER = {CONFLICT: 0, PACK: 1, LOCAL: 2}


class InteropPackUpdating(models.TransientModel):
    """What a newer version of a pack would change for one partner, for a person to choose.

    Only drafts are changed. What runs goes on as it is until its flows are published.
    """

    _name = "interop.pack.updating"
    _description = "Bring a Partner up to a Newer Pack"

    clone_id = fields.Many2one(
        "interop.pack.clone", required=True, readonly=True, help="The partner that was set up."
    )
    pack_id = fields.Many2one(
        "interop.pack",
        string="To",
        required=True,
        compute="_compute_pack_id",
        store=True,
        readonly=False,
        precompute=True,
        help="The version that the partner is brought up to.",
    )
    from_id = fields.Many2one(
        related="clone_id.pack_id", string="From", help="The version it was made from."
    )
    pack_code = fields.Char(related="clone_id.pack_code", help="The pack's own name.")
    line_ids = fields.One2many(
        "interop.pack.updating.line",
        "updating_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
        help="Every piece that is not the same everywhere. Local changes are kept by default.",
    )
    conflict_count = fields.Integer(
        compute="_compute_conflict_count", help="Pieces that both changed, and not to the same."
    )

    @api.depends("clone_id")
    def _compute_pack_id(self) -> None:
        for wizard in self:
            wizard.pack_id = wizard.pack_id or wizard.clone_id.newer_pack_id

    @api.depends("clone_id", "pack_id")
    def _compute_line_ids(self) -> None:
        for wizard in self:
            found = []
            if wizard.clone_id and wizard.pack_id:
                found = [c for c in compare(*wizard._sides()) if c.kind != SAME]
            wizard.line_ids = [
                Command.clear(),
                *(
                    Command.create(
                        {
                            "sequence": _ORDER[change.kind],
                            "key_text": json.dumps(change.key),
                            "title": " › ".join(change.key),
                            "kind": change.kind,
                            "base": _shown(change.base),
                            "mine": _shown(change.mine),
                            "theirs": _shown(change.theirs),
                            "take": change.kind == PACK,
                        }
                    )
                    for change in found
                ),
            ]

    @api.depends("line_ids.kind")
    def _compute_conflict_count(self) -> None:
        for wizard in self:
            kinds = wizard.line_ids.mapped("kind")
            wizard.conflict_count = kinds.count(CONFLICT)

    def _sides(self) -> tuple[dict[Key, Any], dict[Key, Any], dict[Key, Any]]:
        """What the pack was, what it is, and what stands here, in pieces."""
        clone = self.clone_id
        base = take_apart(clone._filled(clone.pack_id))
        theirs = take_apart(clone._filled(self.pack_id))
        return base, theirs, take_apart(clone._state())

    def action_apply(self) -> dict[str, Any]:
        """Put what was chosen into the drafts and remember the version. Managers."""
        self.ensure_one()
        if not self.env.user.has_group("interop_base.group_manager") and not self.env.su:
            raise AccessError(self.env._("Only Interop managers may do this."))
        clone = self.clone_id
        if self.pack_id.code != clone.pack_code:
            raise UserError(self.env._("Choose a version of the same pack."))
        missing = self.pack_id._missing_here()
        if missing:
            raise UserError("\n".join(missing))
        base, theirs, mine = self._sides()
        seen = {
            tuple(json.loads(line.key_text)): (line.base, line.mine, line.theirs)
            for line in self.line_ids
        }
        for change in compare(base, theirs, mine):
            now = (_shown(change.base), _shown(change.mine), _shown(change.theirs))
            if change.kind != SAME and seen.get(change.key) != now:
                raise UserError(
                    self.env._("Something was changed meanwhile. Open the comparison again.")
                )
        take = {tuple(json.loads(line.key_text)) for line in self.line_ids if line.take}
        body = put_together(merge(base, theirs, mine, take))
        self._name_new(body)
        flows = clone.connector_id.flow_ids
        self.env["interop.pack.builder"]._build(clone, body)
        # Who answers for the flows that were there answers for those that the pack adds.
        (clone.connector_id.flow_ids - flows).write(
            {"owner_id": flows[:1].owner_id.id, "service_user_id": flows[:1].service_user_id.id}
        )
        before, clone.pack_id = clone.pack_id, self.pack_id
        self.env["interop.audit"]._record(
            "pack.update",
            record=clone,
            digest=self.pack_id.digest,
            details={
                "pack": clone.pack_code,
                "from": before.version,
                "to": self.pack_id.version,
                "taken": len(take),
                "kept": len(self.line_ids) - len(take),
            },
        )
        return clone.action_open_connector()

    def _name_new(self, body: dict[str, Any]) -> None:
        """What the newer pack adds gets the pack's names."""
        known = self.pack_id._body()
        names = {
            (kind, entry["code"]): entry["name"]
            for kind in ("crosswalks", "mappings", "policies", "flows")
            for entry in known.get(kind, ())
        }
        for kind in ("crosswalks", "mappings", "policies", "flows"):
            for entry in body[kind]:
                entry["name"] = names.get((kind, entry["code"]), entry["code"])


def _shown(value: Any) -> str | bool:
    if value is None:
        return False
    if isinstance(value, dict):
        return ", ".join(
            f"{name}: {_plain(each)}" for name, each in value.items() if each not in (None, "")
        )
    return _plain(value)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
