import json
from collections.abc import Iterable

from odoo import api, models

from odoo.addons.interop_policy.lib.purposes import PURPOSES

from ..lib.told import Kind, Told


class InteropTold(models.AbstractModel):
    """Reads what was published and what documents had, for all questions that need names."""

    _name = "interop.told"
    _description = "What Can Be Told of Documents"

    @api.model
    def _published(self, digests: Iterable[str]) -> dict[str, dict]:
        """The published versions with these digests, as they were."""
        wanted = sorted({each for each in digests if each})
        found = self.env["interop.snapshot"].sudo().search([("digest", "in", wanted)])
        return {snapshot.digest: json.loads(snapshot.text) for snapshot in found}

    @api.model
    def _told(self, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[Told]]:
        """By (version's digest, shape's digest): the fields. What is not known is left out."""
        asked = {(version or "", shape or "") for version, shape in pairs}
        published = self._published(version for version, _shape in asked)
        shapes = self.env["interop.shapes"]._read(shape for _version, shape in asked)
        kinds: dict[str, Kind] = {}
        told = {}
        for version, shape in asked:
            if shape not in shapes:
                continue
            if version not in kinds:
                snapshot = published.get(version) or {}
                kinds[version] = Kind((snapshot.get("document_type") or {}).get("schema") or {})
            told[version, shape] = kinds[version].told(shapes[shape][1])
        return told

    @api.model
    def _purpose_label(self, code: str | None) -> str:
        if not code:
            return ""
        return PURPOSES.get(code).label if code in PURPOSES else code
