"""The SQL of the keyring: what is registered of it, and the tables of wrapped keys.

The statements about tables of wrapped keys are filled with names from the code's own registry
(``lib/wrapped.py``), never with anything a person entered.
"""

from .lib.wrapped import WrappedTable

REGISTERED = "SELECT key_id, fingerprint, destroyed_at IS NOT NULL FROM interop_keyring_key"

#: Another host may register the same id at the same time: then this waits for its commit.
REGISTER = """
INSERT INTO interop_keyring_key (key_id, kind, fingerprint, made_at, made_by, made_on)
SELECT n.key_id, n.kind, n.fingerprint, n.made_at, %(by)s, %(host)s
  FROM unnest(%(key_id)s::text[], %(kind)s::text[], %(fingerprint)s::text[],
              %(made_at)s::timestamp[]) AS n (key_id, kind, fingerprint, made_at)
    ON CONFLICT (key_id) DO NOTHING
RETURNING key_id
"""

DESTROYED = """
UPDATE interop_keyring_key
   SET destroyed_at = clock_timestamp() AT TIME ZONE 'UTC', destroyed_by = %s
 WHERE key_id = ANY(%s) AND destroyed_at IS NULL
RETURNING key_id
"""

EXISTS = "SELECT to_regclass(%s) IS NOT NULL"

#: Lets everybody finish who is sealing, and nobody begin, so that a count is the truth.
LOCK = "LOCK TABLE {table} IN SHARE MODE"
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"

USAGE = """
SELECT {key_id}, count(*) FROM {table} WHERE {wrapped_key} IS NOT NULL GROUP BY {key_id}
"""

#: Rows that are not under the wanted key yet. Who holds one of them is not waited for.
NOT_CURRENT = """
SELECT id, {key_id}, {wrapped_key}, {columns}
  FROM {table}
 WHERE id > %(after)s AND {wrapped_key} IS NOT NULL AND {key_id} <> {wanted}
 ORDER BY id
 LIMIT %(limit)s
   FOR NO KEY UPDATE SKIP LOCKED
"""

REWRAP = """
UPDATE {table} AS t SET {key_id} = n.key_id, {wrapped_key} = n.wrapped_key
  FROM unnest(%s::bigint[], %s::text[], %s::bytea[]) AS n (id, key_id, wrapped_key)
 WHERE t.id = n.id
"""


def filled(statement: str, table: WrappedTable) -> str:
    """A statement with the names of a table of wrapped keys in it."""
    period = [f'"{name}"' for name in table.period or ()]
    return statement.format(
        table=f'"{table.table}"',
        key_id=f'"{table.key_id}"',
        wrapped_key=f'"{table.wrapped_key}"',
        columns=", ".join([*period, *(f'"{name}"::text' for name in table.place)]),
        wanted=f"concat_ws('/', {', '.join(['%(current)s::text', *period])})",
    )
