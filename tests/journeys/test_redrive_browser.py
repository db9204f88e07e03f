"""In the browser: dead letters run again at scale, and what would be different today.

Pictures as in `test_browser.py`.
"""

from __future__ import annotations

import pytest
from journey import until

pytestmark = pytest.mark.common


def test_an_operator_redrives_a_night_of_dead_letters_and_sees_how_far_it_is(demo, desk):
    demo.partner.script(behaviour="error_400")
    orders = [demo.draft() for _number in range(4)]
    demo.confirm(*orders)
    dead = [demo.settled(order, "dead") for order in orders]
    demo.partner.script(behaviour="accept", delay=0)
    with desk("operator") as operator:
        page = operator.page
        operator.go("interop-redrives", ".o_view_nocontent")
        operator.picture("redrives_none")
        action = demo.operator.call(
            "interop.message", "action_redrive_at_scale", ids=[each["id"] for each in dead]
        )
        number = action["res_id"]
        operator.go(f"interop-redrives/{number}", "div[name=forecast]:has-text('4 dead letters')")
        page.fill("div[name=name] input, div[name=name] textarea", "Meridian is back")
        page.fill("div[name=reason] input", "Meridian takes orders again")
        operator.picture("redrive_draft")
        operator.click("button[name=action_start]", ".modal .btn-primary")
        page.click(".modal .btn-primary")
        operator.see(".o_arrow_button_current:has-text('Running')")
        operator.picture("redrive_running")

        def ended():
            found = demo.operator.look(
                "interop.redrive",
                [("id", "=", number), ("state", "=", "done")],
                ["succeeded_count"],
            )
            return found and found[0]["succeeded_count"] == 4

        until(ended, 120, "the end of the redrive")
        operator.go(f"interop-redrives/{number}", ".o_arrow_button_current:has-text('Done')")
        operator.picture("redrive_done")
        operator.click("button[name=action_view_members]", ".o_list_view .o_data_row")
        assert page.locator(".o_data_row:has-text('Run again')").count() == 4
        operator.picture("redrive_messages")
        operator.go("interop-redrives", ".o_data_row:has-text('Meridian is back')")
        operator.picture("redrives")


def test_a_rehearsal_shows_which_fields_would_differ_and_to_readers_how(demo, desk, rows):
    sent = [demo.sent_order() for _number in range(3)]
    [line] = demo.buyer.look(
        "purchase.order.line",
        [("order_id", "=", sent[0][0]), ("product_qty", "=", 40)],
        ["id"],
    )
    demo.buyer.call("purchase.order.line", "write", ids=[line["id"]], vals={"price_unit": 77.5})
    with desk("operator") as operator:
        page = operator.page
        operator.go("interop-rehearsals", ".o_view_nocontent")
        operator.picture("rehearsals_none")
        operator.go(f"interop-messages/{sent[0][1]['id']}", "button[name=action_rehearse]")
        operator.click("button[name=action_rehearse]", "div[name=against]")
        operator.picture("rehearsal_draft")
        # A fault of the rehearsal itself does not happen when it is wanted.
        [(stopped,)] = rows(
            "UPDATE interop_rehearsal SET state = 'cancelled', "
            "stopped_because = 'The next messages could not be looked at (MemoryError).' "
            "WHERE state = 'draft' RETURNING id"
        )
        operator.go(f"interop-rehearsals/{stopped}", ".alert:has-text('Stopped by itself')")
        operator.see("button[name=action_again]")
        operator.picture("rehearsal_stopped")
        action = demo.operator.call(
            "interop.message", "action_rehearse", ids=[message["id"] for _order, message in sent]
        )
        number = action["res_id"]
        operator.go(f"interop-rehearsals/{number}", "div[name=reason] input")
        page.fill("div[name=reason] input", "Would the new prices reach Meridian?")
        operator.click("button[name=action_start]", "div[name=told]:has-text('2 same')")
        assert "1 differs in" in page.inner_text("div[name=told]")
        operator.picture("rehearsal_done")
        operator.click("button[name=action_view_results]", ".o_group_header:has-text('Differs')")
        page.click(".o_group_header:has-text('Differs')")
        page.click(".o_group_header:has-text('unit_price')")
        operator.see(".o_data_row")
        operator.picture("rehearsal_results")
        operator.click(".o_data_row td[name=outcome]", "div[name=fields_html] table")
        assert "77.5" not in page.inner_text(".o_content")
        assert not page.locator("button[name=action_read_values]").count()
        operator.picture("rehearsal_fields")
    [result] = demo.person("reader").look(
        "interop.rehearsal.result",
        [("rehearsal_id", "=", number), ("outcome", "=", "changed")],
        ["id"],
    )
    with desk("reader") as reader:
        page = reader.page
        reader.go(f"interop-rehearsals/{number}", "button[name=action_view_results]")
        reader.click("button[name=action_view_results]", ".o_group_header:has-text('Differs')")
        page.click(".o_group_header:has-text('Differs')")
        page.click(".o_group_header:has-text('unit_price')")
        reader.click(".o_data_row td[name=outcome]", "button[name=action_read_values]")
        reader.click("button[name=action_read_values]", ".modal div[name=reason_code]")
        page.click(".modal div[name=reason_code] input")
        page.click(".o_select_menu_item:has-text('To settle a difference')")
        page.click(".modal button[name=action_read]")
        reader.see(".modal input[type=password], .modal div[name=password] input")
        page.fill(".modal div[name=password] input", "reader")
        page.click(".modal button[name=run_check]")
        told = reader.see(".modal .o_interop_diff table").inner_text()
        assert "77.5" in told
        reader.picture("rehearsal_then_and_now")
    assert result
