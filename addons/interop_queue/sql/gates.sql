-- The gates of a connector: circuit breakers, rate limit, maintenance windows, throttles. What is read and written
-- here is decided under the runtime lock of the connector, as everything that a claim decides is.


-- name: tokens
-- How many exchanges the rate limit allows at once; of connector c with runtime r, c.rate_limit > 0. A bucket that
-- nobody has touched yet is full (LEAST leaves NULL out).
LEAST(c.rate_burst::float8, {{poured}})


-- name: poured
-- What would be in the bucket if it did not run over.
(r.tokens + EXTRACT(EPOCH FROM timezone('utc', clock_timestamp()) - r.tokens_at)::float8 * {{rate}})


-- name: rate
-- Tokens per second.
(c.rate_limit / CASE c.rate_unit WHEN 'minute' THEN 60.0::float8 ELSE 1.0::float8 END)


-- name: gates_open
-- Whether anything may be sent to connector c with runtime r now. A window whose end has passed stays closed until
-- the next one has been worked out, within a second: so that one that follows closely is not missed. One endpoint
-- that may be tried is enough: the claim then takes a single message.
(NOT COALESCE(c.windows_changed, FALSE)
 AND (r.closed_from IS NULL OR r.closed_from > timezone('utc', clock_timestamp()))
 AND (r.throttled_until IS NULL OR r.throttled_until <= timezone('utc', clock_timestamp()))
 AND (c.rate_limit = 0 OR {{tokens}} >= 1)
 AND {{endpoint_usable}})


-- name: endpoint_usable
(NOT EXISTS (SELECT FROM interop_endpoint_runtime s
              WHERE s.connector_id = r.connector_id AND s.purpose = 'default' AND s.state <> 'closed')
 OR EXISTS (SELECT FROM interop_endpoint_runtime s
             WHERE s.connector_id = r.connector_id AND s.purpose = 'default'
               AND (s.state = 'closed' OR s.state IN ('open', 'half_open')
                                          AND s.open_until <= timezone('utc', clock_timestamp()))))


-- name: free
-- How many exchanges may begin.
GREATEST(LEAST(c.max_in_flight - r.in_flight,
               CASE WHEN c.rate_limit > 0 AND %(direction)s = 'out' THEN floor({{tokens}})::int END), 0)


-- name: gates_next (planned once)
-- When the first gate opens behind which messages are ready, in seconds. NULL: none does by itself. A rate limit that
-- is in use counts also if there are tokens: they came after the claim that found none. A bucket that has been full for
-- a second is not in use: whatever is ready there waits for something else. Some tokens gather before a lane looks
-- again, for a tenth of a second at most and never so many that the bucket runs over. `environment`: only of this.
SELECT EXTRACT(EPOCH FROM min(g.opens_at) - timezone('utc', clock_timestamp()))::float8 AS seconds
  FROM (SELECT GREATEST(
                   CASE WHEN c.windows_changed THEN timezone('utc', clock_timestamp()) END,
                   CASE WHEN r.closed_from <= timezone('utc', clock_timestamp()) THEN r.closed_until END,
                   r.throttled_until,
                   CASE WHEN c.rate_limit > 0 AND {{tokens}} < 1
                        THEN timezone('utc', clock_timestamp())
                             + make_interval(secs => GREATEST((1 - {{tokens}}) / {{rate}},
                                                              LEAST(0.1, c.rate_burst / {{rate}} / 2))) END,
                   CASE WHEN NOT {{endpoint_usable}}
                        THEN COALESCE((SELECT min(s.open_until) FROM interop_endpoint_runtime s
                                        WHERE s.connector_id = r.connector_id AND s.purpose = 'default'
                                          AND s.state IN ('open', 'half_open')), 'infinity') END,
                   CASE WHEN {{gates_open}} THEN timezone('utc', clock_timestamp()) END) AS opens_at
          FROM interop_connector_runtime r
          JOIN interop_connector c ON c.id = r.connector_id
         WHERE c.state IN ('active', 'draining') AND r.in_flight < c.max_in_flight
           AND EXISTS (SELECT FROM interop_message m
                        WHERE m.connector_id = c.id AND m.state = 'ready' AND m.direction = 'out'
                          AND m.id <= COALESCE(NULLIF(c.drain_to, 0), 2147483647))
           AND (%(environment)s::varchar IS NULL OR c.environment = %(environment)s::varchar)
           AND (NOT {{gates_open}} OR c.rate_limit > 0 AND {{poured}} < c.rate_burst + {{rate}})) g
 WHERE isfinite(g.opens_at)


-- name: take_tokens (planned once)
-- In the transaction of the claim, under the runtime lock: all lanes of all hosts take from one bucket.
UPDATE interop_connector_runtime r
   SET tokens = {{tokens}} - v.taken, tokens_at = timezone('utc', clock_timestamp())
  FROM unnest(%(connector_id)s::int[], %(taken)s::int[]) AS v(connector_id, taken)
  JOIN interop_connector c ON c.id = v.connector_id
 WHERE r.connector_id = v.connector_id AND c.rate_limit > 0


-- name: endpoint_states (planned once)
-- For connectors of which an endpoint is out of use: all of the purpose that messages take, the uppermost first.
-- After the runtime lock, so that it is what the last settle or claim has left.
SELECT s.endpoint_id, s.connector_id, s.state,
       COALESCE(s.state IN ('open', 'half_open') AND s.open_until <= timezone('utc', clock_timestamp()), FALSE) AS due
  FROM interop_endpoint_runtime s
  JOIN interop_endpoint e ON e.id = s.endpoint_id
 WHERE s.connector_id = ANY (%(connector_ids)s) AND s.purpose = 'default'
   AND EXISTS (SELECT FROM interop_endpoint_runtime o
                WHERE o.connector_id = s.connector_id AND o.purpose = 'default' AND o.state <> 'closed')
 ORDER BY e.sequence, e.id


-- name: begin_probe
-- Exactly one message tries: while it is under way open_until is the end of its lease, so that a probe whose worker
-- dies frees the place by itself.
UPDATE interop_endpoint_runtime s
   SET state = 'half_open', probe_token = %(token)s, probe_message = %(message_id)s,
       open_until = timezone('utc', clock_timestamp()) + make_interval(secs => %(lease)s),
       changed_at = CASE WHEN s.state = 'half_open' THEN s.changed_at ELSE timezone('utc', clock_timestamp()) END
  FROM interop_endpoint_runtime o
 WHERE s.endpoint_id = %(endpoint_id)s AND o.id = s.id AND s.state IN ('open', 'half_open')
RETURNING o.state AS before


-- name: release_probes
-- Messages that were to try and did not leave: others may.
UPDATE interop_endpoint_runtime s SET open_until = timezone('utc', clock_timestamp()), probe_token = NULL
 WHERE s.state = 'half_open' AND s.probe_message = ANY (%(ids)s) AND s.probe_token = ANY (%(tokens)s)


-- name: endpoint_routes (planned once)
-- The endpoints of connectors as they are now, for payloads that are about to leave.
SELECT e.id, e.connector_id, e.purpose, e.url, e.name, COALESCE(s.state, 'closed') AS state,
       EXTRACT(EPOCH FROM s.open_until - timezone('utc', clock_timestamp()))::float8 AS seconds,
       COALESCE(r.closed_from <= timezone('utc', clock_timestamp()), FALSE) AS shut
  FROM interop_endpoint e
  JOIN interop_connector_runtime r ON r.connector_id = e.connector_id
  LEFT JOIN interop_endpoint_runtime s ON s.endpoint_id = e.id
 WHERE e.connector_id = ANY (%(connector_ids)s)
 ORDER BY e.sequence, e.id


-- name: put_off
-- Claimed, and a gate closed before it left: back as if never claimed. With `seconds` it waits for so long, because
-- the claim would find it at once otherwise; without, the gate itself keeps it. Under the runtime lock.
UPDATE interop_message m
   SET state = CASE WHEN v.seconds IS NULL THEN 'ready' ELSE 'waiting' END,
       run_at = CASE WHEN v.seconds IS NULL THEN m.run_at
                     ELSE timezone('utc', clock_timestamp()) + make_interval(secs => v.seconds) END,
       claims = GREATEST(m.claims - 1, 0), lease_token = NULL, lease_until = NULL, lane = NULL
  FROM unnest(%(id)s::int[], %(token)s::varchar[], %(seconds)s::float8[]) AS v(id, token, seconds)
 WHERE m.id = v.id AND m.state = 'running' AND m.lease_token = v.token AND m.held IS NULL
RETURNING m.id, m.connector_id


-- name: endpoints_went_well
-- Nothing is written while all goes well: the last calls are kept from the first failure on until it is out of sight.
UPDATE interop_endpoint_runtime s
   SET failures = 0, calls = right(COALESCE(s.calls, '') || repeat('0', v.number), e.breaker_window)
  FROM unnest(%(endpoint_id)s::int[], %(number)s::int[]) AS v(endpoint_id, number)
  JOIN interop_endpoint e ON e.id = v.endpoint_id
 WHERE s.endpoint_id = v.endpoint_id AND s.state = 'closed'
   AND (s.failures > 0 OR position('1' IN COALESCE(s.calls, '')) > 0)


-- name: lock_endpoints
SELECT s.endpoint_id, s.connector_id, s.state, s.failures, COALESCE(s.calls, '') AS calls, s.opened, s.probe_token,
       s.probe_message, e.name, e.breaker_failures, e.breaker_rate, e.breaker_window, e.breaker_wait,
       e.breaker_wait_most
  FROM interop_endpoint_runtime s
  JOIN interop_endpoint e ON e.id = s.endpoint_id
 WHERE s.endpoint_id = ANY (%(endpoint_ids)s)
 ORDER BY s.endpoint_id
   FOR NO KEY UPDATE OF s


-- name: write_endpoint
UPDATE interop_endpoint_runtime s
   SET state = %(state)s, failures = %(failures)s, calls = NULLIF(%(calls)s, ''), opened = %(opened)s,
       open_until = CASE WHEN %(pause)s::float8 IS NOT NULL
                         THEN timezone('utc', clock_timestamp()) + make_interval(secs => %(pause)s) END,
       probe_token = NULL, probe_message = 0,
       passed_over = s.passed_over AND %(state)s = 'isolated',
       reason = CASE WHEN s.state = %(state)s THEN s.reason ELSE %(reason)s END,
       changed_at = CASE WHEN s.state = %(state)s THEN s.changed_at ELSE timezone('utc', clock_timestamp()) END
 WHERE s.endpoint_id = %(endpoint_id)s


-- name: note_breaker_change
INSERT INTO interop_breaker_change (endpoint_id, connector_id, at, before, after, reason)
VALUES (%(endpoint_id)s, %(connector_id)s, timezone('utc', clock_timestamp()), %(before)s, %(after)s, %(reason)s)


-- name: throttle
UPDATE interop_connector_runtime r
   SET throttled_until = GREATEST(r.throttled_until,
                                  timezone('utc', clock_timestamp()) + make_interval(secs => v.seconds))
  FROM unnest(%(connector_id)s::int[], %(seconds)s::float8[]) AS v(connector_id, seconds)
 WHERE r.connector_id = v.connector_id


-- name: windows_due (planned once)
-- Connectors whose next maintenance window has to be worked out.
SELECT r.connector_id
  FROM interop_connector_runtime r
  JOIN interop_connector c ON c.id = r.connector_id
 WHERE c.windows_changed OR r.closed_until <= timezone('utc', clock_timestamp())
 ORDER BY r.connector_id


-- name: windows_taken_up
-- First: it waits for a person who is just changing a window, and what is read afterwards holds that change.
UPDATE interop_connector SET windows_changed = FALSE WHERE id = ANY (%(ids)s) AND windows_changed


-- name: set_windows
UPDATE interop_connector_runtime r SET closed_from = v.closed_from, closed_until = v.closed_until
  FROM unnest(%(connector_id)s::int[], %(closed_from)s::timestamp[], %(closed_until)s::timestamp[])
       AS v(connector_id, closed_from, closed_until)
 WHERE r.connector_id = v.connector_id
