"""The bare limit: what one process can do with psycopg2 and requests and nothing around them.

For each message: read the next row with its payload, POST it over a kept `requests.Session`,
update the row to done, commit. One transaction a message; no claim, no lock, no policy, no
sealing, no evidence. With `off` for SYNC the commits do not wait for the disk, which a loop that
commits every message cannot spread over many as a lane does. As a process of its own:

    python -m interop_bench.bare DSN URL COUNT SYNC

It makes its table and rows first, says ``ready``, and begins when a line comes in.
"""

from __future__ import annotations

import sys

import psycopg2
import requests

_TABLE = """
DROP TABLE IF EXISTS interop_bench_bare;
CREATE TABLE interop_bench_bare (id serial PRIMARY KEY, payload text NOT NULL, state text NOT NULL)
"""


def program(dsn: str, url: str, count: int, sync: str) -> None:
    payload = sys.stdin.readline().rstrip("\n")
    connection = psycopg2.connect(dsn, options=f"-c synchronous_commit={sync}")
    with connection, connection.cursor() as cursor:
        cursor.execute(_TABLE)
        cursor.execute(
            "INSERT INTO interop_bench_bare (payload, state) "
            "SELECT %s, 'ready' FROM generate_series(1, %s)",
            [payload, count],
        )
    print("ready", flush=True)
    sys.stdin.readline()
    session = requests.Session()
    headers = {"Content-Type": "application/json"}
    done = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT id, payload FROM interop_bench_bare WHERE id > %s ORDER BY id LIMIT 1",
                [done],
            )
            row = cursor.fetchone()
            if row is None:
                break
            done, text = row
            headers["Idempotency-Key"] = str(done)
            session.post(url, data=text.encode(), headers=headers).raise_for_status()
            cursor.execute("UPDATE interop_bench_bare SET state = 'done' WHERE id = %s", [done])
            connection.commit()
    print("done", flush=True)


if __name__ == "__main__":
    program(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
