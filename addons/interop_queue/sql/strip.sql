-- name: strip_backlog
-- For one connector's form: what could be sent now, counted up to a limit only, how long the first of it has waited,
-- and how many are on their way. From the index of claimable messages, however long the backlog is.
SELECT count(*), COALESCE(EXTRACT(EPOCH FROM timezone('utc', clock_timestamp()) - min(b.run_at)), 0)::float8,
       (SELECT r.in_flight FROM interop_connector_runtime r WHERE r.connector_id = %(connector_id)s)
  FROM (SELECT m.run_at FROM interop_message m
         WHERE m.connector_id = %(connector_id)s AND m.state = 'ready' AND m.direction = 'out'
         ORDER BY m.priority, m.id LIMIT %(limit)s) b
