"""All SQL that verification reads with. Entries come with COPY, as the bytes that were sealed."""

from .sql_seals import LINE

#: Verification reads along indexes, whatever the statistics say.
SETTINGS = "SET LOCAL jit = off; SET LOCAL enable_seqscan = off"

EPOCHS = """
SELECT e.number, e.after_id,
       coalesce((SELECT max(s.last_id) FROM interop_audit_seal s
                  WHERE s.epoch = e.number AND s.kind = 'range'), e.after_id)
  FROM interop_audit_epoch e ORDER BY e.number
"""

_SEAL = """
SELECT number, statement, signature, endorsement, frontier, epoch, kind, low, high, count,
       first_id AS first, last_id AS last,
       to_char(sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS sealed_at
  FROM interop_audit_seal
"""

SEALS = _SEAL + "WHERE number > %s ORDER BY number LIMIT %s"

SEAL = _SEAL + "WHERE number = %s"

SEAL_OF_ENTRY = _SEAL + "WHERE first_id <= %(id)s AND last_id >= %(id)s ORDER BY number"

HAS_MORE = "SELECT EXISTS (SELECT FROM interop_audit_seal WHERE number > %s)"

LAST_NUMBER = "SELECT coalesce(max(number), 0) FROM interop_audit_seal"

#: The last seal that was made before a moment; the first one made after another.
LAST_BEFORE = "SELECT coalesce(max(number), 0) FROM interop_audit_seal WHERE sealed_at < %s"
LAST_UNTIL = "SELECT coalesce(max(number), 0) FROM interop_audit_seal WHERE sealed_at <= %s"

LEAVES = "SELECT number, leaves FROM interop_audit_leaves WHERE number = ANY(%s)"

#: First and last range of an epoch, as far as it was verified.
FIRST_RANGE = """
SELECT low FROM interop_audit_seal
 WHERE epoch = %s AND kind = 'range' AND number <= %s ORDER BY number LIMIT 1
"""
LAST_RANGE = """
SELECT high FROM interop_audit_seal
 WHERE epoch = %s AND kind = 'range' AND number <= %s ORDER BY number DESC LIMIT 1
"""

#: Up to which id bridges of the epochs before hold what no range holds.
LAST_BRIDGE = """
SELECT high FROM interop_audit_seal
 WHERE epoch <= %s AND kind = 'bridge' AND number <= %s ORDER BY number DESC LIMIT 1
"""

_COPY = "COPY (SELECT {line} FROM interop_audit_entry WHERE {where}) TO STDOUT (ENCODING 'UTF8')"


def _copy(where: str) -> str:
    return _COPY.format(line=LINE, where=where)


#: Entries of consecutive ranges of one epoch, in the order of leaves.
COPY_RANGES = _copy("""txid >= %(low)s::xid8 AND txid < %(high)s::xid8
    AND id > %(after)s AND id <= %(until)s ORDER BY txid, id""")

#: Entries of a run of ids that lie in no range of an earlier epoch, in the order of leaves.
COPY_BRIDGES = _copy("""id > %(low)s AND id <= %(high)s
    AND NOT EXISTS (SELECT FROM unnest(%(afters)s::bigint[], %(untils)s::bigint[],
                                       %(lows)s::text[], %(highs)s::text[])
                             AS e(after, until, low, high)
                     WHERE id > e.after AND id <= e.until
                       AND txid >= e.low::xid8 AND txid < e.high::xid8)
    ORDER BY id""")

#: Entries of the newest epoch behind its last range, and before its first one.
COPY_BEHIND = _copy("txid >= %(high)s::xid8 AND id > %(after)s ORDER BY txid, id")
COPY_BEFORE = _copy("txid < %(low)s::xid8 AND id > %(after)s ORDER BY txid, id")
COPY_ABOVE = _copy("id > %(after)s ORDER BY id")
COPY_BELOW = _copy("id <= 0 ORDER BY id")

COPY_DROP_ACTS = _copy("act = 'audit.month_dropped' ORDER BY id")

HAS_DROPPED = "SELECT to_regclass('interop_audit_dropped') IS NOT NULL"

DROPPED = "SELECT month, ranges FROM interop_audit_dropped ORDER BY month"

# -- guards ----------------------------------------------------------------------------------------

#: The tables of the trail: itself, its months, and those beside it.
GUARDED = """
SELECT c.oid::regclass::text, c.relkind::text, c.relrowsecurity,
       EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = c.oid)
  FROM pg_class c
 WHERE c.oid = ANY (ARRAY(SELECT to_regclass(name)::oid FROM unnest(%(tables)s::text[]) AS name))
    OR c.oid IN (SELECT inhrelid FROM pg_inherits
                  WHERE inhparent = to_regclass('interop_audit_entry'))
 ORDER BY 1
"""

TRIGGERS = """
SELECT t.tgrelid::regclass::text, t.tgname, t.tgenabled::text, t.tgtype::int, p.proname,
       t.tgqual IS NOT NULL OR t.tgattr::text <> ''
  FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
 WHERE t.tgrelid::regclass::text = ANY(%(tables)s)
 ORDER BY 1, 2
"""

FUNCTIONS = """
SELECT p.proname, p.prosrc FROM pg_proc p
 WHERE p.proname = ANY(%(names)s) AND p.pronamespace = (
       SELECT relnamespace FROM pg_class WHERE oid = to_regclass('interop_audit_entry'))
"""

#: Named like a month of the trail, and not one of its parts.
DETACHED = """
SELECT c.oid::regclass::text FROM pg_class c
 WHERE c.relname ~ '^interop_audit_entry_(default|[0-9]{6})$' AND c.relkind IN ('r', 'p', 'f')
   AND c.relnamespace = (SELECT relnamespace FROM pg_class
                          WHERE oid = to_regclass('interop_audit_entry'))
   AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid
                      AND i.inhparent = to_regclass('interop_audit_entry')
                      AND NOT i.inhdetachpending)
"""

#: Where triggers are silenced: for a role, for a database, or in this session.
SILENCED = """
SELECT coalesce('role ' || r.rolname, 'database ' || d.datname, 'all')
  FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole
       LEFT JOIN pg_database d ON d.oid = s.setdatabase
 WHERE (s.setdatabase = 0 OR d.datname = current_database())
   AND EXISTS (SELECT FROM unnest(s.setconfig) AS c
                WHERE c ~ '^session_replication_role=' AND c !~ '=origin$')
UNION ALL
SELECT 'this session' WHERE current_setting('session_replication_role') <> 'origin'
"""


# -- uninstalling ----------------------------------------------------------------------------------

#: The newest export of the whole trail that somebody has taken away.
LAST_TAKEN = """
SELECT details FROM interop_audit_entry
 WHERE act IN ('audit.export', 'audit.download') AND outcome = 'ok'
   AND ts > clock_timestamp() - interval '24 hours' AND details::json ->> 'taken' = 'whole'
 ORDER BY id DESC LIMIT 1
"""

#: Entries that it cannot have held, but for those of exporting and verifying.
AFTER_TAKEN = """
SELECT count(*) FROM interop_audit_entry
 WHERE id > %s AND act NOT IN ('audit.export', 'audit.download', 'audit.verify')
"""

NEWEST = "SELECT coalesce(max(id), 0) FROM interop_audit_entry"
