from odoo import http
from odoo.http import Stream, request

from ..lib.evidence import package
from ..lib.evidence.export import VERIFIER


class ExportController(http.Controller):
    @http.route("/interop/audit/export/<int:export_id>", type="http", auth="user", readonly=False)
    def download(self, export_id: int, **_unused):
        """The file of an export, to who may see it; handing it out is an act."""
        record = request.env["interop.audit.export"].browse(export_id).exists()
        if not record:
            raise request.not_found()
        record.check_access("read")
        path = record._file()
        record._record_download()
        # From the disk piece by piece: the file may be larger than the memory.
        stream = Stream(
            type="path",
            path=str(path),
            mimetype="application/octet-stream",
            download_name=record.file_name,
            size=path.stat().st_size,
            last_modified=path.stat().st_mtime,
            etag=record.digest,
        )
        return stream.get_response(as_attachment=True, max_age=0, immutable=False)

    @http.route("/interop/audit/verifier", type="http", auth="user")
    def verifier(self, **_unused):
        """The stand-alone verifier."""
        headers = [
            ("Content-Type", "application/octet-stream"),
            ("Content-Disposition", http.content_disposition(VERIFIER)),
        ]
        return request.make_response(package.build(), headers)
