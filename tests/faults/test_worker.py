"""What the command of a dedicated worker promises beside its work."""

from __future__ import annotations

import signal

from farm import until


def test_a_worker_for_one_connector_leaves_the_others_alone_and_ends_when_it_has_nothing_left(farm):
    farm.flow("mine", "?think=0.01")
    farm.flow("theirs", "?think=0.01")
    mine = farm.emit("mine", [(f"mine-{n}", 0) for n in range(30)])
    theirs = farm.emit("theirs", [(f"theirs-{n}", 0) for n in range(30)])
    special = farm.worker("special", lease=30, arguments=["--connectors", "mine, nobody", "--once"])
    assert special.wait() == 0, special.tail()
    assert farm.states(mine) == {"done": 30}
    assert farm.states(theirs) == {"ready": 30}
    assert "there is no connector nobody" in special.log
    rest = farm.worker("rest", lease=30, arguments=["--once"])
    assert rest.wait() == 0, rest.tail()
    assert farm.states() == {"done": 60}
    farm.check()


def test_a_worker_waits_while_modules_change_and_goes_on_afterwards(farm):
    farm.flow("pause", "?think=0.01")
    farm.emit("pause", [("pause-before", 0)])
    worker = farm.worker("patient")
    farm.settled()
    [(module,)] = farm.rows("SELECT min(id) FROM ir_module_module WHERE state = 'installed'")
    farm.rows("UPDATE ir_module_module SET state = 'to upgrade' WHERE id = %s", module)
    try:
        until(lambda: "Modules are being installed" in worker.log, "a pause", 20)
        waiting = farm.emit("pause", [(f"pause-{n}", 0) for n in range(5)])
        until(lambda: _pause_shown(farm), "the pause in the list of lanes", 20)
        assert farm.states(waiting) == {"ready": 5}
    finally:
        farm.rows("UPDATE ir_module_module SET state = 'installed' WHERE id = %s", module)
    farm.settled()
    assert "goes on" in worker.log
    farm.retire()
    farm.check()


def test_a_worker_follows_a_registry_that_has_changed(farm):
    farm.flow("registry", "?think=0.01")
    worker = farm.worker("follower")
    farm.emit("registry", [("registry-before", 0)])
    farm.settled()
    farm.nursery.run("change_registry")
    farm.emit("registry", [(f"registry-{n}", 0) for n in range(5)])
    farm.settled()
    until(lambda: "Reloading the model registry" in worker.log, "a new registry", 20)
    farm.retire()
    farm.check()


def test_a_worker_that_is_ended_before_it_has_begun_ends_well(farm):
    worker = farm.worker("early")
    worker.signal(signal.SIGTERM)
    assert worker.wait(60) in (0, -signal.SIGTERM), worker.tail()


def _pause_shown(farm):
    return farm.rows(
        "SELECT 1 FROM interop_lane WHERE name = 'patient' AND last_reason LIKE %s", "Modules%"
    )
