from odoo import api, fields, models

from ..lib.compatibility import Effect, Verdict, compare

_VERDICTS = [
    (Verdict.both, "Compatible both ways"),
    (Verdict.backward, "Backward compatible"),
    (Verdict.forward, "Forward compatible"),
    (Verdict.breaking, "Breaking"),
]


class InteropDocumentTypeComparison(models.TransientModel):
    """Two versions of one document type beside each other: who can read whose documents."""

    _name = "interop.document.type.comparison"
    _description = "Comparison of Document Types"

    document_type_id = fields.Many2one(
        "interop.document.type",
        string="Version",
        required=True,
        readonly=True,
        ondelete="cascade",
        help="The version whose page you came from.",
    )
    code = fields.Char(related="document_type_id.code", help="The document type.")
    other_id = fields.Many2one(
        "interop.document.type",
        string="Compare with",
        domain="[('code', '=', code), ('id', '!=', document_type_id)]",
        context={"active_test": False},
        compute="_compute_other_id",
        store=True,
        readonly=False,
        help="Another version of the same document type; archived ones can be chosen too.",
    )
    older_id = fields.Many2one(
        "interop.document.type",
        string="From",
        compute="_compute_comparison",
        help="The older of the two versions: documents and readers that are there already.",
    )
    newer_id = fields.Many2one(
        "interop.document.type",
        string="To",
        compute="_compute_comparison",
        help="The newer of the two versions: documents and readers that are to come.",
    )
    verdict = fields.Selection(
        selection=_VERDICTS,
        compute="_compute_comparison",
        help="Backward: who reads by the newer version can read all old documents. Forward: who "
        "still reads by the older version can read all new documents. Breaking: neither, or a "
        "field is less sensitive than it was.",
    )
    changes_html = fields.Html(
        string="What changes",
        compute="_compute_comparison",
        sanitize=False,
        help="Each difference in one sentence, grouped by whom it concerns.",
    )

    @api.depends("document_type_id")
    def _compute_other_id(self) -> None:
        """The version before, or the only other one."""
        for wizard in self:
            mine = wizard.document_type_id
            others = (
                mine.with_context(active_test=False).search([("code", "=", mine.code)]) - mine
            ).sorted(_rank)
            older = others.filtered(lambda other, mine=mine: _rank(other) < _rank(mine))
            wizard.other_id = older[-1:] or others[:1]

    @api.depends("document_type_id", "other_id")
    def _compute_comparison(self) -> None:
        for wizard in self:
            pair = (wizard.document_type_id | wizard.other_id).sorted(_rank)
            if len(pair) < 2:
                wizard.older_id = wizard.newer_id = wizard.verdict = wizard.changes_html = False
                continue
            older, newer = pair
            found = compare(older._schema(), newer._schema())
            wizard.older_id, wizard.newer_id, wizard.verdict = older, newer, found.verdict
            wizard.changes_html = self.env["ir.qweb"]._render(
                "interop_document.document_type_changes",
                {
                    "told": found.verdict.sentence,
                    "groups": [
                        (heading, found.about(effect))
                        for effect, heading in (
                            (Effect.policy, self.env._("Less protected than before")),
                            (Effect.backward, self.env._("Old documents that are refused")),
                            (Effect.forward, self.env._("New documents that old readers refuse")),
                            (Effect.note, self.env._("Good to know")),
                        )
                        if found.about(effect)
                    ],
                },
            )


def _rank(document_type) -> tuple:
    """Versions in their order: 1.9 before 1.10."""
    parts = document_type.version.split(".")
    return tuple((int(part), "") if part.isdigit() else (0, part) for part in parts)
