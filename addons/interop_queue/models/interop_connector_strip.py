from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from odoo import api, models

from ..lib.spans import span
from ..lib.statements import statement
from ..lib.strip import Hour, hour_of

# So many waiting messages are counted; beyond it says "more than".
COUNTED = 1000


class InteropConnectorStrip(models.AbstractModel):
    """What the health strip on a connector's form shows: one cheap read every few seconds."""

    _name = "interop.connector.strip"
    _description = "Connector: Health Strip"

    @api.readonly
    def read_strip(self) -> dict[str, Any]:
        """How the connector fares, in words and figures; for people who may see it.

        `mood`: well, look, trouble or quiet; `key`: what it is about; `word` and `headline` for
        people; `facts`: figures with a label; `minutes`: the last hour; `acts`: the buttons that
        this user may press now.
        """
        self.ensure_one()
        self.check_access("read")
        # Who may see the connector as evidence does not see by that how it fares: an auditor.
        self.env["interop.connector.runtime"].check_access("read")
        gates = self._gates()
        backlog = self._strip_backlog()
        minutes = self._last_hour("out")
        hour = hour_of(minutes)
        mood, key, word, headline = self._strip_verdict(gates, backlog, hour)
        return {
            "mood": mood,
            "key": key,
            "word": word,
            "headline": headline,
            "facts": self._strip_facts(gates, backlog),
            "minutes": self._strip_minutes(minutes),
            "hour_told": self._strip_hour(hour),
            "hour_title": self._strip_hour_title(hour),
            "acts": self._strip_acts(),
        }

    def _strip_backlog(self) -> dict[str, Any]:
        """Numbers only: how many wait is no secret to who may see the connector."""
        self.env.cr.execute(
            statement("strip_backlog"), {"connector_id": self.id, "limit": COUNTED + 1}
        )
        waiting, seconds, in_flight = self.env.cr.fetchone()
        return {"waiting": waiting, "seconds": seconds, "in_flight": in_flight or 0}

    def _strip_verdict(
        self, gates: list[dict[str, Any]], backlog: dict[str, Any], hour: Hour
    ) -> tuple[str, str, str, str]:
        """The first thing that people should know, the gravest first."""
        _ = self.env._
        if self.state == "retired":
            return "quiet", "retired", _("Retired"), _("No longer in use.")
        if self.silence_reason:
            return "trouble", "silent", _("Silent"), self.silence_reason
        if self.state == "paused":
            told = _("Messages wait until somebody resumes it; nothing is lost.")
            return "look", "paused", _("Paused"), told
        if self.state == "draining":
            return "look", "draining", _("Draining"), self.drain_progress or ""
        if verdict := self._strip_gates(gates):
            return verdict
        if hour.failed and hour.share < 0.9:
            told = _("%(failed)s of %(all)s tries failed in the last hour.",
                     failed=f"{hour.failed:,}", all=f"{hour.tries:,}")  # fmt: skip
            return "look", "failing", _("Failing"), told
        if not hour.tries and not backlog["waiting"] and not backlog["in_flight"]:
            return "quiet", "nothing", _("Quiet"), _("Nothing was sent in the last hour.")
        return "well", "well", _("All well"), _("Messages travel.")

    def _strip_gates(self, gates: list[dict[str, Any]]) -> tuple[str, str, str, str] | None:
        """What stands in the way, if something does."""
        _ = self.env._
        breakers = [gate for gate in gates if gate["gate"] == "breaker"]
        for key, word, mood in (
            ("disabled", _("Gone"), "trouble"),
            ("open", _("Breaker open"), "trouble"),
            ("half_open", _("Trying one"), "look"),
            ("isolated", _("Isolated"), "look"),
        ):
            if found := [gate for gate in breakers if gate["state"] == key]:
                held = any(gate["holds"] for gate in found)
                told = found[0]["told"]
                if key == "open" and found[0]["until"]:
                    told += " " + _("Tried again at %s.", self._local(found[0]["until"]))
                if not held:
                    told += " " + _("Another endpoint takes its messages.")
                return (mood if held else "look"), key, word, told
        for key, word in (("window", _("Maintenance")), ("throttle", _("Asked to slow down"))):
            if found := [gate for gate in gates if gate["gate"] == key and gate["holds"]]:
                return "look", key, word, found[0]["told"]
        if found := [gate for gate in gates if gate["gate"] == "rate" and gate["holds"]]:
            return "look", "rate", _("At its limit"), found[0]["told"]
        return None

    def _strip_facts(
        self, gates: list[dict[str, Any]], backlog: dict[str, Any]
    ) -> list[dict[str, Any]]:
        _ = self.env._
        waiting, in_flight = backlog["waiting"], backlog["in_flight"]
        facts = [
            self._strip_endpoints([gate for gate in gates if gate["gate"] == "breaker"]),
            {
                "key": "in_flight",
                "label": _("In flight"),
                "value": f"{in_flight} / {self.max_in_flight}",
                "title": _("Messages on their way just now, and how many may be at once."),
                "tone": "warning" if in_flight >= self.max_in_flight else "",
            },
            {
                "key": "waiting",
                "label": _("Waiting"),
                "value": (f"> {COUNTED:,}" if waiting > COUNTED else f"{waiting:,}"),
                "title": _("Outbound messages that could be sent now."),
                "tone": "",
            },
            {
                "key": "oldest",
                "label": _("Oldest waits"),
                "value": span(max(backlog["seconds"], 0)) if waiting else "–",
                "title": _("How long the first of them has been waiting."),
                "tone": "warning" if waiting and backlog["seconds"] > 300 else "",
            },
        ]
        for gate in gates:
            if gate["gate"] == "rate":
                unit = _("min") if gate["unit"] == "minute" else _("s")
                facts.append(
                    {
                        "key": "rate",
                        "label": _("Rate"),
                        "value": _(
                            "%(left)s left, %(limit)s / %(unit)s",
                            left=int(gate["tokens"]),
                            limit=f"{gate['limit']:,}",
                            unit=unit,
                        ),
                        "title": _("How many may go at once now, and the limit. %s", gate["told"]),
                        "tone": "warning" if gate["holds"] else "",
                    }
                )
            elif gate["gate"] == "window":
                facts.append(
                    {
                        "key": "window",
                        "label": _("Closed until") if gate["holds"] else _("Closes at"),
                        "value": self._local(gate["until"]),
                        "title": gate["told"],
                        "tone": "warning" if gate["holds"] else "",
                    }
                )
        if refused := self._strip_refused():
            facts.append(
                {
                    "key": "refused",
                    "label": _("Refused inbound"),
                    "value": f"{refused:,}",
                    "title": _(
                        "Deliveries of this partner that were refused in the last 24 hours."
                    ),
                    "tone": "warning",
                }
            )
        return [fact for fact in facts if fact]

    def _strip_endpoints(self, breakers: list[dict[str, Any]]) -> dict[str, Any]:
        labels = dict(self.env["interop.endpoint"]._fields["breaker_state"].selection)
        bad = [gate for gate in breakers if gate["state"] != "closed"]
        value = f"{len(breakers) - len(bad)} / {len(breakers)}"
        if len(breakers) == 1:
            value = labels[breakers[0]["state"]]
        return {
            "key": "endpoints",
            "label": self.env._("Endpoints in use")
            if len(breakers) != 1
            else self.env._("Breaker"),
            "value": value if breakers else "–",
            "title": "\n".join(gate["told"] for gate in breakers),
            "tone": "danger" if bad else "",
        }

    def _strip_refused(self) -> int:
        """Known if what counts refusals is installed."""
        return self["refused_recently"] if "refused_recently" in self._fields else 0

    def _strip_minutes(self, minutes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        zone = ZoneInfo(self.env.user.tz or self.tz or "UTC")
        told = []
        for each in minutes:
            at = each["minute"].replace(tzinfo=UTC).astimezone(zone).strftime("%H:%M")
            text = self.env._(
                "%(at)s: %(ok)s went through, %(failed)s failed",
                at=at,
                ok=each["ok"],
                failed=each["failed"],
            )
            if each["latency_ms"] is not None:
                text += f", {each['latency_ms']:.0f} ms"
            told.append({"ok": each["ok"], "failed": each["failed"], "told": text})
        return told

    def _strip_hour(self, hour: Hour) -> str:
        if not hour.tries:
            return self.env._("nothing yet")
        told = f"{hour.share:.0%}" if hour.share < 1 else "100%"
        if hour.share < 1 and told == "100%":
            told = "> 99%"
        if hour.latency is None:
            return told
        return self.env._(
            "%(share)s, %(mean)s ms (most %(most)s)",
            share=told,
            mean=f"{hour.latency:,.0f}",
            most=f"{hour.slowest:,.0f}",
        )

    def _strip_hour_title(self, hour: Hour) -> str:
        if not hour.tries:
            return self.env._("Nothing was sent in the last hour.")
        return self.env._(
            "Of %(tries)s tries in the last hour %(ok)s went through. The average time of an "
            "exchange, and that of the slowest minute, stand beside it.",
            tries=f"{hour.tries:,}",
            ok=f"{hour.tries - hour.failed:,}",
        )

    def _strip_acts(self) -> list[dict[str, str]]:
        """What this user may do now: the same acts, under the same conditions, as in the header."""
        _ = self.env._
        if not self.env.user.has_group("interop_base.group_operator"):
            return []
        acts = []

        def offer(method: str, label: str, title: str, confirm: str = "") -> None:
            acts.append({"method": method, "label": label, "title": title, "confirm": confirm})

        if self.state in ("active", "draining"):
            if self.is_throttled:
                offer(
                    "action_end_throttle",
                    _("Send again now"),
                    _("Do not wait as long as the partner asked for"),
                    _("Send again although the partner asked to wait longer? Best after it has "
                      "told you that it may be."),
                )  # fmt: skip
            offer("action_pause", _("Pause"), _("Messages wait until you resume; nothing is lost"))
        if self.state in ("paused", "draining"):
            offer("action_resume", _("Resume"), _("Let waiting messages travel again"))
        if self.state == "active":
            offer(
                "action_drain",
                _("Drain"),
                _("Work off what is there, begin nothing new, then pause"),
                _("What is there now is worked off, nothing new is begun or taken in; then it "
                  "pauses by itself."),
            )  # fmt: skip
        if self.state not in ("draft", "retired"):
            if self.is_failed_over:
                offer(
                    "action_return",
                    _("Return"),
                    _("Use the endpoint again that was put aside"),
                    _("Use the endpoint again that was put aside? Messages go there at once."),
                )
            elif self.can_fail_over:
                offer("action_ask_fail_over", _("Fail over"), _("Use the next endpoint"))
        if self.state != "retired" and self.endpoint_ids:
            offer("action_probe", _("Probe"), _("Try the way without sending a document"))
        return acts
