-- Urgent work and turns: see engine/turns.py.


-- name: urgent_first
-- Connectors with urgent work come first, in a turn that may take it. The index of claimable messages holds each
-- connector's most urgent one in front, so the question costs one look. 10 is `priorities.URGENT`.
(%(least)s <= 10 AND EXISTS (
    SELECT FROM interop_message u
     WHERE u.connector_id = r.connector_id AND u.state = 'ready' AND u.direction = %(direction)s
       AND u.priority <= 10)) DESC


-- name: set_priority
-- Messages that are not taken yet. A claim may take one at this moment: then it goes as it was.
UPDATE interop_message m SET priority = %(priority)s
 WHERE m.id = ANY (%(ids)s) AND m.state IN ('waiting', 'ready')
RETURNING m.id
