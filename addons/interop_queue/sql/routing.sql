-- Where messages go and what they wait for: dependencies between messages of different flows.
--
-- A message needs others: those that were open, about the record that it names, when it was put into the queue. What
-- it waits for always has a lower id, as what it follows in its chain has. So nothing can wait in a circle, whatever
-- flows are told.
--
-- No lock is taken for it that was not taken before, but by a claim that met such a message. Three ways to end that
-- what is needed, and why none lets a dependent hang:
--   * A settle under the runtime locks of its own connectors writes the states, releases, commits. The claim of the
--     dependent's connector may be parking it just then, unseen. So a claim that parked for a dependency looks once
--     more after its commit, under the runtime locks of the needed messages' connectors: it waits for that settle and
--     then sees its states, or it goes first and that settle sees what was parked. See `engine/dependencies.py`.
--   * A person's act or an inbound document releases once more after its commit: then it sees what was parked, or the
--     claim, which looks after that, sees what has ended.
--   * What dies in between is found by the sweep.


-- name: needing
-- Whether the candidate c waits for a message that is still open. Scalar subqueries by the key and a count: each costs
-- one look into an index, whatever the statistics say, and for who needs nobody it is one look into an index that has
-- open dependencies only. Rejected: EXISTS over a join, which may become a hash of the whole table, and a LIMIT 1 over
-- messages by an array of ids, which statistics of an empty table made a walk through all messages for each candidate
-- (a claim of 200 among 12,000 took 740 ms instead of 85).
(SELECT count(*) FROM interop_message_dependency d
  WHERE d.message_id = c.id AND d.holds AND NOT d.waived
    AND (SELECT n.state IN ('waiting', 'ready', 'running', 'dead') OR {{done_by_open}}
           FROM interop_message n WHERE n.id = d.needs_id)) > 0


-- name: done_by_open
-- Whether what n says is said by another message (see `supersede`), which has not arrived.
COALESCE((SELECT h.state IN ('waiting', 'ready', 'running', 'dead')
            FROM interop_message h WHERE h.id = n.coalesced_into_id), FALSE)


-- name: note_dependencies
-- For messages just inserted: the open ones, of the flow and about the record that each waits for, the newest hundred.
-- Only those before it: see above. res_model and res_id first: their index has one record's messages.
INSERT INTO interop_message_dependency (message_id, needs_id, holds, waived)
SELECT DISTINCT v.message_id, n.id, TRUE, FALSE
  FROM unnest(%(message_id)s::int[], %(flow_id)s::int[], %(res_model)s::varchar[], %(res_id)s::int[])
         AS v(message_id, flow_id, res_model, res_id),
       LATERAL (SELECT m.id FROM interop_message m
                 WHERE m.res_model = v.res_model AND m.res_id = v.res_id AND m.flow_id + 0 = v.flow_id
                   AND m.id < v.message_id AND m.direction = 'out'
                   AND m.state IN ('waiting', 'ready', 'running', 'dead')
                 ORDER BY m.id DESC LIMIT 100) n
ON CONFLICT DO NOTHING


-- name: parked_needing
-- Of those that a claim has just parked: the ones that need others, and whose runtimes decide about it.
SELECT d.message_id, m.connector_id, n.connector_id AS needs_connector_id
  FROM interop_message_dependency d
  JOIN interop_message m ON m.id = d.message_id
  JOIN interop_message n ON n.id = d.needs_id
 WHERE d.message_id = ANY (%(ids)s::int[]) AND d.holds


-- name: release_dependents (planned once)
-- Those that need one of `ids`, if it has ended, are let go; whether they need others too, the next claim finds out.
UPDATE interop_message m
   SET {{let_go}}
 WHERE m.id = ANY (ARRAY (
           SELECT d.message_id FROM interop_message_dependency d
             JOIN interop_message n ON n.id = d.needs_id
            WHERE d.needs_id = ANY (ARRAY (SELECT unnest(%(ids)s::int[])
                                            UNION SELECT k.id FROM interop_message k
                                                   WHERE k.coalesced_into_id = ANY (%(ids)s::int[])))
              AND d.holds AND n.state NOT IN ('waiting', 'ready', 'running', 'dead') AND NOT {{done_by_open}}))
   AND m.state = 'waiting' AND m.parked
RETURNING m.id


-- name: release_needless
-- Those of `ids` that are parked and wait for nobody any more are let go.
UPDATE interop_message m
   SET {{let_go}}
 WHERE m.id = ANY (ARRAY (SELECT c.id FROM interop_message c
                           WHERE c.id = ANY (%(ids)s::int[]) AND c.state = 'waiting' AND c.parked AND NOT {{blocked}}))
   AND m.state = 'waiting' AND m.parked
RETURNING m.id


-- name: sweep_dependencies
-- What a dying worker did not let go. Walks the dependencies of open messages only.
UPDATE interop_message m
   SET {{let_go}}
 WHERE m.id = ANY (ARRAY (
           SELECT c.id FROM interop_message c
            WHERE c.id = ANY (ARRAY (SELECT DISTINCT d.message_id FROM interop_message_dependency d WHERE d.holds))
              AND c.state = 'waiting' AND c.parked AND NOT {{blocked}}))
   AND m.state = 'waiting' AND m.parked
RETURNING m.id


-- name: forget_dependencies
-- Of messages that have ended: the rows stay for people to see, the indexes of what holds forget them. Not when what
-- they needed ends: a claim may be parking one for it just then, and the sweep has to find that.
UPDATE interop_message_dependency d SET holds = FALSE
 WHERE d.holds AND NOT EXISTS (SELECT FROM interop_message c
                                WHERE c.id = d.message_id AND c.state IN ('waiting', 'ready', 'running', 'dead'))


-- name: hurry_before
-- Those just parked stand behind messages of less urgency, a backfill's say: these become as urgent as they are, so
-- that live traffic never waits for a whole backlog. Of each chain the first twenty.
WITH behind AS MATERIALIZED (
    SELECT p.id, p.chain, p.priority FROM interop_message p WHERE p.id = ANY (%(ids)s::int[])
), before AS MATERIALIZED (
    SELECT x.id, k.priority
      FROM (SELECT b.chain, max(b.id) AS id, min(b.priority) AS priority FROM behind b
             WHERE b.chain IS NOT NULL GROUP BY b.chain) k,
           LATERAL (SELECT o.id, o.priority FROM interop_message o
                     WHERE o.chain = k.chain AND o.id < k.id AND o.state IN ('waiting', 'ready', 'running', 'dead')
                     ORDER BY o.id LIMIT 20) x
     WHERE x.priority > k.priority
    UNION ALL
    SELECT d.needs_id, b.priority FROM behind b JOIN interop_message_dependency d ON d.message_id = b.id AND d.holds AND NOT d.waived
)
UPDATE interop_message m
   SET priority = (SELECT min(f.priority) FROM before f WHERE f.id = m.id)
 WHERE m.id = ANY (ARRAY (
           SELECT x.id FROM interop_message x
            WHERE x.id = ANY (ARRAY (SELECT f.id FROM before f)) AND x.state IN ('waiting', 'ready')
              AND x.priority > (SELECT min(f.priority) FROM before f WHERE f.id = x.id)
              FOR NO KEY UPDATE SKIP LOCKED))


-- name: waive_dependencies
-- A person decided that these wait for nobody any more.
UPDATE interop_message_dependency d SET waived = TRUE
  FROM interop_message n
 WHERE d.message_id = ANY (%(ids)s::int[]) AND d.holds AND NOT d.waived AND n.id = d.needs_id
RETURNING d.message_id, n.uuid, n.state


-- name: set_aside
-- Whether these belong to their flow could not be judged: they are dead letters, which a person looks at.
UPDATE interop_message m
   SET state = 'dead', failure_class = 'internal', failure = v.sentence,
       done_at = timezone('utc', clock_timestamp())
  FROM unnest(%(id)s::int[], %(sentence)s::varchar[]) AS v(id, sentence)
 WHERE m.id = v.id


-- name: brief_lock
-- Settles hold a runtime for some milliseconds. A person's act that holds it for longer is not waited for.
SET LOCAL lock_timeout = '2s'


-- name: backlog
-- Whether a connector has so many outbound messages that have not left: ready, behind others, or waiting for their
-- time. Each by its own partial index, and counted up to the limit only.
SELECT (SELECT count(*) FROM (
            SELECT FROM interop_message m
             WHERE m.connector_id = %(connector_id)s AND m.direction = 'out' AND m.state = 'ready'
             LIMIT %(limit)s) r)
     + (SELECT count(*) FROM (
            SELECT FROM interop_message m
             WHERE m.connector_id = %(connector_id)s AND m.state = 'waiting' AND m.parked
             LIMIT %(limit)s) p)
     + (SELECT count(*) FROM (
            SELECT FROM interop_message m
             WHERE m.connector_id = %(connector_id)s AND m.state = 'waiting' AND NOT m.parked AND m.held IS NULL
             LIMIT %(limit)s) w) AS waiting
