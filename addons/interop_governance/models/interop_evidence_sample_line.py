import logging

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.interop_audit.lib.evidence.levels import Levels
from odoo.addons.interop_base.lib.failures import InteropError

from .interop_evidence_making import About

_logger = logging.getLogger(__name__)


class InteropEvidenceSampleLine(models.Model):
    """One message that was drawn, and its bundle when it is made."""

    _name = "interop.evidence.sample.line"
    _description = "Drawn Message"
    _order = "sample_id, position"
    _log_access = False

    sample_id = fields.Many2one(
        "interop.evidence.sample", required=True, readonly=True, ondelete="cascade", index=True,
        help="The sample it was drawn for.",
    )  # fmt: skip
    position = fields.Integer(
        string="No.", required=True, readonly=True, aggregator=None,
        help="Its place in the order of the draw.",
    )  # fmt: skip
    message_id = fields.Many2one(
        "interop.message", required=True, readonly=True, ondelete="restrict",
        groups="interop_base.group_user", help="The message that was drawn.",
    )  # fmt: skip
    message_uuid = fields.Char(
        related="message_id.uuid", related_sudo=True, string="Message id",
        help="Identity of the message that was drawn.",
    )  # fmt: skip
    about = fields.Char(
        related="bundle_id.name", help="The document and its number, as the bundle calls it."
    )
    bundle_id = fields.Many2one(
        "interop.evidence.bundle", readonly=True, ondelete="restrict", help="Its evidence bundle."
    )
    entry_count = fields.Integer(
        related="bundle_id.entry_count", help="How many entries of the trail are in it."
    )
    problem = fields.Char(readonly=True, help="Why no bundle could be made of it.")

    _open = models.Index("(sample_id) WHERE bundle_id IS NULL AND problem IS NULL")

    def _make_bundle(self, log: Levels | None = None) -> Levels | None:
        """Make its bundle as whoever drew the sample. Returns the log's tree for the next one."""
        self.ensure_one()
        sample = self.sample_id
        env = sample.with_user(sample.drawn_by_id).with_context(
            allowed_company_ids=sample.drawn_company_ids.ids
        ).env  # fmt: skip
        bundles = env["interop.evidence.bundle"]
        head = env["interop.audit.bundling"].sudo()._newest_seal()
        if log is None or log.size != head - 1:
            log = env["interop.audit.bundling"].sudo()._log_before(head)
        try:
            with self.env.cr.savepoint():
                chosen = Domain("id", "=", self.sudo().message_id.id)
                message = env["interop.evidence.facts"]._messages(chosen)
                if not message:
                    raise UserError(env._("Whoever drew the sample may not see it any more."))
                about = About(
                    "message",
                    message.display_name,
                    message,
                    sample=f"{sample.name} ({sample.seed})",
                )
                bundle = bundles._make(about, sample.reason, log)
                bundle.sudo().sample_id = sample
                self.sudo().bundle_id = bundle
        except (UserError, InteropError) as failure:
            sentence = getattr(failure, "sentence", None) or str(failure)
            _logger.warning("interop: no bundle of a drawn message: %s", type(failure).__name__)
            self.sudo().problem = sentence
        return log
