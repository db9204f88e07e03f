"""All SQL of the seals: epochs, seals, leaves, and reading what is to be sealed.

Which entries does a seal cover? Not those up to some id, as a lower id may commit later, but those
of a run of transactions: all transactions below ``pg_snapshot_xmin`` have ended, so whatever they
wrote is there or never will be. Nobody who writes is locked or waited for.

Transaction numbers are those of one database server. Where the database came to stand on another
one (a restore), an *epoch* begins: what was there before is sealed by ids, what follows by
transactions.
"""

from .lib.evidence.leaf import COLUMNS

#: Locks out a second sealer until the transaction ends. Any two numbers that nobody else uses.
TRY_LOCK = "SELECT pg_try_advisory_xact_lock(1768846452, 1)"

CREATE = """
CREATE TABLE IF NOT EXISTS interop_audit_epoch (
    number int PRIMARY KEY,
    place text NOT NULL,
    after_id bigint NOT NULL,
    low xid8 NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE interop_audit_epoch IS 'Where the audit trail stood, from which entry on';

CREATE TABLE IF NOT EXISTS interop_audit_seal (
    number bigint PRIMARY KEY,
    epoch int NOT NULL,
    kind text NOT NULL,
    low text NOT NULL,
    high text NOT NULL,
    count int NOT NULL,
    first_id bigint NOT NULL,
    last_id bigint NOT NULL,
    sealed_at timestamptz NOT NULL,
    statement text NOT NULL,
    signature bytea NOT NULL,
    endorsement bytea,
    frontier bytea NOT NULL
);
COMMENT ON TABLE interop_audit_seal IS 'Signed Merkle roots over the audit trail';
-- In which seals may an entry be? Asked for proofs, and when an epoch begins.
CREATE INDEX IF NOT EXISTS interop_audit_seal_ids ON interop_audit_seal (last_id, first_id);

CREATE TABLE IF NOT EXISTS interop_audit_leaves (
    number bigint PRIMARY KEY,
    leaves bytea NOT NULL
);
COMMENT ON TABLE interop_audit_leaves IS 'Per seal: number and leaf of each entry, in order';
-- Hashes do not compress; trying costs time with every seal.
ALTER TABLE interop_audit_leaves ALTER COLUMN leaves SET STORAGE EXTERNAL;
"""

#: Tables here that only ever grow; retention alone deletes leaves (and has its own words for it).
APPEND_ONLY = ("interop_audit_epoch", "interop_audit_seal")

CREATE_TRIGGERS = """
CREATE OR REPLACE TRIGGER interop_audit_append_only BEFORE UPDATE OR DELETE ON %(table)s
   FOR EACH ROW EXECUTE FUNCTION interop_audit_refuse();
CREATE OR REPLACE TRIGGER interop_audit_no_truncate BEFORE TRUNCATE ON %(table)s
   FOR EACH STATEMENT EXECUTE FUNCTION interop_audit_refuse();
"""

CREATE_LEAVES_TRIGGERS = """
CREATE OR REPLACE TRIGGER interop_audit_append_only BEFORE UPDATE ON interop_audit_leaves
   FOR EACH ROW EXECUTE FUNCTION interop_audit_refuse();
CREATE OR REPLACE TRIGGER interop_audit_no_truncate BEFORE TRUNCATE ON interop_audit_leaves
   FOR EACH STATEMENT EXECUTE FUNCTION interop_audit_refuse();
"""

DROP = """
DROP TABLE IF EXISTS interop_audit_leaves;
DROP TABLE IF EXISTS interop_audit_seal;
DROP TABLE IF EXISTS interop_audit_epoch;
"""

#: Database server, database, and the history (timeline) of its write-ahead log.
PLACE = """
SELECT concat_ws('/',
                 CASE WHEN has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
                      THEN (SELECT system_identifier::text FROM pg_control_system()) ELSE '?' END,
                 (SELECT oid::text FROM pg_database WHERE datname = current_database()),
                 left(pg_walfile_name(pg_current_wal_lsn()), 8))
"""

LAST_EPOCH = """
SELECT number, place, after_id, low::text FROM interop_audit_epoch ORDER BY number DESC LIMIT 1
"""

#: Waits for all that are writing, and lets nobody begin to: for a moment, when an epoch begins.
LOCK_WRITERS = "LOCK TABLE interop_audit_entry IN SHARE ROW EXCLUSIVE MODE"

#: With the lock held: later entries have greater ids, and transactions from `low` on.
OPEN_EPOCH = """
INSERT INTO interop_audit_epoch (number, place, after_id, low)
SELECT %(number)s, %(place)s, coalesce((SELECT max(id) FROM interop_audit_entry), 0),
       pg_snapshot_xmin(pg_current_snapshot())
RETURNING number, place, after_id, low::text
"""

LAST_SEAL = """
SELECT number, epoch, kind, high, statement, frontier,
       clock_timestamp() - sealed_at > %(idle)s * interval '1 second'
  FROM interop_audit_seal ORDER BY number DESC LIMIT 1
"""

#: Up to where everything has ended: taken before the entries are read, never after.
HORIZON = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text, clock_timestamp()"

_AS_TEXT = {
    "ts": "(extract(epoch FROM ts) * 1000000)::bigint",
}
#: The columns of an entry's line, in order.
LINE = ", ".join(_AS_TEXT.get(name, name) for name in COLUMNS)

#: The line of every entry of a run of transactions, `limit` of them at most.
COPY_RANGE = f"""
COPY (SELECT {LINE} FROM interop_audit_entry
       WHERE txid >= %(low)s::xid8 AND txid < %(high)s::xid8 AND id > %(after)s
       ORDER BY txid, id LIMIT %(limit)s) TO STDOUT (ENCODING 'UTF8')
"""

COPY_IDS = f"""
COPY (SELECT {LINE} FROM interop_audit_entry
       WHERE id = ANY(%(ids)s::bigint[]) ORDER BY id) TO STDOUT (ENCODING 'UTF8')
"""

IDS_BETWEEN = """
SELECT id FROM interop_audit_entry WHERE id > %(low)s AND id <= %(high)s ORDER BY id LIMIT %(limit)s
"""

LEAVES_BETWEEN = """
SELECT l.leaves FROM interop_audit_seal s JOIN interop_audit_leaves l USING (number)
 WHERE s.last_id > %(low)s AND s.first_id <= %(high)s AND s.count > 0
"""

INSERT_SEAL = """
INSERT INTO interop_audit_seal (number, epoch, kind, low, high, count, first_id, last_id, sealed_at,
                                statement, signature, endorsement, frontier)
VALUES (%(number)s, %(epoch)s, %(kind)s, %(low)s, %(high)s, %(count)s, %(first)s, %(last)s,
        %(sealed_at)s, %(statement)s, %(signature)s, %(endorsement)s, %(frontier)s)
"""

LEAVES_OF = "SELECT leaves FROM interop_audit_leaves WHERE number = %s"

INSERT_LEAVES = "INSERT INTO interop_audit_leaves (number, leaves) VALUES (%s, %s)"

#: Seconds since the oldest entry was written that no seal holds yet; NULL if there is none. In the
#: present epoch only: what an epoch begins with is sealed at once.
LAG = """
SELECT extract(epoch FROM clock_timestamp() - min(ts))::float8 FROM interop_audit_entry
 WHERE txid >= (SELECT coalesce((SELECT s.high::xid8 FROM interop_audit_seal s
                                  WHERE s.kind = 'range' AND s.epoch = e.number
                                  ORDER BY s.number DESC LIMIT 1), e.low)
                  FROM interop_audit_epoch e ORDER BY e.number DESC LIMIT 1)
   AND id > (SELECT after_id FROM interop_audit_epoch ORDER BY number DESC LIMIT 1)
"""

#: Who keeps the horizon back: the oldest transactions that have written, in whichever database.
HELD_BACK_BY = """
SELECT datname, pid, usename, application_name,
       extract(epoch FROM clock_timestamp() - xact_start)::int
  FROM pg_stat_activity
 WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
 ORDER BY xact_start LIMIT 3
"""

#: What the ORM reads. A query and not the table: so it can only ever read.
READ = """
SELECT s.number AS id, s.number, s.epoch, s.kind, s.count, s.first_id, s.last_id,
       s.sealed_at AT TIME ZONE 'UTC' AS sealed_at, s.statement,
       encode(s.signature, 'hex') AS signature, encode(s.endorsement, 'hex') AS endorsement,
       s.statement::json ->> 'root' AS root, s.statement::json ->> 'key' AS key,
       s.statement::json ->> 'previous' AS previous,
       (s.statement::json ->> 'total')::bigint AS total
  FROM interop_audit_seal s
"""
