import json
import logging
import time
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from psycopg2.errors import LockNotAvailable

from odoo import SUPERUSER_ID, api, fields, models

from odoo.addons.interop_audit.lib.entry import AuditRow
from odoo.addons.interop_base.lib.failures import InteropError

from ..engine.transaction import columns, read_committed, retrying, run
from ..lib.retention import STANDARD, cutoff, due_keys
from ..lib.statements import statement

_logger = logging.getLogger(__name__)

BATCH = 200
RUN_AT_MOST = 20_000
#: The scheduled action's own cursor holds a snapshot all the while, which keeps dead rows of the
#: queue from being cleaned up: a short run that goes on at once is better than a long one.
RUN_SECONDS = 8.0
#: An upgraded installation with more than this to purge waits for an administrator's yes.
ASK_ABOVE = 1000
PARAMETER = "interop_queue.purging"


class InteropRetention(models.AbstractModel):
    """Purges content whose time is over: small transactions, each whole, any of which may be last.

    What a batch does stands or falls together: the shredding, the mark on the messages, the audit
    trail and the report's figures. So a run that dies is simply continued by the next.
    """

    _name = "interop.retention"
    _description = "Retention"

    def init(self):
        self.env.cr.execute(statement("create_former_payloads"))

    # -- for modules above ---------------------------------------------------------------------

    @api.model
    def _undecided(self, message_ids: list[int]) -> set[int]:
        """Those of the messages about which a person still has to decide: their content stays."""
        return set()

    @api.model
    def _forget(self, message_ids: list[int]) -> None:
        """The content of these messages is purged: remove what was copied out of it."""

    # -- the run -------------------------------------------------------------------------------

    @api.model
    def _cron_purge(self) -> None:
        if not self._is_on():
            return
        if self._purge():
            self.env.ref("interop_queue.cron_purge")._trigger()

    @api.model
    def _is_on(self) -> bool:
        """Whether content is purged. On unless switched off; asks first if it would be much."""
        parameters = self.env["ir.config_parameter"].sudo()
        match parameters.get_param(PARAMETER):
            case "on":
                return True
            case "off":
                return False
        now = fields.Datetime.now()
        found = sum(
            len(self._past(flow_id, days, now, ASK_ABOVE + 1))
            for flow_id, (_code, days) in self._flow_days().items()
        )
        if found > ASK_ABOVE:
            _logger.warning(
                "interop: the content of more than %s messages is past its time; purging waits "
                "until an administrator switches it on in the settings",
                ASK_ABOVE,
            )
            return False
        parameters.set_param(PARAMETER, "on")
        return True

    @api.model
    def _purge(self, limit: int = RUN_AT_MOST, seconds: float = RUN_SECONDS) -> bool:
        """Purge up to `limit` messages in about `seconds`; say whether more is left to do."""
        registry, until = self.env.registry, time.monotonic() + seconds
        now, report_id, left = fields.Datetime.now(), None, limit
        with read_committed(registry) as cr:
            run(cr, "purge_look_daily", limit=limit)
        flows = self._flow_days()
        more = False
        for flow_id, (code, days) in flows.items():
            while True:
                if left <= 0 or time.monotonic() > until:
                    more = True
                    break
                size = min(BATCH, left)
                try:
                    done, report_id = retrying(
                        lambda flow_id=flow_id, code=code, days=days, size=size, at=report_id: (
                            self._batch(flow_id, code, cutoff(now, days), size, at)
                        )
                    )
                except LockNotAvailable:
                    _logger.info("interop: a legal hold is being placed; purging goes on later")
                    more = True
                    break
                left -= done
                if done < size:
                    break
            if more:
                break
        # In transactions of their own: the keyring looks for itself whether anything lives.
        with read_committed(registry) as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            destroyed, by_hand = env["interop.retention"]._destroy_keys()
        with read_committed(registry) as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["interop.purge.report"]._finish(report_id, destroyed, by_hand)
            env.flush_all()
        return more

    def _batch(
        self, flow_id: int, code: str, before: datetime, size: int, report_id: int | None
    ) -> tuple[int, int | None]:
        with read_committed(self.env.registry) as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            cr.execute(statement("purge_begin"))
            found = run(cr, "purge_find", flow_id=flow_id, before=before, limit=size)
            if not found:
                return 0, report_id
            kept = env["interop.retention"]._kept([row["id"] for row in found])
            if kept:
                rows = [{"id": key, "reason": reason} for key, reason in kept.items()]
                run(cr, "purge_hold_back", **columns(rows, "id", "reason"))
            ended = [row for row in found if row["id"] not in kept]
            if ended:
                figures = env["interop.retention"]._shred_messages(ended, code)
                report_id = env["interop.purge.report"]._add(report_id, flow_id, code, figures)
                env.flush_all()
        return len(found), report_id

    def _kept(self, ids: list[int]) -> dict[int, str]:
        """Why content stays although its time is over, by message id."""
        kept = dict.fromkeys(self._undecided(ids), "decision")
        kept |= {row["id"]: "hold" for row in run(self.env.cr, "purge_holds", ids=ids)}
        return kept

    def _shred_messages(
        self, rows: list[dict], code: str, act: str = "content.purged"
    ) -> dict[int | None, dict[str, Any]]:
        """Destroy all copies of the content of these messages; figures by company."""
        cr, vault = self.env.cr, self.env["interop.vault"]
        ids, uuids = [row["id"] for row in rows], [row["uuid"] for row in rows]
        run(cr, "purge_mark", ids=ids)
        payloads = run(cr, "purge_payloads", ids=ids, uuids=uuids)
        pieces = vault._shred_pieces([*uuids, *(payload["uuid"] for payload in payloads)])
        self._forget(ids)
        by_uuid: dict[str, list[int]] = defaultdict(list)
        for piece in pieces:
            by_uuid[piece.uuid].append(piece.size)
        figures: dict[int | None, dict[str, Any]] = {}
        entries = []
        for model, group in (("interop.message", rows), ("interop.interchange", payloads)):
            for row in group:
                sizes = by_uuid.get(row["uuid"], [])
                entries.append(self._entry(model, row, code, sizes, act))
                mine = figures.setdefault(
                    row["company_id"],
                    {"messages": 0, "payloads": 0, "pieces": 0, "bytes": 0, "ended": []},
                )
                mine["messages" if model == "interop.message" else "payloads"] += 1
                mine["pieces"] += len(sizes)
                mine["bytes"] += sum(sizes)
                if model == "interop.message":
                    mine["ended"].append(row["done_at"])
        self.env["interop.audit"]._record_many(entries)
        return figures

    def _entry(self, model: str, row: dict, code: str, sizes: list[int], act: str) -> AuditRow:
        return AuditRow(
            act=act,
            company_id=row["company_id"],
            area_id=row["area_id"],
            res_model=model,
            res_id=row["id"],
            subject=row["uuid"],
            details={"retention_class": code, "pieces": len(sizes), "bytes": sum(sizes)},
        )

    # -- what is due ---------------------------------------------------------------------------

    @api.model
    def _flow_days(self) -> dict[int, tuple[str, int]]:
        """Class and days by flow, as published; a version from before there were classes: standard.

        A class that nobody knows purges nothing and is told in the log: that cannot come about by
        what people do.
        """
        days = self.env["interop.retention.class"]._days()
        found = {}
        for flow in self.env["interop.flow"].sudo().search([], order="id"):
            facts = json.loads(flow.version_id.snapshot_id.text)["flow"] if flow.version_id else {}
            code = facts.get("retention_class") or STANDARD
            if code in days:
                found[flow.id] = (code, days[code])
            else:
                _logger.error("interop: flow %s has an unknown retention class", flow.code)
        return found

    @api.model
    def _past(self, flow_id: int, days: int, now: datetime, limit: int) -> list[dict]:
        """Messages of the flow whose content would be purged now: id, company, end."""
        before = cutoff(now, days)
        return run(self.env.cr, "purge_past", flow_id=flow_id, before=before, limit=limit)

    # -- the keyring's keys --------------------------------------------------------------------

    @api.model
    def _destroy_keys(self) -> tuple[list[str], list[str]]:
        """Destroy the keys of classes and months that are over; those, and what is left to people.

        The second list is of keys that hold nothing living and that the keyring would not destroy
        (it is read-only, say): an administrator has to.
        """
        keyring, vault = self.env["interop.keyring"], self.env["interop.vault"]
        days = self.env["interop.retention.class"]._days()
        destroyed, by_hand = [], []
        try:
            periods = self._periods()
        except InteropError as error:
            _logger.warning("interop: no key was destroyed: %s", error.sentence)
            return [], []
        for key in due_keys(periods, days, datetime.now(UTC).date()):
            if vault._lives(key.retention_class, key.month):
                continue
            try:
                keyring._destroy_period(key.retention_class, key.month)
            except InteropError as error:
                _logger.warning("interop: key %s was not destroyed: %s", key, error.sentence)
                # A keyring that cannot be written is of this class; a key that something came to
                # need meanwhile is not, and nobody should destroy that one.
                if error.failure_class == "transient":
                    by_hand.append(str(key))
            else:
                destroyed.append(str(key))
        return destroyed, by_hand

    def _periods(self) -> list[str]:
        """The keyring's keys as ``class/YYYY-MM``; a keyring without such keys has none."""
        periods = getattr(self.env["interop.keyring"], "_periods", None)
        return periods() if periods else []
