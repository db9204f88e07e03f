-- What has happened per connector, direction and minute: for people who want to know how a partner fares and when a
-- backlog will be gone. Figures, not evidence: a worker that dies just now may leave some out.


-- name: note_minutes (planned once)
-- Under the runtime lock in a settle, in a transaction of its own after inbound work; rows in order, so that two of
-- them cannot deadlock. The counters are in no index: PostgreSQL updates the row in place (HOT).
INSERT INTO interop_queue_minute AS q (
    connector_id, direction, minute, ok, failed, gone, latency_ms, latency_count, latency_max_ms)
SELECT v.connector_id, v.direction, date_trunc('minute', timezone('utc', clock_timestamp())), v.ok, v.failed, v.gone,
       v.latency_ms, v.latency_count, v.latency_max_ms
  FROM unnest(%(connector_id)s::int[], %(direction)s::varchar[], %(ok)s::int[], %(failed)s::int[], %(gone)s::int[],
              %(latency_ms)s::float8[], %(latency_count)s::int[], %(latency_max_ms)s::float8[])
       AS v(connector_id, direction, ok, failed, gone, latency_ms, latency_count, latency_max_ms)
    ON CONFLICT (connector_id, direction, minute) DO UPDATE
   SET ok = q.ok + excluded.ok, failed = q.failed + excluded.failed, gone = q.gone + excluded.gone,
       latency_ms = q.latency_ms + excluded.latency_ms, latency_count = q.latency_count + excluded.latency_count,
       latency_max_ms = GREATEST(q.latency_max_ms, excluded.latency_max_ms)


-- name: last_minutes
-- The last so many minutes of one connector, the present one last, empty ones too.
SELECT s.minute, COALESCE(sum(q.ok), 0)::int AS ok, COALESCE(sum(q.failed), 0)::int AS failed,
       (sum(q.latency_ms) / NULLIF(sum(q.latency_count), 0))::float8 AS latency_ms
  FROM (SELECT date_trunc('minute', timezone('utc', clock_timestamp())) - make_interval(mins => back) AS minute
          FROM generate_series(%(minutes)s - 1, 0, -1) AS back) s
  LEFT JOIN interop_queue_minute q
         ON q.connector_id = %(connector_id)s AND q.minute = s.minute
        AND (%(direction)s::varchar IS NULL OR q.direction = %(direction)s)
 GROUP BY s.minute
 ORDER BY s.minute


-- name: forget_minutes
DELETE FROM interop_queue_minute
 WHERE minute < timezone('utc', clock_timestamp()) - make_interval(days => %(days)s)


-- name: id_since
-- The highest message number from before a moment. Numbers grow with time, so it is found by halving: some thirty
-- looks at the primary key, however long the history is. A message of a transaction that was open then may be counted
-- on the wrong side, which is near enough for an estimate.
WITH RECURSIVE bounds(lo, hi, step) AS (
    SELECT COALESCE(min(id), 0) - 1, COALESCE(max(id), 0), 0 FROM interop_message
    UNION ALL
    SELECT CASE WHEN x.before THEN x.mid ELSE b.lo END, CASE WHEN x.before THEN b.hi ELSE x.mid - 1 END, b.step + 1
      FROM bounds b,
           LATERAL (SELECT m.mid, COALESCE((SELECT i.created_at < %(since)s FROM interop_message i
                                             WHERE i.id >= m.mid ORDER BY i.id LIMIT 1), FALSE) AS before
                      FROM (SELECT b.lo + (b.hi - b.lo + 1) / 2 AS mid) m) x
     WHERE b.lo < b.hi AND b.step < 40
)
SELECT lo AS id FROM bounds ORDER BY step DESC LIMIT 1


-- name: flows_of_minutes
-- Per connector and direction: what is open and moves by itself, what came and what left in the last minutes. What a
-- dead letter holds (`parked` behind it) is in `open` too, as it leaves in the end. What came is counted from the
-- newest rows of the primary key only.
WITH came AS (
    SELECT m.connector_id, m.direction, count(*) AS arrived
      FROM interop_message m WHERE m.id > %(after)s GROUP BY m.connector_id, m.direction
), went AS (
    SELECT q.connector_id, q.direction, sum(q.gone) AS gone, sum(q.failed) AS failed, sum(q.ok) AS ok
      FROM interop_queue_minute q WHERE q.minute >= %(since)s AND q.connector_id = ANY (%(connector_ids)s)
     GROUP BY q.connector_id, q.direction
), here AS (
    SELECT m.connector_id, m.direction, count(*) AS open
      FROM interop_message m
     WHERE m.state IN ('waiting', 'ready', 'running') AND m.connector_id = ANY (%(connector_ids)s)
     GROUP BY m.connector_id, m.direction
)
SELECT c.id AS connector_id, d.direction, COALESCE(h.open, 0)::int AS open, COALESCE(a.arrived, 0)::int AS arrived,
       COALESCE(w.gone, 0)::int AS gone, COALESCE(w.failed, 0)::int AS failed, COALESCE(w.ok, 0)::int AS ok
  FROM unnest(%(connector_ids)s::int[]) AS c(id)
 CROSS JOIN (VALUES ('out'), ('in')) AS d(direction)
  LEFT JOIN here h ON h.connector_id = c.id AND h.direction = d.direction
  LEFT JOIN came a ON a.connector_id = c.id AND a.direction = d.direction
  LEFT JOIN went w ON w.connector_id = c.id AND w.direction = d.direction
