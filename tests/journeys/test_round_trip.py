"""An order's way to the partner and back, through real processes only."""

import json
import time
from datetime import datetime

import pytest
from journey import TEST_NOTE, Refused, read_content, until

pytestmark = pytest.mark.common

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
        read_content(demo.finance, sent)
    with pytest.raises(Refused):
        read_content(demo.operator, sent)
    with pytest.raises(Refused):
        read_content(demo.person("reader"), sent)  # clear content is a second right


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
