import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from odoo import SUPERUSER_ID, api, models
from odoo.http import request
from odoo.tools import SQL

from .. import sql
from ..lib.entry import ACTOR_KINDS, AuditRow
from ..lib.months import months_from

_logger = logging.getLogger(__name__)

MONTHS_AHEAD = 12


class InteropAudit(models.AbstractModel):
    """Writes the audit trail. Entries are part of the transaction that does the act."""

    _name = "interop.audit"
    _description = "Audit Trail Writer"

    def init(self):
        self.env.cr.execute(sql.EXISTS)
        [exists] = self.env.cr.fetchone()
        if not exists:
            self.env.cr.execute(sql.CREATE)
        self.env.cr.execute(sql.LATER_INDEXES)
        self._make_months()

    @api.model
    def _record(
        self,
        act: str,
        *,
        record: models.BaseModel | None = None,
        outcome: str = "ok",
        subject: str | None = None,
        digest: str | None = None,
        version_digest: str | None = None,
        details: Mapping[str, Any] | None = None,
        company_id: int | None = None,
        area_id: int | None = None,
        actor_kind: str | None = None,
    ) -> None:
        """Write one entry. Company and area are taken from ``record`` unless given."""
        self._record_many(
            [
                AuditRow(
                    act=act,
                    outcome=outcome,
                    actor_kind=actor_kind,
                    company_id=company_id or _id_of(record, "company_id"),
                    area_id=area_id or _id_of(record, "area_id"),
                    res_model=record._name if record is not None else None,
                    res_id=record.id or None if record is not None else None,
                    subject=subject,
                    digest=digest,
                    version_digest=version_digest,
                    details=details,
                )
            ]
        )

    @api.model
    def _record_many(self, rows: Sequence[AuditRow]) -> None:
        """Write all ``rows`` with one insert. Actors left empty are the present user."""
        if not rows:
            return
        kind, uid, name = self._actor()
        addr = self._remote_addr()
        values = []
        for row in rows:
            row_kind = row.actor_kind or kind
            if row_kind not in ACTOR_KINDS:
                raise ValueError(f"Unknown kind of actor: {row_kind}")
            # A worker or a partner is not the user in whose name the code happens to run.
            personal = row_kind in ("user", "system")
            values.append(
                (
                    row.act,
                    row.outcome,
                    row_kind,
                    row.actor_id or (uid if personal else None),
                    row.actor_name or (name if personal else None),
                    row.remote_addr or addr,
                    row.company_id,
                    row.area_id,
                    row.res_model,
                    row.res_id,
                    row.subject,
                    row.digest,
                    row.version_digest,
                    row.details_text(),
                )
            )
        columns = [list(column) for column in zip(*values, strict=True)]
        self.env.cr.execute(sql.INSERT, columns)

    def _actor(self) -> tuple[str, int, str]:
        """Who acts: ``sudo()`` does not change it, acting as another user does."""
        if self.env.uid == SUPERUSER_ID:
            return "system", SUPERUSER_ID, "System"
        return "user", self.env.uid, self.env.user.sudo().name

    def _remote_addr(self) -> str | None:
        return request.httprequest.remote_addr if request else None

    # -- partitions ----------------------------------------------------------------------------

    @api.model
    def _make_months(self) -> None:
        """Make the partitions of this month and the months ahead that are not there yet."""
        cr = self.env.cr
        for month in months_from(datetime.now(UTC).date(), MONTHS_AHEAD + 1):
            table = f"{sql.TABLE}_{month.code}"
            cr.execute("SELECT to_regclass(%s)", [table])
            if cr.fetchone()[0]:
                continue
            bounds = (month.first, month.next.first)
            cr.execute(sql.IN_DEFAULT, bounds)
            if cr.fetchone()[0]:
                # Rows cannot be moved out of an append-only table. They are safe where they are.
                _logger.info("audit trail: month %s stays in the default partition", month.code)
                continue
            cr.execute(
                SQL(
                    sql.CREATE_MONTH,
                    table=SQL.identifier(table),
                    first=bounds[0],
                    next=bounds[1],
                )
            )


def _id_of(record: models.BaseModel | None, field: str) -> int | None:
    """The id in ``record[field]`` if it is one record that has such a field."""
    if record is None or len(record) != 1 or field not in record._fields:
        return None
    return record.sudo()[field].id or None
