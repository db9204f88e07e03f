import psycopg2
from werkzeug.exceptions import HTTPException

from odoo.http import Dispatcher

from .problems import problem


class InteropDispatcher(Dispatcher):
    """Routes of type `interop` get the request untouched.

    Odoo's own `http` dispatcher reads a form (up to 128 MB of it) before the controller is called,
    and answers errors as HTML pages. Here nothing of the body is read or parsed before the
    controller asks for it, and every error is a small JSON problem.
    """

    routing_type = "interop"

    @classmethod
    def is_compatible_with(cls, request) -> bool:
        return True

    def dispatch(self, endpoint, args):
        self.request.params = dict(args)
        return self.request.registry["ir.http"]._dispatch(endpoint)

    def handle_error(self, exc):
        if isinstance(exc, HTTPException) and exc.code and 400 <= exc.code < 500:
            return problem("request", exc.code, exc.name)
        if isinstance(exc, psycopg2.OperationalError):
            return problem("busy", 503, "Busy", "Please try again.", retry_after=5)
        return problem("internal", 500, "Internal error", "Please try again later.")
