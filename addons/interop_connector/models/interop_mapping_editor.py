from typing import Any

from odoo import models

from odoo.addons.interop_base.lib.failures import DataError, InteropError

from ..lib.codec import CODECS


class InteropMappingEditor(models.Model):
    """A partner's sample is read by the codec that will read its messages."""

    _inherit = "interop.mapping"

    def _editor_codecs(self) -> list[dict[str, str]]:
        return [{"code": code, "label": codec.label} for code, codec in CODECS]

    def _editor_decode(self, text: str, codec: str) -> dict[str, Any]:
        if codec not in CODECS:
            raise DataError("There is no such format here. Choose another, or install its module.")
        problem = ""
        try:
            for decoded in CODECS.get(codec).decode(text.encode()):
                return dict(decoded.document_body)
            problem = "There is no document in the sample."
        except InteropError as refused:
            problem = f"The sample cannot be read: {refused.sentence.rstrip('.')}."
        except ValueError:  # half a surrogate pair, which no bytes can hold
            problem = "The sample holds text that is not valid Unicode."
        # Outside the handlers: the original exceptions hold the sample.
        raise DataError(problem)
