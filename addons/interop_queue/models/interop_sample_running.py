from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.interop_base.lib.failures import InteropError
from odoo.addons.interop_document.lib.canonical import digest
from odoo.addons.interop_document.lib.lookup import NO_LOOKUP, Lookup

from ..engine.keys import Lookups
from ..lib.plan import Plan
from ..lib.samples import ERROR, SAME, Sample, Verdict, compare, run, trial_plan


class InteropSampleRunning(models.AbstractModel):
    """Running golden samples, and accepting what came out."""

    _name = "interop.sample.running"
    _description = "Golden Sample: Runs"

    def action_run(self) -> dict | None:
        """Run the samples through their flows as these are edited now."""
        self.check_access("read")
        self._run()
        if len(self) == 1:
            return None
        return self._told()

    def action_ask_accept(self) -> dict:
        """Run it, and show the difference to whoever wants to accept the result."""
        self.ensure_one()
        self._require_manager()
        verdict = self._run()[self]
        if verdict.outcome == ERROR:
            raise UserError(self.env._("There is no result to accept. %s", verdict.sentence))
        if verdict.outcome == SAME:
            raise UserError(self.env._("The result is what is expected already."))
        wizard = self.env["interop.sample.acceptance"].create(
            {"sample_id": self.id, "digest": digest(verdict.produced.encode())}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Accept as expected"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def _run(self) -> dict[models.BaseModel, Verdict]:
        """Run through the drafts and note the results; also by who may only read samples."""
        verdicts = {}
        over = {}
        for flow, samples in self.grouped("flow_id").items():
            text = flow._trial_text()
            verdicts.update(samples._tried(text))
            over |= dict.fromkeys(samples, flow._samples_over(text))
        for sample, verdict in verdicts.items():
            sample.sudo()._note(
                {
                    "last_result": verdict.outcome,
                    "last_run_at": fields.Datetime.now(),
                    "last_sentence": verdict.sentence or False,
                    "produced": verdict.produced or False,
                    "ran_over": over[sample],
                }
            )
        return verdicts

    @api.model
    def _cron_run_changed(self) -> None:
        """Run the samples of drafts that changed since, and say on the flow what passes no more."""
        flows = self.sudo().search([]).flow_id
        for left, flow in zip(range(len(flows) - 1, -1, -1), flows, strict=True):
            flow._run_changed_samples()
            if not self.env["ir.cron"]._commit_progress(1, remaining=left):
                break

    def _tried(self, text: str | Exception) -> dict[models.BaseModel, Verdict]:
        """Verdicts of these samples, of one flow, over a snapshot's `text`. Writes nothing."""
        try:
            if isinstance(text, Exception):
                raise text
            plan = trial_plan(text)
        except (InteropError, UserError) as problem:
            sentence = getattr(problem, "sentence", None) or str(problem)
            return dict.fromkeys(self, Verdict(ERROR, sentence))
        return {sample: sample._verdict(plan) for sample in self}

    def _verdict(self, plan: Plan) -> Verdict:
        return run(self._sample(), plan, self._lookup(plan))

    def _lookup(self, plan: Plan | None) -> Lookup:
        """Codes as the pipeline looks them up."""
        return Lookups(self.env).of(plan, self._company().id) if plan else NO_LOOKUP

    def _sample(self) -> Sample:
        return Sample(self.given or "", self.expected or "", self._company().id)

    def _company(self) -> models.BaseModel:
        return self.sudo().flow_id.company_id or self.env.company

    def _told(self) -> dict:
        failing = self.filtered(lambda sample: sample.last_result != "same")
        message = (
            self.env._(
                "%(fine)s of %(all)s samples are as expected.",
                fine=len(self) - len(failing),
                all=len(self),
            )
            if self
            else self.env._("There is no sample yet.")
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if self and not failing else "warning",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _accept(self, seen: str, reason: str) -> None:
        """Let what was `seen` (its digest) be what is expected from now on. Managers only."""
        self.ensure_one()
        self._require_manager()
        if not reason.strip():
            raise UserError(self.env._("Say why the new result is right."))
        verdict = self._run()[self]
        if not verdict.produced or digest(verdict.produced.encode()) != seen:
            raise UserError(
                self.env._("The result has changed since you looked at it. Look again.")
            )
        before = digest((self.expected or "").encode()) if self.expected else None
        self.sudo()._note(
            {
                "expected": verdict.produced,
                "accepted_by_id": self.env.uid,
                "accepted_at": fields.Datetime.now(),
                "last_result": SAME,
                "last_sentence": False,
            }
        )
        self._audit("sample.accept", seen, reason=reason.strip(), before=before)

    def _require_manager(self) -> None:
        if not self.env.su and not self.env.user.has_group("interop_base.group_manager"):
            raise AccessError(self.env._("Only Interop managers may do this."))

    def _diff_html(self, produced: str) -> Markup:
        return self.env["ir.qweb"]._render(
            "interop_queue.sample_diff",
            {"verdict": compare(self.expected or "", produced), "fresh": not self.expected},
        )
