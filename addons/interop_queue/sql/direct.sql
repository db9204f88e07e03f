-- Direct mode: a message that is made, claimed and sent by the process whose caller waits for the answer. It is
-- `running` from its first moment and `held` for 'direct', so that no lane ever takes it: when its process dies the
-- reaper makes it a dead letter of unknown outcome (see `reap`), and nobody sends it again by itself.


-- name: direct_admit
-- Under the runtime lock of connector c with runtime r: what stands against a direct call. How many are under way for
-- this flow is counted over all processes, from the index of what is running.
SELECT c.state, c.environment, f.state AS flow_state, c.max_in_flight - r.in_flight AS free, {{gates_open}} AS open,
       COALESCE(c.windows_changed OR r.closed_from <= timezone('utc', clock_timestamp()), FALSE) AS window_closed,
       CASE WHEN r.closed_from <= timezone('utc', clock_timestamp())
            THEN EXTRACT(EPOCH FROM r.closed_until - timezone('utc', clock_timestamp()))::float8 END AS window_seconds,
       CASE WHEN r.throttled_until > timezone('utc', clock_timestamp())
            THEN EXTRACT(EPOCH FROM r.throttled_until - timezone('utc', clock_timestamp()))::float8 END AS throttled,
       {{endpoint_usable}} AS usable,
       (SELECT EXTRACT(EPOCH FROM min(s.open_until) - timezone('utc', clock_timestamp()))::float8
          FROM interop_endpoint_runtime s
         WHERE s.connector_id = r.connector_id AND s.purpose = 'default'
           AND s.state IN ('open', 'half_open')) AS usable_seconds,
       c.rate_limit > 0 AS limited,
       (SELECT count(*) FROM interop_message m
         WHERE m.state = 'running' AND m.connector_id = c.id AND m.flow_id + 0 = f.id
           AND m.held = 'direct') AS under_way
  FROM interop_connector_runtime r
  JOIN interop_connector c ON c.id = r.connector_id
  JOIN interop_flow f ON f.id = %(flow_id)s
 WHERE r.connector_id = %(connector_id)s


-- name: direct_insert
-- Claimed as it is made. No chain: who waits for an answer waits for nobody else.
INSERT INTO interop_message AS m (
    uuid, flow_id, connector_id, company_id, area_id, direction, document_type, event, state, held, parked, priority,
    run_at, business_key, partner_id, res_model, res_id, position, size, claims, losses, attempts, created_at,
    lease_token, lane, started_at, lease_until)
VALUES (%(uuid)s, %(flow_id)s, %(connector_id)s, %(company_id)s, %(area_id)s, 'out', %(document_type)s, %(event)s,
        'running', 'direct', FALSE, %(priority)s, timezone('utc', clock_timestamp()), %(business_key)s,
        %(partner_id)s, %(res_model)s, %(res_id)s, 0, %(size)s, 1, 0, 0, timezone('utc', clock_timestamp()),
        %(token)s, %(lane)s, timezone('utc', clock_timestamp()),
        timezone('utc', clock_timestamp()) + make_interval(secs => %(lease)s))
RETURNING {{claimed_columns}}


-- name: direct_landed
-- What went well is a message like any other. What did not stays marked: its caller was told, and is gone, so that it
-- is never run again (see `redrive`), but looked at and closed by a person.
UPDATE interop_message m SET held = NULL WHERE m.id = %(id)s AND m.state IN ('sent', 'done') AND m.held = 'direct'
