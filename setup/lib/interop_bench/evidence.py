"""What evidence costs: sealing the trail, checking it, and what sealing takes from the drain."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from .agent import Agent
from .figures import Goal, median, rounds
from .measures import Bench, Figures, measure

#: Entries of a transaction: about what a settling lane writes at once.
_TOGETHER = 100
_SEAL_EVERY = 1.0
_WORKERS = 2
#: Drains with and without sealing in each round: what one drain differs from the next is more than
#: what sealing takes.
_PAIRS = 3

# As the engine writes them: most are of messages, with their digests and small facts.
_WRITE = """
DO $$ BEGIN
FOR i IN 1 .. {transactions} LOOP
    INSERT INTO interop_audit_entry (act, outcome, actor_kind, company_id, area_id, res_model,
                                     res_id, subject, digest, version_digest, details)
    SELECT 'message.sent', 'ok', 'worker', 1, 1, 'interop.message', i * {together} + n,
           gen_random_uuid(), encode(sha256(n::text::bytea), 'hex'),
           encode(sha256(i::text::bytea), 'hex'),
           '{{"attempts":1,"connector":"nmc","status":"202"}}'
      FROM generate_series(1, {together}) n;
    COMMIT;
END LOOP;
END $$
"""


@measure("audit_seal_rate", "Sealing the trail, entries a second", "/s", Goal(40_000, 80_000))
@measure(
    "audit_verify_1m_s",
    "Verifying 1,000,000 entries in the database",
    "s",
    Goal(30, 12, lower=True),
)
def trail(bench: Bench) -> Figures:
    """Entries are written, sealed by one process, and all that is there is verified."""
    ours, sizes = bench.ours, bench.sizes
    share = sizes.trail // sizes.rounds
    rates: list[float] = []
    taken: list[float] = []
    checked: list[int] = []
    ours.agent.call("seal")  # what was there before is not counted
    for _round in range(sizes.rounds):
        transactions = share // _TOGETHER
        bench.house.rows(
            ours.database, _WRITE.format(transactions=transactions, together=_TOGETHER)
        )
        bench.house.tidy(ours.database)
        found = ours.agent.call("seal")
        rates.append(found["entries"] / found["seconds"])
    for _round in range(sizes.rounds):
        found = ours.agent.call("verify_trail")
        checked.append(found["entries"])
        taken.append(found["seconds"] * 1_000_000 / found["entries"])
    raw = {"entries_per_second": rounds(rates), "entries_per_round": share}
    verified = {"seconds_per_million": rounds(taken), "entries": checked}
    return {
        "audit_seal_rate": (median(rates), raw),
        "audit_verify_1m_s": (median(taken), verified),
    }


@measure("audit_drag", "What sealing takes from the drain", "", Goal(0.06, 0.02, lower=True))
def drag(bench: Bench) -> Figures:
    """Sealing once a second, sixty times as often as it is set, in a process of its own, beside two
    workers that drain; against nobody sealing: pairs of drains, each in turn the first."""
    ours, size = bench.ours, bench.sizes.fast
    rates: dict[str, list[float]] = {"alone": [], "sealing": []}
    seals: list[int] = []
    ours.agent.call("seal")
    for turn in range(_PAIRS * bench.sizes.rounds):
        for way in ("alone", "sealing") if turn % 2 else ("sealing", "alone"):
            made: list[int] = []
            with ExitStack() as stack:
                stack.enter_context(ours.working(_WORKERS))
                if way == "sealing":
                    sealer = stack.enter_context(bench.house.agent(ours.database))
                    stack.enter_context(_sealing(sealer, made))
                rates[way].append(ours.drain(ours.documents, size).rate)
            if way == "sealing":
                seals.append(sum(made))
            else:
                ours.agent.call("seal")
    shares = [
        1 - sealing / alone for sealing, alone in zip(rates["sealing"], rates["alone"], strict=True)
    ]
    raw = {
        "drag": rounds(shares),
        "alone_per_second": rounds(rates["alone"]),
        "sealing_per_second": rounds(rates["sealing"]),
        "entries_sealed_meanwhile": seals,
        "messages": size,
        "processes": f"{_WORKERS} dedicated workers",
        "sealed_every_seconds": _SEAL_EVERY,
    }
    return {"audit_drag": (median(shares), raw)}


@contextmanager
def _sealing(sealer: Agent, made: list[int]) -> Iterator[None]:
    """Seal again and again in the meantime; note how many entries each time."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(_SEAL_EVERY):
            made.append(sealer.call("seal")["entries"])

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
