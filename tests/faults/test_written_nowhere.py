"""The person in every document of these tests is found nowhere in the clear.

The last of the fault tests by its name, so that it looks at what all the others have left: killed
workers, misbehaving partners, crashes. Run alone it looks at its own faults.
"""

from __future__ import annotations

import http.server
import json
import signal
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from farm import until
from interop_setup.console import ask
from interop_setup.postgres import PORT
from launch import canary
from running import running_odoo

CALLBACK = "/interop/v1/in/meridian-nmc/nmc-order-answers"


@contextmanager
def gossip():
    """A partner that repeats names in whatever it answers, and keeps what it was sent."""
    heard: list[bytes] = []

    class Answer(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            heard.append(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps({"error": canary.NOTE, "patient": canary.CONTACT}).encode()
            self.send_response(int(self.path.rsplit("/", 1)[1]), canary.NAME)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Patient", canary.NUMBER)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/orders", heard
        server.shutdown()


@pytest.fixture(scope="module")
def left_behind(fault_world, tmp_path_factory):
    """Everything goes wrong with the person in hand; then what is left is looked at."""
    farm = fault_world
    farm.begin()
    with gossip() as (url, heard):
        for status in (200, 400, 500):
            code = f"gossip-{status}"
            farm.flow(code, url=f"{url}/{status}", order_by="none", attempts=2)
            farm.emit(code, [(f"{code}-{n}", 0) for n in range(3)], lines=3)
        farm.flow("unfit", order_by="none")
        farm.accepted += farm.nursery.run("emit_unfit", flow="unfit")
        orders = farm.nursery.run("order", count=2)
        farm.accepted += [each["key"] for each in orders]
        refusals = farm.nursery.run("fail_in_sql")
        victim = farm.worker(point="after prepare", probability=1.0, seed="once")
        assert victim.wait() == -signal.SIGKILL, victim.tail()
        farm.worker(slots=16)
        farm.nursery.run("receive", deliveries=[(f"c-{e['key']}", e["answer"]) for e in orders])
        taken = farm.nursery.run("receive_unfit")
        with running_odoo(farm.server, farm.database) as odoo:
            answers = list(knocks(odoo, CALLBACK))
            while sum(farm.states()[state] for state in ("done", "dead", "sent")) < len(
                farm.accepted
            ):
                farm.nursery.run("hurry", keys=farm.accepted)
            until(lambda: settled_inbound(farm, taken), "the deliveries")
        farm.retire()
    yield farm, heard, refusals, answers
    farm.clear()


def settled_inbound(farm, refs):
    [(count,)] = farm.rows(
        "SELECT count(*) FROM interop_interchange WHERE sender_ref = ANY (%s)"
        " AND state NOT IN ('received', 'prepared')",
        refs,
    )
    return count == len(refs)


def knocks(odoo, callback):
    """What a stranger gets to hear who sends something with the person in it."""
    body = json.dumps({"order_number": canary.NAME, "notes": canary.NOTE}).encode()
    now = str(int(time.time()))
    signed = {
        "content-type": "application/json",
        "webhook-id": canary.NUMBER,
        "webhook-timestamp": now,
        "webhook-signature": "v1,eA==",
    }
    for path, headers in (
        (callback, {}),
        (callback, signed),
        (
            callback,
            signed | {"content-type": "text/plain", "authorization": f"Bearer {canary.NAME}"},
        ),
    ):
        request = urllib.request.Request(odoo.url + path, body, headers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=30)
        with refused.value as answer:
            yield f"{answer.status} {answer.reason} {answer.headers} {answer.read()}"


def test_the_faults_have_happened(left_behind):
    farm, heard, refusals, _answers = left_behind
    assert len(refusals) == 8, refusals
    states = farm.states()
    assert states["dead"] >= 3 + 6, "refused by the partner and unfit"
    assert len(heard) >= 3 + 3 + 6
    assert any(b"Ward 4" in body for body in heard), "what may leave has left"


def test_no_partner_was_shown_the_person(left_behind):
    _farm, heard, _refusals, _faults = left_behind
    shown = [body for body in heard for word in canary.WORDS if word.encode() in body]
    assert shown == []
    assert any(b"Z. Q." in body for body in heard), "only the initials"


def test_the_person_is_in_no_dump_of_the_database(left_behind, tmp_path):
    farm, *_ = left_behind
    dump = tmp_path / "dump.sql"
    command = [farm.cluster._binary("pg_dump"), "-h", str(farm.cluster.home), "-p", str(PORT)]
    result = ask([*command, "-U", "odoo", "-f", str(dump), farm.database])
    assert result.returncode == 0, result.stderr
    assert canary.traces(dump) == []
    assert canary.traces(dump, ("gossip-400-1",)), "the search finds what is there"


def test_the_person_is_in_no_file_of_the_database_and_no_log(left_behind):
    farm, *_ = left_behind
    farm.cluster.checkpoint()
    assert (farm.cluster.home / "server.log").exists()
    # The nursery's other files are the tests' own: what they asked for and were told.
    children = list(farm.nursery.folder.glob("*.log"))
    logs = [log for log in farm.server.layout.logs.iterdir() if log.stat().st_mtime > farm.born]
    assert any(log.name.startswith("odoo-") for log in logs), "no log of Odoo was looked at"
    places = [farm.cluster.home, *logs, *children]
    assert [trace for place in places for trace in canary.traces(place)] == []
    assert canary.traces(farm.cluster.home, ("gossip-400-1",)), "the search finds what is there"
    workers = "".join(child.read_text() for child in children)
    assert "as an addon would" in workers, "failing statements were logged"


def test_the_person_is_in_no_attachment(left_behind):
    farm, *_ = left_behind
    stores = list(Path(farm.server.layout.runtime).rglob(f"filestore/{farm.database}"))
    assert stores, "no filestore was looked at"
    assert [trace for store in stores for trace in canary.traces(store)] == []


def test_nobody_reads_or_exports_the_person_without_reading_content(left_behind):
    farm, *_ = left_behind
    seen = farm.nursery.run("read_all")
    assert seen["found"] == []
    assert {"interop.message", "interop.attempt", "interop.audit.entry"} <= set(seen["looked_at"])


def test_what_a_stranger_is_told_does_not_repeat_the_person(left_behind):
    _farm, _heard, _refusals, answers = left_behind
    assert {answer[:3] for answer in answers} <= {"401", "415"}, answers
    assert [text for text in answers for word in canary.WORDS if word in text] == []
