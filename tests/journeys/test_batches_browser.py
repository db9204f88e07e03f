"""In the browser: documents are gathered, a batch is cut, compared and released.

Pictures as in `test_browser.py`.
"""

from __future__ import annotations

from journey import until


def test_a_batch_awaits_its_release_and_leaves_when_it_is_given(demo, desk, rows):
    [flow] = demo.operator.look("interop.flow", [("code", "=", "nmc-orders")], ["id"])
    _publish(
        demo,
        flow["id"],
        mode="batch",
        batch_size=100,
        batch_times="09:00, 14:30",
        batch_totals="totals.net.amount, lines[].quantity",
        batch_release=True,
    )
    with desk("manager") as manager:
        orders = [demo.draft() for _number in range(3)]
        demo.confirm(*orders)
        manager.go(f"interop-flows/{flow['id']}", "button[name=action_cut_now]")
        manager.page.click(".nav-link[name=batches]")
        manager.page.wait_for_selector(".o_notification", state="detached")
        manager.page.locator(".o_notebook").evaluate("book => book.scrollIntoView()")
        manager.picture("flow_gathers")
    with desk("operator") as operator:
        [gathered] = demo.messages(orders[0])
        operator.go(f"interop-messages/{gathered['id']}", "div[name=held_told]")
        told = operator.see("div[name=held_told]").inner_text()
        assert "leaves with the next batch" in told, told
        operator.picture("message_gathered")
        operator.go(f"interop-flows/{flow['id']}", "button[name=action_cut_now]")
        operator.page.click("button[name=action_cut_now]")
        operator.page.click(".modal .btn-primary")
        operator.page.wait_for_selector(".modal", state="detached")
        awaiting = until(
            lambda: demo.operator.look(
                "interop.batch",
                [("flow_id", "=", flow["id"]), ("state", "=", "awaiting_release")],
                ["id", "name", "document_count", "totals", "digest"],
            ),
            90,
            "a batch that awaits its release",
        )
        [batch] = awaiting
        assert batch["document_count"] == 3
        assert not any(demo.partner.journal(m["uuid"]) for o in orders for m in demo.messages(o))
        operator.go("interop-batches", f".o_data_row:has-text('{batch['name']}')")
        operator.picture("batches")
        operator.click(
            f".o_data_row:has-text('{batch['name']}') td[name=name]",
            "button[name=action_ask_release]",
        )
        operator.picture("batch_awaits_release")
        operator.click("button[name=action_ask_release]", ".modal button[name=action_decide]")
        told = operator.see(".modal-body").inner_text()
        assert "Documents: 3" in told and batch["digest"] in told, told
        quantities = next(line for line in told.splitlines() if "quantity" in line)
        assert "Units" in quantities and "USD" not in quantities, quantities
        operator.page.fill(".modal div[name=reason] input", "Compared with the ledger")
        operator.picture("batch_release")
        operator.page.click(".modal button[name=action_decide] >> visible=true")
        operator.page.wait_for_selector(".modal", state="detached")
        operator.see("div[name=released_by_id]")
        until(
            lambda: demo.operator.look(
                "interop.batch",
                [("id", "=", batch["id"]), ("state", "in", ["delivered", "partly", "failed"])],
            ),
            90,
            "the end of the batch",
        )
        operator.go(f"interop-batches/{batch['id']}", "div[name=message_ids]")
        operator.picture("batch_ended")
        # This partner's address takes one order at a time: all are dead letters. From now on the
        # first stands for the others.
        head, *later = [m["id"] for order in orders for m in demo.messages(order)]
        rows(
            "UPDATE interop_message SET state = 'done', coalesced_into_id = %(head)s "
            "WHERE id = ANY (%(later)s) RETURNING id",
            head=head,
            later=later,
        )
        rows("UPDATE interop_message SET failure_class = 'policy' WHERE id = %(head)s", head=head)
        operator.go(f"interop-messages/{head}", "button[name=action_ask_redrive]")
        operator.page.click(".nav-link[name=attempts]")
        operator.picture("message_attempts")
        operator.page.click(".nav-link[name=coalesced]")
        operator.page.locator(".o_notebook").evaluate("book => book.scrollIntoView()")
        operator.picture("message_stands_for")
        operator.click("button[name=action_ask_redrive]", ".modal button[name=action_redrive]")
        told = operator.see(".modal-body").inner_text()
        assert "later updates of the same" in told, told
        operator.picture("message_redrive_stands_for")
        operator.page.click(".modal button[special=cancel]")
        operator.page.wait_for_selector(".modal", state="detached")
        operator.click("button[name=action_ask_cancel]", ".modal button[name=action_cancel]")
        told = " ".join(operator.see(".modal-body").inner_text().split())
        assert "stand for 2 later updates" in told, told
        operator.page.fill(".modal div[name=reason] input", "a test of batches")
        operator.picture("message_cancel_stands_for")
        operator.page.click(".modal button[name=action_cancel] >> visible=true")
        operator.page.wait_for_selector(".modal", state="detached")
    _publish(demo, flow["id"], mode="realtime", batch_size=1, batch_release=False)


def _publish(demo, flow_id: int, **values) -> None:
    manager = demo.person("manager")
    manager.call("interop.flow", "write", ids=[flow_id], vals=values)
    manager.call("interop.flow", "action_publish", ids=[flow_id])
