import json

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.interop_base.lib.failures import InteropError
from odoo.addons.interop_document.lib.canonical import digest

from ..lib.samples import MAX_CHARACTERS, readable, refusal, suspicions

RESULTS = [
    ("never", "Not run yet"),
    ("same", "As expected"),
    ("difference", "Different"),
    ("error", "Fails"),
]
# What a run depends on: a result is one of these as they were.
CONTENT = frozenset({"flow_id", "given", "expected"})
# Written by running and accepting only.
OWN = frozenset(
    """last_result last_run_at last_sentence produced ran_over accepted_by_id accepted_at""".split()
)


class InteropSample(models.Model):
    """A golden sample: an invented document or payload, and what the flow is to make of it.

    It lives with its flow and runs over the draft when somebody asks for it, after changes, before
    publishing, and from the command line. It lies in the open, so what points to a person is
    refused.
    """

    _name = "interop.sample"
    _description = "Golden Sample"
    _inherit = ["interop.sample.running"]
    _order = "flow_id, sequence, id"

    name = fields.Char(required=True, help="The case that it shows: Two lines with lots.")
    active = fields.Boolean(
        default=True, help="Archive a sample that need not hold any more. It does not run then."
    )
    sequence = fields.Integer(default=10, help="Position among the samples of its flow.")
    flow_id = fields.Many2one(
        "interop.flow",
        required=True,
        ondelete="cascade",
        index=True,
        help="The flow that it is run through, with its policy, mapping and format.",
    )
    direction = fields.Selection(related="flow_id.direction", help="That of the flow.")
    company_id = fields.Many2one(
        related="flow_id.company_id", store=True, index=True, help="That of the flow."
    )
    area_id = fields.Many2one(
        related="flow_id.area_id", store=True, index=True, help="That of the flow."
    )
    given = fields.Text(
        required=True,
        prefetch=False,
        help="Outbound: the document as JSON, or a list of documents that travel together. "
        "Inbound: what the partner sends. Made up, never copied from real life.",
    )
    expected = fields.Text(
        copy=False,
        prefetch=False,
        help="Outbound: what the partner gets. Inbound: the document that is taken in. Empty until "
        "somebody accepts a result.",
    )
    why = fields.Text(
        string="Why it matters", help="What would go wrong if this came out otherwise."
    )
    last_result = fields.Selection(
        RESULTS,
        default="never",
        required=True,
        readonly=True,
        copy=False,
        help="What the flow, as it is edited now, made of it when it was run last.",
    )
    last_run_at = fields.Datetime(
        string="Last run", readonly=True, copy=False, help="When it was run last."
    )
    last_sentence = fields.Char(
        string="What is said about it", readonly=True, copy=False, help="What differs, or fails."
    )
    produced = fields.Text(
        string="Result",
        readonly=True,
        copy=False,
        prefetch=False,
        help="What came out when it was run last.",
    )
    ran_over = fields.Char(
        readonly=True,
        copy=False,
        help="A digest of the draft and the codes that it ran over. When these change, it is run "
        "again by itself.",
    )
    diff_html = fields.Html(
        string="Difference",
        compute="_compute_diff_html",
        sanitize=False,
        help="The last result beside what is expected: − is expected, + came out.",
    )
    accepted_by_id = fields.Many2one(
        "res.users",
        string="Accepted by",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="Who looked at the result and accepted it as expected.",
    )
    accepted_at = fields.Datetime(
        string="Accepted on", readonly=True, copy=False, help="When it was accepted."
    )

    @api.depends("expected", "produced", "last_result")
    def _compute_diff_html(self) -> None:
        for sample in self:
            sample.diff_html = sample._diff_html(sample.produced) if sample.produced else False

    @api.constrains("given", "expected", "why", "flow_id")
    def _check_invented(self) -> None:
        for sample in self:
            longest = max(len(sample.given or ""), len(sample.expected or ""))
            if longest > MAX_CHARACTERS:
                raise ValidationError(
                    self.env._("A sample has at most %s characters.", f"{MAX_CHARACTERS:,}")
                )
            flow = sample.flow_id.sudo()
            guard = flow._guard_snapshot()
            try:
                plan = flow._trial_plan()
            except (InteropError, UserError):
                plan = None  # not complete yet: then less passes
            found = suspicions(
                sample._sample(),
                flow.direction,
                flow.document_type_id._validator().fields,
                plan,
                sample._lookup(plan),
                sample.why or "",
                examples=flow.document_type_id._schema().get("examples", ()),
                templates=tuple(guard["patterns"]),
                countries=tuple(code for code in guard["countries"].values() if code),
            )
            if found:
                raise ValidationError(refusal(found))

    # -- changing ------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        clean = [self._without_own(vals) for vals in vals_list]
        samples = super().create(clean)
        for sample in samples:
            sample._audit("sample.create", sample._digest())
        return samples

    def write(self, vals):
        vals = self._without_own(vals)
        changed = CONTENT & vals.keys()
        if changed:
            vals |= {
                "last_result": "never",
                "last_sentence": False,
                "produced": False,
                "ran_over": False,
            }
        if "expected" in changed:
            vals |= {"accepted_by_id": False, "accepted_at": False}
        result = super().write(vals)
        if named := sorted(vals.keys() - OWN):
            for sample in self:
                sample._audit("sample.change", sample._digest(), fields=named)
        return result

    def unlink(self):
        for sample in self:
            sample._audit("sample.delete", sample._digest())
        return super().unlink()

    def _note(self, vals: dict) -> bool:
        """Past `write`, which lets nobody say what came out or who accepted it."""
        return super().write(vals)

    @staticmethod
    def _without_own(vals: dict) -> dict:
        return {name: value for name, value in vals.items() if name not in OWN}

    def _digest(self) -> str:
        return digest(json.dumps([self.given or "", self.expected or ""]).encode())

    def _audit(self, act: str, content_digest: str, **details) -> None:
        self.env["interop.audit"]._record(
            act,
            record=self,
            digest=content_digest,
            details={"name": self.name, "flow": self.sudo().flow_id.code}
            | {name: value for name, value in details.items() if value},
        )

    @api.onchange("given")
    def _onchange_given(self) -> None:
        """JSON is set out for reading."""
        for sample in self:
            if sample.given:
                sample.given = readable(sample.given) if sample.direction == "out" else sample.given
