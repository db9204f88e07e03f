-- The queue's statements, by name. Python loads them once (lib/statements.py) and nothing else in the suite
-- writes SQL against interop_message. Times are the database's clock in UTC, as Odoo stores them; `now` below
-- is clock_timestamp() and not now(), because a lane's transaction may have begun a while ago.
--
-- "Open" means: still holds its chain. waiting, ready, running and dead are open; sent, done, cancelled are not.


-- Fragments: what several statements say alike. `{{name}}` in a statement stands for the text of that section.

-- name: claimed_columns
m.id, m.uuid, m.flow_id, m.connector_id, m.company_id, m.area_id, m.direction, m.event, m.chain,
          m.res_model, m.res_id, m.interchange_id, m.position, m.claims, m.losses, m.attempts, m.business_key,
          m.partner_id, m.size, m.priority, m.batch_id, m.as_of_event,
          EXTRACT(EPOCH FROM timezone('utc', clock_timestamp()) - COALESCE(m.redriven_at, m.created_at)) AS age


-- name: taken
state = 'running', claims = m.claims + 1, lease_token = %(token)s, lane = %(lane)s,
       started_at = timezone('utc', clock_timestamp()),
       lease_until = timezone('utc', clock_timestamp()) + make_interval(secs => %(lease)s)


-- name: blocked
-- Whether the candidate c is not the head of its chain, or needs a message of another flow that is still open.
(c.chain IS NOT NULL AND (
    EXISTS (SELECT FROM interop_message p
             WHERE p.chain = c.chain AND p.id < c.id
               AND p.state IN ('waiting', 'ready', 'running', 'dead'))
 OR EXISTS (SELECT FROM interop_message p
             WHERE p.chain = c.chain AND p.state = 'running'))
 OR {{needing}})


-- name: may_run
-- Whether a claim may take anything of connector c with runtime r.
c.state IN ('active', 'draining')
   AND (%(direction)s = 'in' OR r.in_flight < c.max_in_flight AND {{gates_open}})


-- name: let_go
-- A parked message is let go: when its time has come and nothing else holds it, it may be claimed.
parked = FALSE,
       state = CASE WHEN m.run_at <= timezone('utc', clock_timestamp()) AND m.held IS NULL
                    THEN 'ready' ELSE 'waiting' END


-- name: insert_messages
-- Transactional outbox: runs inside the business transaction, only inserts, takes no lock that another
-- transaction could wait for. unnest instead of VALUES: one plan for any number of rows.
INSERT INTO interop_message (
    uuid, flow_id, connector_id, company_id, area_id, direction, document_type, event, state, parked, priority,
    run_at, chain, business_key, partner_id, res_model, res_id, interchange_id, position, size, resent_from_id,
    held, as_of_event, claims, losses, attempts, created_at)
SELECT v.uuid, v.flow_id, v.connector_id, v.company_id, v.area_id, v.direction, v.document_type, v.event,
       CASE WHEN v.delay > 0 OR v.held IS NOT NULL THEN 'waiting' ELSE 'ready' END, FALSE, v.priority,
       timezone('utc', clock_timestamp()) + make_interval(secs => v.delay), v.chain, v.business_key, v.partner_id,
       v.res_model, v.res_id, v.interchange_id, v.position, v.size, v.resent_from_id, v.held, v.as_of_event, 0, 0, 0,
       timezone('utc', clock_timestamp())
  FROM unnest(%(uuid)s::varchar[], %(flow_id)s::int[], %(connector_id)s::int[], %(company_id)s::int[],
              %(area_id)s::int[], %(direction)s::varchar[], %(document_type)s::varchar[], %(event)s::varchar[],
              %(priority)s::int[], %(delay)s::float8[], %(chain)s::varchar[], %(business_key)s::varchar[],
              %(partner_id)s::int[], %(res_model)s::varchar[], %(res_id)s::int[], %(interchange_id)s::int[],
              %(position)s::int[], %(size)s::int[], %(resent_from_id)s::int[], %(held)s::varchar[],
              %(as_of_event)s::bool[])
       AS v(uuid, flow_id, connector_id, company_id, area_id, direction, document_type, event, priority, delay,
            chain, business_key, partner_id, res_model, res_id, interchange_id, position, size, resent_from_id, held,
            as_of_event)
RETURNING id


-- name: lock_runnable (planned once)
-- Which connectors have work and may run, each locked for this claim alone: one claimer per connector at a time
-- makes the in-flight limit exact and keeps parking and releasing of chains apart. FOR NO KEY UPDATE, because
-- FOR UPDATE would block inserts that reference the row. SKIP LOCKED: another lane is at that connector already,
-- or a person's act is. in_flight is kept by claim, settle and reap in the transactions that move the rows, all
-- under this lock, so a killed worker cannot make it drift. (Counting the running rows instead was exact too, but
-- every claim then walked the index entries that a long-lived snapshot elsewhere keeps from being cleaned up.)
-- The floor is where this lane last found something: see `claim`. A claim that a crash of PostgreSQL undoes has done
-- no harm: nothing has left before the next, synchronous commit, which flushes this one too.
SET LOCAL synchronous_commit = off;
SELECT r.connector_id, {{free}} AS free, c.drain_to,
       c.rate_limit > 0 AND %(direction)s = 'out' AS limited
  FROM interop_connector_runtime r
  JOIN interop_connector c ON c.id = r.connector_id
  LEFT JOIN unnest(%(floor_connectors)s::int[], %(floor_priorities)s::int[], %(floor_ids)s::int[])
         AS f(connector_id, priority, id) ON f.connector_id = r.connector_id
 WHERE {{may_run}}
   AND c.environment = %(environment)s
   AND (%(only)s::int[] IS NULL OR r.connector_id = ANY (%(only)s::int[]))
   AND EXISTS (SELECT FROM interop_message m
                WHERE m.connector_id = r.connector_id AND m.state = 'ready' AND m.direction = %(direction)s
                  AND (m.priority, m.id) >= (COALESCE(f.priority, -2147483648), COALESCE(f.id, 0))
                  AND m.priority BETWEEN %(least)s AND %(most)s
                  AND m.id <= COALESCE(NULLIF(c.drain_to, 0), 2147483647))
 ORDER BY {{urgent_first}}, r.last_claim_at NULLS FIRST
 LIMIT %(limit)s
   FOR NO KEY UPDATE OF r SKIP LOCKED


-- name: contended (planned once)
-- A claim found every connector that has work locked by others. Which one to wait for.
SELECT r.connector_id
  FROM interop_connector_runtime r
  JOIN interop_connector c ON c.id = r.connector_id
 WHERE {{may_run}}
   AND c.environment = %(environment)s
   AND (%(only)s::int[] IS NULL OR r.connector_id = ANY (%(only)s::int[]))
   AND EXISTS (SELECT FROM interop_message m
                WHERE m.connector_id = r.connector_id AND m.state = 'ready' AND m.direction = %(direction)s
                  AND m.priority BETWEEN %(least)s AND %(most)s
                  AND m.id <= COALESCE(NULLIF(c.drain_to, 0), 2147483647))
 ORDER BY r.last_claim_at NULLS FIRST
 LIMIT 1


-- name: await_runtime
-- Claims and settles hold it for some milliseconds. A person's act may hold it for longer: that is not waited for.
SET LOCAL lock_timeout = '50ms';
SELECT connector_id FROM interop_connector_runtime WHERE connector_id = %(connector_id)s FOR NO KEY UPDATE


-- name: claim (planned once)
-- Under the runtime lock of one connector. A candidate runs if it has no chain or is the chain's head: no open
-- message before it and none running at all (a lower id may commit later than a higher one). Those that are not
-- the head are parked, so `ready` keeps meaning "claimable now".
--   * The plan is pinned by the scalar subquery array: no join order for the planner to get wrong, whatever its
--     statistics. Rejected: one statement with LATERAL and NOT EXISTS for all connectors under REPEATABLE READ. It
--     ran two of a chain at once 18 times in 3,159, and its plan went from 14 ms to 438 ms after ANALYZE.
--   * A chain's name is unique over all flows, so that only the index of open chains can answer for it. With a flow's
--     id in the conditions, statistics of an empty table made the planner walk the flow's whole history for each
--     candidate: 8 to 16 s for a claim of 200.
--   * The window is wider than the limit, so that followers of busy chains do not make the claim come back short.
--   * The budget bounds the bytes that a lane takes into memory; the first message always fits (`first`).
--   * The floor (a priority and an id) is a hint and only used while claims are slow: under a long-lived snapshot
--     held elsewhere the index entries of claimed messages stay, and each claim would walk all of them again. What
--     becomes ready below the floor (a retry, a late commit, a more urgent one) is found by the full look that
--     each lane takes once a second.
--   * A message that lost its worker twice is under suspicion and not claimed here: see `claim_suspect`.
WITH candidate AS MATERIALIZED (
    SELECT m.id, m.chain, m.priority, m.size
      FROM interop_message m
     WHERE m.state = 'ready' AND m.direction = %(direction)s AND m.connector_id = %(connector_id)s
       AND (m.priority, m.id) >= (%(floor_priority)s, %(floor_id)s)
       AND m.priority BETWEEN %(least)s AND %(most)s
       AND m.id <= COALESCE(NULLIF(%(drain_to)s::int, 0), 2147483647)
       AND m.losses < %(suspect)s
     ORDER BY m.priority, m.id
     LIMIT %(window)s
), judged AS MATERIALIZED (
    SELECT c.id, c.priority, c.size,
           {{blocked}} AS blocked
      FROM candidate c
), fitting AS MATERIALIZED (
    SELECT j.id, row_number() OVER w AS place, sum(j.size) OVER w AS bytes
      FROM judged j WHERE NOT j.blocked
    WINDOW w AS (ORDER BY j.priority, j.id)
), parked AS (
    UPDATE interop_message m
       SET state = 'waiting', parked = TRUE
     WHERE m.id = ANY (ARRAY (SELECT j.id FROM judged j WHERE j.blocked))
    RETURNING m.id
), claimed AS (
    UPDATE interop_message m
       SET {{taken}}
     WHERE m.id = ANY (ARRAY (SELECT f.id FROM fitting f
                               WHERE f.place <= %(limit)s
                                 AND (f.bytes <= %(budget)s OR f.place = 1 AND %(first)s)))
    RETURNING {{claimed_columns}}
)
SELECT c.*, ARRAY (SELECT p.id FROM parked p) AS parked FROM claimed c
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, ARRAY (SELECT p.id FROM parked p)
 WHERE NOT EXISTS (SELECT FROM claimed)
 ORDER BY 1


-- name: claim_companions (planned once)
-- Those that travel in one payload with a message just claimed: of its flow and company, ready, and the heads of
-- their chains. A payload that is tried again is kept together: then they are the members of its interchange.
-- flow_id + 0: the plan must come from the index of claimable messages, never from that of a flow's whole history.
UPDATE interop_message m
   SET {{taken}}
 WHERE m.id = ANY (ARRAY (
           SELECT c.id FROM interop_message c
            WHERE c.state = 'ready' AND c.direction = 'out' AND c.connector_id = %(connector_id)s
              AND c.flow_id + 0 = %(flow_id)s AND c.company_id IS NOT DISTINCT FROM %(company_id)s
              AND c.interchange_id IS NOT DISTINCT FROM %(interchange_id)s AND c.losses < %(suspect)s
              AND c.batch_id IS NULL
              AND c.id <= COALESCE(NULLIF(%(drain_to)s::int, 0), 2147483647)
              AND NOT {{blocked}}
            ORDER BY c.priority, c.id LIMIT %(limit)s))
RETURNING {{claimed_columns}}


-- name: park_followers (planned once)
-- A claim that met followers parks the rest of their chains at once, instead of meeting them window by window.
-- Only those behind the ones just parked are looked at, so what is parked already is not walked again.
UPDATE interop_message m
   SET state = 'waiting', parked = TRUE
 WHERE m.id = ANY (ARRAY (
           SELECT n.id
             FROM (SELECT p.chain, max(p.id) AS id FROM interop_message p
                    WHERE p.id = ANY (%(ids)s) GROUP BY p.chain) k,
                  LATERAL (SELECT x.id FROM interop_message x
                            WHERE x.chain = k.chain AND x.id > k.id
                              AND x.state = 'ready'
                            ORDER BY x.id LIMIT %(limit)s) n))


-- name: claim_suspect
-- One message that took its worker down before, alone: whatever it does, its neighbours do not suffer.
UPDATE interop_message m
   SET {{taken}}
 WHERE m.id = ANY (ARRAY (
           SELECT c.id FROM interop_message c
            WHERE c.state = 'ready' AND c.losses >= %(suspect)s AND c.direction = %(direction)s
              AND c.connector_id = %(connector_id)s
              AND NOT {{blocked}}
            ORDER BY c.priority, c.id LIMIT 1))
RETURNING {{claimed_columns}}


-- name: something_ready (planned once)
-- In the order of an index, so that no statistics make the planner walk the table.
SELECT m.id FROM interop_message m
 WHERE m.state = 'ready' ORDER BY m.connector_id, m.direction, m.priority, m.id LIMIT 1


-- name: suspects (planned once)
-- Connectors with a message under suspicion; an index of its own keeps the question free.
SELECT DISTINCT m.connector_id, m.direction FROM interop_message m
 WHERE m.state = 'ready' AND m.losses >= 2


-- name: count_siblings
SELECT count(*) AS found FROM interop_message WHERE interchange_id = %(interchange_id)s


-- name: touch_claimed (planned once)
UPDATE interop_connector_runtime r
   SET last_claim_at = timezone('utc', clock_timestamp()), in_flight = r.in_flight + v.taken
  FROM unnest(%(connector_id)s::int[], %(taken)s::int[]) AS v(connector_id, taken)
 WHERE r.connector_id = v.connector_id


-- name: note_prepared (planned once)
-- A payload of several documents is on record with its members before it leaves: a further try must find them
-- together. A message that travels alone is not written here (that would be a third update of its row): its
-- payload is found again by its key, see `find_prepared`. A member whose lease was lost meanwhile belongs to somebody
-- else by now, but the payload holds its content: that is noted too, or the purge would not find this copy.
WITH v AS (
    SELECT * FROM unnest(%(id)s::int[], %(token)s::varchar[], %(interchange_id)s::int[], %(position)s::int[])
               AS v(id, token, interchange_id, position)
), noted AS (
    UPDATE interop_message m
       SET interchange_id = v.interchange_id, position = v.position
      FROM v
     WHERE m.id = v.id AND m.state = 'running' AND m.lease_token = v.token
    RETURNING m.id
), strayed AS (
    INSERT INTO interop_message_payload (message_id, interchange_id)
    SELECT v.id, v.interchange_id FROM v WHERE NOT EXISTS (SELECT FROM noted n WHERE n.id = v.id)
    ON CONFLICT DO NOTHING
)
SELECT id FROM noted


-- name: hold_leases (planned once)
-- Before control numbers are taken: these messages stay with this lane until it has stored their payloads. The
-- reaper skips them meanwhile, so that no second lane can take a second number for one of them.
SELECT m.id FROM interop_message m
  JOIN unnest(%(id)s::int[], %(token)s::varchar[]) AS v(id, token) ON v.id = m.id
 WHERE m.state = 'running' AND m.lease_token = v.token
 ORDER BY m.id
   FOR NO KEY UPDATE OF m


-- name: find_numbers
-- The control numbers that went out under these keys before: a redriven message is composed afresh, and keeps them.
SELECT DISTINCT ON (i.connector_id, i.idempotency_key) i.connector_id, i.idempotency_key, i.control_numbers
  FROM interop_interchange i
 WHERE i.idempotency_key = ANY (%(keys)s) AND i.direction = 'out' AND i.control_numbers IS NOT NULL
 ORDER BY i.connector_id, i.idempotency_key, i.id DESC


-- name: still_held (planned once)
-- Before a byte leaves: does this lane still hold the lease?
SELECT m.id FROM interop_message m
  JOIN unnest(%(id)s::int[], %(token)s::varchar[]) AS v(id, token) ON v.id = m.id
 WHERE m.state = 'running' AND m.lease_token = v.token


-- name: find_prepared
-- What a worker that died had prepared for these messages: the very same bytes go out under the same key.
SELECT DISTINCT ON (i.idempotency_key) i.id, i.uuid, i.idempotency_key, i.size, i.digest, i.shapes,
       i.version_digest
  FROM interop_interchange i
 WHERE i.idempotency_key = ANY (%(keys)s) AND i.direction = 'out' AND i.state = 'prepared'
 ORDER BY i.idempotency_key, i.id DESC


-- name: insert_interchanges (planned once)
INSERT INTO interop_interchange (
    uuid, connector_id, flow_id, company_id, area_id, direction, sender_ref, idempotency_key, content_type, size,
    digest, state, remote_addr, document_count, control_number, control_numbers, shapes, version_digest, created_at)
SELECT v.uuid, v.connector_id, v.flow_id, v.company_id, v.area_id, v.direction, v.sender_ref, v.idempotency_key,
       v.content_type, v.size, v.digest, v.state, v.remote_addr, v.document_count, v.control_number,
       v.control_numbers, v.shapes, v.version_digest, timezone('utc', clock_timestamp())
  FROM unnest(%(uuid)s::varchar[], %(connector_id)s::int[], %(flow_id)s::int[], %(company_id)s::int[],
              %(area_id)s::int[], %(direction)s::varchar[], %(sender_ref)s::varchar[],
              %(idempotency_key)s::varchar[], %(content_type)s::varchar[], %(size)s::int[], %(digest)s::varchar[],
              %(state)s::varchar[], %(remote_addr)s::varchar[], %(document_count)s::int[],
              %(control_number)s::varchar[], %(control_numbers)s::varchar[], %(shapes)s::varchar[],
              %(version_digest)s::varchar[])
       AS v(uuid, connector_id, flow_id, company_id, area_id, direction, sender_ref, idempotency_key, content_type,
            size, digest, state, remote_addr, document_count, control_number, control_numbers, shapes,
            version_digest)
ON CONFLICT DO NOTHING
RETURNING id, uuid


-- name: find_received
SELECT i.id, i.digest, (SELECT m.uuid FROM interop_message m WHERE m.interchange_id = i.id ORDER BY m.id LIMIT 1)
  FROM interop_interchange i
 WHERE i.flow_id = %(flow_id)s AND i.direction = 'in' AND i.sender_ref = %(sender_ref)s


-- name: lock_runtimes (planned once)
-- Ordered, so that two settles of several connectors cannot deadlock.
SELECT connector_id FROM interop_connector_runtime
 WHERE connector_id = ANY (%(connector_ids)s) ORDER BY connector_id FOR NO KEY UPDATE


-- name: settle (planned once)
-- The fence: only the holder of the lease may write an outcome. A worker that was stopped past its lease and woke
-- up again finds no row here and changes nothing. The business answer may have been quicker than this settle:
-- then answered_at is there already (on this row, so that waiting for its lock shows it).
UPDATE interop_message m
   SET state = CASE WHEN v.state = 'sent' AND m.answered_at IS NOT NULL THEN 'done' ELSE v.state END,
       parked = FALSE, attempts = m.attempts + v.attempted,
       run_at = CASE WHEN v.state = 'waiting'
                     THEN timezone('utc', statement_timestamp()) + make_interval(secs => v.delay) ELSE m.run_at END,
       failure_class = v.failure_class, failure = v.failure,
       sent_at = CASE WHEN v.state IN ('sent', 'done') AND m.direction = 'out'
                      THEN timezone('utc', clock_timestamp()) ELSE m.sent_at END,
       done_at = CASE WHEN v.state IN ('done', 'dead') THEN timezone('utc', clock_timestamp()) END,
       answer_due_at = CASE WHEN v.state = 'sent'
                            THEN timezone('utc', clock_timestamp()) + make_interval(secs => v.answer_in) END,
       res_model = COALESCE(v.res_model, m.res_model), res_id = COALESCE(v.res_id, m.res_id),
       partner_id = COALESCE(v.partner_id, m.partner_id), business_key = COALESCE(v.business_key, m.business_key),
       version_id = COALESCE(v.version_id, m.version_id),
       interchange_id = COALESCE(v.interchange_id, m.interchange_id), size = GREATEST(m.size, v.size),
       lease_token = NULL, lease_until = NULL, lane = NULL
  FROM unnest(%(id)s::int[], %(token)s::varchar[], %(state)s::varchar[], %(attempted)s::int[], %(delay)s::float8[],
              %(failure_class)s::varchar[], %(failure)s::varchar[], %(answer_in)s::float8[], %(res_model)s::varchar[],
              %(res_id)s::int[], %(partner_id)s::int[], %(business_key)s::varchar[], %(version_id)s::int[],
              %(interchange_id)s::int[], %(size)s::int[])
       AS v(id, token, state, attempted, delay, failure_class, failure, answer_in, res_model, res_id, partner_id,
            business_key, version_id, interchange_id, size)
 WHERE m.id = v.id AND m.state = 'running' AND m.lease_token = v.token
RETURNING m.id, v.token, m.state


-- name: insert_attempts (planned once)
-- An attempt is one try to move one interchange. It names a message too if the interchange carries only one.
INSERT INTO interop_attempt (interchange_id, message_id, number, started_at, duration_ms, outcome, status,
                             failure_class, failure, lane)
SELECT v.interchange_id, v.message_id,
       (SELECT count(*) + 1 FROM interop_attempt a WHERE a.interchange_id = v.interchange_id),
       timezone('utc', clock_timestamp()) - make_interval(secs => v.duration_ms / 1000.0), v.duration_ms, v.outcome,
       v.status, v.failure_class, v.failure, %(lane)s
  FROM unnest(%(interchange_id)s::int[], %(message_id)s::int[], %(duration_ms)s::float8[], %(outcome)s::varchar[],
              %(status)s::int[], %(failure_class)s::varchar[], %(failure)s::varchar[])
       AS v(interchange_id, message_id, duration_ms, outcome, status, failure_class, failure)


-- name: settle_interchanges (planned once)
UPDATE interop_interchange i SET state = v.state
  FROM unnest(%(id)s::int[], %(state)s::varchar[]) AS v(id, state)
 WHERE i.id = v.id


-- name: settle_runtimes (planned once)
UPDATE interop_connector_runtime r
   SET last_success_at = CASE WHEN v.ok > 0 THEN timezone('utc', clock_timestamp()) ELSE r.last_success_at END,
       last_failure_at = CASE WHEN v.failed > 0 THEN timezone('utc', clock_timestamp()) ELSE r.last_failure_at END,
       consecutive_failures = CASE WHEN v.ok > 0 THEN 0 ELSE r.consecutive_failures + v.failed END,
       in_flight = GREATEST(r.in_flight - v.landed, 0)
  FROM unnest(%(connector_id)s::int[], %(ok)s::int[], %(failed)s::int[], %(landed)s::int[])
       AS v(connector_id, ok, failed, landed)
 WHERE r.connector_id = v.connector_id


-- name: recount_in_flight
-- in_flight cannot drift by anything that the engine does. Rows changed by other hands are noticed here. Under
-- the runtime lock.
UPDATE interop_connector_runtime r SET in_flight = v.found
  FROM (SELECT x.connector_id,
               (SELECT count(*) FROM interop_message m
                 WHERE m.connector_id = x.connector_id AND m.state = 'running' AND m.direction = 'out') AS found
          FROM unnest(%(connector_ids)s::int[]) AS x(connector_id)) v
 WHERE r.connector_id = v.connector_id AND r.in_flight <> v.found
RETURNING r.connector_id, r.in_flight


-- name: release_successors (planned once)
-- Under the runtime lock: the head of each chain that has just lost a member is let go, if it was parked.
UPDATE interop_message m
   SET {{let_go}}
 WHERE m.id = ANY (ARRAY (
           SELECT (SELECT n.id FROM interop_message n
                    WHERE n.chain = s.chain
                      AND n.state IN ('waiting', 'ready', 'running', 'dead')
                    ORDER BY n.id LIMIT 1)
             FROM (SELECT DISTINCT g.chain FROM interop_message g
                    WHERE g.id = ANY (%(ids)s) AND g.chain IS NOT NULL) s))
   AND m.state = 'waiting' AND m.parked
RETURNING m.id


-- name: release_forgotten
-- A worker that died between applying an inbound message and releasing its chain leaves a parked head behind.
-- Chains are walked by their heads (a loose index scan), so a chain of 100,000 costs as much as one of two. Under
-- the runtime locks of `connector_ids`.
WITH RECURSIVE head AS (
    (SELECT m.chain, m.id, m.state, m.parked, m.connector_id FROM interop_message m
      WHERE m.chain IS NOT NULL AND m.state IN ('waiting', 'ready', 'running', 'dead')
      ORDER BY m.chain, m.id LIMIT 1)
    UNION ALL
    SELECT n.chain, n.id, n.state, n.parked, n.connector_id
      FROM head h,
           LATERAL (SELECT m.chain, m.id, m.state, m.parked, m.connector_id FROM interop_message m
                     WHERE m.chain IS NOT NULL AND m.state IN ('waiting', 'ready', 'running', 'dead')
                       AND m.chain > h.chain
                     ORDER BY m.chain, m.id LIMIT 1) n
)
UPDATE interop_message m
   SET {{let_go}}
 WHERE m.id = ANY (ARRAY (
           SELECT c.id FROM head c
            WHERE c.state = 'waiting' AND c.parked AND c.connector_id = ANY (%(connector_ids)s) AND NOT {{needing}}))
   AND m.state = 'waiting' AND m.parked
RETURNING m.id


-- name: connectors_with_parked
SELECT DISTINCT connector_id FROM interop_message WHERE state = 'waiting' AND parked


-- name: stage (planned once)
-- The stager: those whose time has come. SKIP LOCKED, as a person may be holding one.
UPDATE interop_message m SET state = 'ready'
 WHERE m.id = ANY (ARRAY (
           SELECT w.id FROM interop_message w
            WHERE w.state = 'waiting' AND NOT w.parked AND w.held IS NULL AND w.run_at <= timezone('utc', clock_timestamp())
            ORDER BY w.run_at LIMIT %(limit)s
              FOR NO KEY UPDATE SKIP LOCKED))
RETURNING m.id


-- name: next_due (planned once)
SELECT EXTRACT(EPOCH FROM min(run_at) - timezone('utc', clock_timestamp())) AS seconds
  FROM interop_message WHERE state = 'waiting' AND NOT parked AND held IS NULL


-- name: reap
-- A lease that ran out belonged to a worker that died or hangs. The claim counted; no attempt did. A message that the
-- partner has answered meanwhile is done: nobody sends it again. Nor a direct call, whose caller is gone with it. One that took its worker down too often is dead, so
-- that its neighbours flow. Under the runtime locks of `connector_ids`.
UPDATE interop_message m
   SET state = v.state,
       losses = m.losses + 1,
       failure_class = CASE WHEN v.state = 'dead' AND m.held = 'direct' THEN 'uncertain'
                            WHEN v.state = 'dead' THEN 'internal' ELSE m.failure_class END,
       failure = CASE WHEN v.state = 'dead' AND m.held = 'direct' THEN %(waiting)s
                      WHEN v.state = 'dead' THEN %(sentence)s ELSE m.failure END,
       done_at = CASE WHEN v.state <> 'ready' THEN timezone('utc', clock_timestamp()) END,
       lease_token = NULL, lease_until = NULL, lane = NULL
  FROM (SELECT x.id, CASE WHEN x.answered_at IS NOT NULL THEN 'done'
                          WHEN x.losses + 1 >= %(max_losses)s OR x.held = 'direct' THEN 'dead'
                          ELSE 'ready' END AS state
          FROM interop_message x
         WHERE x.state = 'running' AND x.connector_id = ANY (%(connector_ids)s)
           AND x.lease_until < timezone('utc', clock_timestamp())
           FOR NO KEY UPDATE SKIP LOCKED) v
 WHERE m.id = v.id
RETURNING m.id, m.uuid, m.flow_id, m.connector_id, m.company_id, m.area_id, m.direction, m.state, m.res_model,
          m.res_id, m.failure_class, m.failure


-- name: all_runtimes
SELECT connector_id FROM interop_connector_runtime ORDER BY connector_id


-- name: expired
-- Connectors with a lease that ran out.
SELECT DISTINCT connector_id FROM interop_message
 WHERE state = 'running' AND lease_until < timezone('utc', clock_timestamp())


-- name: give_back
-- Claimed but not begun (shutdown, closed fence): back as if never claimed. Under the runtime lock.
UPDATE interop_message m
   SET state = 'ready', claims = GREATEST(m.claims - 1, 0), lease_token = NULL, lease_until = NULL, lane = NULL
 WHERE m.id = ANY (%(ids)s) AND m.state = 'running' AND m.lease_token = ANY (%(tokens)s)
RETURNING m.id, m.connector_id, m.direction


-- name: expire_leases
-- The database went away while a lane had these in hand: nobody knows how far it came, so the reaper judges.
UPDATE interop_message m SET lease_until = timezone('utc', clock_timestamp()) - interval '1 second'
 WHERE m.id = ANY (%(ids)s) AND m.state = 'running' AND m.lease_token = ANY (%(tokens)s)


-- name: count_claimable
-- Ready, of active connectors that are not full and whose gates are open: what another run could take. Counted up to a
-- limit only, connector by connector, so that a backlog behind a closed gate is not walked.
SELECT count(*) AS count FROM (
    SELECT FROM interop_connector c
      JOIN interop_connector_runtime r ON r.connector_id = c.id
     CROSS JOIN (VALUES ('out'), ('in')) AS d(direction)
     CROSS JOIN LATERAL (SELECT FROM interop_message m
                          WHERE m.connector_id = c.id AND m.state = 'ready' AND m.direction = d.direction
                            AND m.id <= COALESCE(NULLIF(c.drain_to, 0), 2147483647)
                          LIMIT %(limit)s) m
     WHERE c.state IN ('active', 'draining')
       AND (d.direction = 'in' OR r.in_flight < c.max_in_flight AND {{gates_open}})
     LIMIT %(limit)s) x


-- name: redrive
-- Same key, same place in the chain. A fresh composition and a fresh count of attempts: the person has mended
-- something, and what is still wrong for a moment is tried again as usual: its age counts from here too. The
-- attempts' own rows stay. A member of a batch that the partner may have keeps its payload, and so its key: the whole
-- payload goes out again, or nothing. Any other is gathered again, and goes with the next batch.
UPDATE interop_message m
   SET state = CASE WHEN m.batch_id IS NULL OR {{perhaps_there}} THEN 'ready' ELSE 'waiting' END,
       held = CASE WHEN m.batch_id IS NULL OR {{perhaps_there}} THEN NULL ELSE 'batch' END,
       batch_id = CASE WHEN {{perhaps_there}} THEN m.batch_id END, parked = FALSE, run_at = timezone('utc', clock_timestamp()), claims = 0,
       attempts = 0, losses = 0, redriven_at = timezone('utc', clock_timestamp()), done_at = NULL, answered_at = NULL,
       masks_once = NULL,
       interchange_id = CASE WHEN m.direction = 'in' OR m.batch_id IS NOT NULL AND {{perhaps_there}}
                              THEN m.interchange_id END
 WHERE m.id = ANY (%(ids)s) AND m.state = 'dead' AND m.held IS DISTINCT FROM 'direct'
RETURNING m.id


-- name: mask_once
-- A manager lets it out for once with masked what the last look held. The next redrive forgets it.
UPDATE interop_message SET masks_once = TRUE WHERE id = ANY (%(ids)s)


-- name: masks_once
SELECT masks_once FROM interop_message WHERE id = %(id)s


-- name: cancel
UPDATE interop_message m
   SET state = 'cancelled', parked = FALSE, held = NULL, done_at = timezone('utc', clock_timestamp())
 WHERE m.id = ANY (%(ids)s) AND m.state IN ('waiting', 'ready', 'dead', 'sent')
RETURNING m.id


-- name: answer
-- The business acknowledgement of an outbound message has been applied. One that is still running (the partner was
-- quicker than our settle) or waits to be tried again keeps its state and finds answered_at in its settle. One that
-- was uncertain no longer is, nor one whose workers died: the partner has it.
UPDATE interop_message m
   SET answered_at = timezone('utc', clock_timestamp()),
       state = CASE WHEN m.state = 'sent'
                      OR m.state = 'dead' AND (m.failure_class = 'uncertain' OR m.losses > 0) THEN 'done'
                    ELSE m.state END,
       done_at = CASE WHEN m.state = 'sent'
                        OR m.state = 'dead' AND (m.failure_class = 'uncertain' OR m.losses > 0)
                      THEN timezone('utc', clock_timestamp()) ELSE m.done_at END
 WHERE m.id = %(id)s
RETURNING m.id, m.state


-- name: hold_uncertain
-- After a restore nobody knows whether these left since the backup: they wait as dead letters for a person, or for
-- what the partner says. Nobody claims meanwhile: the fence is closed.
UPDATE interop_message m
   SET state = 'dead', parked = FALSE, failure_class = 'uncertain', failure = %(sentence)s,
       done_at = timezone('utc', clock_timestamp()), lease_token = NULL, lease_until = NULL, lane = NULL
 WHERE m.id = ANY (%(ids)s) AND m.direction = 'out' AND m.state IN ('waiting', 'ready', 'running')
RETURNING m.id


-- name: settle_known
-- The partner says that it has these: they left before a restore and we forgot. Whether its business answer is still
-- awaited is asked of the flow as it is now; which version sent them is not known any more.
UPDATE interop_message m
   SET state = CASE WHEN f.expects_answer AND m.answered_at IS NULL THEN 'sent' ELSE 'done' END,
       parked = FALSE, failure_class = NULL, failure = NULL,
       sent_at = COALESCE(v.at, timezone('utc', clock_timestamp())),
       done_at = CASE WHEN f.expects_answer AND m.answered_at IS NULL THEN NULL
                      ELSE timezone('utc', clock_timestamp()) END,
       answer_due_at = CASE WHEN f.expects_answer AND m.answered_at IS NULL
                            THEN timezone('utc', clock_timestamp()) + make_interval(secs => f.answer_hours * 3600)
                       END,
       lease_token = NULL, lease_until = NULL, lane = NULL
  FROM unnest(%(ids)s::int[], %(at)s::timestamp[]) AS v(id, at), interop_flow f
 WHERE m.id = v.id AND f.id = m.flow_id AND m.direction = 'out'
   AND m.state IN ('waiting', 'ready', 'running', 'dead')
RETURNING m.id


-- name: wake_first_lane
-- The lane to wake when work arrives; it wakes the others if it cannot do it alone. One statement, as it runs in
-- every business transaction that emits. No guard, for the reason given at `wake_lanes`.
INSERT INTO ir_cron_trigger (cron_id, call_at)
SELECT l.cron_id, timezone('utc', clock_timestamp())
  FROM interop_lane l JOIN ir_cron c ON c.id = l.cron_id
 WHERE l.retired IS NOT TRUE AND c.active
 ORDER BY l.sequence, l.id LIMIT 1


-- name: wake_lanes
-- No guard against an existing trigger: a cron that is running has deleted its trigger in a transaction that is
-- not committed yet, so the guard would see it, skip ours, and the wake-up would be lost (up to 70 s of idling).
INSERT INTO ir_cron_trigger (cron_id, call_at)
SELECT id, timezone('utc', clock_timestamp()) FROM unnest(%(cron_ids)s::int[]) AS id


-- name: wake_later
INSERT INTO ir_cron_trigger (cron_id, call_at)
VALUES (%(cron_id)s, timezone('utc', clock_timestamp()) + make_interval(secs => %(seconds)s))


-- name: modules_changing
SELECT EXISTS (SELECT FROM ir_module_module WHERE state IN ('to install', 'to upgrade', 'to remove')) AS changing


-- name: queue_health
-- The queue's figures, one row for each connector and direction that is in use or has open messages. `open` is the
-- messages that the asking user may see, open states only, so history costs nothing: with 1,000,000 finished messages
-- 0.1 ms, statistics fresh or stale (the index of open chains finds them), and 1.3 ms for each 1,000 open ones.
-- Claimable is what a lane may take now: not what waits behind a pause or, while draining, came after it began.
-- Nor what waits behind a gate; a rate limit that is in use counts as one, as its backlog is meant to wait.
WITH gates AS MATERIALIZED (
    SELECT r.connector_id,
           {{gates_open}} AND (c.rate_limit = 0 OR {{tokens}} >= c.rate_burst) AS open
      FROM interop_connector_runtime r JOIN interop_connector c ON c.id = r.connector_id
), figures AS (
    SELECT m.connector_id, m.direction,
           count(*) FILTER (WHERE m.state = 'ready') AS ready,
           min(m.run_at) FILTER (WHERE m.state = 'ready') AS ready_since,
           min(m.run_at) FILTER (WHERE m.state = 'ready' AND (m.direction = 'in' OR g.open)
                                   AND (c.state = 'active' OR c.state = 'draining'
                                        AND m.id <= c.drain_to)) AS claimable_since,
           count(*) FILTER (WHERE m.state = 'running') AS running,
           count(*) FILTER (WHERE m.state = 'running'
                              AND m.lease_until < timezone('utc', clock_timestamp())) AS expired,
           count(*) FILTER (WHERE m.state = 'waiting' AND NOT m.parked AND m.held IS NULL) AS waiting,
           min(m.run_at) FILTER (WHERE m.state = 'waiting' AND NOT m.parked AND m.held IS NULL) AS next_due_at,
           count(*) FILTER (WHERE m.state = 'waiting' AND m.held IN ('batch', 'release')) AS gathering,
           count(*) FILTER (WHERE m.state = 'waiting' AND m.parked) AS parked,
           count(*) FILTER (WHERE m.state = 'dead') AS dead
      FROM (%(open)s) m
      JOIN interop_connector c ON c.id = m.connector_id
      LEFT JOIN gates g ON g.connector_id = m.connector_id
     GROUP BY m.connector_id, m.direction
), losses AS (
    SELECT l.connector_id, l.direction, sum(l.messages) AS lost
      FROM interop_lane_loss l
     WHERE l.lost_at > timezone('utc', clock_timestamp()) - interval '24 hours'
     GROUP BY l.connector_id, l.direction
)
SELECT c.id * 2 + (d.direction = 'in')::int AS id, c.id AS connector_id, d.direction,
       COALESCE(f.ready, 0)::int AS ready, COALESCE(f.running, 0)::int AS running,
       CASE WHEN d.direction = 'out' THEN c.max_in_flight END AS in_flight_limit,
       COALESCE(f.expired, 0)::int AS expired, COALESCE(f.waiting, 0)::int AS waiting, f.next_due_at,
       COALESCE(f.gathering, 0)::int AS gathering,
       COALESCE(f.parked, 0)::int AS parked, COALESCE(f.dead, 0)::int AS dead, COALESCE(l.lost, 0)::int AS lost,
       GREATEST(EXTRACT(EPOCH FROM timezone('utc', clock_timestamp()) - f.ready_since), 0)::float8 AS oldest_ready,
       GREATEST(EXTRACT(EPOCH FROM timezone('utc', clock_timestamp()) - f.claimable_since), 0)::float8 AS lag
  FROM interop_connector c
 CROSS JOIN (VALUES ('out'), ('in')) AS d(direction)
  LEFT JOIN figures f ON f.connector_id = c.id AND f.direction = d.direction
  LEFT JOIN losses l ON l.connector_id = c.id AND l.direction = d.direction
 WHERE f.connector_id IS NOT NULL
    OR l.connector_id IS NOT NULL
    OR c.state IN ('active', 'draining', 'paused')
       AND EXISTS (SELECT FROM interop_flow w
                    WHERE w.connector_id = c.id AND w.direction = d.direction AND w.state IN ('live', 'paused'))


-- name: drain_begin
-- What is drained is what is there now. A message of a transaction that is still open may have a lower number and
-- counts as there too. Its total tells people later how far the drain has come.
SELECT COALESCE(max(id), 0) AS drain_to FROM interop_message


-- name: drain_left
-- What was there when the drain began and is not finished: what lanes work off by themselves (moving), and what is
-- parked behind another message (held): it moves on with that one, and behind a dead letter only when a person
-- has decided.
SELECT m.connector_id, count(*) FILTER (WHERE NOT m.parked) AS moving, count(*) FILTER (WHERE m.parked) AS held
  FROM interop_message m
  JOIN interop_connector c ON c.id = m.connector_id
 WHERE m.connector_id = ANY (%(connector_ids)s) AND m.state IN ('waiting', 'ready', 'running')
   AND m.id <= c.drain_to
 GROUP BY m.connector_id


-- name: drained
-- Draining connectors that have come to their end: nothing of before is left that moves by itself. Each EXISTS has
-- its partial index and stops at the first row.
SELECT c.id FROM interop_connector c
 WHERE c.state = 'draining'
   AND NOT EXISTS (SELECT FROM interop_message m
                    WHERE m.connector_id = c.id AND m.state = 'ready' AND m.id <= c.drain_to)
   AND NOT EXISTS (SELECT FROM interop_message m
                    WHERE m.connector_id = c.id AND m.state = 'running' AND m.id <= c.drain_to)
   AND NOT EXISTS (SELECT FROM interop_message m
                    WHERE m.connector_id = c.id AND m.state = 'waiting' AND NOT m.parked AND m.id <= c.drain_to)


-- name: count_behind
-- How many wait behind these in their chains or need them, for people to know before they decide.
SELECT count(DISTINCT n.id) AS behind
  FROM (SELECT b.id, b.state
          FROM interop_message m
          JOIN interop_message b ON b.chain = m.chain AND b.id > m.id
         WHERE m.id = ANY (%(ids)s) AND m.chain IS NOT NULL
        UNION ALL
        SELECT b.id, b.state
          FROM interop_message_dependency d
          JOIN interop_message b ON b.id = d.message_id
         WHERE d.needs_id = ANY (%(ids)s) AND d.holds AND NOT d.waived) n
 WHERE n.state IN ('waiting', 'ready', 'running') AND NOT n.id = ANY (%(ids)s)


-- name: lane_take
-- The row that a dedicated worker of this name on this host left behind. SKIP LOCKED: two that start at once take
-- two rows.
UPDATE interop_lane l
   SET slots = %(slots)s, retired = FALSE
 WHERE l.id = (SELECT x.id FROM interop_lane x
                WHERE x.kind = 'dedicated' AND x.name = %(name)s AND x.host = %(host)s
                  AND (x.last_ended_at >= x.last_started_at
                       OR x.heartbeat_at < timezone('utc', clock_timestamp()) - interval '60 seconds')
                ORDER BY x.id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING l.id


-- name: lane_make
INSERT INTO interop_lane (name, kind, host, slots, sequence, retired)
VALUES (%(name)s, 'dedicated', %(host)s, %(slots)s, 100, FALSE)
RETURNING id


-- name: lane_began
UPDATE interop_lane
   SET host = %(host)s, pid = %(pid)s, doing = NULL, in_hand = 0, last_handled = 0, last_reason = NULL,
       last_started_at = timezone('utc', clock_timestamp()), heartbeat_at = timezone('utc', clock_timestamp())
 WHERE id = %(id)s


-- name: lane_beat
UPDATE interop_lane
   SET doing = %(doing)s, in_hand = %(in_hand)s, last_handled = %(handled)s, last_reason = %(reason)s,
       heartbeat_at = timezone('utc', clock_timestamp())
 WHERE id = %(id)s AND pid = %(pid)s


-- name: lane_ended
UPDATE interop_lane
   SET doing = NULL, in_hand = 0, last_handled = %(handled)s, last_reason = %(reason)s,
       last_ended_at = timezone('utc', clock_timestamp()), heartbeat_at = timezone('utc', clock_timestamp())
 WHERE id = %(id)s AND pid = %(pid)s


-- name: lock_interchanges
-- Ordered, so that two lanes that conclude several payloads cannot deadlock.
SELECT id FROM interop_interchange WHERE id = ANY (%(ids)s) ORDER BY id FOR NO KEY UPDATE


-- name: inbound_progress
-- What has become of the documents of inbound payloads.
SELECT i.id, i.uuid, i.flow_id, i.company_id, i.area_id, i.state, i.acknowledgement_state, i.number_verdict,
       i.repeats_id, c.documents, c.applied, c.refused, c.unread
  FROM interop_interchange i
 CROSS JOIN LATERAL (
       SELECT count(*) AS documents, count(*) FILTER (WHERE m.state = 'done') AS applied,
              count(*) FILTER (WHERE m.state IN ('dead', 'cancelled')) AS refused,
              bool_or(m.failure_class = 'data') AS unread
         FROM interop_message m WHERE m.interchange_id = i.id) c
 WHERE i.id = ANY (%(ids)s) AND i.direction = 'in' AND c.documents > 0


-- name: inbound_verdicts
SELECT position, state, failure_class, failure FROM interop_message WHERE interchange_id = %(id)s ORDER BY position, id


-- name: conclude_interchanges
UPDATE interop_interchange i
   SET state = v.state, acknowledgement_state = v.acknowledgement_state,
       document_count = COALESCE(v.document_count, i.document_count)
  FROM unnest(%(id)s::int[], %(state)s::varchar[], %(acknowledgement_state)s::varchar[], %(document_count)s::int[])
       AS v(id, state, acknowledgement_state, document_count)
 WHERE i.id = v.id


-- name: inbound_forgotten
-- Payloads on which nobody works any more and which are not concluded. The oldest are looked at, so that a long
-- backlog of payloads that wait for their turn costs no more than a short one.
SELECT r.id
  FROM (SELECT i.id FROM interop_interchange i
         WHERE i.direction = 'in' AND i.state = 'received' ORDER BY i.id LIMIT %(limit)s) r
 WHERE EXISTS (SELECT FROM interop_message m WHERE m.interchange_id = r.id)
   AND NOT EXISTS (SELECT FROM interop_message m
                    WHERE m.interchange_id = r.id AND m.state IN ('waiting', 'ready', 'running'))


-- name: route_flow
-- Where a delivery goes, by the flow's code: what is published, never a draft.
SELECT f.id, f.state, v.id AS version_id, s.digest
  FROM interop_flow f
  JOIN interop_flow_version v ON v.id = f.version_id
  JOIN interop_snapshot s ON s.id = v.snapshot_id
 WHERE f.code = %(code)s AND f.direction = 'in' AND f.state IN ('live', 'paused')
 ORDER BY f.id LIMIT 1


-- name: route_connector
SELECT c.id, c.code, c.state, c.environment, c.inbound_secret_id, c.inbound_old_secret_id, y.partner_id,
       c.inbound_rate, c.inbound_burst, c.inbound_kb_rate, c.inbound_backlog, c.inbound_max_kb,
       c.inbound_unsigned_rate, c.inbound_networks
  FROM interop_connector c LEFT JOIN interop_system y ON y.id = c.system_id
 WHERE c.id = %(id)s


-- name: accept
-- A delivery becomes an interchange and its first message, in one statement: exactly one of any number of equal
-- ones at once gets a row here. A duplicate of what is committed already inserts nothing and returns nothing.
WITH payload AS (
    INSERT INTO interop_interchange (
        uuid, connector_id, flow_id, company_id, area_id, direction, sender_ref, content_type, size, digest, state,
        remote_addr, created_at)
    VALUES (%(interchange_uuid)s, %(connector_id)s, %(flow_id)s, %(company_id)s, %(area_id)s, 'in', %(sender_ref)s,
            %(content_type)s, %(size)s, %(digest)s, 'received', %(remote_addr)s, timezone('utc', clock_timestamp()))
    ON CONFLICT (flow_id, sender_ref) WHERE direction = 'in' DO NOTHING
    RETURNING id
)
INSERT INTO interop_message (
    uuid, flow_id, connector_id, company_id, area_id, direction, document_type, state, parked, priority, run_at, chain,
    partner_id, interchange_id, position, size, claims, losses, attempts, created_at)
SELECT %(message_uuid)s, %(flow_id)s, %(connector_id)s, %(company_id)s, %(area_id)s, 'in', %(document_type)s, 'ready',
       FALSE, %(priority)s, timezone('utc', clock_timestamp()), %(chain)s, %(partner_id)s, payload.id, 0, %(size)s, 0, 0,
       0, timezone('utc', clock_timestamp())
  FROM payload
RETURNING interchange_id AS id


-- name: create_former_payloads
-- Which payloads a message has travelled in before the present one: redriven and regrouped messages are composed
-- afresh, and the old payload still holds their content. A trigger, so that no statement above can forget it; its
-- condition is looked at only when interchange_id is written, and is false for the first one.
CREATE TABLE IF NOT EXISTS interop_message_payload (
    message_id int NOT NULL REFERENCES interop_message (id) ON DELETE CASCADE,
    interchange_id int NOT NULL REFERENCES interop_interchange (id) ON DELETE CASCADE,
    PRIMARY KEY (message_id, interchange_id)
);
COMMENT ON TABLE interop_message_payload IS 'Payloads that a message travelled in before the present one';
CREATE INDEX IF NOT EXISTS interop_message_payload_interchange ON interop_message_payload (interchange_id);
CREATE OR REPLACE FUNCTION interop_message_note_payload() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO interop_message_payload (message_id, interchange_id) VALUES (OLD.id, OLD.interchange_id)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS interop_message_note_payload ON interop_message;
CREATE TRIGGER interop_message_note_payload AFTER UPDATE OF interchange_id ON interop_message
    FOR EACH ROW WHEN (OLD.interchange_id IS NOT NULL AND NEW.interchange_id IS DISTINCT FROM OLD.interchange_id)
    EXECUTE FUNCTION interop_message_note_payload();


-- name: create_persons
-- The blind index: which messages concern a person, by keyed digests of what points to one. No foreign key, which
-- would lock the message's row for each of its digests; messages are never deleted.
CREATE TABLE IF NOT EXISTS interop_message_person (
    digest bytea NOT NULL,
    message_id int NOT NULL,
    noted_on date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
    PRIMARY KEY (digest, message_id)
);
COMMENT ON TABLE interop_message_person IS 'Keyed digests of what points to a person in a message';
CREATE INDEX IF NOT EXISTS interop_message_person_noted ON interop_message_person USING brin (noted_on)


-- name: note_persons (planned once)
-- A retry or a redrive finds what is there already.
INSERT INTO interop_message_person (digest, message_id)
SELECT decode(v.digest, 'hex'), v.message_id
  FROM unnest(%(digest)s::text[], %(message_id)s::int[]) AS v(digest, message_id)
    ON CONFLICT DO NOTHING


-- name: create_keys
-- By which numbers messages are found beside their own business key. No foreign key, as above. The opclass makes the
-- beginning of a number a range of the index whatever the database's collation is.
CREATE TABLE IF NOT EXISTS interop_message_reference (
    message_id int NOT NULL,
    kind text NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (message_id, kind, value)
);
COMMENT ON TABLE interop_message_reference IS 'Numbers of orders, invoices, partners that messages are found by';
CREATE INDEX IF NOT EXISTS interop_message_reference_begins
    ON interop_message_reference (lower(value) text_pattern_ops, kind, message_id)


-- name: note_keys (planned once)
-- A retry or a redrive finds what is there already.
INSERT INTO interop_message_reference (message_id, kind, value)
SELECT v.message_id, v.kind, v.value
  FROM unnest(%(message_id)s::int[], %(kind)s::text[], %(value)s::text[]) AS v(message_id, kind, value)
    ON CONFLICT DO NOTHING


-- name: keys_of
SELECT r.message_id, r.kind, r.value FROM interop_message_reference r
 WHERE r.message_id = ANY (%(ids)s) ORDER BY r.message_id, r.kind, r.value


-- name: create_shapes
-- Which fields documents had, by name only, addressed by what they say: the audit trail holds the address, and so it
-- can be told for years what was disclosed although the content is gone. Never changed, like the trail itself.
CREATE TABLE IF NOT EXISTS interop_audit_shape (
    digest text PRIMARY KEY,
    shape text NOT NULL
);
COMMENT ON TABLE interop_audit_shape IS 'Names of the fields that documents had, by digest';
DROP TRIGGER IF EXISTS interop_audit_append_only ON interop_audit_shape;
CREATE TRIGGER interop_audit_append_only BEFORE UPDATE OR DELETE ON interop_audit_shape
   FOR EACH ROW EXECUTE FUNCTION interop_audit_refuse();
DROP TRIGGER IF EXISTS interop_audit_no_truncate ON interop_audit_shape;
CREATE TRIGGER interop_audit_no_truncate BEFORE TRUNCATE ON interop_audit_shape
   FOR EACH STATEMENT EXECUTE FUNCTION interop_audit_refuse()


-- name: keep_shapes
INSERT INTO interop_audit_shape (digest, shape)
SELECT v.digest, v.shape FROM unnest(%(digest)s::text[], %(shape)s::text[]) AS v(digest, shape)
    ON CONFLICT DO NOTHING


-- name: read_shapes
SELECT digest, shape FROM interop_audit_shape WHERE digest = ANY (%(digests)s)


-- name: unindexed
SELECT m.id, m.uuid, m.flow_id FROM interop_message m
 WHERE m.id < %(before)s AND m.purged_at IS NULL ORDER BY m.id DESC LIMIT %(limit)s


-- name: find_persons
SELECT DISTINCT p.message_id AS id FROM interop_message_person p
 WHERE p.digest = ANY (ARRAY (SELECT decode(d, 'hex') FROM unnest(%(digests)s::text[]) AS d))


-- name: forget_persons
DELETE FROM interop_message_person p
 WHERE p.digest = ANY (ARRAY (SELECT decode(d, 'hex') FROM unnest(%(digests)s::text[]) AS d)) AND p.message_id = ANY (%(ids)s)


-- name: expire_persons
DELETE FROM interop_message_person p WHERE p.ctid = ANY (ARRAY (
    SELECT e.ctid FROM interop_message_person e
     WHERE e.noted_on < (now() AT TIME ZONE 'UTC')::date - %(days)s LIMIT %(limit)s))


-- name: purge_begin
-- One purge at a time, and no hold is placed or lifted meanwhile: a hold that is being placed is waited for, and
-- one that is placed next waits for this small transaction and then finds what it covers kept or gone, never half.
-- Without sorts and scans the plan below can only come from the index of what may be purged, whatever the planner
-- believes about a table that was empty when it was last analysed.
SET LOCAL lock_timeout = '5s';
SET LOCAL enable_sort = off;
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
LOCK TABLE interop_legal_hold IN SHARE ROW EXCLUSIVE MODE


-- name: purge_find
-- Ended and past its days, the oldest first, of one flow. The walk stops at the limit or at the first that is
-- young enough, and meets nothing that is purged, held back or under way: see the index `_purgeable`. 200 of
-- 1,000,000 messages in 0.15 ms, statistics fresh or of the empty table. What was sent and never answered has ended
-- when its answer was due: nobody else would ever end it.
SELECT m.id, m.uuid, m.company_id, m.area_id, COALESCE(m.done_at, m.answer_due_at) AS done_at
  FROM interop_message m
 WHERE m.flow_id = %(flow_id)s AND m.state IN ('done', 'cancelled', 'sent') AND m.purged_at IS NULL
   AND m.held_back IS NULL AND COALESCE(m.done_at, m.answer_due_at) < %(before)s
 ORDER BY COALESCE(m.done_at, m.answer_due_at) LIMIT %(limit)s
   FOR NO KEY UPDATE SKIP LOCKED


-- name: purge_past
-- As above without locks: what a purge would find now, for people to know before.
SELECT m.id, m.company_id, COALESCE(m.done_at, m.answer_due_at) AS done_at
  FROM interop_message m
 WHERE m.flow_id = %(flow_id)s AND m.state IN ('done', 'cancelled', 'sent') AND m.purged_at IS NULL
   AND m.held_back IS NULL AND COALESCE(m.done_at, m.answer_due_at) < %(before)s
 ORDER BY COALESCE(m.done_at, m.answer_due_at) LIMIT %(limit)s


-- name: purge_holds
-- Which legal holds in force cover these messages. Everything that a hold names must fit. A message that belongs to
-- no company may be anybody's: a hold on a company covers it too.
SELECT m.id, h.id AS hold_id
  FROM interop_legal_hold h
  JOIN interop_message m ON m.id = ANY (%(ids)s)
 WHERE h.state = 'active'
   AND (NOT EXISTS (SELECT FROM interop_connector_interop_legal_hold_rel r WHERE r.interop_legal_hold_id = h.id)
     OR EXISTS (SELECT FROM interop_connector_interop_legal_hold_rel r
                 WHERE r.interop_legal_hold_id = h.id AND r.interop_connector_id = m.connector_id))
   AND (NOT EXISTS (SELECT FROM interop_flow_interop_legal_hold_rel r WHERE r.interop_legal_hold_id = h.id)
     OR EXISTS (SELECT FROM interop_flow_interop_legal_hold_rel r
                 WHERE r.interop_legal_hold_id = h.id AND r.interop_flow_id = m.flow_id))
   AND (m.company_id IS NULL
     OR NOT EXISTS (SELECT FROM interop_legal_hold_res_company_rel r WHERE r.interop_legal_hold_id = h.id)
     OR EXISTS (SELECT FROM interop_legal_hold_res_company_rel r
                 WHERE r.interop_legal_hold_id = h.id AND r.res_company_id = m.company_id))
   AND (NOT EXISTS (SELECT FROM interop_legal_hold_interop_message_rel r WHERE r.interop_legal_hold_id = h.id)
     OR EXISTS (SELECT FROM interop_legal_hold_interop_message_rel r
                 WHERE r.interop_legal_hold_id = h.id AND r.interop_message_id = m.id))
   AND (COALESCE(h.business_key, '') = '' OR h.business_key = m.business_key)
   AND (COALESCE(h.res_model, '') = '' OR h.res_model = m.res_model)
   AND (COALESCE(h.res_id, 0) = 0 OR h.res_id = m.res_id)
   AND (h.date_from IS NULL OR m.created_at >= h.date_from)
   AND (h.date_to IS NULL OR m.created_at < h.date_to)


-- name: purge_hold_back
-- Out of the index of what may be purged, so that the next batch does not meet it again.
UPDATE interop_message m
   SET held_back = v.reason, held_back_at = timezone('utc', clock_timestamp())
  FROM unnest(%(id)s::int[], %(reason)s::varchar[]) AS v(id, reason)
 WHERE m.id = v.id


-- name: purge_look_daily
-- What was held back a day ago may be free by now (a decision was taken): back among what may be purged. now() and not
-- clock_timestamp(), which no index condition may hold: 30,000 held rows cost 75 ms then. In a fresh transaction.
UPDATE interop_message m SET held_back = NULL, held_back_at = NULL
 WHERE m.id = ANY (ARRAY (SELECT h.id FROM interop_message h
                           WHERE h.held_back IS NOT NULL AND h.purged_at IS NULL
                             AND h.held_back_at < timezone('utc', now()) - interval '1 day'
                           ORDER BY h.held_back_at LIMIT %(limit)s))


-- name: purge_look_again
UPDATE interop_message m SET held_back = NULL, held_back_at = NULL
 WHERE m.held_back = %(reason)s AND m.held_back IS NOT NULL AND m.purged_at IS NULL


-- name: purge_mark
UPDATE interop_message m SET purged_at = timezone('utc', clock_timestamp()), held_back = NULL, held_back_at = NULL
 WHERE m.id = ANY (%(ids)s)


-- name: purge_payloads
-- The payloads that these messages travel or travelled in, if all whose documents are in them are purged by now:
-- their present members, former ones, and the message whose id is the key. Without a condition that interchange_id
-- is there: with it, the planner walked the index of all messages that have one.
UPDATE interop_interchange i SET purged_at = timezone('utc', clock_timestamp())
 WHERE i.id = ANY (ARRAY (
           SELECT m.interchange_id FROM interop_message m WHERE m.id = ANY (%(ids)s)
            UNION SELECT f.interchange_id FROM interop_message_payload f WHERE f.message_id = ANY (%(ids)s)
            UNION SELECT k.id FROM interop_interchange k
                   WHERE k.direction = 'out' AND k.idempotency_key = ANY (%(uuids)s)))
   AND i.purged_at IS NULL
   AND NOT EXISTS (SELECT FROM interop_message o WHERE o.interchange_id = i.id AND o.purged_at IS NULL)
   AND NOT EXISTS (SELECT FROM interop_message_payload f JOIN interop_message o ON o.id = f.message_id
                    WHERE f.interchange_id = i.id AND o.purged_at IS NULL)
   AND NOT EXISTS (SELECT FROM interop_message o WHERE o.uuid = i.idempotency_key AND o.purged_at IS NULL)
RETURNING i.id, i.uuid, i.company_id, i.area_id


-- name: erase_find
-- Whether each of these messages has ended as retention understands it. One that somebody else holds is left out.
SELECT m.id, m.uuid, m.company_id, m.area_id, m.flow_id, m.state, m.purged_at,
       COALESCE(m.done_at, m.answer_due_at, m.created_at) AS done_at,
       m.state IN ('done', 'cancelled')
           OR (m.state = 'sent' AND m.answer_due_at < timezone('utc', clock_timestamp())) AS ended
  FROM interop_message m WHERE m.id = ANY (%(ids)s) ORDER BY m.id
   FOR NO KEY UPDATE SKIP LOCKED


-- name: erase_shared
-- Payloads in which a document of these purged messages still stands, with one row for each message of whose content
-- they are the last copy, and the messages for whose sake they are kept.
SELECT i.id, i.uuid, i.company_id, i.area_id, t.message_id,
       ARRAY (SELECT o.id FROM interop_message o WHERE o.interchange_id = i.id AND o.purged_at IS NULL
               UNION SELECT o.id FROM interop_message_payload f JOIN interop_message o ON o.id = f.message_id
                      WHERE f.interchange_id = i.id AND o.purged_at IS NULL
               UNION SELECT o.id FROM interop_message o
                      WHERE o.uuid = i.idempotency_key AND o.purged_at IS NULL) AS others
  FROM (SELECT m.id AS message_id, m.interchange_id FROM interop_message m WHERE m.id = ANY (%(ids)s)
         UNION SELECT f.message_id, f.interchange_id FROM interop_message_payload f WHERE f.message_id = ANY (%(ids)s)
       ) AS t
  JOIN interop_interchange i ON i.id = t.interchange_id
 WHERE i.purged_at IS NULL
 ORDER BY i.id


-- name: erase_payload
UPDATE interop_interchange i SET purged_at = timezone('utc', clock_timestamp())
 WHERE i.id = %(id)s AND i.purged_at IS NULL


-- name: purge_kept
-- How much is past its time and held back, by reason. From the index of what is held back.
SELECT m.held_back AS reason, count(*) AS messages, min(m.done_at) AS oldest
  FROM interop_message m WHERE m.held_back IS NOT NULL AND m.purged_at IS NULL GROUP BY m.held_back


-- name: purge_dead
-- Dead letters wait for a person and are not purged before.
SELECT count(*) AS messages, min(m.created_at) AS oldest FROM interop_message m WHERE m.state = 'dead'


-- name: note_missing_codes
-- Codes that a crosswalk did not know, one row each, however many messages met it. Only inserts, because messages
-- that come in are settled in REPEATABLE READ: a counter here would be a conflict between all lanes that meet one code.
INSERT INTO interop_missing_code (crosswalk_id, way, key, code, withheld, company_id, state, looked, first_at, past)
SELECT DISTINCT ON (c.id, v.way, v.company_id, v.key)
       c.id, v.way, v.key, v.code, v.withheld, v.company_id, 'open', v.looked, timezone('utc', clock_timestamp()), 0
  FROM unnest(%(crosswalk)s::varchar[], %(way)s::varchar[], %(key)s::varchar[], %(code)s::varchar[],
              %(withheld)s::varchar[], %(company_id)s::int[], %(looked)s::varchar[])
       AS v(crosswalk, way, key, code, withheld, company_id, looked)
  JOIN interop_crosswalk c ON c.code = v.crosswalk
 ORDER BY c.id, v.way, v.company_id, v.key
    ON CONFLICT (crosswalk_id, way, company_id, key) DO NOTHING


-- name: miss_codes_again
-- Mapped once, and a message did not find it: its entry ended, or it was mapped while the message failed. `looked`
-- says in what state of the crosswalk it was not found, so that looking again there is left out (and does not go on
-- for ever, should a flow's published rules find less than the present ones).
UPDATE interop_missing_code m
   SET state = CASE WHEN m.state = 'mapped' THEN 'open' ELSE m.state END, looked = v.looked
  FROM (SELECT DISTINCT ON (u.crosswalk, u.way, u.company_id, u.key) u.*
          FROM unnest(%(crosswalk)s::varchar[], %(way)s::varchar[], %(key)s::varchar[], %(company_id)s::int[],
                      %(looked)s::varchar[]) AS u(crosswalk, way, key, company_id, looked)
         ORDER BY u.crosswalk, u.way, u.company_id, u.key) v
  JOIN interop_crosswalk c ON c.code = v.crosswalk
 WHERE m.crosswalk_id = c.id AND m.way = v.way AND m.company_id = v.company_id AND m.key = v.key
   AND (m.state = 'mapped' OR m.looked IS DISTINCT FROM v.looked)


-- name: wait_for_codes
INSERT INTO interop_missing_code_message (code_id, message_id, met_at)
SELECT DISTINCT m.id, v.message_id, timezone('utc', clock_timestamp())
  FROM unnest(%(crosswalk)s::varchar[], %(way)s::varchar[], %(key)s::varchar[], %(company_id)s::int[],
              %(message_id)s::int[]) AS v(crosswalk, way, key, company_id, message_id)
  JOIN interop_crosswalk c ON c.code = v.crosswalk
  JOIN interop_missing_code m
    ON m.crosswalk_id = c.id AND m.way = v.way AND m.company_id = v.company_id AND m.key = v.key
    ON CONFLICT DO NOTHING


-- name: forget_missing
DELETE FROM interop_missing_code_message WHERE message_id = ANY (%(ids)s)


-- name: stale_missing_codes
-- Those that were looked for in another state of their crosswalk, or on another day. `codes`: of these crosswalks.
SELECT m.id, m.way, m.key, m.code, m.withheld, m.company_id, m.looked, c.code AS crosswalk
  FROM interop_missing_code m JOIN interop_crosswalk c ON c.id = m.crosswalk_id
 WHERE m.state <> 'mapped' AND m.looked IS DISTINCT FROM c.stamp || ' ' || %(today)s
   AND (%(codes)s::varchar[] IS NULL OR c.code = ANY (%(codes)s::varchar[]))
 ORDER BY m.id LIMIT %(limit)s


-- name: look_at_missing
UPDATE interop_missing_code m
   SET looked = v.looked, state = CASE WHEN v.found THEN 'mapped' ELSE m.state END,
       mapped_at = CASE WHEN v.found THEN timezone('utc', clock_timestamp()) ELSE m.mapped_at END,
       mapped_by_id = CASE WHEN v.found THEN %(user)s ELSE m.mapped_by_id END
  FROM unnest(%(id)s::int[], %(found)s::bool[], %(looked)s::varchar[]) AS v(id, found, looked)
 WHERE m.id = v.id


-- name: all_codes_known
-- Messages that wait for codes, all of which are mapped by now.
SELECT m.id
  FROM (SELECT DISTINCT r.message_id FROM interop_missing_code_message r
         WHERE %(ids)s::int[] IS NULL OR r.message_id = ANY (%(ids)s::int[])) w
  JOIN interop_message m ON m.id = w.message_id
 WHERE m.state = 'dead' AND m.failure_class = 'data' AND m.purged_at IS NULL
   AND NOT EXISTS (SELECT FROM interop_missing_code_message r JOIN interop_missing_code c ON c.id = r.code_id
                    WHERE r.message_id = m.id AND c.state <> 'mapped')
 ORDER BY m.id LIMIT %(limit)s


-- name: count_rerun
UPDATE interop_missing_code c SET past = c.past + v.number
  FROM (SELECT r.code_id, count(*) AS number FROM interop_missing_code_message r
         WHERE r.message_id = ANY (%(ids)s) GROUP BY r.code_id) v
 WHERE c.id = v.code_id


-- name: forget_ended
-- Messages that wait no more, whoever has ended that.
DELETE FROM interop_missing_code_message r USING interop_message m
 WHERE m.id = r.message_id AND (m.state <> 'dead' OR m.purged_at IS NOT NULL)


-- name: waiting_for
SELECT DISTINCT r.message_id FROM interop_missing_code_message r JOIN interop_message m ON m.id = r.message_id
 WHERE r.code_id = ANY (%(ids)s) AND m.state = 'dead'


-- name: codes_of
SELECT r.message_id, array_agg(c.id ORDER BY c.id) AS codes,
       COALESCE(array_agg(DISTINCT c.mapped_by_id) FILTER (WHERE c.mapped_by_id IS NOT NULL), '{}') AS mapped_by
  FROM interop_missing_code_message r JOIN interop_missing_code c ON c.id = r.code_id
 WHERE r.message_id = ANY (%(ids)s) GROUP BY r.message_id


-- name: number_payload
-- An inbound payload before anything is read into it, with what was found out about its numbers before.
SELECT i.id, i.uuid, i.connector_id, i.company_id, i.area_id, i.digest, i.number_verdict, i.repeats_id, i.control_number,
       m.redriven_at IS NOT NULL AS redriven, c.number_wait_minutes * 60.0 AS wait, c.number_memory_days AS memory
  FROM interop_message m
  JOIN interop_interchange i ON i.id = m.interchange_id
  JOIN interop_connector c ON c.id = i.connector_id
 WHERE m.id = %(id)s


-- name: number_series
-- The row is made when it is missing, and locked: payloads of one sender are placed one after the other.
INSERT INTO interop_control_number_series (
    connector_id, company_id, area_id, sender, receiver, kind, lowest, highest, began_at, last_at)
VALUES (%(connector_id)s, %(company_id)s, %(area_id)s, %(sender)s, %(receiver)s, %(kind)s, 0, -1,
        timezone('utc', clock_timestamp()), timezone('utc', clock_timestamp()))
ON CONFLICT (connector_id, sender, receiver, kind) DO UPDATE SET last_at = timezone('utc', clock_timestamp())
RETURNING id, lowest, highest


-- name: number_repeats
-- Earlier payloads of this sender with this number: the same content at any time, or other content while the number
-- may not be used again. Those that were repeats themselves say nothing.
SELECT i.id, i.digest = %(digest)s AS same
  FROM interop_interchange i
 WHERE i.control_number = %(number)s AND i.control_partner = %(partner)s AND i.connector_id = %(connector_id)s
   AND i.direction = 'in' AND i.id <> %(id)s AND i.number_verdict = 'first'
   AND (i.digest = %(digest)s
        OR i.created_at > timezone('utc', clock_timestamp()) - make_interval(days => %(memory)s))
 ORDER BY same DESC, i.id DESC LIMIT 1


-- name: number_noted
UPDATE interop_interchange
   SET control_number = %(number)s, control_numbers = %(numbers)s, control_partner = %(partner)s,
       number_verdict = %(verdict)s, repeats_id = %(repeats)s
 WHERE id = %(id)s


-- name: number_gap_of
SELECT id, first, last, noticed_at, due_at, state FROM interop_control_number_gap
 WHERE series_id = %(series_id)s AND first <= %(number)s AND last >= %(number)s AND state IN ('waiting', 'missing')
 LIMIT 1


-- name: number_placed
UPDATE interop_control_number_series
   SET lowest = %(lowest)s, highest = %(highest)s,
       began_at = CASE WHEN %(anew)s THEN timezone('utc', clock_timestamp()) ELSE began_at END
 WHERE id = %(series_id)s


-- name: number_missed
INSERT INTO interop_control_number_gap (
    series_id, connector_id, first, last, state, noticed_at, due_at)
VALUES (%(series_id)s, %(connector_id)s, %(first)s, %(last)s, 'waiting', timezone('utc', clock_timestamp()),
        timezone('utc', clock_timestamp()) + make_interval(secs => %(wait)s))


-- name: number_gap_shrinks
-- What is still missing of a gap: its first part keeps the row.
UPDATE interop_control_number_gap SET first = %(first)s, last = %(last)s WHERE id = %(id)s


-- name: number_gap_splits
INSERT INTO interop_control_number_gap (series_id, connector_id, first, last, state, noticed_at, due_at)
SELECT g.series_id, g.connector_id, %(first)s, %(last)s, 'waiting', g.noticed_at, g.due_at
  FROM interop_control_number_gap g WHERE g.id = %(id)s


-- name: number_gap_closes
UPDATE interop_control_number_gap SET state = 'closed', closed_at = timezone('utc', clock_timestamp()) WHERE id = %(id)s


-- name: number_gaps_bounded
-- A partner whose numbers jump about must not fill the table: beyond these many the oldest are given up.
UPDATE interop_control_number_gap SET state = 'dismissed', closed_at = timezone('utc', clock_timestamp())
 WHERE id IN (SELECT id FROM interop_control_number_gap
               WHERE series_id = %(series_id)s AND state IN ('waiting', 'missing')
               ORDER BY id DESC OFFSET %(most)s)


-- name: number_gaps_due
-- Their wait is over. SKIP LOCKED: a payload that closes one may be at it just now.
UPDATE interop_control_number_gap SET state = 'missing'
 WHERE id = ANY (ARRAY (SELECT id FROM interop_control_number_gap
                         WHERE state = 'waiting' AND due_at <= timezone('utc', clock_timestamp())
                         ORDER BY due_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED))
RETURNING id


-- name: number_gaps_forgotten
DELETE FROM interop_control_number_gap
 WHERE id = ANY (ARRAY (
           SELECT g.id FROM interop_control_number_gap g JOIN interop_connector c ON c.id = g.connector_id
            WHERE g.state IN ('closed', 'dismissed')
              AND g.closed_at < timezone('utc', clock_timestamp()) - make_interval(days => c.number_memory_days)
            LIMIT %(limit)s FOR UPDATE OF g SKIP LOCKED))


-- name: guard_versions
-- What was published stays what it was, whoever has the database's password for Odoo in hand: a version's row and
-- its parts are written once. Deleting a flow takes its versions along, deleting a user their name: both may be.
CREATE OR REPLACE FUNCTION interop_flow_version_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'insufficient_privilege',
        MESSAGE = 'published versions are immutable',
        TABLE = TG_TABLE_NAME;
END $$;
CREATE OR REPLACE TRIGGER interop_flow_version_immutable BEFORE UPDATE ON interop_flow_version
    FOR EACH ROW WHEN (
        (OLD.id, OLD.flow_id, OLD.number, OLD.snapshot_id, OLD.published_at)
            IS DISTINCT FROM (NEW.id, NEW.flow_id, NEW.number, NEW.snapshot_id, NEW.published_at)
        OR NEW.published_by_id IS DISTINCT FROM OLD.published_by_id AND NEW.published_by_id IS NOT NULL
        OR OLD.publication_id IS NOT NULL AND NEW.publication_id IS DISTINCT FROM OLD.publication_id
        OR OLD.seen IS NOT NULL AND NEW.seen IS DISTINCT FROM OLD.seen
    )
    EXECUTE FUNCTION interop_flow_version_refuse();


-- name: guard_version_parts
CREATE OR REPLACE TRIGGER interop_flow_version_part_immutable BEFORE UPDATE ON interop_flow_version_part
    FOR EACH ROW EXECUTE FUNCTION interop_flow_version_refuse();
