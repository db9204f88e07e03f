from dataclasses import dataclass

from odoo import fields, models

from ..lib.batching import GATHERED, UNRELEASED
from ..lib.chains import chain_key


@dataclass(frozen=True, slots=True)
class _Stop:
    """One stop on a message's way. `tone` is a Bootstrap colour."""

    at: object
    title: str
    detail: str = ""
    tone: str = "secondary"
    icon: str = "fa-circle"


class InteropMessage(models.Model):
    """The message's way as people see it: what happened, when, and what comes next."""

    _inherit = "interop.message"

    timeline = fields.Html(
        compute="_compute_timeline",
        sanitize=False,
        help="What has happened to the message so far, and what happens next.",
    )

    def _compute_timeline(self) -> None:
        for message in self:
            stops = [*message._stops_past(), *message._stops_next()]
            message.timeline = self.env["ir.qweb"]._render(
                "interop_queue.message_timeline",
                {"stops": stops, "when": lambda at: fields.Datetime.context_timestamp(self, at)},
            )

    def _stops_past(self) -> list[_Stop]:
        _ = self.env._
        inbound = self.direction == "in"
        partner = self.sudo().connector_id.system_id.name
        title = _("Received from %s", partner) if inbound else _("Accepted into the queue")
        detail = self.event or (
            _("stored sealed, then answered") if inbound else _("with Odoo's own commit")
        )
        stops = [_Stop(self.created_at, title, detail, "primary", "fa-inbox")]
        if self.resent_from_id:
            detail = _("made from %s by a person", self.resent_from_id.uuid)
            stops = [_Stop(self.created_at, _("Sent again as new"), detail, "primary", "fa-clone")]
        if self.redriven_at:
            title = _("Run again by a person")
            stops.append(_Stop(self.redriven_at, title, "", "primary", "fa-repeat"))
        stops += [
            _Stop(new.created_at, _("Sent again as a new message"), new.uuid, "info", "fa-clone")
            for new in self.resent_ids
        ]
        for attempt in self.attempt_ids.sorted("id"):
            facts = [f"{attempt.duration_ms:.0f} ms"]
            if attempt.status:
                facts.insert(0, _("status %s", attempt.status))
            if attempt.outcome == "ok":
                title, tone, icon = _("Sent to %s", partner), "success", "fa-paper-plane"
            else:
                title, tone, icon = _("Attempt %s failed", attempt.number), "warning", "fa-repeat"
                facts.append(attempt.failure or "")
            stops.append(_Stop(attempt.started_at, title, " · ".join(facts), tone, icon))
        stops += [
            _Stop(
                answer.done_at or answer.created_at,
                _("Answered by %s", partner),
                answer.display_name,
                "success",
                "fa-reply",
            )
            for answer in self.answer_ids
        ]
        if self.purged_at:
            stops.append(_Stop(self.purged_at, _("Content purged"), "", "secondary", "fa-eraser"))
        return sorted(stops, key=lambda stop: stop.at or fields.Datetime.now())

    def _stops_next(self) -> list[_Stop]:
        _ = self.env._
        told = self.attempt_ids.sorted("id")[-1:].failure == self.failure
        failure = "" if told else self.failure or ""
        match self.state:
            case "ready":
                return [_Stop(None, _("Next free lane takes it"), icon="fa-hourglass-start")]
            case "running":
                return [_Stop(self.started_at, _("In a lane's hands"), self.lane or "", "info")]
            case "waiting" if self.parked and self.waits_for_others:
                return [_Stop(None, _("Waits for messages of other flows"))]
            case "waiting" if self.parked:
                return [_Stop(None, _("Waits for the one before it"), chain_key(self.chain or ""))]
            case "waiting" if self.held == GATHERED:
                return [_Stop(None, _("Leaves with the next batch"), icon="fa-archive")]
            case "waiting" if self.held == UNRELEASED:
                title = _("Its batch awaits a release")
                return [_Stop(None, title, self.batch_id.name or "", "warning", "fa-archive")]
            case "waiting":
                return [_Stop(self.run_at, _("Next try"), failure, icon="fa-clock-o")]
            case "sent":
                return [_Stop(self.answer_due_at, _("Partner's answer due"), icon="fa-clock-o")]
            case "dead":
                title = _("Dead letter: a person decides")
                return [_Stop(self.done_at, title, failure, "danger", "fa-stop-circle")]
            case "cancelled":
                return [_Stop(self.done_at, _("Cancelled"), "", "secondary", "fa-ban")]
        if self.coalesced_into_id:
            title = _("Brought by a message before it")
            detail = self.coalesced_into_id.display_name
            return [_Stop(self.done_at, title, detail, "success", "fa-compress")]
        done = _("Applied") if self.direction == "in" else _("Done")
        return [_Stop(self.done_at, done, self.record_name or "", "success", "fa-check-circle")]
