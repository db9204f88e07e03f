"""How long a claim takes, with nothing and with very much in the table."""

import time
from statistics import median

import psycopg2

from odoo import sql_db
from odoo.tools import SQL

from odoo.addons.interop_queue.engine.claim import Floors, Wanted, claim

from .commands import command, transaction
from .enqueue import emit

BATCH = 200
CLAIMS = 12
WARMING = 2
# What a round of claims uses up, and some more.
READY = BATCH * (CLAIMS + WARMING + 4)
CHURN = 100
FUTURE_SHARE, ONE_CHAIN_SHARE = 0.25, 0.5
CHAIN_LENGTH = 10


@command
def copy_messages(registry, company_id, count, **values):
    """Rows like the newest message of a company, but for `values` and what must differ."""
    with transaction(registry) as env:
        env.cr.execute("SELECT max(id) FROM interop_message WHERE company_id = %s", [company_id])
        [source] = env.cr.fetchone()
        _copy(env.cr, source, count, {name: SQL("%s", value) for name, value in values.items()})


def _copy(cr, source, count, values):
    """`values` are SQL expressions that may use the running number `n`."""
    values = {
        "uuid": SQL("gen_random_uuid()::varchar"),
        "chain": SQL("'copy:' || n || ':' || clock_timestamp()"),
        "business_key": SQL("'copy ' || n"),
    } | values
    cr.execute(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_name = 'interop_message' AND column_name <> 'id'"
    )
    names = [row[0] for row in cr.fetchall()]
    cr.execute(
        SQL(
            "INSERT INTO interop_message (%s) SELECT %s FROM interop_message m, "
            "generate_series(1, %s) AS n WHERE m.id = %s ORDER BY n",
            SQL(", ").join(map(SQL.identifier, names)),
            SQL(", ").join(values.get(name, SQL.identifier("m", name)) for name in names),
            count,
            source,
        )
    )


@command
def measure_claims(registry, body, company_id, finished, waiting, rounds):
    """Milliseconds of the engine's own claim of 200: one median per round and state of the table.

    Autovacuum is off, so that statistics stay as old as they are said to be.
    """
    with transaction(registry) as env:
        env.cr.execute("DELETE FROM interop_message")
        emit(env, body, 1, 1, company_id)
        env.cr.execute("SELECT max(id) FROM interop_message")
        [source] = env.cr.fetchone()
        env.cr.execute("UPDATE interop_message SET state = 'cancelled'")
        env.cr.execute("ALTER TABLE interop_message SET (autovacuum_enabled = off)")
    _vacuum(registry)
    times = {"empty": [], "stale": [], "fresh": [], "snapshot": []}
    for _round in range(rounds):
        _ready(registry, source, READY)
        _outside(registry, "ANALYZE interop_message")
        times["empty"].append(_time(registry))
        _finish_all(registry)
    _outside(registry, "DELETE FROM interop_message WHERE state <> 'cancelled'")
    _vacuum(registry)  # the statistics now tell of an all but empty table
    _fill(registry, source, finished, waiting)
    for _round in range(rounds):
        _ready(registry, source, READY)
        times["stale"].append(_time(registry))
    for _round in range(rounds):
        _ready(registry, source, READY)
        _outside(registry, "ANALYZE interop_message")
        times["fresh"].append(_time(registry))
    with _snapshot_held(registry):
        _ready(registry, source, BATCH * CHURN)
        floors = Floors()
        for _each in range(CHURN):
            _claim_once(registry, floors)
        for _round in range(rounds):
            _ready(registry, source, READY)
            times["snapshot"].append(_time(registry, floors))
    return times


def _fill(registry, source, finished, waiting):
    """Finished history, one long chain, the future, and many chains of ten."""
    in_chain, in_future = int(waiting * ONE_CHAIN_SHARE), int(waiting * FUTURE_SHARE)
    later = SQL("timezone('utc', clock_timestamp()) + make_interval(days => 1, secs => n)")
    parked = {"state": SQL("'waiting'"), "parked": SQL("TRUE")}
    chains = (waiting - in_chain - in_future) // CHAIN_LENGTH
    with transaction(registry) as env:
        cr = env.cr
        _copy(cr, source, finished, {"state": SQL("'done'")})
        # Heads of the chains; a dead one holds its chain until a person decides.
        _copy(cr, source, 1, {"state": SQL("'dead'"), "chain": SQL("'long'")})
        _copy(cr, source, in_chain, parked | {"chain": SQL("'long'")})
        _copy(cr, source, in_future, {"state": SQL("'waiting'"), "run_at": later})
        each = {"chain": SQL("'chain ' || n %% %s", max(chains, 1))}
        _copy(cr, source, chains, {"state": SQL("'dead'")} | each)
        _copy(cr, source, waiting - in_chain - in_future, parked | each)


def _ready(registry, source, count):
    with transaction(registry) as env:
        env.cr.execute("UPDATE interop_message SET state = 'done' WHERE state = 'ready'")
        _copy(env.cr, source, count, {"state": SQL("'ready'"), "created_at": SQL("now()")})


def _time(registry, floors=None):
    floors = floors or Floors()
    taken = [_claim_once(registry, floors) for _each in range(WARMING + CLAIMS)]
    return median(taken[WARMING:])


def _claim_once(registry, floors):
    """Milliseconds of one claim; what it took is finished afterwards, as a lane would."""
    wanted = Wanted("out", "test", BATCH, 180.0)
    started = time.monotonic()
    claimed = claim(registry, "bench", wanted, floors)
    seconds = time.monotonic() - started
    if len(claimed) != BATCH:
        raise RuntimeError(f"{len(claimed)} messages were claimed instead of {BATCH}")
    _finish_all(registry)
    return seconds * 1000


def _finish_all(registry):
    with transaction(registry) as env:
        env.cr.execute(
            "UPDATE interop_message SET state = 'done', lease_token = NULL, lease_until = NULL "
            "WHERE state = 'running'"
        )
        env.cr.execute("UPDATE interop_connector_runtime SET in_flight = 0")


def _connect(registry):
    _, info = sql_db.connection_info_for(registry.db_name)
    return psycopg2.connect(**info)


def _outside(registry, statement):
    """VACUUM and the like cannot run inside a transaction."""
    connection = _connect(registry)
    try:
        connection.autocommit = True
        with connection.cursor() as cr:
            cr.execute(statement)
    finally:
        connection.close()


def _vacuum(registry):
    _outside(registry, "VACUUM ANALYZE interop_message")


class _snapshot_held:
    """A transaction elsewhere that looked once and was left open, as reports and dumps are."""

    def __init__(self, registry):
        self._connection = _connect(registry)

    def __enter__(self):
        self._connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with self._connection.cursor() as cr:
            cr.execute("SELECT count(*) FROM res_company")

    def __exit__(self, *exc):
        self._connection.close()
