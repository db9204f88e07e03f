import csv
import hashlib
import io
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from odoo import api, models
from odoo.fields import Domain

from .. import sql_seals, sql_verify
from ..lib.evidence import export, package
from ..lib.evidence.records import HEADS, as_row
from ..stored_trail import StoredTrail

#: Entries of a search that are read at once.
BATCH = 5_000
MEGABYTE = 1_000_000


class InteropAuditExporter(models.AbstractModel):
    """Writes the trail into files."""

    _name = "interop.audit.exporter"
    _description = "Export of the Audit Trail to Files"

    @api.model
    def _write_whole(
        self,
        folder: Path,
        *,
        after: int = 0,
        to: int | None = None,
        anchors: list[str] | None = None,
        progress: Callable[[int], None] = lambda entries: None,
    ) -> export.Written:
        """Write seals and entries, whole or from one seal to another, into an empty folder."""
        trail = StoredTrail(self.env.cr, after, to)
        return export.write(
            trail,
            folder,
            facts={
                "instance": self.env["interop.instance"]._get_uuid(),
                "made_at": datetime.now(UTC).isoformat(),
                "made_by": self.env.user.name,
                "public_keys": self.env["interop.keyring"]._public_keys("audit"),
            },
            start=trail.start(),
            anchors=anchors or (),
            verifier=package.build(),
            progress=progress,
        )

    @api.model
    def _export_folder(
        self,
        folder: Path,
        *,
        after: int = 0,
        to: int | None = None,
        anchors: list[str] | None = None,
    ) -> export.Written:
        """Write the trail into a folder of the server that somebody named there: that is an act."""
        up_to = self._newest()
        written = self._write_whole(folder, after=after, to=to, anchors=anchors)
        kind = "period" if after or to is not None else "whole"
        self.env["interop.audit"]._record(
            "audit.export",
            digest=written.digest,
            details={"kind": kind, "entries": written.entries, "taken": kind, "up_to": up_to},
        )
        return written

    @api.model
    def _newest(self) -> int:
        """The greatest number of an entry there is."""
        self.env.cr.execute(sql_verify.NEWEST)
        return self.env.cr.fetchone()[0]

    @api.model
    def _write_file(self, record, target: Path) -> dict:
        """Make the file of an ``interop.audit.export``; its facts, for the record."""
        up_to = self._newest()
        if record.kind in ("whole", "period"):
            count = self._write_zip(record, target)
            suffix = "zip"
        else:
            count = self._write_search(record, target)
            suffix = record.kind
        with target.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        part = {"whole": "trail", "period": "trail-part"}.get(record.kind, "entries-found")
        return {
            "entry_count": count,
            "up_to": up_to,
            "file_name": f"audit-{part}-{datetime.now(UTC):%Y%m%d-%H%M%S}.{suffix}",
            "file_size": target.stat().st_size / MEGABYTE,
            "digest": digest,
        }

    def _write_zip(self, record, target: Path) -> int:
        after, to = 0, None
        if record.kind == "period":
            after, to = self._numbers(record.date_from, record.date_to)
        folder = target.with_name(f"{target.name}.new")
        try:
            exporter = self.with_user(record.create_uid).sudo()
            written = exporter._write_whole(folder, after=after, to=to)
            export.pack(folder, target)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return written.entries

    def _numbers(self, begin: datetime | None, end: datetime | None) -> tuple[int, int | None]:
        """The last seal before a period, and the last one in it."""
        cr, after, to = self.env.cr, 0, None
        if begin:
            cr.execute(sql_verify.LAST_BEFORE, [begin.replace(tzinfo=UTC)])
            after = cr.fetchone()[0]
        if end:
            cr.execute(sql_verify.LAST_UNTIL, [end.replace(tzinfo=UTC)])
            to = cr.fetchone()[0]
        return after, to

    def _write_search(self, record, target: Path) -> int:
        """Entries that who asked for it may see."""
        count = 0
        with target.open("w", encoding="utf-8", newline="") as file:
            if record.kind == "csv":
                # Excel takes a file for UTF-8 only if it begins so.
                file.write("\ufeff")
                rows = csv.writer(file)
                rows.writerow(HEADS[1:])
            for lines in self._found(record):
                count += len(lines)
                if record.kind == "csv":
                    rows.writerows(as_row(line)[1:] for line in lines)
                else:
                    file.writelines(f"{text}\n" for text in export.lines_as_json(lines))
        return count

    def _found(self, record) -> Iterator[list[bytes]]:
        """The lines of what was searched, the oldest first."""
        entries = self.env["interop.audit.entry"].with_user(record.create_uid)
        domain, last = record._domain(), 0
        while found := entries.search(domain & Domain("id", ">", last), order="id", limit=BATCH):
            out = io.BytesIO()
            query = self.env.cr.mogrify(sql_seals.COPY_IDS, {"ids": found.ids})
            self.env.cr.copy_expert(query, out)
            yield out.getvalue().split(b"\n")[:-1]
            last = found.ids[-1]
