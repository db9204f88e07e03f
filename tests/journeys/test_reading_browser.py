"""In the browser: reading content, and what a policy makes of a document.

Pictures as in `test_browser.py`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from journey import TEST_NOTE

pytestmark = pytest.mark.common


def give_password(sitting, password: str) -> None:
    sitting.see(".modal input[type=password], .modal div[name=password] input")
    sitting.page.fill(".modal div[name=password] input", password)
    sitting.page.click(".modal button[name=run_check]")


def choose(sitting, field: str, label: str) -> None:
    sitting.page.click(f".modal div[name={field}] input")
    sitting.page.click(f".o_select_menu_item:has-text('{label}')")


def test_reading_asks_why_and_who_and_shows_what_the_partner_sees_until_it_closes(demo, desk):
    _order, sent = demo.sent_order(note=f"<p>{TEST_NOTE}</p>")
    with desk("reader") as reader:
        reader.page.clock.install()
        reader.go(f"interop-messages/{sent['id']}", "button[name=action_read_content]")
        reader.click("button[name=action_read_content]", ".modal div[name=reason_code]")
        reader.picture("reading_asked")
        choose(reader, "reason_code", "The partner asks about it")
        reader.page.fill(".modal div[name=reason] input", "Ticket 4711")
        reader.page.click(".modal button[name=action_read]")
        give_password(reader, "reader")
        shown = reader.see(".modal .o_interop_document")
        told = shown.inner_text()
        assert "hidden" in told and "Sent" in told
        assert "Closes in" in reader.page.inner_text(".modal")
        reader.picture("reading")
        reader.page.click(".modal .nav-link[name=text]")
        text = reader.see(".modal div[name=content] >> nth=1").inner_text()
        assert sent["business_key"].split("/")[0] in text
        assert TEST_NOTE not in text
        assert text[:40] not in reader.page.url
        reader.picture("reading_text")
        # When the time is over the screen asks the server, which gives nothing any more.
        with reader.page.expect_request("**/interop.content.reading/web_read"):
            reader.page.clock.fast_forward("11:00")


def show(sitting, filtered: str) -> None:
    sitting.page.click(f".modal div[name=show] label:has-text('{filtered}')")


def test_a_preview_shows_document_and_outcome_side_by_side(demo, desk):
    """A long order, by a privacy officer: what leaves, what does not, and which rule decided."""
    lines = [
        (0, 0, {"product_id": demo.products[code], "product_qty": quantity})
        for quantity in range(1, 14)
        for code in ("GLOVE-NIT-M", "SYR-LL-10", "REAG-TROP-I")
    ]
    order_id = demo.draft(order_line=lines, note=f"<p>{TEST_NOTE}</p>")
    demo.confirm(order_id)
    sent = demo.settled(order_id)
    with desk("privacy") as privacy:
        privacy.go(f"interop-messages/{sent['id']}", "button:has-text('Preview')")
        privacy.click("button:has-text('Preview…')", ".modal div[name=policy_id]")
        privacy.picture("preview_asked")
        privacy.page.click(".modal div[name=values] label:has-text('With the values')")
        choose(privacy, "reason_code", "To review a policy")
        privacy.page.click(".modal button[name=action_read]")
        give_password(privacy, "privacy")
        told = privacy.see(".modal .o_interop_document").inner_text()
        assert "In the document" in told and "As the partner sees it" in told
        assert "covered" in privacy.page.inner_text(".modal .o_interop_coverage")
        assert privacy.page.locator(".modal details[data-place=lines]").count() == 1
        privacy.picture("preview")

        show(privacy, "Only dropped")
        note = ".modal .o_interop_row[data-decision=drop]"
        assert TEST_NOTE in privacy.see(note).first.inner_text() + privacy.page.inner_text(".modal")
        privacy.page.wait_for_selector(".o_interop_row[data-decision=send]", state="detached")
        privacy.picture("preview_dropped")
        show(privacy, "All")
        privacy.see(".modal .o_interop_row[data-place=number]")

        # With the keyboard alone: a group opens and shuts.
        group = privacy.page.locator(".modal details[data-place=lines] > summary")
        group.focus()
        privacy.page.keyboard.press("Enter")
        privacy.see(".modal details[data-place=lines][open]")

        with privacy.page.expect_download() as downloaded:
            privacy.page.click(".modal button[name=action_export]")
        evidence = json.loads(Path(downloaded.value.path()).read_text())
        assert evidence["decisions"]["drop"] and len(evidence["fields"]) > 400
        assert TEST_NOTE not in json.dumps(evidence)

    with desk("manager") as manager:
        manager.go(f"interop-messages/{sent['id']}", "button:has-text('Preview')")
        manager.click("button:has-text('Preview…')", ".modal div[name=policy_id]")
        manager.page.click(".modal button[name=action_read]")
        told = manager.see(".modal .o_interop_document").inner_text()
        assert TEST_NOTE not in manager.page.content()
        assert "hidden" in told
        manager.picture("preview_types")
