"""All SQL of the questions that auditors ask, in one place. It only reads."""

#: One row for each time that a document left for a partner, and for each last failed try after
#: which the partner may have it: a failed try that was followed by another one tells nothing of its
#: own. The id is that of the entry in the trail.
DISCLOSURES = """
SELECT e.id, e.ts AT TIME ZONE 'UTC' AS ts, m.id AS message_id, m.document_type, m.business_key,
       m.connector_id, c.system_id, s.partner_id, m.flow_id,
       COALESCE(e.version_digest, b.digest) AS version_digest,
       substring(e.details from '"shape":"([0-9a-f]{32})"') AS shape,
       CASE WHEN e.act = 'message.sent' THEN 'sent'
            WHEN e.details LIKE '%%"left":"yes"%%' THEN 'refused' ELSE 'perhaps' END AS outcome,
       CASE WHEN m.purged_at IS NULL THEN 'kept' ELSE 'purged' END AS content,
       e.company_id, e.area_id, e.digest
  FROM interop_audit_entry e
  JOIN interop_message m ON m.id = e.res_id
  JOIN interop_connector c ON c.id = m.connector_id
  JOIN interop_system s ON s.id = c.system_id
  LEFT JOIN interop_flow_version v ON v.id = m.version_id
  LEFT JOIN interop_snapshot b ON b.id = v.snapshot_id
 WHERE e.res_model = 'interop.message'
   AND (e.act = 'message.sent'
        OR e.act IN ('message.dead', 'message.postponed') AND e.details LIKE '%%"left":%%'
           AND NOT EXISTS (
               SELECT FROM interop_audit_entry l
                WHERE l.res_model = 'interop.message' AND l.res_id = e.res_id AND l.id > e.id
                  AND (l.act = 'message.sent'
                       OR l.act IN ('message.dead', 'message.postponed')
                          AND l.details LIKE '%%"left":%%')))
"""

#: Who looked at content, or had it shown or exported. Of these acts the facts are texts of our own.
READINGS = """
SELECT e.id, e.ts AT TIME ZONE 'UTC' AS ts, e.act, e.actor_id AS user_number,
       e.actor_name AS reader, e.remote_addr, e.details::json ->> 'reason' AS reason,
       e.details::json ->> 'words' AS words,
       CASE WHEN e.act LIKE 'policy.%%' THEN 'preview' ELSE e.details::json ->> 'kind' END AS kind,
       e.details::json ->> 'view' AS view, e.details::json ->> 'identity' = 'checked' AS identified,
       m.id AS message_id, m.document_type, m.connector_id, e.company_id, e.area_id
  FROM interop_audit_entry e
  LEFT JOIN interop_message m ON e.res_model = 'interop.message' AND m.id = e.res_id
 WHERE e.act IN ('message.content.read', 'policy.previewed', 'policy.preview.exported')
"""

#: How many different identifiers of persons are in the index of these messages, by document type.
PERSONS = """
SELECT m.document_type, count(DISTINCT p.digest)
  FROM interop_message m
  JOIN interop_message_person p ON p.message_id = m.id
 WHERE m.id IN (%(messages)s)
 GROUP BY m.document_type
"""

#: The same for all of them together.
PERSONS_IN_ALL = """
SELECT count(DISTINCT p.digest) FROM interop_message_person p WHERE p.message_id IN (%(messages)s)
"""

#: Since when the trail tells.
FIRST_ENTRY = "SELECT min(ts) AT TIME ZONE 'UTC' FROM interop_audit_entry"

#: Contents that were erased because persons asked for it: these are not found by name any more.
ERASED = """
SELECT count(*) FROM interop_audit_entry
 WHERE act = 'content.erased' AND ts >= %s AND (company_id IS NULL OR company_id = ANY(%s))
"""

#: The messages of flows, of numbers, of persons: as the trail names them.
IDENTITIES = "SELECT m.uuid::uuid FROM interop_message m WHERE %s"
