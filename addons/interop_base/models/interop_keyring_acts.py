from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from psycopg2 import Binary
from psycopg2.errors import LockNotAvailable

from odoo import api, models
from odoo.sql_db import BaseCursor

from .. import sql
from ..lib.keyring import KeyInUse, KeyringError, is_version, period_of
from ..lib.keyring_months import is_over, months_ahead
from ..lib.keyring_store import file_name
from ..lib.wrapped import WRAPPED, Rewrapped, WrappedTable

#: Rows that are re-wrapped in one short transaction.
BATCH = 500
#: A transaction that began to seal in a month has ended so long after it, or was rolled back.
AFTER_MONTH = timedelta(days=1)
STANDARD = "standard"


class InteropKeyring(models.AbstractModel):
    """What is done to the keyring. Each act is one transaction of its own, and is told."""

    _inherit = "interop.keyring"

    # -- making --------------------------------------------------------------------------------

    @api.model
    def _extend(self, months: int, classes: Sequence[str] = ()) -> list[str]:
        """Make the keys of this month and ``months`` more; returns the periods that were made.

        For these retention classes, or those that the keyring has keys of (*standard* if none).
        """
        keyring = self._get()
        classes = classes or sorted({each.partition("/")[0] for each in keyring.periods})
        wanted = [
            period_of(retention_class, month)
            for retention_class in classes or [STANDARD]
            for month in months_ahead(datetime.now(UTC), months)
        ]
        missing = [period for period in wanted if not keyring.holds(period)]
        if missing:
            self._make_periods(missing)
        return missing

    def _make_periods(self, periods: Sequence[str]) -> None:
        store = self._store()
        if not store.writable:
            raise KeyringError(
                f"The keyring holds no key for {', '.join(periods)} and cannot be written here. "
                "Run `odoo interop_keys extend` where the keyring is kept, or add the files "
                f"{', '.join(map(file_name, periods))} to the mounted secrets."
            )

        def action(cr: BaseCursor) -> None:
            with store.changing() as contents:
                missing = [period for period in periods if period not in contents.periods]
                for period in missing:
                    contents.add_period(period)
                made = self._note_keys(cr, contents.keyring(), missing) if missing else []
                if others := sorted(set(missing) - set(made)):
                    # Raised inside, so that ours is not written.
                    raise KeyringError(
                        f"Another host made the key of {', '.join(others)}. Copy the keyring "
                        "from there, or give all hosts one keyring; `odoo interop_keys extend` "
                        "makes keys ahead."
                    )

        self._retrying(action)

    @api.model
    def _rotate(self, prepare: bool = False) -> str:
        """Add a master version and make it current; returns its name.

        ``prepare`` only adds it, so that it can be brought to other hosts first; the next call
        makes that one current.
        """
        before = self._get().current

        def action(cr: BaseCursor) -> str:
            with self._store().changing() as contents:
                version = contents.newest
                if version == contents.current:
                    version = contents.add_version()
                    self._note_keys(cr, contents.keyring(), [version])
                if not prepare:
                    contents.current = version
                act = "keyring.prepare" if prepare else "keyring.rotate"
                self._tell(cr, act, key=version, before=before)
            return version

        return self._retrying(action)

    # -- moving to the current version -----------------------------------------------------------

    @api.model
    def _rewrap(
        self, say: Callable[[str], None] = lambda sentence: None, batch: int = BATCH
    ) -> Rewrapped:
        """Wrap every data key with the current version. What is sealed is not touched.

        Online: short transactions, and what somebody holds is passed over and looked at again.
        Nothing is kept beside the rows themselves, so it may be ended and begun anew at any time.
        """
        total = Rewrapped(version=self._get().current)
        for table in self._wrapped_tables():
            done = Rewrapped(version=total.version)
            progress = True
            while progress:
                progress, after, failed = False, 0, 0
                while found := self._retrying(
                    lambda cr, after=after, table=table: self._rewrap_batch(cr, table, after, batch)
                ):
                    after, count, refused = found
                    progress = progress or bool(count)
                    done.count += count
                    failed += refused
                    say(f"{table.label}: {done.count} re-wrapped")
                done.failed = failed
            total.count += done.count
            total.failed += done.failed
        total.left = sum(
            count
            for counts in self._retrying(self._usage).values()
            for key_id, count in counts.items()
            if key_id.partition("/")[0] != total.version
        )
        self._retrying(lambda cr: self._tell(cr, "keyring.rewrap", **total.facts()))
        return total

    def _rewrap_batch(
        self, cr: BaseCursor, table: WrappedTable, after: int, limit: int
    ) -> tuple[int, int, int] | None:
        """The last id, how many were, how many could not be; None if nothing is left after it."""
        keyring = self._get()
        values = {"after": after, "current": keyring.current, "limit": limit}
        cr.execute(sql.filled(sql.NOT_CURRENT, table), values, log_exceptions=False)
        rows = cr.fetchall()
        if not rows:
            return None
        instance = self.env["interop.instance"]._get_uuid()
        wrapped = []
        for row_id, key_id, wrapped_key, *rest in rows:
            columns = len(table.period or ())
            aad = table.associated_data(instance, *rest[columns:])
            try:
                data_key = keyring.unwrap(key_id, bytes(wrapped_key), aad)
                period = period_of(*rest[:columns]) if columns else None
                if period and not keyring.holds(period):
                    keyring = self._get_for([period])
                wrapped.append((row_id, *keyring.wrap(data_key, aad, period)))
            except KeyringError:
                continue  # it did not open before, and is not touched
        if wrapped:
            ids, key_ids, keys = zip(*wrapped, strict=True)
            cr.execute(
                sql.filled(sql.REWRAP, table),
                [list(ids), list(key_ids), [Binary(key) for key in keys]],
                log_exceptions=False,
            )
        return rows[-1][0], len(wrapped), len(rows) - len(wrapped)

    # -- destroying ------------------------------------------------------------------------------

    @api.model
    def _retire(self, version: str) -> None:
        """Destroy a master version. Raises :class:`KeyInUse` if anything is wrapped with it."""
        keyring = self._get()
        if version == keyring.current:
            raise KeyInUse(f"{version} is current. Run `odoo interop_keys rotate` first.")
        if not is_version(version) or not (keyring.holds(version) or version in keyring.destroyed):
            raise KeyringError(f"The keyring holds no version {version}.")

        def action(cr: BaseCursor) -> None:
            usage = self._usage(cr, lock=True)
            self._require_unused(usage, lambda key_id: key_id.partition("/")[0] == version, version)
            self._forget(version)
            self._mark_destroyed(cr, [version])

        self._retrying_locked(action)

    @api.model
    def _destroy_period(self, retention_class: str, month: str) -> None:
        """Destroy a period's key: nothing sealed in it opens any more, in no backup either.

        Raises :class:`KeyInUse` while content of that period lives, or the month is not over.
        A second call does nothing. It works in a transaction of its own: call it with nothing
        uncommitted on tables of sealed content.
        """
        period = period_of(retention_class, month)
        if not is_over(month, datetime.now(UTC) - AFTER_MONTH):
            raise KeyInUse(f"{month} is not over, or not for a day yet: content may still come.")
        keyring = self._get()
        if not (keyring.holds(period) or period in keyring.destroyed):
            raise KeyringError(f"The keyring holds no key of {period}.")

        def action(cr: BaseCursor) -> None:
            usage = self._usage(cr, lock=True)
            self._require_unused(usage, lambda key_id: key_id.endswith(f"/{period}"), period)
            self._forget(period)
            self._mark_destroyed(cr, [period])

        self._retrying_locked(action)

    def _retrying_locked(self, action: Callable[[BaseCursor], None]) -> None:
        try:
            self._retrying(action)
        except LockNotAvailable:
            raise KeyInUse(
                "Somebody was sealing or purging content for more than five seconds, so it could "
                "not be counted. Nothing was destroyed; try again."
            ) from None

    @staticmethod
    def _require_unused(
        usage: dict[str, dict[str, int]], uses: Callable[[str], bool], what: str
    ) -> None:
        counts = {
            label: sum(count for key_id, count in keys.items() if uses(key_id))
            for label, keys in usage.items()
        }
        if found := [f"{count} of {label}" for label, count in counts.items() if count]:
            raise KeyInUse(f"{what} is in use: {', '.join(found)}. Nothing was destroyed.")

    def _forget(self, key_id: str) -> None:
        store = self._store()
        contents = store.contents()
        if not contents.keyring().holds(key_id) and key_id in contents.destroyed:
            return
        if not store.writable:
            name = key_id if is_version(key_id) else file_name(key_id)
            raise KeyringError(
                f"Nothing uses {key_id} any more, but the keyring cannot be written here. Add "
                f"{key_id} to the file `destroyed` of the mounted secrets, delete the file {name} "
                "there, and run this again."
            )
        with store.changing() as contents:
            contents.destroy(key_id)

    # -- counting --------------------------------------------------------------------------------

    def _usage(self, cr: BaseCursor, lock: bool = False) -> dict[str, dict[str, int]]:
        """Living rows by key id, for each table of wrapped keys by its label.

        ``lock`` first waits until everybody has finished who is writing to these tables, and holds
        them off until the end of the transaction: what is counted then stays the truth.
        """
        tables = self._wrapped_tables()
        if lock:
            cr.execute(sql.LOCK_TIMEOUT)
            for table in tables:
                cr.execute(sql.filled(sql.LOCK, table), log_exceptions=False)
        usage = {}
        for table in tables:
            cr.execute(sql.filled(sql.USAGE, table))
            usage[table.label] = dict(cr.fetchall())
        return usage

    def _wrapped_tables(self) -> list[WrappedTable]:
        """Those of the registered tables that this database has."""
        found = []
        for _code, table in WRAPPED:
            self.env.cr.execute(sql.EXISTS, [table.table])
            if self.env.cr.fetchone()[0]:
                found.append(table)
        return found
