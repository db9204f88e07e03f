import re
import tempfile

from odoo import http
from odoo.exceptions import UserError
from odoo.http import Response, request

from odoo.addons.interop_base.lib.failures import InteropError

from ..lib.archive import packed

_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
#: An archive of a sample grows beyond this on disk, not in memory.
SPOOLED = 16 * 1024 * 1024


class Evidence(http.Controller):
    """Evidence as files: made anew from the trail with every download, which is an act itself."""

    @http.route(
        "/interop/evidence/bundle/<int:bundle_id>", type="http", auth="user", readonly=False
    )
    def bundle(self, bundle_id: int) -> Response:
        """The archive of one bundle."""
        bundle = self._found("interop.evidence.bundle", bundle_id)
        try:
            data = packed(bundle._archive())
        except InteropError as failure:
            raise UserError(failure.sentence) from None
        request.env["interop.audit"]._record(
            "evidence.downloaded", record=bundle, subject=bundle.uuid, digest=bundle.digest
        )
        return request.make_response(data, _headers(f"evidence-{bundle.name}", len(data)))

    @http.route(
        "/interop/evidence/sample/<int:sample_id>", type="http", auth="user", readonly=False
    )
    def sample(self, sample_id: int) -> Response:
        """The archive of all bundles of a sample."""
        sample = self._found("interop.evidence.sample", sample_id)
        out = tempfile.SpooledTemporaryFile(SPOOLED)  # noqa: SIM115 the response closes it
        try:
            sample._write_archive(out)
        except InteropError as failure:
            out.close()
            raise UserError(failure.sentence) from None
        out.seek(0, 2)
        size = out.tell()
        out.seek(0)
        request.env["interop.audit"]._record(
            "evidence.downloaded", record=sample, details={"bundles": sample.made_count}
        )
        response = Response(
            iter(lambda: out.read(65536), b""),
            headers=_headers(f"sample-{sample.name}", size),
            direct_passthrough=True,
        )
        response.call_on_close(out.close)
        return response

    def _found(self, model: str, number: int):
        record = request.env[model].browse(number).exists()
        if not record:
            raise request.not_found()
        request.env["interop.evidence.bundle"]._require_auditor()
        record.check_access("read")
        return record


def _headers(name: str, size: int) -> list[tuple[str, str]]:
    return [
        ("Content-Type", "application/zip"),
        ("Content-Length", str(size)),
        ("Content-Disposition", http.content_disposition(f"{_UNFIT.sub('-', name)}.zip")),
        ("Cache-Control", "no-store"),
    ]
