"""What `./setup/demo` and `./setup/test` promise about a machine that has nothing yet."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from interop_setup import odoo, sources, suite
from interop_setup.console import StepFailed
from interop_setup.databases import Databases
from interop_setup.layout import Layout
from interop_setup.postgres import PORT, Cluster
from interop_setup.processes import Background, free_port
from interop_setup.server import Server
from interop_tools import rules

CHECKOUT = Layout.here().checkout
SECURITY = """
Types: deb
URIs: http://mirror.test/security
Suites: bookworm-security
Components: main
"""
MAIN = """
Types: deb deb-src
URIs: http://mirror.test/debian
# a comment
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 bm90IGEga2V5
"""


# -- what is installed -------------------------------------------------------------------------


def test_requirements_are_what_the_manifests_ask_for() -> None:
    assert list(rules.requirements()) == []


def test_locks_hold_all_that_is_asked_for() -> None:
    assert list(rules.locks()) == []


def test_every_locked_version_has_a_hash() -> None:
    for name in ("run", "test"):
        text = (CHECKOUT / "requirements" / f"{name}.txt").read_text()
        for requirement in re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE):
            if "==" in requirement:
                assert "--hash=sha256:" in requirement, requirement.splitlines()[0]


def test_no_host_is_written_into_the_setup() -> None:
    host = re.compile(r"[a-z]://(?!127\.0\.0\.1|localhost|example\.org)[a-z0-9]")
    for folder in ("setup", "requirements", ".ci"):
        for path in sorted((CHECKOUT / folder).rglob("*")):
            if path.is_file() and path.suffix not in {".pyc", ".png"}:
                for line in path.read_text().splitlines():
                    assert not host.search(line), f"{path}: {line.strip()}"


def test_umbrella_stands_on_all_modules_but_the_sandbox() -> None:
    names = {folder.name for folder in suite.addons(CHECKOUT)}
    assert set(suite.manifest(CHECKOUT)["depends"]) == names - {"interop_sandbox"}


# -- where Debian is taken from ----------------------------------------------------------------


def _machine(tmp_path: Path, **files: str) -> Path:
    (tmp_path / "apt" / "sources.list.d").mkdir(parents=True)
    (tmp_path / "os-release").write_text('ID=debian\nVERSION_CODENAME="bookworm"\n')
    for name, text in files.items():
        (tmp_path / "apt" / name.replace("__", "/").replace("_", ".")).write_text(text)
    return tmp_path


def test_mirror_is_read_from_stanzas(tmp_path: Path) -> None:
    etc = _machine(tmp_path)
    (etc / "apt/sources.list.d/debian.sources").write_text(f"{SECURITY}\n{MAIN}")
    stanza = sources.debian_mirror(etc).stanza("sid")
    assert "URIs: http://mirror.test/debian\nSuites: sid\nComponents: main\n" in stanza
    assert "bm90IGEga2V5" in stanza


def test_mirror_is_read_from_lines(tmp_path: Path) -> None:
    etc = _machine(tmp_path)
    (etc / "apt/sources.list").write_text(
        "# deb http://old.test/debian bookworm main\n"
        "deb http://mirror.test/security bookworm-security main\n"
        "deb-src http://mirror.test/debian bookworm main\n"
        "deb [signed-by=/usr/share/keyrings/a.gpg] mirror+file:/etc/m.list bookworm main\n"
    )
    assert sources.debian_mirror(etc).stanza("sid") == (
        "Types: deb\nURIs: mirror+file:/etc/m.list\nSuites: sid\nComponents: main\n"
        "Signed-By: /usr/share/keyrings/a.gpg\n"
    )


def test_switched_off_and_foreign_sources_are_no_mirror(tmp_path: Path) -> None:
    etc = _machine(tmp_path)
    (etc / "apt/sources.list.d/off.sources").write_text(f"Enabled: no{MAIN}")
    (etc / "apt/sources.list.d/tool.list").write_text("deb http://tool.test/apt nodistro main\n")
    with pytest.raises(StepFailed, match="ODOO_HOME"):
        sources.debian_mirror(etc)


# -- an Odoo that is there already -------------------------------------------------------------


def _fake_odoo(package: Path, version: str) -> None:
    (package / "addons").mkdir(parents=True)
    (package / "release.py").write_text(f"version_info = ({version}, FINAL, 0, '')\n")


@pytest.mark.parametrize("inside", ["odoo", "usr/lib/python3/dist-packages/odoo", "."])
def test_odoo_home_may_be_a_checkout_an_unpacked_package_or_the_package_itself(
    inside: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    _fake_odoo(home / inside, "19, 0, 0")
    if inside == "odoo":
        (home / "addons" / "web").mkdir(parents=True)
    layout = Layout(tmp_path / "checkout")
    layout.prepare()
    monkeypatch.setenv("ODOO_HOME", str(home))
    found = odoo.provide(layout)
    assert found.version == "19.0"
    assert (home / "addons" in found.addons) is (inside != "usr/lib/python3/dist-packages/odoo")
    assert (layout.import_path / "odoo" / "release.py").exists()


def test_another_version_of_odoo_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fake_odoo(tmp_path / "home" / "odoo", "18, 0, 0")
    layout = Layout(tmp_path / "checkout")
    layout.prepare()
    monkeypatch.setenv("ODOO_HOME", str(tmp_path / "home"))
    with pytest.raises(StepFailed, match="19"):
        odoo.provide(layout)


# -- the checkout may be called anything -------------------------------------------------------


def test_suite_is_found_under_its_own_name_whatever_the_folder_is_called(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "my copy-of (suite)")
    layout.prepare()
    layout.prepare()
    manifest = layout.links / suite.UMBRELLA / "__manifest__.py"
    assert manifest.resolve() == layout.checkout / "__manifest__.py"


def test_following_the_links_of_the_runtime_ends(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "checkout")
    layout.prepare()
    folders = [root for root, _folders, _files in os.walk(layout.checkout, followlinks=True)]
    assert len(folders) < 20


def test_socket_of_a_deep_checkout_lies_in_a_short_folder(tmp_path: Path) -> None:
    deep = Layout(tmp_path / ("deep" * 20))
    deep.prepare()
    path = Cluster(deep).home / f".s.PGSQL.{PORT}"
    assert len(os.fsencode(path)) < 100
    assert Cluster(Layout(tmp_path / ("deep" * 21))).home != Cluster(deep).home


def test_digest_changes_with_a_model_and_not_with_a_test(tmp_path: Path) -> None:
    addon = tmp_path / "addons" / "thing"
    for name in ("__manifest__.py", "models/thing.py", "tests/test_thing.py", "README.rst"):
        (addon / name).parent.mkdir(parents=True, exist_ok=True)
        (addon / name).write_text("{}")
    before = suite.tree_digest(tmp_path)
    (addon / "tests/test_thing.py").write_text("changed")
    (addon / "README.rst").write_text("changed")
    assert suite.tree_digest(tmp_path) == before
    (addon / "models/thing.py").write_text("changed")
    assert suite.tree_digest(tmp_path) != before


# -- what runs is known ------------------------------------------------------------------------


def test_background_process_is_stopped_with_its_children(tmp_path: Path) -> None:
    process = Background("sleeper", tmp_path, tmp_path)
    script = "import subprocess; subprocess.Popen(['sleep', '60']); subprocess.run(['sleep', '60'])"
    process.start([sys.executable, "-c", script], dict(os.environ))
    pid = process.pid()
    assert pid is not None
    time.sleep(0.5)
    assert process.stop(patience=2)
    assert process.pid() is None
    deadline = time.monotonic() + 5
    while _alive_in_group(pid) and time.monotonic() < deadline:
        time.sleep(0.05)  # the signal was sent; the kernel has its own pace
    assert _alive_in_group(pid) == []
    assert not process.stop()


def _alive_in_group(group: int) -> list[str]:
    fields = [
        path.read_text().rpartition(")")[2].split() for path in Path("/proc").glob("[0-9]*/stat")
    ]
    return [field[2] for field in fields if int(field[2]) == group and field[0] != "Z"]


def test_pid_that_went_to_another_process_is_left_alone(tmp_path: Path) -> None:
    other = subprocess.Popen(["sleep", "60"])
    try:
        (tmp_path / "old.pid").write_text(f"{other.pid} 1")
        assert not Background("old", tmp_path, tmp_path).stop()
        assert other.poll() is None
    finally:
        other.send_signal(signal.SIGKILL)
        other.wait()


def test_taken_port_gives_way_to_the_next() -> None:
    first = free_port()
    with socket.create_server(("127.0.0.1", first)):
        assert free_port(first) > first


def test_keyring_is_made_once_and_readable_by_its_owner_only(server: Server) -> None:
    before = server.layout.keyring.read_bytes()
    server.provide_keyring()
    assert server.layout.keyring.read_bytes() == before
    assert stat.S_IMODE(server.layout.keyring.stat().st_mode) == 0o600


# -- the command -------------------------------------------------------------------------------


def _setup_test(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [CHECKOUT / "setup" / "test", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd="/",
        timeout=600,
    )


def test_parts_that_begin_at_once_write_the_same_configuration(server: Server) -> None:
    parts, rounds = 8, 40
    together = threading.Barrier(parts)

    def write(_part: int) -> Path:
        together.wait(20)
        return server.write_config("at-once", max_cron_threads=0)

    path = server.layout.run / "at-once.conf"
    with ThreadPoolExecutor(parts) as pool:
        for _round in range(rounds):
            path.unlink(missing_ok=True)
            assert set(pool.map(write, range(parts))) == {path}
            assert "max_cron_threads = 0" in path.read_text()
    path.unlink()


def test_second_run_sets_nothing_up_again_from_any_folder(
    server: Server, databases: Databases
) -> None:
    databases.suite_template()
    addon = CHECKOUT / "addons" / "interop_base"
    result = _setup_test(str(addon), "-k", "a_name_that_no_test_has")
    assert "deselected" in result.stdout
    assert result.returncode == 1
    for word in ("installing", "making", "unpacking", "starting"):
        assert word not in result.stdout, result.stdout


def test_path_outside_the_suite_is_refused_with_a_clear_text() -> None:
    result = _setup_test("/etc/hostname")
    assert result.returncode == 1
    assert "/etc/hostname is no file or folder below addons/ or tests/" in result.stderr
