-- Redriving at scale: members of a campaign, in the order in which they are taken.

-- name: redrive_freeze
-- What a campaign is about, once and for all. A message that is in it already stays as it is.
INSERT INTO interop_redrive_member (redrive_id, message_id, outcome)
SELECT %(redrive_id)s, m.id, 'pending' FROM interop_message m WHERE m.id = ANY (%(ids)s)
 ORDER BY m.id
ON CONFLICT DO NOTHING


-- name: redrive_scope
-- The areas and companies of all its messages: who has them all may steer it.
SELECT COALESCE(array_agg(DISTINCT m.area_id) FILTER (WHERE m.area_id IS NOT NULL), '{}') AS areas,
       COALESCE(array_agg(DISTINCT m.company_id) FILTER (WHERE m.company_id IS NOT NULL), '{}')
           AS companies
  FROM interop_redrive_member b JOIN interop_message m ON m.id = b.message_id
 WHERE b.redrive_id = %(redrive_id)s


-- name: redrive_next
-- By id: within a chain that is the order in which its messages must leave.
SELECT b.id, b.message_id FROM interop_redrive_member b
 WHERE b.redrive_id = %(redrive_id)s AND b.outcome = 'pending'
 ORDER BY b.message_id LIMIT %(limit)s


-- name: redrive_note
UPDATE interop_redrive_member b
   SET outcome = %(outcome)s, taken_at = timezone('utc', clock_timestamp())
 WHERE b.id = ANY (%(ids)s)


-- name: redrive_counts
SELECT b.outcome, count(*) AS found FROM interop_redrive_member b
 WHERE b.redrive_id = %(redrive_id)s GROUP BY b.outcome


-- name: redrive_results
-- What became of those that were run again: by the messages' states now.
SELECT CASE WHEN m.state IN ('sent', 'done') THEN 'succeeded'
            WHEN m.state IN ('dead', 'cancelled') THEN m.state
            WHEN m.state = 'waiting' AND (m.parked OR m.held IS NOT NULL) THEN 'behind'
            ELSE 'open' END AS result, count(*) AS found
  FROM interop_redrive_member b JOIN interop_message m ON m.id = b.message_id
 WHERE b.redrive_id = %(redrive_id)s AND b.outcome = 'redriven'
 GROUP BY 1


-- name: redrive_last
-- The last of those that have come to an end since: how many of them are dead again?
SELECT count(*) AS ended, count(*) FILTER (WHERE state = 'dead') AS died
  FROM (SELECT m.state FROM interop_redrive_member b JOIN interop_message m ON m.id = b.message_id
         WHERE b.redrive_id = %(redrive_id)s AND b.outcome = 'redriven'
           AND m.state IN ('sent', 'done', 'dead')
           AND (%(since)s::timestamp IS NULL OR b.taken_at >= %(since)s)
         ORDER BY COALESCE(m.done_at, m.sent_at) DESC NULLS LAST, b.message_id DESC
         LIMIT %(most)s) AS last


-- name: redrive_forecast
-- Per flow: how many run again, and how many wait behind them in their chains.
SELECT m.flow_id, m.connector_id, count(*) AS found, COALESCE(sum(w.behind), 0)::int AS behind
  FROM interop_message m
  LEFT JOIN LATERAL (
       SELECT count(*) AS behind FROM interop_message s
        WHERE m.chain IS NOT NULL AND s.chain = m.chain AND s.id > m.id
          AND s.state IN ('waiting', 'ready')
          AND NOT EXISTS (SELECT FROM interop_message d
                           WHERE d.chain = m.chain AND d.id < m.id AND d.state = 'dead')) AS w ON TRUE
 WHERE m.id = ANY (%(ids)s) AND m.state = 'dead'
 GROUP BY m.flow_id, m.connector_id
 ORDER BY found DESC, m.flow_id


-- name: redrive_recent_rate
-- Messages a minute that left by a connector in the last quarter of an hour; of the newest attempts, so that its
-- cost does not grow with history.
SELECT i.connector_id, sum(i.document_count) / 15.0 AS per_minute
  FROM interop_attempt a JOIN interop_interchange i ON i.id = a.interchange_id
 WHERE a.id > (SELECT COALESCE(max(id), 0) - 20000 FROM interop_attempt)
   AND a.started_at >= timezone('utc', clock_timestamp()) - interval '15 minutes'
   AND a.outcome = 'ok' AND i.connector_id = ANY (%(connectors)s)
 GROUP BY i.connector_id


-- name: redrive_wait
-- A person decides: wait for the chunk that is being run. If it has moved the campaign, PostgreSQL asks for the
-- person's transaction again, which then sees where it stands.
SELECT id FROM interop_redrive WHERE id = ANY (%(ids)s) ORDER BY id FOR NO KEY UPDATE
