"""All SQL of the audit trail, in one place.

The table is our own and not the ORM's: an append-only table with Many2one columns would make
deleting a user, merging a partner or upgrading a module fail. So there are plain integers without
foreign keys, and later columns may only be nullable ones without a default.

``txid`` tells a seal which entries were committed when (`pg_snapshot_xmin`); ``id`` does not, as a
lower id may commit later.
"""

TABLE = "interop_audit_entry"

#: Column -> array type of the set-based insert, in the order of `AuditRow.values()`.
COLUMNS: dict[str, str] = {
    "act": "text[]",
    "outcome": "text[]",
    "actor_kind": "text[]",
    "actor_id": "int[]",
    "actor_name": "text[]",
    "remote_addr": "text[]",
    "company_id": "int[]",
    "area_id": "int[]",
    "res_model": "text[]",
    "res_id": "bigint[]",
    "subject": "uuid[]",
    "digest": "text[]",
    "version_digest": "text[]",
    "details": "text[]",
}

CREATE = """
CREATE TABLE interop_audit_entry (
    id bigint GENERATED ALWAYS AS IDENTITY,
    ts timestamptz NOT NULL DEFAULT clock_timestamp(),
    txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    act text NOT NULL,
    outcome text NOT NULL,
    actor_kind text NOT NULL,
    actor_id int,
    actor_name text,
    remote_addr text,
    company_id int,
    area_id int,
    res_model text,
    res_id bigint,
    subject uuid,
    digest text,
    version_digest text,
    details text,
    PRIMARY KEY (id, ts)
) PARTITION BY RANGE (ts);

COMMENT ON TABLE interop_audit_entry IS 'Append-only audit trail of Interop';

-- The safety net: an entry whose month has no partition is kept all the same.
CREATE TABLE interop_audit_entry_default PARTITION OF interop_audit_entry DEFAULT;

-- ts in Odoo's form (UTC without a zone), so that searches by time use it.
CREATE INDEX interop_audit_entry_ts ON interop_audit_entry ((ts AT TIME ZONE 'UTC'));
CREATE INDEX interop_audit_entry_txid ON interop_audit_entry (txid);
CREATE INDEX interop_audit_entry_subject ON interop_audit_entry (subject)
 WHERE subject IS NOT NULL;
CREATE INDEX interop_audit_entry_res ON interop_audit_entry (res_model, res_id)
 WHERE res_id IS NOT NULL;
CREATE INDEX interop_audit_entry_act ON interop_audit_entry (act, id);

CREATE OR REPLACE FUNCTION interop_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'insufficient_privilege',
        MESSAGE = 'the audit trail is append-only',
        TABLE = TG_TABLE_NAME;
END $$;

CREATE TRIGGER interop_audit_append_only BEFORE UPDATE OR DELETE ON interop_audit_entry
   FOR EACH ROW EXECUTE FUNCTION interop_audit_refuse();
CREATE TRIGGER interop_audit_no_truncate BEFORE TRUNCATE ON interop_audit_entry
   FOR EACH STATEMENT EXECUTE FUNCTION interop_audit_refuse();
-- Row triggers of the parent reach every partition; those of TRUNCATE do not.
CREATE TRIGGER interop_audit_no_truncate BEFORE TRUNCATE ON interop_audit_entry_default
   FOR EACH STATEMENT EXECUTE FUNCTION interop_audit_refuse();
"""

DROP = """
DROP TABLE IF EXISTS interop_audit_entry CASCADE;
DROP FUNCTION IF EXISTS interop_audit_refuse() CASCADE;
"""

#: Indexes that came later: made when they are missing, by each upgrade. The expression is the one
#: in `READ`; only entries about a partner's messages have a connector.
LATER_INDEXES = """
CREATE INDEX IF NOT EXISTS interop_audit_entry_connector
    ON interop_audit_entry ((substring(details from '"connector":"([a-z0-9_-]+)"')), id)
 WHERE substring(details from '"connector":"([a-z0-9_-]+)"') IS NOT NULL;
"""

EXISTS = "SELECT to_regclass('interop_audit_entry') IS NOT NULL"

INSERT = """
INSERT INTO interop_audit_entry ({columns})
SELECT * FROM unnest({arrays})
""".format(
    columns=", ".join(COLUMNS),
    arrays=", ".join(f"%s::{array}" for array in COLUMNS.values()),
)

#: Are there entries of this month in the safety net already? Then its partition cannot be made.
IN_DEFAULT = """
SELECT EXISTS (SELECT FROM interop_audit_entry_default WHERE ts >= %s AND ts < %s)
"""

CREATE_MONTH = """
CREATE TABLE %(table)s PARTITION OF interop_audit_entry FOR VALUES FROM (%(first)s) TO (%(next)s);
CREATE TRIGGER interop_audit_no_truncate BEFORE TRUNCATE ON %(table)s
   FOR EACH STATEMENT EXECUTE FUNCTION interop_audit_refuse();
"""

#: What the ORM reads. A query and not the table: so it can only ever read. `subject` keeps its
#: type, or its index would be of no use; `families` is the JSON object of `acts.families_by_code`.
READ = """
SELECT id, ts AT TIME ZONE 'UTC' AS ts, txid::text AS txid, act, outcome, actor_kind, actor_id,
       actor_name, remote_addr, company_id, area_id, res_model, res_id, subject, digest,
       version_digest, details, substring(details from '"connector":"([a-z0-9_-]+)"') AS connector,
       COALESCE(%(families)s::jsonb ->> act, 'other') AS family
  FROM interop_audit_entry
"""
