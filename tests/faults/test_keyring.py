"""The keyring goes away, and is rotated, under load; whoever re-wraps is killed in the middle."""

from __future__ import annotations

import random
import signal

from farm import until


def load(farm, code, count, think=0.02):
    farm.flow(f"{code}-chain", f"?think={think}")
    farm.flow(f"{code}-loose", f"?think={think}", order_by="none")
    farm.emit(f"{code}-chain", [(f"{code}-{n % 10}", n // 10) for n in range(count)])
    farm.emit(f"{code}-loose", [(f"{code}-free-{n}", 0) for n in range(count)])


def test_a_keyring_that_is_away_for_a_while_costs_nothing_but_time(farm, size):
    keyring = farm.nursery.keyring
    away = keyring.with_suffix(".away")
    load(farm, "away", size.of(100, 500))
    for _number in range(2):
        # Outcomes wait for the key; who waits longer than a lease sends once more.
        farm.worker(slots=8, lease=60)
    for absence in range(size.of(2, 10)):
        done = farm.states()["done"]
        until(lambda done=done: farm.states()["done"] > done, "some progress")
        if farm.states()["done"] > len(farm.accepted) * 0.7:
            load(farm, f"away-{absence}", size.of(100, 500))
        before = [worker.log.count("stand still") for worker in farm.workers]
        keyring.rename(away)
        try:
            until(
                lambda before=before: all(
                    worker.log.count("stand still") > count
                    for worker, count in zip(farm.workers, before, strict=True)
                ),
                "lanes that stand still",
                30,
            )
            until(lambda: _shown(farm), "the reason in the list of lanes", 20)
            assert not farm.states()["dead"]
        finally:
            away.rename(keyring)
    farm.settled()
    assert not [worker for worker in farm.workers if worker.ended.is_set()]
    farm.retire()
    farm.check()
    assert farm.states() == {"done": len(farm.accepted)}
    [(attempts, losses)] = farm.rows(
        "SELECT max(attempts), max(losses) FROM interop_message WHERE uuid = ANY (%s)",
        farm.accepted,
    )
    assert (attempts, losses) == (1, 0), "nobody paid for it with an attempt"


def test_rotation_under_load_with_rewrap_killed_in_the_middle_loses_nothing(farm, size, seed):
    chance = random.Random(seed)
    load(farm, "rotate", size.of(80, 300))
    for _number in range(2):
        farm.worker(slots=8)
    [(current,)] = farm.rows("SELECT split_part(min(key_id), '/', 1) FROM interop_vault_content")
    killed = 0
    for round_ in range(size.of(2, 6)):
        if farm.states()["done"] > len(farm.accepted) * 0.7:
            load(farm, f"rotate-{round_}", size.of(80, 300))
        old, current = current, farm.nursery.run("rotate")
        refused = farm.nursery.start("retire_key", version=old)
        assert refused.wait() == 1 and f"{old} is in use" in refused.log, refused.tail()
        for _attempt in range(size.of(5, 20)):
            child = farm.nursery.start("rewrap")
            until(lambda c=child: c.ended.is_set() or "re-wrapped" in c.log, "a first batch", 60)
            child.ended.wait(chance.uniform(0, 0.05))
            child.signal(signal.SIGKILL)
            if child.wait() == 0:  # it was quicker than the signal
                break
            assert child.code == -signal.SIGKILL, child.tail()
            killed += bool(_under(farm, old))
        assert farm.nursery.run("rewrap", batch=500)["failed"] == 0
        until(lambda old=old: _none_under(farm, old), "everything under the current version", 60)
        farm.nursery.run("retire_key", version=old)
    assert killed >= size.of(1, 12), "too few were killed in the middle"
    farm.settled()
    assert not [worker for worker in farm.workers if worker.ended.is_set()]
    farm.retire()
    farm.check(seed=seed)
    assert farm.states() == {"done": len(farm.accepted)}
    [(living,)] = farm.rows(
        "SELECT count(DISTINCT (uuid, kind)) FROM interop_vault_content "
        "WHERE wrapped_key IS NOT NULL"
    )
    assert farm.nursery.run("open_all") == living > 0


def _shown(farm):
    return farm.rows(
        "SELECT 1 FROM interop_lane WHERE last_reason LIKE %s", "The keyring file does not exist%"
    )


def _none_under(farm, version: str) -> bool:
    """A lane that was at work during the rotation may have stored a last row under the old one."""
    if not _under(farm, version):
        return True
    farm.nursery.run("rewrap", batch=500)
    return False


def _under(farm, version: str) -> int:
    [(count,)] = farm.rows(
        "SELECT count(*) FROM interop_vault_content "
        "WHERE split_part(key_id, '/', 1) = %s AND wrapped_key IS NOT NULL",
        version,
    )
    return int(count)
