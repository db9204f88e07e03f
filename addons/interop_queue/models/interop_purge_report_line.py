from typing import Any

from odoo import fields, models

from .interop_purge_report import InteropPurgeReport


class InteropPurgeReportLine(models.Model):
    """A report's figures of one flow and company."""

    _name = "interop.purge.report.line"
    _description = "Purge Report: Figures of a Flow"
    _order = "report_id desc, flow_id, company_id"
    _log_access = False

    report_id = fields.Many2one(
        "interop.purge.report", required=True, readonly=True, index=True, ondelete="cascade",
        help="The run.",
    )  # fmt: skip
    flow_id = fields.Many2one(
        "interop.flow", required=True, readonly=True, ondelete="restrict", help="The flow."
    )
    company_id = fields.Many2one("res.company", readonly=True, help="The messages' company.")
    retention_class = fields.Char(
        readonly=True, help="The class by whose days the content was past its time."
    )
    message_count = fields.Integer(
        string="Messages", readonly=True, help="Messages whose content was purged."
    )
    payload_count = fields.Integer(
        string="Payloads", readonly=True, help="Payloads on the wire that were purged."
    )
    piece_count = fields.Integer(
        string="Pieces", readonly=True, help="Sealed pieces that were destroyed."
    )
    byte_count = fields.Float(
        string="Bytes", digits=(20, 0), readonly=True, help="Sealed bytes that were destroyed."
    )
    oldest_at = fields.Datetime(
        string="Oldest", readonly=True, help="When the oldest of these messages had ended."
    )
    newest_at = fields.Datetime(
        string="Newest", readonly=True, help="When the newest of these messages had ended."
    )

    _count = InteropPurgeReport._count

    def _export_names(self) -> list[str]:
        return [
            "flow_id", "company_id", "retention_class", "message_count", "payload_count",
            "piece_count", "byte_count", "oldest_at", "newest_at",
        ]  # fmt: skip

    def _export_value(self, name: str) -> Any:
        value = self[name]
        return value.display_name or "" if isinstance(value, models.BaseModel) else value or ""
