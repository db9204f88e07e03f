"""All SQL of secrets and tokens: sealed columns beside the ORM's, and two tables it does not know.

So no read, export, search or log of the ORM can reach them. The tables have what the keyring's
maintenance asks for: an ``id``, ``key_id`` and ``wrapped_key``, and what the key was wrapped for.
"""

CREATE = """
ALTER TABLE interop_vault_secret
  ADD COLUMN IF NOT EXISTS sealed_generation int,
  ADD COLUMN IF NOT EXISTS sealed_key_id text,
  ADD COLUMN IF NOT EXISTS sealed_wrapped_key bytea,
  ADD COLUMN IF NOT EXISTS sealed_value bytea,
  ADD COLUMN IF NOT EXISTS sealed_digest text,
  ADD COLUMN IF NOT EXISTS sealed_size int;
-- The value before the present one while both are valid, and one that was entered and waits to be
-- put into use.
CREATE TABLE IF NOT EXISTS interop_vault_secret_value (
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    uuid text NOT NULL,
    secret_id int NOT NULL REFERENCES interop_vault_secret ON DELETE CASCADE,
    slot text NOT NULL CHECK (slot IN ('previous', 'next')),
    generation int NOT NULL,
    key_id text NOT NULL,
    wrapped_key bytea NOT NULL,
    sealed bytea NOT NULL,
    digest text NOT NULL,
    size int NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (secret_id, slot)
);
-- Access tokens that were granted for a secret. A lease says which process asks for the next one.
CREATE TABLE IF NOT EXISTS interop_vault_access_token (
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    uuid text NOT NULL,
    secret_id int PRIMARY KEY REFERENCES interop_vault_secret ON DELETE CASCADE,
    generation int NOT NULL DEFAULT 0,
    key_id text,
    wrapped_key bytea,
    sealed bytea,
    digest text,
    size int,
    granted_at timestamptz,
    refresh_at timestamptz,
    expires_at timestamptz,
    lease uuid,
    leased_until timestamptz
);
"""

DROP = """
DROP TABLE IF EXISTS interop_vault_access_token;
DROP TABLE IF EXISTS interop_vault_secret_value;
"""

HAS = "SELECT id FROM interop_vault_secret WHERE id = ANY(%s) AND sealed_value IS NOT NULL"

#: The next generation, and a lock: two people who enter values at once do so one after the other.
NEXT_GENERATION = """
SELECT greatest(s.sealed_generation, v.generation, 0) + 1
  FROM interop_vault_secret s
  LEFT JOIN interop_vault_secret_value v ON v.secret_id = s.id AND v.slot = 'next'
 WHERE s.id = %s FOR NO KEY UPDATE OF s
"""

STORE = """
UPDATE interop_vault_secret
   SET sealed_generation = %s, sealed_key_id = %s, sealed_wrapped_key = %s, sealed_value = %s,
       sealed_digest = %s, sealed_size = %s
 WHERE id = %s
"""

FORGET = """
UPDATE interop_vault_secret
   SET sealed_key_id = NULL, sealed_wrapped_key = NULL, sealed_value = NULL, sealed_digest = NULL,
       sealed_size = NULL
 WHERE id = ANY(%s) AND sealed_value IS NOT NULL
"""

OPEN = """
SELECT sealed_generation, sealed_key_id, sealed_wrapped_key, sealed_value, sealed_digest,
       sealed_size
  FROM interop_vault_secret WHERE id = %s AND sealed_value IS NOT NULL
"""

# -- two valid at once -----------------------------------------------------------------------------

STORE_NEXT = """
INSERT INTO interop_vault_secret_value
       (generation, key_id, wrapped_key, sealed, digest, size, uuid, secret_id, slot)
SELECT %s, %s, %s, %s, %s, %s, uuid, id, 'next' FROM interop_vault_secret WHERE id = %s
ON CONFLICT (secret_id, slot) DO UPDATE
   SET generation = excluded.generation, key_id = excluded.key_id,
       wrapped_key = excluded.wrapped_key, sealed = excluded.sealed, digest = excluded.digest,
       size = excluded.size, created_at = clock_timestamp()
"""

OPEN_NEXT = """
SELECT v.generation, v.key_id, v.wrapped_key, v.sealed, v.digest, v.size
  FROM interop_vault_secret_value v
  JOIN interop_vault_secret s ON s.id = v.secret_id
 WHERE v.secret_id = %s AND v.slot = 'next' AND v.generation = %s FOR NO KEY UPDATE OF s
"""

#: By the database's clock. An overlap that has ended opens nothing, cleaned up or not.
OPEN_PREVIOUS = """
SELECT v.generation, v.key_id, v.wrapped_key, v.sealed, v.digest, v.size
  FROM interop_vault_secret_value v
  JOIN interop_vault_secret s ON s.id = v.secret_id
 WHERE v.secret_id = %s AND v.slot = 'previous'
   AND s.previous_valid_until > clock_timestamp() AT TIME ZONE 'UTC'
"""

#: The present value becomes the previous one, sealed bytes and all: they keep their generation.
KEEP_PREVIOUS = """
INSERT INTO interop_vault_secret_value
       (uuid, secret_id, slot, generation, key_id, wrapped_key, sealed, digest, size)
SELECT uuid, id, 'previous', sealed_generation, sealed_key_id, sealed_wrapped_key, sealed_value,
       sealed_digest, sealed_size
  FROM interop_vault_secret WHERE id = %s AND sealed_value IS NOT NULL
ON CONFLICT (secret_id, slot) DO UPDATE
   SET generation = excluded.generation, key_id = excluded.key_id,
       wrapped_key = excluded.wrapped_key, sealed = excluded.sealed, digest = excluded.digest,
       size = excluded.size, created_at = clock_timestamp()
"""

VALID_UNTIL = """
UPDATE interop_vault_secret
   SET previous_valid_until =
       date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC') + %s * interval '1 hour'
 WHERE id = %s
"""

DROP_SLOTS = "DELETE FROM interop_vault_secret_value WHERE secret_id = ANY(%s) AND slot = ANY(%s)"

#: Overlaps that are over.
ENDED = """
SELECT id FROM interop_vault_secret
 WHERE previous_valid_until <= clock_timestamp() AT TIME ZONE 'UTC'
"""

#: Entered and never put into use.
DROP_STALE = """
DELETE FROM interop_vault_secret_value
 WHERE slot = 'next' AND created_at < clock_timestamp() - interval '1 hour'
"""

# -- uses ------------------------------------------------------------------------------------------

#: Runs on a cursor of its own. SKIP LOCKED: counting a use must never wait for, or fail, a caller.
COUNT = """
UPDATE interop_vault_secret SET use_count = use_count + %s, last_used_at = now() AT TIME ZONE 'UTC'
 WHERE id = (SELECT id FROM interop_vault_secret WHERE id = %s
                FOR NO KEY UPDATE SKIP LOCKED)
"""

COUNT_PREVIOUS = """
UPDATE interop_vault_secret SET previous_use_count = coalesce(previous_use_count, 0) + %s
 WHERE id = (SELECT id FROM interop_vault_secret WHERE id = %s
                FOR NO KEY UPDATE SKIP LOCKED)
"""

# -- access tokens ---------------------------------------------------------------------------------

TOKEN_OPEN = """
SELECT generation, key_id, wrapped_key, sealed, digest, size,
       extract(epoch FROM clock_timestamp() - granted_at)::float8,
       extract(epoch FROM refresh_at - clock_timestamp())::float8,
       extract(epoch FROM expires_at - clock_timestamp())::float8
  FROM interop_vault_access_token
 WHERE secret_id = %s AND sealed IS NOT NULL AND expires_at > clock_timestamp()
"""

#: One process asks for a token, whoever gets this row back. The lease and not a lock says so: no
#: transaction stays open while the token server thinks, and the lease of a process that died ends.
#: Taken only if the token is still the one the caller found wanting (its generation, 0 for none).
TOKEN_LEASE = """
INSERT INTO interop_vault_access_token AS t (uuid, secret_id, lease, leased_until)
SELECT uuid, id, %(lease)s, clock_timestamp() + %(seconds)s * interval '1 second'
  FROM interop_vault_secret WHERE id = %(secret)s
ON CONFLICT (secret_id) DO UPDATE
   SET lease = excluded.lease, leased_until = excluded.leased_until
 WHERE (t.leased_until IS NULL OR t.leased_until < clock_timestamp())
   AND (t.generation = %(generation)s OR t.sealed IS NULL OR t.expires_at <= clock_timestamp())
RETURNING generation
"""

TOKEN_STORE = """
UPDATE interop_vault_access_token
   SET generation = %(generation)s, key_id = %(key_id)s, wrapped_key = %(wrapped_key)s,
       sealed = %(sealed)s, digest = %(digest)s, size = %(size)s, granted_at = clock_timestamp(),
       refresh_at = clock_timestamp() + %(refresh)s * interval '1 second',
       expires_at = clock_timestamp() + %(lifetime)s * interval '1 second',
       lease = NULL, leased_until = NULL
 WHERE secret_id = %(secret)s AND lease = %(lease)s
"""

TOKEN_RELEASE = """
UPDATE interop_vault_access_token SET lease = NULL, leased_until = NULL
 WHERE secret_id = %s AND lease = %s
"""

#: A token that a partner refused is dropped once, by whoever comes first; and not if it is fresh:
#: another one would be refused as well.
TOKEN_REFUSED = """
UPDATE interop_vault_access_token
   SET key_id = NULL, wrapped_key = NULL, sealed = NULL, digest = NULL, size = NULL
 WHERE secret_id = %s AND generation = %s AND sealed IS NOT NULL
   AND granted_at < clock_timestamp() - %s * interval '1 second'
"""

#: The row goes too: who has its lease got a token for what the secret was, and cannot store it.
TOKEN_DROP = "DELETE FROM interop_vault_access_token WHERE secret_id = ANY(%s)"
