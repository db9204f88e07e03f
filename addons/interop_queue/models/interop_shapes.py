from collections.abc import Iterable

from odoo import api, models

from ..engine.transaction import run
from ..lib.shape import Fields, read_shape
from ..lib.statements import statement


class InteropShapes(models.AbstractModel):
    """Which fields documents had, by name only: what can be told when their content is purged.

    The engine writes them (`engine/shapes.py`); the audit trail names them by their digest.
    """

    _name = "interop.shapes"
    _description = "Shapes of Documents"

    def init(self):
        self.env.cr.execute(statement("create_shapes"))

    @api.model
    def _read(self, digests: Iterable[str]) -> dict[str, tuple[str, Fields]]:
        """By digest: type and version of the document, and (path, action) of its fields."""
        wanted = sorted({each for each in digests if each})
        rows = run(self.env.cr, "read_shapes", digests=wanted) if wanted else []
        return {row["digest"]: read_shape(row["shape"]) for row in rows}
