"""All SQL of sealed content, in one place. That of secrets is in ``sql_secret.py``."""

CREATE = """
CREATE TABLE interop_vault_content (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uuid uuid NOT NULL,
    kind text NOT NULL,
    generation int NOT NULL,
    key_id text NOT NULL,
    retention_class text NOT NULL,
    period text NOT NULL,
    wrapped_key bytea,
    sealed bytea,
    digest text NOT NULL,
    clear_size bigint NOT NULL,
    sealed_size bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT interop_vault_content_place UNIQUE (uuid, kind, generation)
);
COMMENT ON TABLE interop_vault_content IS 'Sealed content of messages and interchanges';
-- Ciphertext does not compress: do not let PostgreSQL try.
ALTER TABLE interop_vault_content ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE INDEX interop_vault_content_key ON interop_vault_content (key_id)
 WHERE wrapped_key IS NOT NULL;
CREATE INDEX interop_vault_content_retention ON interop_vault_content (retention_class, period)
 WHERE wrapped_key IS NOT NULL;
"""

EXISTS = "SELECT to_regclass('interop_vault_content') IS NOT NULL"

DROP = "DROP TABLE IF EXISTS interop_vault_content"

#: Newest generation of each (uuid, kind) asked for.
GENERATIONS = """
SELECT c.uuid::text, c.kind, max(c.generation)
  FROM interop_vault_content c
  JOIN unnest(%s::uuid[], %s::text[]) AS wanted (uuid, kind)
    ON wanted.uuid = c.uuid AND wanted.kind = c.kind
 GROUP BY c.uuid, c.kind
"""

#: In binary format, see ``lib/rows.py``. Against an INSERT of arrays it takes 60 % of the time for
#: 100 pieces of 4 KB, and stores a piece of 25 MB without a statement of 50 MB.
COPY = """
COPY interop_vault_content
     (uuid, kind, generation, key_id, retention_class, period, wrapped_key, sealed, digest,
      clear_size, sealed_size)
FROM STDIN (FORMAT binary)
"""

#: The newest generation of each (uuid, kind) asked for, with its bytes unless they are many.
OPEN = """
SELECT DISTINCT ON (c.uuid, c.kind)
       c.id, c.uuid::text, c.kind, c.generation, c.key_id, c.wrapped_key,
       CASE WHEN c.sealed_size <= w.inline THEN c.sealed END, c.digest, c.clear_size, c.sealed_size
  FROM (SELECT unnest(%s::uuid[]) AS uuid, unnest(%s::text[]) AS kind, %s AS inline) AS w
  JOIN interop_vault_content c ON c.uuid = w.uuid AND c.kind = w.kind
 ORDER BY c.uuid, c.kind, c.generation DESC
"""

#: Stored uncompressed (EXTERNAL), so that PostgreSQL reads only the part that is asked for.
PIECE = "SELECT substring(sealed FROM %s FOR %s) FROM interop_vault_content WHERE id = %s"

#: Is there content that can still be opened?
HAS = """
SELECT wrapped_key IS NOT NULL FROM interop_vault_content
 WHERE uuid = %s AND kind = %s ORDER BY generation DESC LIMIT 1
"""

#: Without its wrapped key the content does not open. The row's old form is a dead row until vacuum
#: takes it, and stands in backups: those are what destroying the period's key is for. Digest stays.
SHRED = """
UPDATE interop_vault_content SET wrapped_key = NULL, sealed = NULL
 WHERE uuid = ANY(%s::uuid[]) AND wrapped_key IS NOT NULL
RETURNING uuid::text, retention_class, period, sealed_size
"""

#: Does anything live that was sealed under this class in this month? From the partial index.
LIVES = """
SELECT EXISTS (SELECT FROM interop_vault_content
                WHERE retention_class = %s AND period = %s AND wrapped_key IS NOT NULL)
"""

HOLDS_CLASS = """
SELECT EXISTS (SELECT FROM interop_vault_content WHERE retention_class = %s)
"""

# -- tokens that must come back --------------------------------------------------------------------

#: `scope` is a digest of a key, so the table does not tell whose token it is; `person` is the blind
#: index of the value, by which a privacy request finds it whoever has the token.
TOKEN_CREATE = """
CREATE TABLE IF NOT EXISTS interop_vault_token (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uuid uuid NOT NULL,
    scope text NOT NULL,
    token text NOT NULL,
    person text NOT NULL,
    company_id int,
    key_id text NOT NULL,
    wrapped_key bytea NOT NULL,
    sealed bytea NOT NULL,
    digest text NOT NULL,
    clear_size bigint NOT NULL,
    created_on date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
    used_on date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
    CONSTRAINT interop_vault_token_place UNIQUE (scope, token)
);
COMMENT ON TABLE interop_vault_token IS 'Sealed values that left as tokens and are to come back';
CREATE INDEX IF NOT EXISTS interop_vault_token_person ON interop_vault_token (person);
CREATE INDEX IF NOT EXISTS interop_vault_token_key ON interop_vault_token (key_id);
CREATE INDEX IF NOT EXISTS interop_vault_token_used ON interop_vault_token (used_on)
"""

TOKEN_DROP = "DROP TABLE IF EXISTS interop_vault_token"

#: Also says that they are still in use, at most once a day.
TOKEN_KNOWN = """
WITH wanted AS (SELECT unnest(%s::text[]) AS scope, unnest(%s::text[]) AS token),
     found AS (SELECT t.id, t.scope, t.token, t.person, t.used_on
                 FROM wanted w JOIN interop_vault_token t USING (scope, token)),
     used AS (UPDATE interop_vault_token t SET used_on = (now() AT TIME ZONE 'UTC')::date
                FROM found f
               WHERE t.id = f.id AND f.used_on < (now() AT TIME ZONE 'UTC')::date)
SELECT scope, token, person FROM found
"""

#: Another lane may keep the same token at the same moment: under REPEATABLE READ that is a
#: serialization failure, and the whole is tried again.
TOKEN_KEEP = """
INSERT INTO interop_vault_token
       (uuid, scope, token, person, company_id, key_id, wrapped_key, sealed, digest, clear_size)
SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::int[], %s::text[],
                     %s::bytea[], %s::bytea[], %s::text[], %s::bigint[])
    ON CONFLICT (scope, token) DO NOTHING
"""

TOKEN_RESOLVE = """
SELECT uuid::text, token, key_id, wrapped_key, sealed, digest, clear_size
  FROM interop_vault_token WHERE scope = %s AND token = ANY (%s)
"""

_OF_PERSONS = """
 WHERE person = ANY (%(persons)s)
   AND (%(companies)s::int[] IS NULL OR company_id IS NULL
        OR company_id = ANY (%(companies)s::int[]))
"""

TOKEN_COUNT = f"""
SELECT count(*), min(created_on), max(used_on) FROM interop_vault_token {_OF_PERSONS}
"""

TOKEN_FORGET = f"DELETE FROM interop_vault_token {_OF_PERSONS} RETURNING uuid::text"

TOKEN_EXPIRE = """
DELETE FROM interop_vault_token WHERE id = ANY (ARRAY (
    SELECT id FROM interop_vault_token
     WHERE used_on < (now() AT TIME ZONE 'UTC')::date - %s ORDER BY used_on LIMIT %s))
"""
