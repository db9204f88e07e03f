from collections import defaultdict

from odoo import api, fields, models

COUNTED_AT_MOST = 100_000


class InteropPurgePreview(models.TransientModel):
    """What a purge would find now, as figures. Changes nothing."""

    _name = "interop.purge.preview"
    _description = "What Would Be Purged"

    looked_at = fields.Datetime(
        default=fields.Datetime.now, readonly=True, help="The moment that the figures are of."
    )
    message_count = fields.Integer(
        string="Messages", readonly=True, help="Messages whose content would be purged."
    )
    held_count = fields.Integer(
        string="Kept back", readonly=True,
        help="Messages past their time that a legal hold or an open decision keeps.",
    )  # fmt: skip
    line_ids = fields.One2many(
        "interop.purge.preview.line", "preview_id", readonly=True, help="The figures by flow."
    )

    @api.model
    def default_get(self, names):
        values = super().default_get(names)
        lines = self._figures()
        values["message_count"] = sum(line["message_count"] for line in lines)
        values["held_count"] = sum(line["held_count"] for line in lines)
        values["line_ids"] = [fields.Command.create(line) for line in lines]
        return values

    @api.model
    def _figures(self) -> list[dict]:
        """By flow, of the companies that the user may see; as many messages as are counted."""
        if not self.env.user.has_group("interop_base.group_manager"):
            return []
        retention = self.env["interop.retention"].sudo()
        now, figures = fields.Datetime.now(), []
        for flow_id, (code, days) in retention._flow_days().items():
            counts: dict[str, list] = defaultdict(list)
            for row in retention._past(flow_id, days, now, COUNTED_AT_MOST):
                if row["company_id"] in (None, *self.env.companies.ids):
                    counts["ended"].append(row["done_at"])
                    counts["ids"].append(row["id"])
            if not counts["ids"]:
                continue
            held = len(retention._kept(counts["ids"]))
            figures.append(
                {
                    "flow_id": flow_id,
                    "retention_class": code,
                    "message_count": len(counts["ids"]) - held,
                    "held_count": held,
                    "oldest_at": min(counts["ended"]),
                    "newest_at": max(counts["ended"]),
                }
            )
        return figures


class InteropPurgePreviewLine(models.TransientModel):
    _name = "interop.purge.preview.line"
    _description = "What Would Be Purged: Figures of a Flow"

    preview_id = fields.Many2one(
        "interop.purge.preview", required=True, ondelete="cascade", help="The preview."
    )
    flow_id = fields.Many2one("interop.flow", readonly=True, help="The flow.")
    retention_class = fields.Char(
        readonly=True, help="The class by whose days the content is past its time."
    )
    message_count = fields.Integer(
        string="Messages", readonly=True, help="Messages whose content would be purged."
    )
    held_count = fields.Integer(
        string="Kept back", readonly=True,
        help="Messages past their time that a legal hold or an open decision keeps.",
    )  # fmt: skip
    oldest_at = fields.Datetime(
        string="Oldest", readonly=True, help="When the oldest of these messages had ended."
    )
    newest_at = fields.Datetime(
        string="Newest", readonly=True, help="When the newest of these messages had ended."
    )
