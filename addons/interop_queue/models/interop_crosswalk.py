from odoo import fields, models

from ..engine.missing import catch_up

_CHANGED = "interop_queue.crosswalks"


class InteropCrosswalk(models.Model):
    """Who changes codes, here or by an import, lets the messages run that waited for them."""

    _inherit = "interop.crosswalk"

    missing_code_ids = fields.One2many(
        "interop.missing.code",
        "crosswalk_id",
        string="Unmapped so far",
        readonly=True,
        help="Codes that messages met and the crosswalk does not know.",
    )
    missing_count = fields.Integer(
        compute="_compute_missing_count", help="How many codes are still to be mapped."
    )

    def _compute_missing_count(self) -> None:
        counts = dict(
            self.env["interop.missing.code"]._read_group(
                [("crosswalk_id", "in", self.ids), ("state", "=", "open")],
                ["crosswalk_id"],
                ["__count"],
            )
        )
        for crosswalk in self:
            crosswalk.missing_count = counts.get(crosswalk, 0)

    def action_view_missing(self) -> dict:
        """Open the codes that this crosswalk does not know yet."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_queue.interop_missing_code_action"
        )
        return action | {"domain": [("crosswalk_id", "=", self.id)]}

    def _note_change(self) -> None:
        result = super()._note_change()
        self._look_after_commit()
        return result

    def _look_after_commit(self) -> None:
        """Once the change is committed, and so in view of those who fail at this moment."""
        postcommit = self.env.cr.postcommit
        codes = postcommit.data.setdefault(_CHANGED, set())
        if not codes:
            registry, user_id = self.env.registry, self.env.uid

            @postcommit.add
            def look() -> None:
                changed = sorted(postcommit.data.pop(_CHANGED, ()))
                catch_up(registry, changed, user_id=user_id)

        codes.update(self.mapped("code"))
