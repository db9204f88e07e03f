"""An installation that is lost between two backups, for `test_recovery.py`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cluster import FaultServer, OwnCluster
from copying import Copier, as_environment, call
from farm import Farm, Nursery, until
from interop_setup.databases import Databases
from running import World, running_partner

#: The partner says by file what it has, or over HTTP; or it recognises keys.
FILE, HTTP, KEYS = "dr-file", "dr-http", "dr-keys"
WAITING = {FILE: 4, HTTP: 3, KEYS: 3}


@dataclass
class Books:
    """What was where when the database was lost: keys, and what the trail had come to."""

    waited: dict[str, list[str]]
    """By flow: in the backup, and not sent."""
    late: list[str]
    """Those of them that had not left when the database was lost."""
    lost: list[str]
    """Sent, and not in the backup."""
    seals: int
    """Made after the backup."""
    entries: int
    """Of the audit trail, in these seals."""


class Journal:
    """What the partner of a farm has noted."""

    def __init__(self, farm: Farm) -> None:
        self._lines = farm.lines

    def _orders(self) -> list[dict[str, Any]]:
        return [line for line in self._lines() if line["what"] == "order"]

    def questions(self) -> int:
        """How often it was asked which keys it has."""
        return sum(line["what"] == "reconcile" for line in self._lines())

    def came(self) -> Counter[str]:
        """How often each key came, in whatever way it ended."""
        return Counter(line["key"] for line in self._orders())

    def effects(self) -> Counter[str]:
        """How often each key was taken as a new order."""
        return Counter(
            line["key"] for line in self._orders() if line["status"] < 300 and not line["replayed"]
        )


@contextmanager
def in_production(
    fault_server: FaultServer, people: Mapping[str, Sequence[str]], folder: Path
) -> Iterator[Farm]:
    """An installation in production with its partner; its seals are anchored in a file.

    `people`: roles by login.
    """
    databases = Databases(fault_server)
    with databases.scratch(databases.suite_template(), "house") as database:
        databases.arm(database, "automated tests")
        world = World.make(fault_server, database, folder)
        arguments = ("--behaviour", "accept", "--delay", "3600")
        with running_partner(fault_server, world, "http://127.0.0.1:9", *arguments) as partner:
            # Made on a server for tests: nothing goes live in production so quickly.
            made = Nursery(fault_server, database, folder / "made")
            try:
                flows = [
                    {
                        "code": code,
                        "url": f"{partner.url}/nmc/orders",
                        "idempotent": code == KEYS,
                        "order_by": "none",
                    }
                    for code in WAITING
                ]
                made.run("make_flows", flows=flows)
                made.run("can_be_asked", flow=HTTP, url=f"{partner.url}/nmc/reconcile")
                made.run("go_into_production", people=people)
            finally:
                made.stop()
            server = as_environment(fault_server, "production")
            server = replace(server, anchors=folder / "anchors")
            armed = call(server, "interop_arm", "-d", database, "--reason", "go live")
            assert armed.returncode == 0, armed.stderr
            own, nursery = server.cluster, Nursery(server, database, folder / "house")
            assert isinstance(own, OwnCluster)
            living = Farm(own, server, database, partner.url, partner.journal_path, nursery)
            try:
                yield living
            finally:
                living.clear()
                living.nursery.stop()


def live_in(server: FaultServer, database: str, farm: Farm, folder: Path) -> Farm:
    """The same partner, and another database with a nursery of its own."""
    nursery = Nursery(server, database, folder / database)
    return Farm(farm.cluster, server, database, farm.partner_url, farm.journal, nursery)


def burn(house: Farm, many: int, lost_each: int, folder: Path) -> tuple[Books, Path, Copier]:
    """A life with a backup in the middle, and its end: the database is gone."""
    for code in WAITING:
        house.emit(code, [(f"{code}-{n}", 0) for n in range(many)])
    send_all(house)
    waited = {
        code: house.emit(code, [(f"{code}-waits-{n}", 0) for n in range(count)])
        for code, count in WAITING.items()
    }
    late = waited[FILE][:1] + waited[HTTP][:1]
    house.rows(
        "UPDATE interop_message SET state = 'waiting', run_at = now() + interval '1 day'"
        " WHERE uuid = ANY (%s)",
        late,
    )
    seal(house)
    before = newest_seal(house)
    copier = Copier(house.server, house.database, folder)
    dump = copier.dump()

    lost = []
    for code in WAITING:
        lost += house.emit(code, [(f"{code}-lost-{n}", 0) for n in range(lost_each)])
        send_all(house, but=late)
        seal(house)
    after = newest_seal(house)
    house.nursery.stop()
    Databases(house.server).drop(house.database)
    books = Books(waited, late, lost, after[0] - before[0], after[1] - before[1])
    assert books.seals >= 3 and books.entries >= len(lost), "the trail went on after the backup"
    return books, dump, copier


def send_all(house: Farm, but: Sequence[str] = ()) -> None:
    """Everything that was accepted has left, but for some."""
    wanted = set(house.accepted) - set(but)
    house.worker()
    until(lambda: house.states(wanted)["done"] == len(wanted), "everything to be sent")
    house.retire()


def seal(house: Farm) -> None:
    """The whole trail; a worker that ends has done most of it."""
    until(lambda: house.nursery.run("seal_trail"), "the trail to be sealed")


def newest_seal(house: Farm) -> tuple[int, int]:
    """Its number, and how many entries were sealed up to then."""
    [(number, total)] = house.rows(
        "SELECT number, (statement::json ->> 'total')::bigint FROM interop_audit_seal"
        " ORDER BY number DESC LIMIT 1"
    )
    return int(number), int(total)
