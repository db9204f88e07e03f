"""All SQL of anchors and alarms."""

#: Only one process at a time writes to a place. A lock of the connection and not of a transaction:
#: no transaction may stay open while a mounted folder makes us wait, as it would hold up the seals
#: (see `sql_seals.py`).
TRY_LOCK = "SELECT pg_try_advisory_lock(1768846452, hashtext(%s))"
UNLOCK = "SELECT pg_advisory_unlock(1768846452, hashtext(%s))"

#: A place that is new begins a little before the newest seal: each seal binds all before it.
ENSURE = """
INSERT INTO interop_audit_anchor (target, place, last_number, lines, since, every_minutes)
SELECT %(target)s, %(place)s,
       greatest(0, coalesce((SELECT max(number) FROM interop_audit_seal), 0) - %(begin_with)s), 0,
       timezone('utc', clock_timestamp()), %(every_minutes)s
    ON CONFLICT (target, place) DO NOTHING
"""

#: What the place has not got yet, oldest first.
MISSING = """
SELECT s.number, s.statement, s.signature, s.endorsement
  FROM interop_audit_seal s
 WHERE s.number > (SELECT last_number FROM interop_audit_anchor
                    WHERE target = %(target)s AND place = %(place)s)
 ORDER BY s.number LIMIT %(limit)s
"""

NEWEST = """
SELECT s.number, s.statement, s.signature, s.endorsement
  FROM interop_audit_seal s ORDER BY s.number DESC LIMIT 1
"""

SEALS_FROM = """
SELECT s.number, s.statement, s.signature, s.endorsement
  FROM interop_audit_seal s WHERE s.number > %(after)s ORDER BY s.number LIMIT %(limit)s
"""

#: The statements with these numbers.
STATEMENTS = "SELECT number, statement FROM interop_audit_seal WHERE number = ANY(%s)"

DONE = """
UPDATE interop_audit_anchor
   SET last_number = greatest(last_number, %(number)s), lines = lines + %(lines)s, failure = NULL,
       failing_since = NULL, last_at = timezone('utc', clock_timestamp()),
       tried_at = timezone('utc', clock_timestamp())
 WHERE target = %(target)s AND place = %(place)s
"""

FAILED = """
UPDATE interop_audit_anchor
   SET failure = %(failure)s, tried_at = timezone('utc', clock_timestamp()),
       failing_since = coalesce(failing_since, timezone('utc', clock_timestamp()))
 WHERE target = %(target)s AND place = %(place)s
"""

#: Is the time over that lies between two anchors by this place?
IS_TIME = """
SELECT last_at IS NULL
       OR last_at + every_minutes * interval '1 minute' <= timezone('utc', clock_timestamp())
  FROM interop_audit_anchor WHERE target = %(target)s AND place = %(place)s
"""

#: Seconds since the oldest seal was made that the place has not got; NULL if it has all.
BEHIND = """
SELECT a.last_number, count(s.number),
       extract(epoch FROM clock_timestamp() - min(s.sealed_at))::float8
  FROM interop_audit_anchor a LEFT JOIN interop_audit_seal s ON s.number > a.last_number
 WHERE a.target = %(target)s AND a.place = %(place)s
 GROUP BY a.last_number
"""

#: What differed stays so until a person has looked at it.
CHECKED = """
UPDATE interop_audit_anchor
   SET checked_at = timezone('utc', clock_timestamp()),
       check_sentence = CASE WHEN %(failed)s OR check_failed IS NOT TRUE
                             THEN %(sentence)s ELSE check_sentence END,
       check_failed = coalesce(check_failed, false) OR %(failed)s
 WHERE target = %(target)s AND place = %(place)s
"""

# -- alarms -------------------------------------------------------------------------------------

#: One open alarm per code, whoever raises it at the same time. `xmax` is 0 in a row that is new.
RAISE = """
INSERT INTO interop_audit_alarm (code, sentence, facts, since, last_seen, times)
VALUES (%(code)s, %(sentence)s, %(facts)s, timezone('utc', clock_timestamp()),
        timezone('utc', clock_timestamp()), 1)
    ON CONFLICT (code) WHERE ended IS NULL
    DO UPDATE SET sentence = excluded.sentence, facts = excluded.facts,
                  last_seen = excluded.last_seen, times = interop_audit_alarm.times + 1
RETURNING id, xmax = 0 AS fresh
"""

IS_OPEN = "SELECT EXISTS (SELECT FROM interop_audit_alarm WHERE code = %s AND ended IS NULL)"

CLEAR = """
UPDATE interop_audit_alarm SET ended = timezone('utc', clock_timestamp())
 WHERE code = %s AND ended IS NULL RETURNING id
"""
