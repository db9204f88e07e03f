"""What a recovery case reads of the queue, in one place. It writes only rows of its own.

Set-based: a backup may hold a hundred thousand messages that had not left yet.
"""

#: The last act of the engine or a partner. People may have looked round in the restored database
#: since; the engine, behind its closed fence, cannot have acted there.
LAST_ACT = """
SELECT ts AT TIME ZONE 'UTC', id FROM interop_audit_entry
 WHERE actor_kind IN ('worker', 'partner') ORDER BY id DESC LIMIT 1
"""
LAST_ENTRY = "SELECT ts AT TIME ZONE 'UTC', id FROM interop_audit_entry ORDER BY id DESC LIMIT 1"

#: By connector: what was open, and when a payload of theirs was last taken in.
CONNECTORS = """
SELECT c.id, coalesce(o.waiting, 0), coalesce(o.ready, 0), coalesce(o.running, 0),
       coalesce(o.dead, 0), i.last
  FROM interop_connector c
  LEFT JOIN (SELECT m.connector_id,
                    count(*) FILTER (WHERE m.state = 'waiting') AS waiting,
                    count(*) FILTER (WHERE m.state = 'ready') AS ready,
                    count(*) FILTER (WHERE m.state = 'running') AS running,
                    count(*) FILTER (WHERE m.state = 'dead') AS dead
               FROM interop_message m
              WHERE m.direction = 'out' AND m.state IN ('waiting', 'ready', 'running', 'dead')
              GROUP BY m.connector_id) o ON o.connector_id = c.id
  LEFT JOIN LATERAL (SELECT x.created_at AS last FROM interop_interchange x
                      WHERE x.connector_id = c.id AND x.direction = 'in'
                      ORDER BY x.id DESC LIMIT 1) i ON true
 WHERE c.state <> 'retired' OR o.connector_id IS NOT NULL
 ORDER BY c.id
"""

#: A payload of several documents was prepared under a key of its own: then the partner knows that.
DOUBTFUL = """
INSERT INTO interop_recovery_key (recovery_id, line_id, connector_id, message_id, key, document,
                                  accepted_at, verdict)
SELECT l.recovery_id, l.id, m.connector_id, m.id, coalesce(i.idempotency_key, m.uuid),
       m.document_type, m.created_at, 'doubt'
  FROM interop_recovery_line l
  JOIN interop_message m ON m.connector_id = l.connector_id
  LEFT JOIN interop_interchange i ON i.id = m.interchange_id AND i.direction = 'out'
 WHERE l.recovery_id = %s AND m.direction = 'out' AND m.state IN ('waiting', 'ready', 'running')
 ORDER BY m.id
"""

#: Which of these keys are ours at all.
OURS = """
SELECT uuid FROM interop_message WHERE uuid = ANY (%(keys)s)
UNION
SELECT idempotency_key FROM interop_interchange
 WHERE direction = 'out' AND idempotency_key = ANY (%(keys)s)
"""

#: How many left through a connector in so many seconds before that time: a measure for what may
#: have left in as many seconds after it.
SENT_BEFORE = """
SELECT count(*) FROM interop_message
 WHERE connector_id = %s AND direction = 'out'
   AND sent_at > %s - make_interval(secs => %s) AND sent_at <= %s
"""

VERDICTS = """
UPDATE interop_recovery_key k SET verdict = %(verdict)s, partner_at = v.at
  FROM unnest(%(keys)s::varchar[], %(at)s::timestamp[]) AS v(key, at)
 WHERE k.line_id = %(line)s AND k.key = v.key AND k.verdict IN ('doubt', 'missing')
RETURNING k.id
"""

#: The last seal that was made elsewhere, else the last one at all.
LAST_SEAL_ELSEWHERE = """
SELECT s.number, (s.statement::json ->> 'total')::bigint
  FROM interop_audit_seal s JOIN interop_audit_epoch e ON e.number = s.epoch
 ORDER BY e.place <> %(place)s DESC, s.number DESC LIMIT 1
"""
