from odoo import fields, models


class InteropMappingSamples(models.AbstractModel):
    """A mapping's golden samples are those of the flows that use it."""

    _name = "interop.mapping.samples"
    _description = "Mapping: Golden Samples"

    flow_ids = fields.One2many(
        "interop.flow",
        "mapping_id",
        string="Used by",
        help="The flows that use this mapping, and whose samples show what it does.",
    )
    sample_count = fields.Integer(
        compute="_compute_sample_counts",
        string="Golden samples",
        help="Samples of the flows that use this mapping.",
    )
    sample_bad_count = fields.Integer(
        compute="_compute_sample_counts",
        string="Samples that do not pass",
        help="Those that differ, fail, or were not run since they were changed.",
    )

    def _compute_sample_counts(self) -> None:
        for mapping in self:
            samples = mapping.flow_ids.sample_ids
            mapping.sample_count = len(samples)
            mapping.sample_bad_count = len(
                samples.filtered(lambda sample: sample.last_result != "same")
            )

    def action_view_samples(self) -> dict:
        """Open the samples of the flows that use this mapping."""
        return self.flow_ids.action_view_samples()

    def action_run_samples(self) -> dict:
        """Run them through the drafts of these flows, this mapping as it is now included."""
        self.check_access("read")
        return self.flow_ids.action_run_samples()
