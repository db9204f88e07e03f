from typing import Any

from odoo import api, fields, models

from .. import sql_recovery as sql

DAY = 24 * 3600
LEAST_JUMP = 10


class InteropRecoveryOpening(models.AbstractModel):
    """How a recovery case comes to be: what the backup says, connector by connector."""

    _name = "interop.recovery.opening"
    _description = "Recovery: Opening"

    @api.model
    def _open_case(self, reason: str, arming: models.Model | None) -> models.Model:
        """Look at the restored database and open the case; one case per request."""
        now = fields.Datetime.now()
        recovery = self.sudo().create(
            {
                "reason": reason,
                "arming_id": arming.id if arming else False,
                "alone": arming is None,
                "opened_at": now,
                "opened_by_id": self.env.uid,
                "secrets": self._secrets_text(),
                **self._newest(),
            }
        )
        recovery._list_connectors()
        recovery._look_outside()
        recovery._list_counters()
        recovery._note(
            "recovery.opened",
            {
                "in_doubt": recovery.in_doubt,
                "backup_at": recovery.backup_at and recovery.backup_at.isoformat(),
                "outside_seals": recovery.outside_seals,
                "outside_entries": recovery.outside_entries,
            },
        )
        return recovery

    @api.model
    def _newest(self) -> dict[str, Any]:
        """When the backup was made, as far as it can tell."""
        cr = self.env.cr
        cr.execute(sql.LAST_ACT)
        row = cr.fetchone()
        if row is None:
            cr.execute(sql.LAST_ENTRY)
            row = cr.fetchone() or (False, 0)
        at, entry = row
        return {"backup_at": at and at.replace(microsecond=0), "newest_entry": entry}

    def _list_connectors(self) -> None:
        cr = self.env.cr
        self.env.flush_all()
        cr.execute(sql.CONNECTORS)
        found = cr.fetchall()
        lines = self.env["interop.recovery.line"].sudo()
        connectors = self.env["interop.connector"].sudo().browse(row[0] for row in found)
        lines.create(
            [
                {
                    "recovery_id": self.id,
                    "connector_id": connector.id,
                    "waiting": waiting,
                    "ready": ready,
                    "running": running,
                    "dead": dead,
                    "in_doubt": waiting + ready + running,
                    "inbound_last_at": last,
                    **lines._facts_of(connector),
                }
                for connector, (_id, waiting, ready, running, dead, last) in zip(
                    connectors, found, strict=True
                )
            ]
        )
        self.env.flush_all()
        cr.execute(sql.DOUBTFUL, [self.id])
        self.env.invalidate_all(flush=False)

    def _list_counters(self) -> None:
        """Propose to go on with numbers that cannot have been used."""
        counters = self.env["interop.control.number"].sudo().search([("direction", "=", "out")])
        doubtful = {line.connector_id.id: line.in_doubt for line in self.line_ids}
        made = []
        for counter in counters:
            steps = 2 * (doubtful.get(counter.connector_id.id, 0) + self._sent_in_gap(counter))
            proposed = min(counter.next_number + max(steps, LEAST_JUMP), counter.highest)
            # A counter that is used up has nowhere to go on.
            proposed = max(proposed, min(counter.next_number, counter.highest))
            made.append(
                {
                    "recovery_id": self.id,
                    "counter_id": counter.id,
                    "next_number": min(counter.next_number, counter.highest),
                    "proposed": proposed,
                    "chosen": proposed,
                }
            )
        self.env["interop.recovery.counter"].sudo().create(made)

    def _sent_in_gap(self, counter: models.Model) -> int:
        """How many left in as long a time before the backup as was lost after it."""
        if not self.backup_at:
            return 0
        until = self.outside_until or self.opened_at
        seconds = max((until - self.backup_at).total_seconds(), 0) or DAY
        self.env.cr.execute(
            sql.SENT_BEFORE, [counter.connector_id.id, self.backup_at, seconds, self.backup_at]
        )
        return self.env.cr.fetchone()[0]

    @api.model
    def _secrets_text(self) -> str:
        """The secrets of this installation and since when they have their values; never a value."""
        secrets = self.env["interop.vault.secret"].sudo().search([], order="name")
        return "\n".join(
            self.env._(
                "%(name)s: as of %(at)s",
                name=secret.name,
                at=fields.Datetime.to_string(secret.value_set_at) or self.env._("no value"),
            )
            for secret in secrets
        )
