"""Deliveries to the inbound endpoint: the same one often, forged ones, broken ones."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from journey import as_shown, read_content

pytestmark = pytest.mark.common


@pytest.fixture
def quiet_order(demo):
    """An order that the partner has and will not answer while the test runs."""
    demo.partner.script(behaviour="accept", delay=3600)
    order_id, _sent = demo.sent_order()
    return order_id


def test_the_same_webhook_50_times_at_once_makes_one_message_and_50_equal_answers(
    demo, quiet_order
):
    body = json.dumps(demo.acknowledgement(quiet_order)).encode()
    headers = demo.mailbox.signed(body, f"fifty-{quiet_order}")
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: demo.mailbox.insist(body, headers), range(50)))
    assert {(answer.status, answer.body) for answer in answers} == {(202, answers[0].body)}, sorted(
        {answer.status for answer in answers}
    )
    message = demo.message(answers[0].json["message"])
    assert message["state"] == "done"
    ref = ("sender_ref", "=", f"fifty-{quiet_order}")
    assert demo.operator.count("interop.interchange", ref) == 1
    assert demo.operator.count("interop.message", ("interchange_id.sender_ref", *ref[1:])) == 1


def test_the_same_id_with_other_bytes_is_a_conflict(demo, quiet_order):
    document = demo.acknowledgement(quiet_order)
    assert demo.mailbox.deliver(document, f"conflict-{quiet_order}").status == 202
    changed = document | {"supplier_reference": "SO-OTHER"}
    assert demo.mailbox.deliver(changed, f"conflict-{quiet_order}").status == 409


def test_whoever_cannot_sign_is_refused_and_leaves_nothing(demo):
    mailbox = demo.mailbox
    body = b'{"order_number": "P1"}'
    good = mailbox.signed(body)
    now = good["webhook-timestamp"]
    # Its first character: of the last one, some bits do not count.
    version, signature = good["webhook-signature"].split(",")
    flipped = f"{version},{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    refused = {
        "wrong": good | {"webhook-signature": "v1," + "A" * 43 + "="},
        "flipped": good | {"webhook-signature": flipped},
        "other id": good | {"webhook-id": "another"},
        "other time": good | {"webhook-timestamp": str(int(now) + 1)},
        "no signature": {k: v for k, v in good.items() if k != "webhook-signature"},
        "no headers at all": {"Content-Type": "application/json"},
        "stale": mailbox.signed(body, age=301),
        "future": mailbox.signed(body, age=-330),
        "nonsense": good | {"webhook-timestamp": "yesterday", "webhook-signature": "\xff"},
    }
    before = demo.operator.count("interop.interchange")
    bodies = {}
    for what, headers in refused.items():
        answer = mailbox.post(body, headers)
        assert answer.status == 401, what
        assert answer.headers["Content-Type"].startswith("application/problem+json")
        bodies[what] = answer.body
    stale = {bodies.pop("stale"), bodies.pop("future")}
    assert len(set(bodies.values())) == 1, "whatever is wrong, the answer is the same"
    assert all(b"tolerance" in told for told in stale)
    assert mailbox.post(body + b" ", good).status == 401, "the signature is over the very bytes"
    assert demo.operator.count("interop.interchange") == before


def test_unknown_addresses_tell_nothing(demo):
    body = b"{}"
    known = "/interop/v1/in/meridian-nmc"
    for path in (f"{known}/nothing", "/interop/v1/in/nobody/nothing", f"{known}/nmc-orders"):
        answer = demo.mailbox.post(body, demo.mailbox.signed(body), path)
        assert answer.status == 404, path


def refused_before_acceptance(demo):
    small = b'{"order_number": "P1"}'
    plain = demo.mailbox.signed(small)
    large = b'{"notes": "' + b"x" * (40 * 1024 * 1024) + b'"}'
    return {
        "40 MB": (large, demo.mailbox.signed(large), 413),
        "another charset": (
            small,
            plain | {"Content-Type": "application/json; charset=utf-16"},
            415,
        ),
        "another type": (small, plain | {"Content-Type": "text/plain"}, 415),
        "nothing": (b"", demo.mailbox.signed(b""), 422),
    }


def test_what_cannot_be_accepted_is_refused_with_a_reason(demo):
    before = demo.operator.count("interop.interchange")
    for what, (body, headers, status) in refused_before_acceptance(demo).items():
        answer = demo.mailbox.post(body, headers)
        assert answer.status == status, (what, answer)
        problem = answer.json
        assert problem["status"] == status and problem["title"] and problem["detail"], what
    assert demo.operator.count("interop.interchange") == before


def accepted_but_wrong(demo, order_id):
    good = demo.acknowledgement(order_id)
    lines = good["lines"]
    return {
        "invalid JSON": (b'{"order_number": ', "data"),
        "not UTF-8": (json.dumps(good | {"notes": "na"}).encode().replace(b"na", b"\xe9"), "data"),
        "a key twice": (b'{"order_number": "A", "order_number": "B"}', "data"),
        "wrong schema": (good | {"status": "perhaps"}, "data"),
        "a field too many": (good | {"patient": "nobody"}, "data"),
        "unknown order number": (good | {"order_number": "P99999999"}, "business"),
        "unknown line": (good | {"lines": [lines[0] | {"line_number": 777}]}, "data"),
        "unknown product": (
            good | {"lines": [lines[0] | {"item": {"name": "Other", "gtin": "9529999999993"}}]},
            None,
        ),
    }


@pytest.mark.parametrize(
    "what",
    [
        "invalid JSON",
        "not UTF-8",
        "a key twice",
        "wrong schema",
        "a field too many",
        "unknown order number",
        "unknown line",
        "unknown product",
    ],
)
def test_what_is_accepted_but_wrong_is_an_exception_and_nothing_is_lost(demo, quiet_order, what):
    document, failure_class = accepted_but_wrong(demo, quiet_order)[what]
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    answer = demo.mailbox.deliver(raw)
    assert answer.status == 202
    message_uuid = answer.json["message"]
    message = demo.message(message_uuid)
    found = demo.exceptions(demo.operator, ("message_uuid", "=", message_uuid))
    assert found, "an exception tells of it"
    if failure_class:
        assert (message["state"], message["failure_class"]) == ("dead", failure_class)
        assert found[0]["kind"] == "dead_letter"
    else:
        assert (message["state"], found[0]["kind"]) == ("done", "difference")
    sentence = found[0]["name"]
    # The number of the order it names is a reference, which people search for.
    for value in ("perhaps", "nobody", "9529999999993"):
        assert value not in sentence, "a sentence names the place, never the value"
    privacy = demo.person("privacy")
    assert read_content(privacy, message) == as_shown(raw), "what came in can still be read"


TOKEN = "only-the-vault-may-hold-this"


def test_content_is_in_no_table_and_no_log_in_the_clear(demo, quiet_order, server, odoo_server):
    good = demo.acknowledgement(quiet_order)
    for document in (
        good | {"notes": TOKEN},
        good | {"status": TOKEN},
        good | {"lines": [good["lines"][0] | {"reason": TOKEN, "line_number": 777}]},
        f'{{"order_number": "{TOKEN}'.encode(),
    ):
        answer = demo.mailbox.deliver(document)
        assert answer.status == 202
        demo.message(answer.json["message"])
    assert places(server.cluster, demo.database, TOKEN) == []
    assert TOKEN not in odoo_server.log()


def places(cluster, database, text):
    """The tables that hold `text`, readable or as the hexadecimal digits of bytes."""
    tables = cluster.query(
        database,
        "SELECT quote_ident(relname) FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
        "WHERE relkind = 'r' AND nspname = 'public'",
    )
    found = [
        f"SELECT '{table}' FROM {table} t WHERE strpos(t::text, '{text}') > 0 "
        f"OR strpos(t::text, '{text.encode().hex()}') > 0"
        for table in tables
    ]
    return cluster.query(database, " UNION ".join(found))
