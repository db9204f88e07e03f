-- What a partner may send us.


-- name: inbound_backlog
-- How many messages of a partner wait here to be taken up, counted up to a limit only. Per state, so that the index of
-- claimable messages answers for the most of it.
SELECT count(*) AS found FROM (
    SELECT FROM interop_message m
     WHERE m.connector_id = %(connector_id)s AND m.direction = 'in' AND m.state IN ('ready', 'waiting', 'running')
     LIMIT %(limit)s) x


-- name: inbound_speed
-- How many of a partner's messages a minute left the queue lately.
SELECT COALESCE(sum(gone), 0)::float8 / %(minutes)s AS gone FROM interop_queue_minute
 WHERE connector_id = %(connector_id)s AND direction = 'in'
   AND minute >= timezone('utc', clock_timestamp()) - make_interval(mins => %(minutes)s)
