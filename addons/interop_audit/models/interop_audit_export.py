import ast
import logging
import secrets
import shutil
import time
from datetime import datetime, timedelta
from pathlib import Path

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import config

_logger = logging.getLogger(__name__)

#: Files are removed after this time: who needs an export keeps it somewhere safe.
KEPT_DAYS = 7
RUN = 60.0
#: What people say of an export; all else is said by the server.
_ASKED = {"kind", "date_from", "date_to", "entry_domain"}


class InteropAuditExport(models.Model):
    """Entries of the trail as a file: the whole trail, the seals of a period, or what was searched.

    The file lies in the server's data folder and not in the database, so it is not in its backups.
    """

    _name = "interop.audit.export"
    _description = "Export of the Audit Trail"
    _order = "id desc"
    _rec_name = "file_name"

    kind = fields.Selection(
        [
            ("whole", "Whole trail"),
            ("period", "Seals of a period"),
            ("csv", "Search, as CSV"),
            ("ndjson", "Search, as NDJSON"),
        ],
        required=True,
        default="csv",
        help="Whole trail and seals of a period: a zip that can be verified without Odoo. Search: "
        "entries that you may see and that fit; it is not whole and proves nothing by itself.",
    )
    date_from = fields.Datetime(
        string="From", help="Period: seals made from then on. Empty: from the beginning."
    )
    date_to = fields.Datetime(
        string="Until", help="Period: seals made until then. Empty: until now."
    )
    entry_domain = fields.Char(
        string="Which entries", default="[]", help="Search: which entries are exported."
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("waiting", "Waiting"),
            ("ready", "Ready"),
            ("failed", "Failed"),
            ("removed", "Removed"),
        ],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        help="Waiting: being made in the background. Removed: the file was kept for some days.",
    )
    entry_count = fields.Integer(
        string="Entries", readonly=True, copy=False, aggregator=None, help="How many it holds."
    )
    up_to = fields.Float(
        readonly=True, digits=(20, 0), copy=False, help="The newest entry when it was begun."
    )
    file_name = fields.Char(string="File", readonly=True, copy=False, help="Name of the file.")
    file_size = fields.Float(
        string="Size (MB)", readonly=True, copy=False, digits=(16, 1), help="Size of the file."
    )
    place = fields.Char(readonly=True, copy=False, help="Where the file lies on the server.")
    digest = fields.Char(
        readonly=True,
        copy=False,
        help="Fingerprint (SHA-256) of the file, to recognise it again.",
    )
    made_at = fields.Datetime(string="Made", readonly=True, copy=False, help="When it was made.")
    failure = fields.Char(readonly=True, copy=False, help="Why it could not be made.")

    @api.constrains("entry_domain")
    def _check_entry_domain(self):
        for export in self:
            export._domain()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_own_values(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_own_values(vals)
        if not self.env.su and any(export.state in ("waiting", "ready") for export in self):
            raise UserError(self.env._("What is being made or was made is not changed any more."))
        return super().write(vals)

    def _refuse_own_values(self, vals: dict) -> None:
        """What the export says of its file is the server's to say."""
        if not self.env.su and vals.keys() - _ASKED:
            raise AccessError(self.env._("Only what is to be exported can be chosen."))

    # -- for people ----------------------------------------------------------------------------

    def action_make(self) -> bool:
        """Have the file made in the background."""
        self.ensure_one()
        self.check_access("write")
        if self.kind in ("whole", "period"):
            self._check_sees_all()
        self.sudo().write({"state": "waiting", "failure": False})
        self.env.ref("interop_audit.ir_cron_export").sudo()._trigger()
        return True

    def action_refresh(self) -> bool:
        """Show whether it is ready: the form reads again."""
        return True

    def action_download(self) -> dict:
        """Hand out the file."""
        self.ensure_one()
        self._file()
        return {
            "type": "ir.actions.act_url",
            "url": f"/interop/audit/export/{self.id}",
            "target": "download",
        }

    def _check_sees_all(self) -> None:
        """A trail that can be verified is whole: entries of all companies and areas are in it."""
        user = self.env.user
        companies = self.env["res.company"].sudo().search_count([])
        areas = self.env["interop.area"].sudo().search_count([])
        sees_all = len(user.sudo().company_ids) >= companies and (
            len(user.sudo().interop_area_ids) >= areas
        )
        if not sees_all and not user.has_group("interop_base.group_manager"):
            raise AccessError(
                self.env._(
                    "The whole trail has entries of all companies and business areas. Managers "
                    "export it, and auditors of all of them."
                )
            )

    def _file(self) -> Path:
        """The file, if it is there."""
        path = self._folder() / (self.sudo().place or "-")
        if self.state != "ready" or not path.is_file():
            raise UserError(self.env._("The file is not there any more. Make the export again."))
        return path

    def _domain(self) -> Domain:
        try:
            return Domain(ast.literal_eval(self.entry_domain or "[]"))
        except (ValueError, SyntaxError, TypeError):
            raise ValidationError(
                self.env._("Choose the entries by values: dates and users as such, no formulas.")
            ) from None

    # -- the work ------------------------------------------------------------------------------

    @api.model
    def _cron_make(self) -> None:
        """Make what waits. A failure is told on the export and does not hold up the next one."""
        until = time.monotonic() + RUN
        while export := self.search([("state", "=", "waiting")], order="id", limit=1):
            if time.monotonic() > until:
                self.env.ref("interop_audit.ir_cron_export")._trigger()
                return
            export._make()
            self.env["ir.cron"]._commit_progress(1)

    def _make(self) -> None:
        self.ensure_one()
        started = fields.Datetime.now()
        place = f"{self.id}-{secrets.token_hex(16)}"
        try:
            values = self.env["interop.audit.exporter"]._write_file(self, self._folder() / place)
        except (OSError, UserError) as failure:
            shutil.rmtree(self._folder() / place, ignore_errors=True)
            _logger.error(
                "interop: an export of the audit trail failed: %s", type(failure).__name__
            )
            sentence = failure.strerror if isinstance(failure, OSError) else str(failure)
            self.write({"state": "failed", "failure": sentence})
            self._record_act("failed", started)
            return
        self.write({**values, "state": "ready", "place": place, "made_at": started})
        self._record_act("ok", started)

    def _record_act(self, outcome: str, started: datetime) -> None:
        """In the name of who asked for it."""
        self.env["interop.audit"].with_user(self.create_uid).sudo()._record(
            "audit.export",
            record=self,
            outcome=outcome,
            digest=self.digest or None,
            details={
                "kind": self.kind,
                "entries": self.entry_count,
                "from": self.date_from or None,
                "until": self.date_to or None,
                # What was looked for may itself tell something; its fields may not.
                "fields": self._searched(),
            },
        )

    def _record_download(self) -> None:
        """The file leaves the server; whoever took the whole trail may uninstall afterwards."""
        self.env["interop.audit"].sudo()._record(
            "audit.download",
            record=self,
            digest=self.digest,
            details={
                "kind": self.kind,
                "entries": self.entry_count,
                "taken": self.kind,
                "up_to": int(self.sudo().up_to),
            },
        )

    def _searched(self) -> list[str]:
        if self.kind not in ("csv", "ndjson"):
            return []
        found = {each.field_expr for each in self._domain().iter_conditions()}
        return sorted(found)

    def _folder(self) -> Path:
        """Beside the filestore, one for each database, readable by the server only."""
        folder = Path(config["data_dir"]) / "interop_exports" / self.env.cr.dbname
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def unlink(self):
        folder = self._folder()
        places = [export.place for export in self.sudo() if export.place]
        result = super().unlink()
        for place in places:
            (folder / place).unlink(missing_ok=True)
        return result

    @api.autovacuum
    def _gc_files(self):
        before = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        for export in self.search([("state", "=", "ready"), ("made_at", "<", before)]):
            (export._folder() / export.place).unlink(missing_ok=True)
            export.state = "removed"
