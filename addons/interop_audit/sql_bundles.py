"""All SQL of evidence bundles: which entries are about something, and what proves them."""

from .sql_seals import LINE

#: Entries about subjects (UUIDs), about records, and about the publication of versions of records.
ABOUT = """
SELECT id, txid::text, company_id, area_id
  FROM interop_audit_entry
 WHERE subject = ANY(%(subjects)s::uuid[])
UNION
SELECT e.id, e.txid::text, e.company_id, e.area_id
  FROM unnest(%(models)s::text[], %(ids)s::bigint[]) AS r (model, id)
  JOIN interop_audit_entry e ON e.res_model = r.model AND e.res_id = r.id
UNION
SELECT e.id, e.txid::text, e.company_id, e.area_id
  FROM unnest(%(publishers)s::text[], %(published)s::bigint[], %(digests)s::text[])
       AS r (model, id, digest)
  JOIN interop_audit_entry e ON e.res_model = r.model AND e.res_id = r.id
   AND (e.digest = r.digest OR e.version_digest = r.digest)
ORDER BY id
"""

REFS = "SELECT id, txid::text FROM interop_audit_entry WHERE id = ANY(%s::bigint[]) ORDER BY id"

LINES = f"""
COPY (SELECT {LINE} FROM interop_audit_entry
       WHERE id = ANY(%(ids)s::bigint[]) ORDER BY id) TO STDOUT (ENCODING 'UTF8')
"""

NEWEST = "SELECT coalesce(max(number), 0) FROM interop_audit_seal"

EPOCHS = "SELECT number, after_id FROM interop_audit_epoch ORDER BY number"

#: By these the seals are in order: the bridges of an epoch come before its ranges.
ORDER = "SELECT epoch, kind = 'range', low, high FROM interop_audit_seal WHERE number = %s"

SEALS = """
SELECT number, statement, signature, endorsement FROM interop_audit_seal WHERE number = ANY(%s)
"""

#: The leaves of the log before the seal `head`, in order: a year of seals takes a second.
LOG = """
COPY (SELECT encode(sha256('\\x00'::bytea || convert_to(statement, 'UTF8')), 'hex')
        FROM interop_audit_seal WHERE number < %(head)s ORDER BY number) TO STDOUT
"""
