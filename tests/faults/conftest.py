"""One world for all fault tests: a cluster that may be crashed, a partner, a nursery of workers."""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1] / "setup" / "lib")]

from cluster import FaultServer, OwnCluster  # noqa: E402
from farm import Farm, Nursery  # noqa: E402
from interop_setup.databases import SCRATCH, Databases  # noqa: E402
from interop_setup.server import Server  # noqa: E402
from running import World, running_partner  # noqa: E402


@dataclass(frozen=True)
class Size:
    """How much of everything: `./setup/test --faults` asks for the long form."""

    long: bool

    def of(self, short: int, long: int) -> int:
        return long if self.long else short


@pytest.fixture(scope="session")
def size() -> Size:
    return Size(os.environ.get("INTEROP_FAULTS") == "long")


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> str:
    """Where chance begins; shown when a test fails, and taken from the environment if given."""
    given = os.environ.get("INTEROP_FAULTS_SEED") or str(random.randrange(10**6))
    print(f"seed {given}")
    return given


@pytest.fixture(scope="session")
def fault_server(
    server: Server, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FaultServer]:
    """Odoo's commands over a cluster and a keyring of the fault tests' own."""
    databases.suite_template()
    keyring = tmp_path_factory.mktemp("keys") / "keyring.json"
    for suffix in ("", ".places"):
        shutil.copy(f"{server.layout.keyring}{suffix}", f"{keyring}{suffix}")
    own = OwnCluster(server.cluster)
    with own.running():
        for name in own.names():
            if name.startswith(SCRATCH):  # of tests that run beside these
                own.drop(name)
        yield FaultServer(server.layout, server.odoo, own, server.environment, keyring=keyring)


@pytest.fixture(scope="session")
def fault_world(
    fault_server: FaultServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Farm]:
    """The demo world, its partner and a nursery, for all tests of this run."""
    folder = tmp_path_factory.mktemp("faults")
    databases = Databases(fault_server)
    with databases.scratch(databases.suite_template(), "faults") as database:
        databases.arm(database, "automated tests")
        world = World.make(fault_server, database, folder)
        arguments = ("--behaviour", "accept", "--delay", "3600")
        # No Odoo listens at the callback's address: acknowledgements are in their own test.
        with running_partner(fault_server, world, "http://127.0.0.1:9", *arguments) as partner:
            nursery = Nursery(fault_server, database, folder / "nursery")
            own = fault_server.cluster
            assert isinstance(own, OwnCluster)
            own.checkpoint()
            try:
                yield Farm(own, fault_server, database, partner.url, partner.journal_path, nursery)
            finally:
                nursery.stop()


@pytest.fixture
def farm(fault_world: Farm) -> Iterator[Farm]:
    """The world with nobody at work in it."""
    fault_world.begin()
    yield fault_world
    fault_world.clear()
