"""What the ORM cannot promise, the database does."""

# A snapshot is content-addressed: its text never changes, and what refers to it may rely on that.
# There is no foreign key to users or companies on the table, so deleting one touches nothing here.
GUARD = """
CREATE OR REPLACE FUNCTION interop_snapshot_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'insufficient_privilege',
        MESSAGE = 'published snapshots are immutable',
        TABLE = TG_TABLE_NAME;
END $$;

CREATE OR REPLACE TRIGGER interop_snapshot_immutable BEFORE UPDATE OR DELETE ON interop_snapshot
   FOR EACH ROW EXECUTE FUNCTION interop_snapshot_refuse();
CREATE OR REPLACE TRIGGER interop_snapshot_no_truncate BEFORE TRUNCATE ON interop_snapshot
   FOR EACH STATEMENT EXECUTE FUNCTION interop_snapshot_refuse();
"""

DROP_GUARD = "DROP FUNCTION IF EXISTS interop_snapshot_refuse() CASCADE"

# Two people may publish the same content at once: the second one gets the first one's row.
PUBLISH = """
INSERT INTO interop_snapshot (digest, kind, text, size, created_at, created_by)
VALUES (%(digest)s, %(kind)s, %(text)s, %(size)s, timezone('UTC', clock_timestamp()), %(user)s)
ON CONFLICT (digest) DO NOTHING
"""

# Of two people who save one mapping at once the second one starts again (40001), and then sees that
# it changed: saving writes its rows, which would not be enough for that.
TOUCH_MAPPING = "UPDATE interop_mapping SET write_date = timezone('UTC', now()) WHERE id = %s"
