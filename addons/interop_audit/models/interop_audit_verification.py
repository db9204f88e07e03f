import time
from datetime import datetime, timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_datetime

from odoo.addons.interop_base.lib.keyring import KeyringError

from .. import sql_verify
from ..lib.evidence.findings import Finding, is_bad
from ..lib.evidence.trail import Report

#: How long (seconds) a person waits in the browser before the rest goes on in the background, and
#: how long the background reads before it writes down how far it came.
AT_ONCE = 3.0
SLICE = 20.0
RUN = 60.0
#: Runs that found nothing are removed after this time; their entries in the trail stay.
KEPT_DAYS = 400


class InteropAuditVerification(models.Model):
    """One verification of the trail: how far it came and what it found."""

    _name = "interop.audit.verification"
    _description = "Verification of the Audit Trail"
    _order = "id desc"
    _rec_name = "summary"

    kind = fields.Selection(
        [("full", "Everything"), ("newer", "What is new")],
        required=True,
        readonly=True,
        default="full",
        help="Everything: all seals and entries. What is new: those since the last verification "
        "that found nothing.",
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("running", "Running"),
            ("clean", "Nothing found"),
            ("found", "Something found"),
            ("failed", "Not possible"),
        ],
        required=True,
        readonly=True,
        default="waiting",
        index=True,
        help="How the verification stands. Not possible: it could not be done, as is told.",
    )
    requested_by_id = fields.Many2one(
        "res.users",
        string="Asked for by",
        readonly=True,
        ondelete="set null",
        help="Who pressed the button; empty for a scheduled verification.",
    )
    started_at = fields.Datetime(string="Begun", readonly=True, help="When it began to read.")
    ended_at = fields.Datetime(string="Ended", readonly=True, help="When it was through.")
    entry_count = fields.Integer(
        string="Entries", readonly=True, aggregator=None, help="How many entries were verified."
    )
    seal_count = fields.Integer(
        string="Seals", readonly=True, aggregator=None, help="How many seals were verified."
    )
    first_seal = fields.Integer(
        readonly=True, aggregator=None, help="Number of the first seal that was verified."
    )
    last_seal = fields.Integer(
        readonly=True, aggregator=None, help="Number of the last seal that was verified."
    )
    begins_after = fields.Integer(
        readonly=True, aggregator=None, help="The verification began behind this seal; 0: with all."
    )
    unsealed_count = fields.Integer(
        string="Not sealed yet",
        readonly=True,
        aggregator=None,
        help="Entries younger than the last seal. They are protected within a minute or so.",
    )
    dropped_count = fields.Integer(
        string="Dropped",
        readonly=True,
        aggregator=None,
        help="Entries that went with their month at the end of its retention, as the trail says.",
    )
    keys = fields.Char(
        string="Signed by", readonly=True, help="Public keys that signed the seals, in order."
    )
    summary = fields.Char(readonly=True, help="What was verified and what came of it.")
    finding_ids = fields.One2many(
        "interop.audit.finding",
        "verification_id",
        string="Findings",
        readonly=True,
        help="What is wrong, or good to know.",
    )
    bad_count = fields.Integer(
        string="Findings to look at",
        readonly=True,
        aggregator=None,
        help="How many findings are errors or warnings.",
    )

    @api.depends("create_date")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for run in self:
            asked = format_datetime(self.env, run.create_date, dt_format="medium")
            run.display_name = self.env._("Verification of %s", asked).strip()

    # -- for people ----------------------------------------------------------------------------

    def action_verify_now(self) -> dict:
        """Verify everything; what takes longer than some seconds goes on in the background."""
        groups = ("interop_base.group_auditor", "interop_base.group_manager")
        if not any(self.env.user.has_group(group) for group in groups):
            raise AccessError(self.env._("Only auditors and managers verify the trail."))
        run = self.sudo().create({"kind": "full", "requested_by_id": self.env.uid})
        run._advance(AT_ONCE)
        if run._is_open():
            self.env.ref("interop_audit.ir_cron_verify").sudo()._trigger()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": run.id,
            "views": [(False, "form")],
        }

    def action_refresh(self) -> bool:
        """Show how far it came: the form reads again."""
        return True

    # -- scheduled -----------------------------------------------------------------------------

    @api.model
    def _cron_newer(self) -> None:
        self._request("newer")

    @api.model
    def _cron_full(self) -> None:
        self._request("full")

    @api.model
    def _request(self, kind: str) -> None:
        """Have a verification done in the background, unless one of that kind waits already."""
        if self.search_count([("kind", "=", kind), ("state", "in", ("waiting", "running"))]):
            return
        after = self._last_clean() if kind == "newer" else 0
        self.create({"kind": kind, "begins_after": after, "last_seal": after})
        self.env.ref("interop_audit.ir_cron_verify")._trigger()

    def _last_clean(self) -> int:
        """The last seal of the last verification that found nothing; 0 if there is none."""
        last = self.search([("state", "=", "clean")], limit=1)
        self.env.cr.execute(sql_verify.LAST_NUMBER)
        # A trail that was cut off is verified from its beginning.
        return last.last_seal if last.last_seal <= self.env.cr.fetchone()[0] else 0

    @api.model
    def _cron_work(self) -> None:
        """Do what waits, slice by slice; what is not done in a minute goes on in the next run."""
        until = time.monotonic() + RUN
        while run := self.search([("state", "in", ("waiting", "running"))], order="id", limit=1):
            if time.monotonic() > until:
                self.env.ref("interop_audit.ir_cron_verify")._trigger()
                return
            run._advance(SLICE)
            # Nothing written stays open while the next slice reads: the sealing would wait.
            self.env["ir.cron"]._commit_progress(1)

    @api.autovacuum
    def _gc_runs(self):
        before = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.search([("state", "=", "clean"), ("create_date", "<", before)]).unlink()

    # -- the work ------------------------------------------------------------------------------

    def _advance(self, seconds: float) -> None:
        """Verify for about so long, and note how far it came and what was found."""
        self.ensure_one()
        until = time.monotonic() + seconds

        def stop_in_time(trail, _entries):
            trail.stop = time.monotonic() > until

        started = self.started_at or fields.Datetime.now()
        try:
            report = self.env["interop.audit.verifier"]._verify(
                after=self.last_seal,
                with_guards=self.state == "waiting",
                progress=stop_in_time,
            )
        except KeyringError as failure:
            self.write({"state": "failed", "started_at": started, "summary": failure.sentence})
            return
        self._note(report, started)
        if not self._is_open():
            self._conclude()

    def _is_open(self) -> bool:
        return self.state in ("waiting", "running")

    def _note(self, report: Report, started: datetime) -> None:
        bad = self.bad_count + sum(map(is_bad, report.findings))
        # Lines are told once: a later slice may say of the keys what an earlier one has said.
        known = {(each.code, each.sentence) for each in self.finding_ids}
        new = [each for each in report.findings if (each.code, each.sentence) not in known]
        keys = (self.keys or "").split()
        values = {
            "started_at": started,
            "entry_count": self.entry_count + report.entries,
            "seal_count": self.seal_count + report.seals,
            "first_seal": self.first_seal or report.first_seal,
            "last_seal": report.last_seal,
            "unsealed_count": report.unsealed,
            "dropped_count": self.dropped_count + report.gone,
            "keys": " ".join([*keys, *(key for key in report.keys if key not in keys)]),
            "bad_count": bad,
            "state": "running",
            "finding_ids": [fields.Command.create(_line(finding)) for finding in new],
        }
        if report.is_complete:
            values |= {"state": "found" if bad else "clean", "ended_at": fields.Datetime.now()}
        self.write(values)
        self.summary = self._summary(report)

    def _summary(self, report: Report) -> str:
        if self.state == "running":
            return self.env._(
                "%(entries)s entries in %(seals)s seals verified so far.",
                entries=f"{self.entry_count:,}",
                seals=f"{self.seal_count:,}",
            )
        if not self.seal_count and not self.bad_count:
            return self.env._("Nothing new was sealed since: nothing to verify, nothing found.")
        found = (
            self.env._("%s found.", self.bad_count)
            if self.bad_count
            else self.env._("nothing found.")
        )
        return self.env._(
            "%(entries)s entries in %(seals)s seals verified, the last of %(moment)s, by key "
            "%(keys)s: %(found)s",
            entries=f"{self.entry_count:,}",
            seals=f"{self.seal_count:,}",
            moment=f"{report.sealed_at[:10]} {report.sealed_at[11:16]} UTC",
            keys=", ".join(f"{key[:16]}…" for key in (self.keys or "").split()),
            found=found,
        )

    def _conclude(self) -> None:
        """Write the act into the trail, and raise or end the alarms."""
        bad = self.finding_ids.filtered(lambda line: line.severity != "note")
        self.env["interop.audit"].with_user(self.requested_by_id.id or SUPERUSER_ID).sudo()._record(
            "audit.verify",
            record=self,
            outcome="found" if bad else "ok",
            details={
                "kind": self.kind,
                "entries": self.entry_count,
                "seals": self.seal_count,
                "first_seal": self.first_seal,
                "last_seal": self.last_seal,
                "found": sorted(set(bad.mapped("code"))),
            },
        )
        alarms = self.env.get("interop.audit.alarms")
        if alarms is None:
            return
        facts = {"verification": self.id, "found": sorted(set(bad.mapped("code")))}
        guards = bad.filtered(lambda line: line.code == "trigger_disabled")
        errors = (bad - guards).filtered(lambda line: line.severity == "error")
        if guards:
            alarms._raise("trigger_disabled", guards[0].sentence, facts)
        else:
            alarms._clear("trigger_disabled")
        if errors:
            alarms._raise("verification_failed", self.summary, facts)
        elif self.kind == "full":
            alarms._clear("verification_failed")


def _line(finding: Finding) -> dict:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "seal": finding.seal or 0,
        "entry": finding.entry or 0,
        "sentence": finding.sentence,
    }
