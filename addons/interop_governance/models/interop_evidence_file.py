import base64

from odoo import fields, models


class InteropEvidenceFile(models.AbstractModel):
    """Hands out a file that was made of evidence. Making it is the act that is noted.

    The file lies on the transient record until that is cleared away, so it can be fetched, and it
    cannot be had without having been noted.
    """

    _name = "interop.evidence.file"
    _description = "File Made of Evidence"

    file = fields.Binary(
        attachment=False, readonly=True, copy=False, help="The file that was made last."
    )
    file_name = fields.Char(readonly=True, copy=False, help="Name of the file.")

    def _hand_out(self, name: str, data: bytes) -> dict:
        """The action that downloads `data`; the caller has noted it in the audit trail."""
        self.ensure_one()
        self.write({"file": base64.b64encode(data), "file_name": name})
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file/{name}?download=true",
            "target": "download",
        }
