-- Batches and coalescing. What is gathered is `waiting` with held = 'batch'; a cut gives it a batch and lets it go.


-- name: perhaps_there
-- Whether the partner may have the message m, which is dead or waits: no answer came to one of its tries, or a worker
-- died with its payload.
(m.failure_class IS NOT DISTINCT FROM 'uncertain' OR m.losses > 0
    OR m.batch_id IS NOT NULL AND EXISTS (SELECT FROM interop_attempt a
                                           WHERE a.interchange_id = m.interchange_id AND a.failure_class = 'uncertain'))


-- name: gathered
-- What is gathered, for each flow and company whose connector may send. Costs what its own index holds. The last cut
-- tells which departures are past: who was left behind by it goes with the next.
SELECT m.flow_id, m.company_id, m.connector_id, min(m.created_at) AS oldest, count(*) AS messages,
       sum(m.size) AS bytes, bool_or(c.state = 'draining') AS draining, max(f.batch_cut_at) AS asked,
       timezone('utc', clock_timestamp()) AS now,
       (SELECT max(b.cut_at) FROM interop_batch b
         WHERE b.flow_id = m.flow_id AND b.company_id IS NOT DISTINCT FROM m.company_id) AS last_cut
  FROM interop_message m
  JOIN interop_connector c ON c.id = m.connector_id
  JOIN interop_flow f ON f.id = m.flow_id
 WHERE m.held = 'batch' AND m.state = 'waiting' AND m.flow_id = ANY (%(flow_ids)s)
   AND c.state IN ('active', 'draining') AND c.environment = %(environment)s
   AND m.id <= COALESCE(NULLIF(c.drain_to, 0), 2147483647)
   AND m.run_at <= timezone('utc', clock_timestamp())
   AND (%(only)s::int[] IS NULL OR m.connector_id = ANY (%(only)s::int[]))
 GROUP BY m.flow_id, m.company_id, m.connector_id


-- name: gathered_heads
-- Who goes with the next batch. Under the runtime lock of the connector, as the claim and the settle are: nobody
-- else cuts, parks or releases meanwhile. At most one of a chain: the others go with the batches after. Nor one whose
-- chain has a later one under way in a batch (a lower id may commit later than a higher one).
SELECT c.id, c.size FROM interop_message c
  JOIN interop_connector k ON k.id = c.connector_id
 WHERE c.held = 'batch' AND c.state = 'waiting' AND c.flow_id = %(flow_id)s
   AND c.company_id IS NOT DISTINCT FROM %(company_id)s AND c.connector_id = %(connector_id)s
   AND c.run_at <= timezone('utc', clock_timestamp())
   AND c.id <= COALESCE(NULLIF(k.drain_to, 0), 2147483647)
   AND NOT {{blocked}}
   AND NOT EXISTS (SELECT FROM interop_message x
                    WHERE x.chain = c.chain AND x.batch_id IS NOT NULL AND x.state IN ('waiting', 'ready', 'running'))
 ORDER BY c.priority, c.id
 LIMIT %(limit)s


-- name: cut_batch
-- One that a person has just cancelled stays behind.
UPDATE interop_message m
   SET batch_id = %(batch_id)s, held = NULL, state = 'ready', run_at = timezone('utc', clock_timestamp())
 WHERE m.id = ANY (%(ids)s) AND m.state = 'waiting' AND m.held = 'batch'
RETURNING m.id


-- name: claim_members
-- Those that travel in one batch with a message just claimed, all of them: a batch is one payload, and stays together
-- when it is tried again. Whether a drain or a suspicion has begun meanwhile does not take it apart, nor does the stager,
-- which may have made ready only some of those whose common time has come.
UPDATE interop_message m
   SET {{taken}}
 WHERE m.id = ANY (ARRAY (
           SELECT c.id FROM interop_message c
            WHERE c.batch_id = %(batch_id)s AND c.connector_id = %(connector_id)s
              AND c.interchange_id IS NOT DISTINCT FROM %(interchange_id)s
              AND (c.state = 'ready' AND c.losses < %(suspect)s
                OR c.interchange_id IS NOT NULL AND (c.state = 'ready' OR c.state = 'waiting' AND c.held IS NULL))
              AND NOT {{blocked}}
            ORDER BY c.id))
RETURNING {{claimed_columns}}


-- name: note_composed
-- A batch was composed and sealed: its totals, known before anything leaves. What was released before is not
-- released any more: it is another payload.
UPDATE interop_batch b
   SET interchange_id = %(interchange_id)s, digest = %(digest)s, document_count = %(document_count)s, size = %(size)s,
       totals = %(totals)s, released_at = NULL, released_by_id = NULL
 WHERE b.id = %(batch_id)s AND b.interchange_id IS DISTINCT FROM %(interchange_id)s


-- name: unreleased
-- Which of these payloads may not leave: their batch needs a release and has none, or has one for another payload.
SELECT b.id, v.interchange_id FROM interop_batch b
  JOIN unnest(%(batch_id)s::int[], %(interchange_id)s::int[]) AS v(batch_id, interchange_id) ON v.batch_id = b.id
 WHERE b.needs_release
   AND (b.released_at IS NULL OR b.interchange_id IS DISTINCT FROM v.interchange_id)


-- name: await_release
-- Back from the lane's hands: they wait for a person, with their payload sealed. Under the runtime lock.
UPDATE interop_message m
   SET state = 'waiting', held = 'release', claims = GREATEST(m.claims - 1, 0), lease_token = NULL,
       lease_until = NULL, lane = NULL
 WHERE m.id = ANY (%(ids)s) AND m.state = 'running' AND m.lease_token = ANY (%(tokens)s)
RETURNING m.id, m.connector_id, m.batch_id


-- name: batch_awaits
UPDATE interop_batch b
   SET state = 'awaiting_release',
       release_due_at = timezone('utc', clock_timestamp()) + make_interval(secs => b.release_hours * 3600)
 WHERE b.id = ANY (%(ids)s) AND b.state IN ('composing', 'leaving')
RETURNING b.id


-- name: release_batch
-- A person has released it: its members may be claimed, all at one moment.
UPDATE interop_message m
   SET held = NULL, state = 'ready', run_at = timezone('utc', clock_timestamp())
 WHERE m.batch_id = %(id)s AND m.held = 'release' AND m.state = 'waiting'
RETURNING m.id


-- name: batch_return
-- A batch is dissolved: its members are gathered again, in their order, for a new payload with a new key. Those that
-- the partner has or may have stay in it: nothing sends them a second time under another key.
UPDATE interop_message m
   SET state = 'waiting', held = 'batch', parked = FALSE, batch_id = NULL, interchange_id = NULL, claims = 0,
       attempts = 0, losses = 0, run_at = timezone('utc', clock_timestamp()), done_at = NULL,
       redriven_at = timezone('utc', clock_timestamp()), failure_class = NULL, failure = NULL
 WHERE m.batch_id = %(id)s AND m.state IN ('waiting', 'ready', 'dead') AND NOT {{perhaps_there}}
   AND (m.interchange_id IS NULL OR m.failure_class IS DISTINCT FROM 'internal')
RETURNING m.id


-- name: forget_payload
UPDATE interop_interchange SET state = 'failed' WHERE id = %(id)s AND state = 'prepared'


-- name: note_batches
-- What has become of batches, told by their members. One that was taken out (run again with a later batch, cancelled)
-- counts as not delivered.
UPDATE interop_batch b
   SET state = v.state,
       delivered_count = v.delivered,
       ended_at = CASE WHEN v.state IN ('delivered', 'partly', 'failed', 'cancelled')
                       THEN COALESCE(b.ended_at, timezone('utc', clock_timestamp())) END
  FROM (SELECT x.id, c.delivered,
               CASE WHEN c.open > 0 AND c.unreleased = c.open THEN 'awaiting_release'
                    WHEN c.open > 0 AND x.state IN ('composing', 'leaving') THEN x.state
                    WHEN c.open > 0 THEN 'leaving'
                    WHEN c.delivered >= x.member_count THEN 'delivered'
                    WHEN c.delivered > 0 THEN 'partly'
                    WHEN c.dead > 0 THEN 'failed'
                    ELSE 'cancelled' END AS state
          FROM interop_batch x
         CROSS JOIN LATERAL (
               SELECT count(*) FILTER (WHERE m.state IN ('waiting', 'ready', 'running')) AS open,
                      count(*) FILTER (WHERE m.held = 'release' AND m.state = 'waiting') AS unreleased,
                      count(*) FILTER (WHERE m.state IN ('sent', 'done')) AS delivered,
                      count(*) FILTER (WHERE m.state = 'dead') AS dead
                 FROM interop_message m WHERE m.batch_id = x.id) c
         WHERE x.id = ANY (%(ids)s)) v
 WHERE b.id = v.id
   AND (b.state, COALESCE(b.delivered_count, 0)) IS DISTINCT FROM (v.state, v.delivered::int)
RETURNING b.id, b.state


-- name: open_batches
SELECT id FROM interop_batch WHERE state IN ('composing', 'awaiting_release', 'leaving') ORDER BY id LIMIT %(limit)s


-- name: supersede
-- Under the runtime lock, in the transaction that takes the heads of chains: what waits behind them about the same
-- record is done by what they are going to say. Right because
--   * what is seen here is committed, and a head is composed after this transaction's own commit, from a snapshot
--     that has all of it;
--   * only heads that will be composed afresh are used: one that was tried, or whose worker died, may have bytes
--     that are older. That includes one that was given back with its payload prepared: should it lose its worker
--     next, those bytes are found by its key;
--   * what was tried is superseded as well. It stands behind the head only because the head committed late, and its
--     bytes are older than what the head says: sent after it, they would bring an older state back.
-- What was composed at its event is never part of this, nor what is in a batch already, nor what itself waits for
-- a message of another flow. Who waits for one of these waits for the head from now on. No SKIP LOCKED: one that was
-- skipped for a person's or the stager's lock could go later with older bytes.
UPDATE interop_message m
   SET state = 'done', parked = FALSE, held = NULL, coalesced_into_id = h.id,
       done_at = timezone('utc', clock_timestamp())
  FROM interop_message h
 WHERE h.id = ANY (%(ids)s) AND h.chain IS NOT NULL AND h.res_id IS NOT NULL
   AND h.claims <= 1 AND h.attempts = 0 AND h.losses = 0 AND h.interchange_id IS NULL
   AND h.as_of_event IS NOT TRUE
   AND NOT EXISTS (SELECT FROM interop_interchange i
                    WHERE i.idempotency_key = h.uuid AND i.direction = 'out' AND i.state = 'prepared')
   AND m.chain = h.chain AND m.id > h.id AND m.state IN ('waiting', 'ready')
   AND m.flow_id = h.flow_id AND m.res_model = h.res_model AND m.res_id = h.res_id
   AND m.company_id IS NOT DISTINCT FROM h.company_id AND m.batch_id IS NULL AND m.as_of_event IS NOT TRUE
   AND NOT (SELECT {{needing}} FROM interop_message c WHERE c.id = m.id)
RETURNING m.id, m.uuid, m.flow_id, m.company_id, m.area_id, m.direction, m.state, m.res_model, m.res_id,
          NULL AS failure_class, NULL AS failure, h.uuid AS into_uuid


-- name: superseded_by_superseded
-- A head that was given back and is now done by one that committed late: what it stood for goes along.
UPDATE interop_message m SET coalesced_into_id = h.coalesced_into_id
  FROM interop_message h
 WHERE h.id = ANY (%(ids)s) AND m.coalesced_into_id = h.id


-- name: perhaps_sent
-- Which of these payloads reached the partner, or may have.
SELECT i.id FROM interop_interchange i
 WHERE i.id = ANY (%(ids)s)
   AND EXISTS (SELECT FROM interop_attempt a
                WHERE a.interchange_id = i.id AND (a.outcome = 'ok' OR a.failure_class = 'uncertain'))


-- name: ungather
-- A flow was published with another mode: what it had gathered leaves by itself.
UPDATE interop_message m
   SET held = NULL, state = CASE WHEN m.run_at <= timezone('utc', clock_timestamp()) THEN 'ready' ELSE 'waiting' END
 WHERE m.held = 'batch' AND m.state = 'waiting' AND NOT m.flow_id = ANY (%(flow_ids)s)
RETURNING m.id
