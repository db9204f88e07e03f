"""All SQL of the trail's retention: which months there are, and how one is dropped.

Nothing deletes entries. A whole month is detached and dropped, which no trigger stands in the way
of and which leaves the row triggers as they are for everything else. `interop_audit_dropped` says
which ids went, an entry of the trail (and so a seal) binds that row, and the seals stay.
"""

CREATE = """
CREATE TABLE IF NOT EXISTS interop_audit_dropped (
    month text PRIMARY KEY,
    ranges text NOT NULL,
    seals text NOT NULL,
    dropped_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE interop_audit_dropped IS 'Months of the audit trail that went with their time';

CREATE OR REPLACE TRIGGER interop_audit_append_only BEFORE UPDATE OR DELETE ON interop_audit_dropped
   FOR EACH ROW EXECUTE FUNCTION interop_audit_refuse();
CREATE OR REPLACE TRIGGER interop_audit_no_truncate BEFORE TRUNCATE ON interop_audit_dropped
   FOR EACH STATEMENT EXECUTE FUNCTION interop_audit_refuse();

-- The leaves of a seal may go when all its entries went.
CREATE OR REPLACE FUNCTION interop_audit_refuse_leaves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM interop_audit_dropped d, json_array_elements(d.seals::json) r
                WHERE OLD.number BETWEEN (r ->> 0)::bigint AND (r ->> 1)::bigint) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'insufficient_privilege',
        MESSAGE = 'the leaves of a seal go only with all its entries',
        TABLE = TG_TABLE_NAME;
END $$;
CREATE OR REPLACE TRIGGER interop_audit_only_dropped BEFORE DELETE ON interop_audit_leaves
   FOR EACH ROW EXECUTE FUNCTION interop_audit_refuse_leaves();
"""

DROP = """
DROP TABLE IF EXISTS interop_audit_dropped;
DROP FUNCTION IF EXISTS interop_audit_refuse_leaves() CASCADE;
"""

#: What the screen lists: months with entries, the safety net, and the months that are gone.
#: The number of entries is PostgreSQL's estimate; counting a large month would take minutes.
READ = """
SELECT right(c.relname, 6)::int AS id, c.relname::text AS table_name,
       to_char(to_date(right(c.relname, 6), 'YYYYMM'), 'YYYY-MM') AS name,
       to_date(right(c.relname, 6), 'YYYYMM') AS first_day,
       greatest(c.reltuples, 0)::bigint AS estimate,
       pg_total_relation_size(c.oid) / 1048576.0 AS megabytes,
       NULL::timestamp AS dropped_at
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
 WHERE i.inhparent = to_regclass('interop_audit_entry')
   AND c.relname ~ '^interop_audit_entry_[0-9]{6}$' AND pg_relation_size(c.oid) > 0
UNION ALL
SELECT 1, c.relname::text, '', NULL, greatest(c.reltuples, 0)::bigint,
       pg_total_relation_size(c.oid) / 1048576.0, NULL
  FROM pg_class c
 WHERE c.oid = to_regclass('interop_audit_entry_default') AND pg_relation_size(c.oid) > 0
UNION ALL
SELECT replace(d.month, '-', '')::int, NULL, d.month, to_date(d.month, 'YYYY-MM'), 0, 0,
       d.dropped_at AT TIME ZONE 'UTC'
  FROM interop_audit_dropped d
"""

#: The least and the greatest id of a month's own table.
BOUNDS = "SELECT min(id), max(id) FROM %(table)s"
COUNT = "SELECT count(*) FROM %(table)s"

#: Entries of the month that lie in the safety net, because the month had no table then. They stay.
IN_DEFAULT = """
SELECT count(*) FROM interop_audit_entry_default WHERE ts >= %s AND ts < %s
"""

#: Is there an entry of the month that no seal holds? Exact for the present epoch; what lies before
#: is sealed once the bridge is complete. Dropping looks at each entry itself.
IS_SEALED = """
SELECT coalesce((
    SELECT (s.kind = 'range' OR s.high::bigint >= e.after_id)
       AND NOT EXISTS (
           SELECT FROM interop_audit_entry a
            WHERE a.ts >= %(first)s AND a.ts < %(next)s AND a.id > e.after_id
              AND a.txid >= CASE s.kind WHEN 'range' THEN s.high::xid8 ELSE e.low END)
      FROM interop_audit_epoch e JOIN interop_audit_seal s ON s.epoch = e.number
     WHERE e.number = (SELECT max(number) FROM interop_audit_epoch)
     ORDER BY s.number DESC LIMIT 1), false)
"""

#: Seals that may hold entries with these ids.
SEALS_OF_IDS = """
SELECT s.number, s.count, s.statement, s.signature, l.leaves
  FROM interop_audit_seal s LEFT JOIN interop_audit_leaves l USING (number)
 WHERE s.first_id <= %(last)s AND s.last_id >= %(first)s AND s.count > 0 AND s.number > %(after)s
 ORDER BY s.number LIMIT 1
"""

#: Numbers of the seals with entries from one to another.
NUMBERS = """
SELECT number FROM interop_audit_seal
 WHERE number BETWEEN %s AND %s AND count > 0 ORDER BY number
"""

LAST_SEAL_OF_IDS = """
SELECT max(number) FROM interop_audit_seal
 WHERE first_id <= %(last)s AND last_id >= %(first)s AND count > 0
"""

EXISTING = "SELECT id FROM interop_audit_entry WHERE id = ANY(%s::bigint[])"

DROPPED = "SELECT ranges, seals FROM interop_audit_dropped"

#: The ids of this table, as ranges between which ids of other tables lie. Ids that were never used,
#: or went with another month, do not part a range.
RANGES = """
SELECT min(id), max(id)
  FROM (SELECT id, mine, sum(step) OVER (ORDER BY id) AS island
          FROM (SELECT id, mine,
                       (mine IS DISTINCT FROM lag(mine) OVER (ORDER BY id))::int AS step
                  FROM (SELECT id, tableoid = to_regclass(%(table)s) AS mine
                          FROM interop_audit_entry
                         WHERE id BETWEEN %(first)s AND %(last)s) entry) stepped) islands
 WHERE mine GROUP BY island ORDER BY 1
"""

# -- locks --------------------------------------------------------------------------------------

#: While a month is looked at, nobody else drops it and nobody writes into its own table, where
#: nobody writes any more anyway. Who writes to the months of today is not held up.
HOLD_MONTH = "LOCK TABLE ONLY %(table)s IN SHARE ROW EXCLUSIVE MODE"
HOLD_TIMEOUT = "SET LOCAL lock_timeout = '5s'"

#: Detaching needs the parent for itself (DETACH … CONCURRENTLY is not to be had beside a default
#: partition). Who waits for such a lock makes all who come after wait too, so: a moment only, and
#: then again later.
TRY_TIMEOUT = "SET LOCAL lock_timeout = '150ms'"
TRY_LOCK = """
LOCK TABLE ONLY interop_audit_entry, ONLY interop_audit_entry_default, ONLY %(table)s
  IN ACCESS EXCLUSIVE MODE
"""

DETACH = "ALTER TABLE interop_audit_entry DETACH PARTITION %(table)s"
DROP_MONTH = "DROP TABLE %(table)s"

NOTE = "INSERT INTO interop_audit_dropped (month, ranges, seals) VALUES (%s, %s, %s)"

#: Leaves of seals whose entries are all gone, some at a time.
DELETE_LEAVES = """
DELETE FROM interop_audit_leaves
 WHERE number = ANY(ARRAY(
       SELECT l.number FROM interop_audit_leaves l, interop_audit_dropped d,
              json_array_elements(d.seals::json) r
        WHERE l.number BETWEEN (r ->> 0)::bigint AND (r ->> 1)::bigint
        LIMIT %s))
"""
