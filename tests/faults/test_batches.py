"""Batches and latest states, while workers are killed and many write at once."""

from __future__ import annotations

import time
from collections import Counter, defaultdict

from farm import until
from receiver import receiving

BATCH = {"mode": "batch", "order_by": "none"}


def _batches(farm, code: str) -> list[tuple]:
    return farm.rows(
        "SELECT b.state, b.member_count, b.document_count, b.delivered_count FROM interop_batch b "
        "JOIN interop_flow f ON f.id = b.flow_id WHERE f.code = %s ORDER BY b.id",
        code,
    )


def _same_bytes_under_one_key(partner) -> None:
    for key, arrival in partner.taken.items():
        assert all(each.body == arrival.body for each in partner.arrivals if each.key == key)


def test_one_bad_document_among_many_stays_behind_and_the_others_leave(farm, size):
    count = size.of(500, 500)
    code = "bad-one"
    with receiving() as partner:
        farm.flow(code, url=partner.url, more=BATCH | {"batch_size": count})
        farm.accepted += farm.nursery.run("emit_some_bad", flow=code, count=count, bad=[217])
        farm.worker()
        states = farm.settled()
        farm.retire()
    assert states == Counter(done=count - 1, dead=1)
    _same_bytes_under_one_key(partner)
    [arrival] = partner.taken.values()
    assert len(arrival.documents) == count - 1
    assert f"{code}-217" not in arrival.numbers
    assert _batches(farm, code) == [("partly", count, count - 1, count - 1)]


def test_the_partner_refuses_one_document_among_many(farm, size):
    count = 500
    code = "refused-one"
    with receiving() as partner:
        partner.refused.add(f"{code}-41")
        farm.flow(code, url=partner.url, more=BATCH | {"batch_size": count})
        farm.emit(code, [(f"{code}-{n}", 0) for n in range(count)], per_transaction=count)
        farm.worker()
        states = farm.settled()
        farm.retire()
    assert states == Counter(done=count - 1, dead=1)
    assert len(partner.taken) == 1
    assert _batches(farm, code) == [("partly", count, count, count - 1)]


def test_several_processes_that_cut_at_once_put_no_document_into_two_batches(farm, size):
    count, code = size.of(400, 4000), "cut-at-once"
    with receiving() as partner:
        farm.flow(code, url=partner.url, more=BATCH | {"batch_size": 10})
        workers = [farm.worker() for _number in range(4)]
        emitters = [
            farm.nursery.start(
                "emit",
                flow=code,
                orders=[(f"{code}-{emitter}-{n}", 0) for n in range(count // 4)],
                per_transaction=7,
            )
            for emitter in range(4)
        ]
        for emitter in emitters:
            farm.accepted += emitter.result()
        # What is left does not fill a batch.
        until(lambda: farm.states()["done"] >= count - 9, "full batches")
        if farm.states()["done"] < count:
            farm.nursery.run("cut_now", flow=code)
        farm.settled()
        assert len(workers) == 4
        farm.retire()
    assert sorted(partner.numbers) == sorted(set(partner.numbers)), "a document left twice"
    assert len(partner.numbers) == count
    assert sum(row[1] for row in _batches(farm, code)) == count
    assert {row[0] for row in _batches(farm, code)} == {"delivered"}


def test_workers_killed_between_the_cut_and_the_end_of_a_batch_send_no_other_bytes_under_its_key(
    farm, size, seed, tmp_path
):
    count, code = size.of(60, 600), "kill-batch"
    notes = tmp_path / "killed"
    notes.touch()
    with receiving() as partner:
        farm.flow(code, url=partner.url, more=BATCH | {"batch_size": 20})
        farm.emit(code, [(f"{code}-{n}", 0) for n in range(count)], per_transaction=count)
        # Each loses every batch once; a fifth would make dead letters of them.
        for point in ("after claim", "after prepare", "after send", "before settle"):
            worker = farm.worker(point=point, probability=1.0, seed=seed, notes=str(notes))
            worker.wait(60)
        assert len(notes.read_text().splitlines()) == 4
        farm.worker()
        farm.settled(held=True)
        while farm.nursery.run("redrive"):
            time.sleep(1.5)  # what never left is gathered again
            if farm.rows("SELECT 1 FROM interop_message WHERE held = 'batch'"):
                farm.nursery.run("cut_now", flow=code)
            farm.settled(held=True)
        farm.retire()
    _same_bytes_under_one_key(partner)
    assert sorted(partner.numbers) == sorted(set(partner.numbers)), "two keys for one document"
    assert len(partner.numbers) == count
    assert {row[0] for row in _batches(farm, code)} <= {"delivered", "partly"}


def test_a_batch_that_awaits_its_release_survives_its_workers_and_leaves_once(farm, size, tmp_path):
    count, code = size.of(50, 500), "release"
    notes = tmp_path / "killed"
    notes.touch()
    with receiving() as partner:
        farm.flow(code, url=partner.url, more=BATCH | {"batch_size": count, "batch_release": True})
        farm.emit(code, [(f"{code}-{n}", 0) for n in range(count)], per_transaction=count)
        killed = farm.worker(point="after prepare", probability=1.0, seed="1", notes=str(notes))
        killed.wait(60)
        worker = farm.worker()
        until(lambda: [row[0] for row in _batches(farm, code)] == ["awaiting_release"], "a batch")
        time.sleep(2)
        assert partner.arrivals == [], "it left before its release"
        assert farm.nursery.run("release", flow=code) == 1
        farm.settled()
        assert not worker.ended.is_set()
        farm.retire()
    assert len(partner.arrivals) == 1
    assert len(partner.numbers) == count
    assert _batches(farm, code) == [("delivered", count, count, count)]


def test_the_last_state_of_each_record_arrives_and_no_older_one_after_a_newer(
    farm, size, seed, tmp_path
):
    """Many write, workers are killed at every point of the way, and updates become one."""
    code = "latest"
    ids = farm.nursery.run("make_masters", count=size.of(5, 20))
    notes = tmp_path / "killed"
    notes.touch()
    points = (
        "after claim", "after prepare", "before send", "after send", "before settle",
        "after settle", "before a commit", "after a commit",
    )  # fmt: skip
    with receiving(think=0.02) as partner:
        farm.flow(
            code, url=partner.url, attempts=100, more={"coalesce": True, "order_by": "record"}
        )
        writers = [
            farm.nursery.start(
                "change_masters",
                flow=code,
                ids=ids,
                times=size.of(60, 1500),
                seed=f"{seed}:{writer}",
            )
            for writer in range(4)
        ]
        number = slow = 0
        farm.worker()
        while not all(writer.ended.is_set() for writer in writers) or number < len(points):
            point = points[number % len(points)]
            chance = 0.02 if "commit" in point else 0.2
            worker = farm.worker(
                point=point, probability=chance, seed=f"{seed}:w{number}", notes=str(notes)
            )
            number += 1
            if not worker.ended.wait(8):
                worker.signal(9)  # on a busy machine it may not have come to its point
                slow += 1
            worker.wait()
        for writer in writers:
            writer.result()
        assert notes.read_text() or slow == number, "nobody was killed"
        farm.accepted += [
            row[0]
            for row in farm.rows(
                "SELECT m.uuid FROM interop_message m JOIN interop_flow f ON f.id = m.flow_id "
                "WHERE f.code = %s",
                code,
            )
        ]
        farm.settled(held=True)
        while farm.nursery.run("redrive"):
            farm.settled(held=True)
        farm.retire()
        final = farm.nursery.run("masters", ids=ids)
    told = f"\nTo see it again: INTEROP_FAULTS_SEED={seed}"
    assert len(farm.accepted) == size.of(60, 1500) * 4, told
    assert farm.states() == Counter(done=len(farm.accepted)), told
    seen = defaultdict(list)
    for arrival in partner.arrivals:
        [document] = arrival.documents
        seen[document["number"]].append(document["lines"][0]["quantity"])
    for name, quantity in final:
        assert seen[name] == sorted(seen[name]), f"{name}: an older state came later" + told
        assert seen[name][-1] == quantity, f"{name}: the last state did not arrive" + told
    [(stood,)] = farm.rows(
        "SELECT count(*) FROM interop_message "
        "WHERE coalesced_into_id IS NOT NULL AND uuid = ANY (%s)",
        farm.accepted,
    )
    assert stood > len(farm.accepted) / 10, f"only {stood} became part of another"
