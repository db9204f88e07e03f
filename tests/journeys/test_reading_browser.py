"""In the browser: reading content, and what a policy makes of a document.

Pictures as in `test_browser.py`.
"""

from __future__ import annotations

from journey import TEST_NOTE


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
