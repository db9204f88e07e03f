"""In the browser: what operators and administrators see of the queue, and what they do about it.

Pictures as in `test_browser.py`.
"""

from __future__ import annotations

from journey import until
from running import running_worker

CONNECTOR = "meridian-nmc"


def test_from_a_figure_to_its_dead_letter_and_again(demo, desk):
    demo.partner.script(behaviour="error_400")
    order_id = demo.draft()
    demo.confirm(order_id)
    dead = demo.settled(order_id, "dead")
    demo.partner.script(behaviour="mixed")

    with desk("operator") as operator:
        operator.go("interop-health", ".o_list_view .o_data_row")
        operator.picture("queue_health")
        row = ".o_data_row:has-text('Outbound'):has-text('To look at')"
        operator.click(f"{row} td[name=connector_id]", "button[name=action_view_dead]")
        operator.picture("queue_health_connector")
        operator.click("button[name=action_view_dead]", ".o_data_row td[name=document_type]")
        operator.page.locator(f".o_data_row:has-text('{dead['business_key']}') input").check()
        operator.click("button[name=action_ask_redrive]", ".modal .btn-primary")
        told = operator.see(".modal-body").inner_text()
        assert "1 dead letter runs again" in told
        assert "cannot be undone" in told
        operator.picture("run_again")
        operator.page.click(".modal .btn-primary")
        operator.page.wait_for_selector(".modal", state="detached")
        demo.settled(order_id)


def test_sending_again_as_a_new_message_asks_why_and_warns(demo, desk):
    _order, sent = demo.sent_order()
    with desk("operator") as operator:
        operator.go(f"interop-messages/{sent['id']}", "button[name=action_ask_resend]")
        operator.click("button[name=action_ask_resend]", ".modal div[name=reason] input")
        told = " ".join(operator.see(".modal-body").inner_text().split())
        assert "The partner will see a new message" in told, told
        operator.picture("send_as_new")
        operator.page.click(".modal .btn-danger")
        operator.page.wait_for_selector(".modal div[name=reason].o_field_invalid")
        operator.page.fill(".modal div[name=reason] input", "The supplier lost the order")
        operator.page.click(".modal .btn-danger")
        operator.see("div[name=resent_from_id]")
        operator.picture("sent_as_new")
        operator.page.click("div[name=resent_from_id] a, div[name=resent_from_id] button")
        operator.click(".nav-link[name=resent]", "div[name=resent_ids] .o_data_row")
        operator.picture("sent_again_as")
    [new] = demo.operator.look(
        "interop.message", [("resent_from_id", "=", sent["id"])], ["uuid", "state"]
    )
    assert new["uuid"] != sent["uuid"]
    demo.message(new["uuid"], "sent", "done")
    assert demo.partner.journal(new["uuid"]), "the partner has it under its new key"


def save(admin):
    """Odoo loads the page anew once the settings are saved."""
    admin.page.evaluate("window.before = true")
    admin.page.click(".o_form_button_save")
    admin.page.wait_for_function("!window.before && document.readyState === 'complete'")
    admin.see(".settings_tab")


def lists_lane(admin, number):
    admin.go("interop-lanes", ".o_data_row:has-text('lane 2')")
    return admin.page.locator(f".o_data_row:has-text('lane {number}')").count()


def test_lanes_tell_what_they_do_and_settings_say_how_many_there_are(demo, desk):
    demo.sent_order()
    with desk("manager") as manager:
        manager.go("interop-lanes", ".o_data_row:has-text('Idle')")
        manager.picture("lanes")

    with desk("admin") as admin:
        admin.go("settings", ".settings_tab .tab[data-key=interop_base]")
        admin.click(".settings_tab .tab[data-key=interop_base]", "#interop_lane_number")
        number = "#interop_lane_number div[name=interop_lane_number] input"
        admin.page.fill(number, "4")
        admin.page.press(number, "Tab")
        admin.see("#interop_lane_number .alert-warning:has-text('max_cron_threads')")
        admin.picture("settings_lanes")
        save(admin)
        admin.go("interop-lanes", ".o_data_row:has-text('lane 4'):has-text('Idle')")
        admin.go("settings", ".settings_tab .tab[data-key=interop_base]")
        admin.click(".settings_tab .tab[data-key=interop_base]", "#interop_lane_number")
        admin.page.fill(number, "2")
        admin.page.press(number, "Tab")
        save(admin)
        until(lambda: not lists_lane(admin, 4), what="a list without the lane")
        admin.page.locator(".o_facet_remove").first.click()
        admin.see(".o_data_row:has-text('lane 4'):has-text('Switched off')")


def test_a_dedicated_worker_shows_itself_while_it_works_and_when_it_was_told_to_stop(
    demo, desk, server, odoo_server
):
    demo.partner.script(behaviour="silence")
    with desk("manager") as manager:
        with running_worker(server, odoo_server.database, "night-shift"):
            worker = ".o_data_row:has-text('night-shift'):has-text('Dedicated worker')"
            manager.go("interop-lanes", ".o_list_view")
            reloading(manager, f"{worker}:has-text('Idle')")
            for _number in range(3):
                demo.confirm(demo.draft())
            reloading(manager, ".o_data_row:has-text('Working'):has-text('under way')")
            manager.picture("lanes_at_work")
        reloading(manager, f"{worker}:has-text('Ended')")
        manager.page.click(f"{worker} td[name=name]")
        assert manager.page.locator("div[name=slots] input").count() == 0, "its own to choose"
        manager.go("action-interop_queue.interop_lane_loss_action", ".o_view_nocontent")
        manager.picture("no_lost_leases")
    demo.partner.script(behaviour="mixed")


def reloading(sitting, selector: str) -> None:
    """See the row that the list shows sooner or later."""

    def found() -> bool:
        sitting.page.keyboard.press("Escape")
        if sitting.page.locator(selector).count():
            return True
        sitting.page.click(".o_searchview_input")
        sitting.page.keyboard.press("Enter")
        sitting.page.wait_for_timeout(500)
        return False

    until(found, what=selector)
    sitting.check()


def test_the_timetable_of_retries_follows_what_is_chosen(demo, desk):
    with desk("manager") as manager:
        manager.go("action-interop_queue.interop_flow_action", ".o_data_row:has-text('Outbound')")
        manager.page.locator(".o_data_row:has-text('Orders to') td[name=name]").first.click()
        manager.click(".nav-link[name=retries]", ".o_interop_retry_schedule tbody tr")
        rows = manager.page.locator(".o_interop_retry_schedule tbody tr")
        assert rows.count() == 12
        manager.into_view(".o_interop_retry_schedule")
        manager.picture("retries")
        manager.page.fill("div[name=retry_max_attempts] input", "3")
        manager.page.press("div[name=retry_max_attempts] input", "Tab")
        manager.page.wait_for_function(
            "document.querySelectorAll('.o_interop_retry_schedule tbody tr').length === 3"
        )
        manager.page.click(".o_form_button_cancel")


def test_connectors_are_drained_paused_and_resumed(demo, desk):
    find = [("code", "=", CONNECTOR)]
    connector = demo.operator.one("interop.connector", find, ["id", "state"])
    demo.partner.script(behaviour="error_500", times=99)
    for _number in range(3):
        demo.confirm(demo.draft())
    waiting = [("state", "=", "waiting"), ("failure_class", "=", "transient")]
    until(lambda: len(demo.operator.look("interop.message", waiting)) == 3, what="three failures")

    with desk("operator") as operator:
        path = f"action-interop_connector.interop_connector_action/{connector['id']}"
        operator.go(path, "button[name=action_drain]")
        operator.click("button[name=action_drain]", ".modal .btn-primary")
        operator.page.click(".modal .btn-primary")
        told = operator.see(".alert:has-text('Draining:')").inner_text()
        assert "3 of 3 still to go" in told, told
        operator.picture("draining")
        operator.click("button[name=action_resume]", "button[name=action_pause]")

        operator.go("action-interop_connector.interop_connector_action", ".o_data_row")
        operator.page.locator(".o_list_view thead input").first.check()
        operator.see("button[name=action_pause]")
        operator.picture("connectors_chosen")
        for step, state in (("pause", "Paused"), ("resume", "Active")):
            operator.click(f"button[name=action_{step}]", ".modal .btn-primary")
            operator.page.click(".modal .btn-primary")
            operator.see(f".o_data_row:has-text('{state}')")
            operator.page.wait_for_timeout(500)
            operator.page.locator(".o_list_view thead input").first.check()
    demo.partner.script(behaviour="mixed")

    def active():
        return demo.operator.one("interop.connector", find, ["state"])["state"] == "active"

    assert until(active, what="the connector's resumption")


def test_a_draining_connector_asks_its_partner_to_come_back(demo):
    find = [("code", "=", CONNECTOR)]
    connector = demo.operator.one("interop.connector", find, ["id"])
    demo.operator.call("interop.connector", "action_drain", ids=[connector["id"]])
    try:
        answer = demo.mailbox.deliver({"any": "thing"})
        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) > 0
    finally:
        demo.operator.call("interop.connector", "action_resume", ids=[connector["id"]])
    assert demo.mailbox.deliver({"any": "thing"}).status == 202


def test_administrators_see_which_keys_there_are_and_never_a_key(demo, desk):
    with desk("admin") as admin:
        admin.go("interop-installation", "div[name=keyring_current]")
        told = admin.see(".o_form_view").inner_text()
        assert "Ready: 1 key(s), current k1" in told
        admin.picture("keyring")
        admin.click("button:has-text('Keys')", ".o_list_view .o_data_row")
        rows = admin.page.locator(".o_data_row").all_inner_texts()
        assert any("k1" in row and "Current" in row for row in rows), rows
        assert any("standard/" in row and "Period key" in row for row in rows), rows
        admin.picture("keys")
