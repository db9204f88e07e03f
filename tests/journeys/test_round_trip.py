"""An order's way to the partner and back, through real processes only."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from journey import TEST_NOTE, Refused, until

OPEN = ("open", "in_progress")


# -- there and back ---------------------------------------------------------------------------


def test_an_order_goes_out_and_its_answer_comes_back(demo):
    order_id, sent = demo.sent_order(note=f"<p>{TEST_NOTE}</p>")
    assert sent["document_type"].startswith("PurchaseOrder")
    [line] = until(lambda: demo.partner.journal(sent["uuid"]), what="the partner's journal line")
    assert (line["status"], line["path"]) == (202, "/nmc/orders")
    [attempt] = demo.operator.look("interop.attempt", [("message_id", "=", sent["id"])])
    assert (attempt["outcome"], attempt["status"]) == ("ok", 202)

    answer = until(
        lambda: demo.operator.look(
            "interop.message", [("answers_id", "=", sent["id"]), ("state", "=", "done")]
        ),
        what="the partner's acknowledgement",
    )[0]
    assert answer["direction"] == "in"
    assert demo.settled(order_id, "done")["uuid"] == sent["uuid"]

    order = demo.order(order_id)
    assert order["interop_acknowledged_at"]
    assert order["interop_supplier_reference"].startswith("SO-")
    assert order["interop_state"] == "differences"
    first, second, third = demo.buyer.look("purchase.order.line", [("order_id", "=", order_id)])
    assert (first["interop_status"], first["interop_accepted_qty"]) == ("accepted", 40)
    assert (second["interop_status"], second["interop_backordered_qty"]) == ("backordered", 25)
    assert third["interop_status"] == "changed"
    assert third["price_unit"] == 412.5, "a price is never written without a decision"

    [price] = [
        found
        for found in demo.exceptions(demo.finance, ("res_id", "=", order_id))
        if found["area_id"][1] == "Finance"
    ]
    facts = demo.finance.look("interop.exception.fact", [("exception_id", "=", price["id"])])
    shown = " ".join(f"{fact['ours']} {fact['theirs']}" for fact in facts)
    assert "412.5" in shown and "445.5" in shown
    assert price["amount"] == pytest.approx(6 * 33.0)


def test_what_the_policy_does_not_let_out_is_not_in_the_bytes(demo):
    order_id, sent = demo.sent_order(note=f"<p>{TEST_NOTE}</p>")
    raw = demo.partner.received(sent["uuid"])
    order = json.loads(raw)
    assert order["number"] == demo.order(order_id)["name"]
    assert [line["quantity"] for line in order["lines"]] == [40, 25, 6]
    assert order["lines"][2]["cold_chain"] == {
        "required": True,
        "condition": "refrigerated",
        "min_celsius": 2,
        "max_celsius": 8,
    }
    assert order["buyer"]["gln"] and order["supplier"]["account_number"] == "C-20931"
    assert "notes" not in order
    assert "email" not in order["ship_to"]["contact"]
    assert order["ship_to"]["contact"]["phone"] == "***0142"
    for hidden in (TEST_NOTE, "Nadia Okafor", "buyer@northfield", "555 010"):
        assert hidden.encode() not in raw


def test_each_company_has_its_own_way_to_the_partner(demo):
    order_id, sent = demo.sent_order("nd")
    [line] = demo.partner.journal(sent["uuid"])
    assert line["path"] == "/nd/orders"
    assert b'"C-20932"' in demo.partner.received(sent["uuid"])
    until(lambda: demo.order(order_id)["interop_acknowledged_at"], what="the acknowledgement")


def test_a_rolled_back_confirmation_leaves_no_message(demo):
    good = demo.draft()
    # Odoo refuses to confirm a line without a product, after it has confirmed the first order.
    bad = demo.draft(order_line=[(0, 0, {"name": "what?", "product_qty": 1, "price_unit": 1})])
    before = demo.operator.count("interop.message")
    with pytest.raises(Refused):
        demo.confirm(good, bad)
    assert demo.order(good)["state"] == "draft"
    assert demo.operator.count("interop.message") == before
    demo.confirm(good)
    assert len(demo.messages(good, ("direction", "=", "out"))) == 1


# -- a partner that does not behave ------------------------------------------------------------


def test_after_a_500_it_is_tried_again_with_the_same_key(demo):
    demo.partner.script(behaviour="error_500", times=1)
    _order_id, sent = demo.sent_order()
    assert [line["status"] for line in demo.partner.journal(sent["uuid"])] == [500, 202]
    attempts = demo.operator.look("interop.attempt", [("message_id", "=", sent["id"])])
    assert [attempt["status"] for attempt in attempts] == [500, 202]
    assert attempts[0]["failure_class"] == "transient"


def test_a_429_is_waited_out_as_long_as_the_partner_asks(demo):
    demo.partner.script(behaviour="throttle_429", times=1, retry_after=4)
    _order_id, sent = demo.sent_order()
    refused, taken = demo.partner.journal(sent["uuid"])
    assert (refused["status"], taken["status"]) == (429, 202)
    waited = datetime.fromisoformat(taken["ts"]) - datetime.fromisoformat(refused["ts"])
    assert waited.total_seconds() >= 4
    assert sent["attempts"] == 1, "a throttle burns no attempt"


def test_silence_ends_uncertain_and_is_not_sent_again(demo):
    demo.partner.script(behaviour="silence")
    order_id = demo.draft()
    demo.confirm(order_id)
    dead = demo.settled(order_id, "dead")
    assert dead["failure_class"] == "uncertain"
    assert len(demo.partner.journal(dead["uuid"])) == 1
    [found] = demo.exceptions(demo.operator, ("message_uuid", "=", dead["uuid"]))
    assert (found["kind"], found["state"] in OPEN) == ("dead_letter", True)
    # The partner wakes up; a person runs it again; the key is still the same.
    demo.partner.script(behaviour="accept", delay=0.2)
    demo.operator.call("interop.message", "action_redrive", ids=[dead["id"]])
    again = demo.settled(order_id)
    assert again["uuid"] == dead["uuid"]
    assert [line["status"] for line in demo.partner.journal(dead["uuid"])] == [0, 202]
    [found] = demo.exceptions(demo.operator, ("message_uuid", "=", dead["uuid"]))
    assert found["state"] in ("resolved", "cancelled"), "run again elsewhere, it closes itself"


@pytest.mark.parametrize("behaviour", ["error_400", "redirect"])
def test_a_refusal_is_for_a_person_at_once(demo, behaviour):
    demo.partner.script(behaviour=behaviour)
    order_id = demo.draft()
    demo.confirm(order_id)
    dead = demo.settled(order_id, "dead")
    assert dead["failure_class"] == "partner"
    assert len(demo.partner.journal(dead["uuid"])) == 1, "neither retried nor followed"


def test_garbage_in_the_answer_does_not_lose_the_order_and_garbage_in_is_an_exception(demo):
    demo.partner.script(behaviour="garbage", delay=0.2)
    order_id = demo.draft()
    demo.confirm(order_id)
    sent = demo.settled(order_id)
    [call] = until(lambda: demo.partner.journal(sent["uuid"], "callback"), what="the callback")
    assert call["status"] == 202
    found = until(
        lambda: demo.exceptions(
            demo.operator, ("failure_class", "=", "data"), ("company_id.name", "like", "Medical")
        ),
        what="an exception about garbage",
    )
    assert found


def test_the_same_acknowledgement_twice_has_one_effect(demo):
    demo.partner.script(behaviour="duplicate", delay=0.2)
    order_id, sent = demo.sent_order()
    until(lambda: len(demo.partner.journal(sent["uuid"], "callback")) == 2, what="two callbacks")
    assert {line["status"] for line in demo.partner.journal(sent["uuid"], "callback")} == {202}
    demo.settled(order_id, "done")
    assert len(demo.messages(order_id, ("direction", "=", "in"))) == 1


# -- the inbound endpoint ----------------------------------------------------------------------


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
    flipped = good["webhook-signature"][:-2] + (
        "A=" if good["webhook-signature"][-2] != "A" else "B="
    )
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
    large = b'{"notes": "' + b"x" * (30 * 1024 * 1024) + b'"}'
    return {
        "30 MB": (large, demo.mailbox.signed(large), 413),
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
    reader = demo.person("reader")
    assert read_payload(reader, message) == as_shown(raw), "what came in can still be read"


def read_payload(reader, message):
    """Through the dialog that a payload reader uses, with a reason. It shows text."""
    values = {"message_id": message["id"], "kind": "payload", "reason": "A test looks"}
    [reading] = reader.call("interop.content.reading", "create", vals_list=[values])
    reader.call("interop.content.reading", "action_read", ids=[reading])
    return reader.one("interop.content.reading", [("id", "=", reading)], ["content"])["content"]


def as_shown(raw):
    """JSON is shown indented, what is no JSON with its odd bytes escaped."""
    try:
        return json.dumps(json.loads(raw), indent=2, ensure_ascii=False)
    except ValueError:
        return raw.decode(errors="backslashreplace")


# -- who sees what -----------------------------------------------------------------------------


def test_a_user_of_another_company_sees_nothing(demo):
    order_id, sent = demo.sent_order()
    until(lambda: demo.exceptions(demo.operator, ("res_id", "=", order_id)), what="exceptions")
    stranger = demo.person("diagnostics")
    company = ("company_id.name", "=", "Northfield Medical Center")
    for model in (
        "interop.message",
        "interop.interchange",
        "interop.exception",
        "interop.flow",
        "interop.connector",
        "purchase.order",
    ):
        assert stranger.count(model, company) == 0, model
    assert stranger.count("interop.attempt", ("message_id", "=", sent["id"])) == 0
    with pytest.raises(Refused):
        stranger.call("interop.message", "read", ids=[sent["id"]], fields=["state"])
    with pytest.raises(Refused):
        stranger.call("interop.message", "action_redrive", ids=[sent["id"]])


def test_finance_sees_the_exception_and_no_message(demo):
    order_id, sent = demo.sent_order()
    until(
        lambda: demo.exceptions(
            demo.finance, ("res_id", "=", order_id), ("kind", "=", "difference")
        ),
        what="a difference before finance",
    )
    for model, record_id in (
        ("interop.message", sent["id"]),
        ("interop.interchange", sent["interchange_id"][0]),
    ):
        with pytest.raises(Refused):
            demo.finance.call(model, "read", ids=[record_id], fields=["uuid"])
    with pytest.raises(Refused):
        read_payload(demo.finance, sent)
    with pytest.raises(Refused):
        read_payload(demo.operator, sent)


def test_an_operator_may_run_again_but_finance_may_not(demo):
    demo.partner.script(behaviour="error_400")
    order_id = demo.draft()
    demo.confirm(order_id)
    dead = demo.settled(order_id, "dead")
    found = demo.exceptions(demo.finance, ("message_uuid", "=", dead["uuid"]))
    assert found, "a dead purchase order is money, so finance may look"
    with pytest.raises(Refused):
        demo.finance.call("interop.message", "action_redrive", ids=[dead["id"]])
    time.sleep(1)
    assert demo.messages(order_id, ("state", "=", "dead"))
