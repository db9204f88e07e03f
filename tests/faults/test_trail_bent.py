"""Somebody who may do anything in the database bends the trail: what they did is found and named.

Each case is a database of its own, bent by PostgreSQL's superuser with the guards switched off, and
committed. It is verified twice: in the database, and from an export by the stand-alone verifier, in
a process that has no Odoo.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from interop_setup.console import ask, run
from interop_setup.databases import Databases
from interop_setup.postgres import PORT
from interop_setup.server import Server

_MAKE = """\
import json
from pathlib import Path
from odoo.addons.interop_audit.lib.entry import AuditRow
from odoo.addons.interop_audit.lib.evidence import anchor
from odoo.addons.interop_audit.tests.sealing import seal_all
folder = Path({folder!r})

def write(act, count):
    with env.registry.cursor() as cr:
        rows = [AuditRow(act=act, res_id=n, details={{"n": n}}) for n in range(count)]
        env(cr=cr)["interop.audit"]._record_many(rows)

def seal():
    seal_all(env.registry)

def anchors():
    env.cr.rollback()
    columns = "statement, signature, endorsement"
    env.cr.execute(f"SELECT {{columns}} FROM interop_audit_seal ORDER BY number")
    return [anchor.line(s, bytes(sig), e and bytes(e)) for s, sig, e in env.cr.fetchall()]

seal()
for turn in range(3):
    for act in ("first", "second"):
        write(f"test.{{act}}", 10)
    seal()
(folder / "anchors").write_text("".join(line + "\\n" for line in anchors()))
keys = env["interop.keyring"]._public_keys("audit")
(folder / "key").write_text("\\n".join(keys.values()))
"""

_LOOK = """\
import json
from pathlib import Path
from odoo.sql_db import db_connect
from odoo.addons.interop_audit.lib.evidence import export, package, telling
from odoo.addons.interop_audit.lib.evidence.trail import verify
from odoo.addons.interop_audit.stored_trail import StoredTrail
folder = Path({folder!r})
keys = (folder / "key").read_text().split()
anchors = (folder / "anchors").read_text().splitlines()
for name, database, trusted in {cases!r}:
    with db_connect(database).cursor() as cr:
        trail = StoredTrail(cr)
        report = verify(trail, trusted or keys, anchors=anchors, known=trail.guards())
        (folder / f"{{name}}.json").write_text(json.dumps(telling.as_json(report)))
        export.write(StoredTrail(cr), folder / name, facts={{}}, verifier=package.build())
        export.pack(folder / name, folder / f"{{name}}.zip")
"""

#: Whoever cuts off the end knows nothing of anchors.
_CUT = """
DELETE FROM interop_audit_seal WHERE number > (SELECT max(number) - 1 FROM interop_audit_seal);
DELETE FROM interop_audit_leaves WHERE number NOT IN (SELECT number FROM interop_audit_seal);
DELETE FROM interop_audit_entry
 WHERE txid >= (SELECT high::xid8 FROM interop_audit_seal ORDER BY number DESC LIMIT 1);
"""

#: Numbers of entries in the second seal of the test's own.
_SOME = "(SELECT min(id) FROM interop_audit_entry WHERE act = 'test.second')"

_REORDER = f"""
UPDATE interop_audit_entry a SET act = b.act, res_id = b.res_id, details = b.details
  FROM interop_audit_entry b
 WHERE (a.id, b.id) IN (({_SOME} + 1, {_SOME} + 25), ({_SOME} + 25, {_SOME} + 1));
"""

_INSERT = f"""
INSERT INTO interop_audit_entry (id, ts, txid, act, outcome, actor_kind) OVERRIDING SYSTEM VALUE
SELECT id + 100000, ts, txid, 'test.forged', 'ok', 'user'
  FROM interop_audit_entry WHERE id = {_SOME};
"""


@dataclass(frozen=True)
class Case:
    """What is done, how it is found (code of an error), and whether the rest is free of errors."""

    sql: str
    code: str | None
    #: The trail is verified with this key instead of the true one.
    trusted: str | None = None
    #: Whether an export shows it, too: the guards are the database's own.
    exported: bool = True


CASES = {
    "clean": Case("", None),
    "changed": Case(
        f"UPDATE interop_audit_entry SET outcome = 'refused' WHERE id = {_SOME};", "changed"
    ),
    "deleted": Case(f"DELETE FROM interop_audit_entry WHERE id = {_SOME};", "deleted"),
    "reordered": Case(_REORDER, "reordered"),
    "inserted": Case(_INSERT, "inserted"),
    "truncated": Case(_CUT, "truncated"),
    "rewritten": Case("", "rewritten"),
    "wrong_key": Case("", "wrong_key", trusted="ab" * 32),
    "leaves": Case(
        "UPDATE interop_audit_leaves SET leaves = set_byte(leaves, 20, 255 - get_byte(leaves, 20)) "
        "WHERE number = (SELECT max(number) FROM interop_audit_leaves);",
        "changed",
    ),
    "signature": Case(
        "UPDATE interop_audit_seal SET signature = set_byte(signature, 0, 255 - "
        "get_byte(signature, 0)) WHERE number = 2;",
        "bad_statement",
    ),
    "middle": Case("DELETE FROM interop_audit_seal WHERE number = 3;", "deleted"),
    "trigger": Case(
        "ALTER TABLE interop_audit_entry DISABLE TRIGGER interop_audit_append_only;",
        "trigger_disabled",
        exported=False,
    ),
    "function": Case(
        "CREATE OR REPLACE FUNCTION interop_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN OLD; END $$;",
        "trigger_disabled",
        exported=False,
    ),
    "rule": Case(
        "CREATE RULE nothing AS ON INSERT TO interop_audit_entry_default DO INSTEAD NOTHING;",
        "trigger_disabled",
        exported=False,
    ),
    "own_trigger": Case(
        "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN NULL; END $$;"
        "CREATE TRIGGER a BEFORE INSERT ON interop_audit_entry_default FOR EACH ROW "
        "EXECUTE FUNCTION swallow();",
        "trigger_disabled",
        exported=False,
    ),
    "database_setting": Case(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET session_replication_role = replica', "
        "current_database()); END $$;",
        "trigger_disabled",
        exported=False,
    ),
    "detached": Case(
        "DO $$ DECLARE part text; BEGIN "
        "SELECT min(inhrelid::regclass::text) INTO part FROM pg_inherits "
        " WHERE inhparent = 'interop_audit_entry'::regclass"
        "   AND inhrelid::regclass::text ~ '[0-9]$';"
        "EXECUTE format('ALTER TABLE interop_audit_entry DETACH PARTITION %I', part); END $$;",
        "trigger_disabled",
        exported=False,
    ),
}


@dataclass(frozen=True)
class Seen:
    """What was found in each case."""

    folder: Path
    databases: dict[str, str]
    server: Server

    def inside(self, name: str) -> dict[str, Any]:
        return dict(json.loads((self.folder / f"{name}.json").read_text()))

    def outside(self, name: str, *words: str) -> tuple[int, dict[str, Any]]:
        """Exit code and findings of the stand-alone verifier that lies in the export itself."""
        verifier = self.folder / name / "interop_verify.pyz"
        key = CASES[name].trusted or str(self.folder / "key")
        command = [sys.executable, "-I", str(verifier), "--json", "--public-key", key]
        result = subprocess.run(
            [*command, "--anchors", str(self.folder / "anchors"), *words],
            cwd="/",
            env={},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.stdout, result.stderr
        return result.returncode, json.loads(result.stdout)


@pytest.fixture(scope="module")
def seen(
    server: Server, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Seen]:
    folder = tmp_path_factory.mktemp("bent")
    with ExitStack() as stack:

        def scratch(source: str, purpose: str) -> str:
            return stack.enter_context(databases.scratch(source, f"bent_{purpose}"))

        origin = scratch(databases.base_template("interop_audit"), "origin")
        server.install(origin, ["interop_audit"])
        _shell(server, folder, origin, _MAKE.format(folder=str(folder)))
        names = {}
        for name, case in CASES.items():
            names[name] = scratch(origin, name)
            if case.sql:
                _bend(server, names[name], case.sql)
        # Written anew by who has the key: all entries but one, sealed by the sealer itself.
        _bend(
            server,
            names["rewritten"],
            f"DELETE FROM interop_audit_entry WHERE id = {_SOME};"
            "DELETE FROM interop_audit_seal; DELETE FROM interop_audit_leaves;"
            "DELETE FROM interop_audit_epoch;",
        )
        again = (
            "from odoo.addons.interop_audit.tests.sealing import seal_all\nseal_all(env.registry)\n"
        )
        _shell(server, folder, names["rewritten"], again)
        cases = [
            (name, names[name], [case.trusted] if case.trusted else [])
            for name, case in CASES.items()
        ]
        _shell(server, folder, origin, _LOOK.format(folder=str(folder), cases=cases))
        yield Seen(folder, names, server)


def _bend(server: Server, database: str, sql: str) -> None:
    """As PostgreSQL's superuser, with every trigger silent."""
    connection = psycopg2.connect(
        host=str(server.cluster.home), port=PORT, user="postgres", dbname=database
    )
    try:
        with connection, connection.cursor() as cr:
            cr.execute("SET session_replication_role = replica")
            cr.execute(sql)
    finally:
        connection.close()


def _shell(server: Server, folder: Path, database: str, script: str) -> None:
    feed = folder / "script.py"
    feed.write_text(script.replace("\n\ndef", "\n\ndef"))
    words = ["shell", "-d", database, "--no-http", "--log-level=warn"]
    # What is piped into the shell goes through as one program, and a failure fails.
    config = server.write_config("odoo", max_cron_threads=0)
    run(
        server.command(*words),
        log=folder / "shell.log",
        env=server.process_environment(config),
        cwd=folder,
        feed=feed,
    )


def _errors(told: dict[str, Any]) -> set[str]:
    return {each["code"] for each in told["findings"] if each["severity"] == "error"}


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.code])
def test_what_was_bent_is_named_by_the_database_verification(seen: Seen, name: str) -> None:
    told = seen.inside(name)
    assert not told["clean"]
    assert CASES[name].code in _errors(told), told["findings"]


@pytest.mark.parametrize(
    "name", [name for name, case in CASES.items() if case.code and case.exported]
)
def test_what_was_bent_is_named_by_the_stand_alone_verifier(seen: Seen, name: str) -> None:
    code, told = seen.outside(name, str(seen.folder / f"{name}.zip"))
    assert code == 1
    assert _errors(told) == _errors(seen.inside(name))


def test_a_trail_that_nobody_bent_is_clean_inside_and_outside(seen: Seen) -> None:
    inside = seen.inside("clean")
    assert inside["clean"], inside["findings"]
    assert inside["entries"] >= 60 and inside["highest_anchor"] == inside["last_seal"]
    for where in ("clean.zip", "clean"):
        code, outside = seen.outside("clean", str(seen.folder / where))
        assert (code, outside["findings"]) == (0, inside["findings"])
        assert outside["entries"] == inside["entries"]
        assert outside["log_root"] == inside["log_root"]


def test_the_one_entry_that_was_bent_is_named_and_no_other(seen: Seen) -> None:
    for name in ("changed", "deleted", "inserted"):
        found = [each for each in seen.inside(name)["findings"] if each["severity"] == "error"]
        assert len(found) == 1 and found[0]["entry"] and found[0]["seal"], found
    places = [each["entry"] for each in seen.inside("reordered")["findings"] if each["entry"]]
    assert len(places) == 2 and places[1] - places[0] == 24


def test_without_its_anchor_a_trail_that_was_cut_off_looks_clean(seen: Seen) -> None:
    """So that nobody takes a verification without anchors for more than it is."""
    verifier = seen.folder / "truncated" / "interop_verify.pyz"
    words = ["--public-key", str(seen.folder / "key"), str(seen.folder / "truncated.zip")]
    result = subprocess.run(
        [sys.executable, "-I", str(verifier), *words], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout
    assert "against no anchor" in result.stdout


def test_the_command_verifies_and_its_exit_code_says_whether_something_was_found(
    seen: Seen,
) -> None:
    def verify(name: str, *words: str) -> tuple[int, str]:
        config = seen.server.write_config("odoo", max_cron_threads=0)
        result = ask(
            seen.server.command("interop_verify", "-d", seen.databases[name], *words),
            env=seen.server.process_environment(config),
        )
        return result.returncode, result.stdout + result.stderr

    code, text = verify("clean", "--anchors", str(seen.folder / "anchors"))
    assert code == 0 and "nothing found" in text, text
    code, text = verify("deleted", "--json")
    assert code == 1 and '"code": "deleted"' in text, text
    code, text = verify("clean", "--public-key", str(seen.folder / "nothing"))
    assert code == 2, text
    code, text = verify("clean", "--export", str(seen.folder / "by_command"))
    assert code == 0, text
    assert (seen.folder / "by_command" / "manifest.json").exists()


def test_the_verifier_runs_from_a_checkout_without_odoo(seen: Seen) -> None:
    folder = seen.server.layout.checkout / "addons/interop_audit/lib/evidence"
    words = ["--public-key", str(seen.folder / "key"), str(seen.folder / "clean")]
    result = subprocess.run(
        [sys.executable, "-I", str(folder), *words], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    wrongly = subprocess.run([sys.executable, "-I", str(folder)], capture_output=True, check=False)
    assert wrongly.returncode == 2
