from collections.abc import Iterator

from odoo import http, models
from odoo.exceptions import AccessError
from odoo.http import Response, content_disposition, request

GROUPS = ("interop_base.group_auditor", "interop_base.group_manager")


class AnchorController(http.Controller):
    """All seals as anchor lines: what a place that is new, or was lost, has to hold."""

    @http.route("/interop/audit/anchors", type="http", auth="user", methods=["GET"])
    def download(self) -> Response:
        if not any(request.env.user.has_group(group) for group in GROUPS):
            raise AccessError(request.env._("Only auditors and managers may download anchors."))
        request.env["interop.audit"]._record("anchors.downloaded")
        name = "audit-anchors.ndjson"
        return Response(
            _lines(request.env["interop.audit.anchors"].sudo()),
            headers=[
                ("Content-Type", "application/x-ndjson"),
                ("Content-Disposition", content_disposition(name)),
                ("X-Content-Type-Options", "nosniff"),
                ("Cache-Control", "no-store"),
            ],
            direct_passthrough=True,
        )


def _lines(anchors: models.Model) -> Iterator[bytes]:
    """Some seals at a time, each batch in a transaction of its own: the request's is over."""
    after = 0
    while lines := anchors._lines_after(after):
        after = lines[-1].number
        yield "".join(f"{line.text}\n" for line in lines).encode("ascii")
