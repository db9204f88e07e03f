from odoo import models


class InteropExceptionHandler(models.AbstractModel):
    """Carries out decisions that touch only the message. Business flows bring their own."""

    _name = "interop.exception.handler"
    _description = "Exception Decisions on Messages"

    def _decide(self, exception: models.Model, code: str) -> str:
        """Carry the decision `code` out and return one sentence of references about what was done.

        Running again, cancelling and closing are done by the exception itself; a handler has to
        know only the decisions it offered when it raised the difference.
        """
        return ""
