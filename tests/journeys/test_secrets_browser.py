"""In the browser: a secret is entered, rotated and warned of, and is nowhere to be seen.

Pictures as in `test_browser.py`.
"""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "addons" / "interop_vault" / "tests"))

from keys import certificate, new_key, pem  # noqa: E402

CANARY, NEW = "canary-entered-4711", "canary-rotated-4712"
SECRETS = "action-interop_vault.interop_vault_secret_action"


class Wire:
    """Every answer that comes to the page: the browser must not get back what it sent."""

    def __init__(self, page):
        self.texts = []
        self._page = page
        for path in ("**/web/dataset/**", "**/mail/**"):
            page.route(path, self._pass_on)

    def _pass_on(self, route):
        answer = route.fetch()
        self.texts.append(answer.text())
        route.fulfill(response=answer)

    def cut(self):
        """The page asks for this and that when nobody looks any more."""
        self._page.unroute_all(behavior="ignoreErrors")


def unseen(sitting, wire, *canaries):
    """Neither in the page, nor in a field of it, nor in anything the server answered."""
    typed = sitting.page.evaluate(
        "[...document.querySelectorAll('input, textarea')].map(each => each.value)"
    )
    everything = [sitting.page.content(), json.dumps(typed), *wire.texts]
    assert len(wire.texts) > 3, "the page talks to the server"
    for canary in canaries:
        assert not [text[:200] for text in everything if canary in text]


def choose(sitting, field, label):
    sitting.page.click(f"div[name={field}] input, div[name={field}] select")
    if sitting.page.locator(f"div[name={field}] select").count():
        sitting.page.select_option(f"div[name={field}] select", label=label)
    else:
        sitting.page.click(f".o_select_menu_item:has-text('{label}')")


def save(sitting):
    sitting.page.click(".o_form_button_save")
    sitting.page.wait_for_selector(".o_form_button_save", state="hidden")
    sitting.check()


def test_a_secret_is_entered_and_rotated_and_never_seen_again(demo, desk):
    with desk("manager") as manager:
        wire = Wire(manager.page)
        manager.go(f"{SECRETS}/new", "div[name=name] input")
        manager.page.fill("div[name=name] input", "Order API of the supplier, production")
        assert manager.page.locator("div[name=value] input").get_attribute("type") == "password"
        manager.page.fill("div[name=value] input", CANARY)
        manager.page.fill("div[name=note] textarea", "Ask the supplier's integration desk.")
        manager.picture("secret_entering")
        save(manager)
        manager.see("div[name=has_value] input:checked")
        unseen(manager, wire, CANARY)
        manager.picture("secret_entered")

        manager.click("button[name=action_ask_rotate]", ".modal div[name=overlap_hours] input")
        manager.page.fill(".modal div[name=value] input", NEW)
        manager.picture("secret_rotating")
        manager.page.click(".modal button[name=action_rotate]")
        manager.page.wait_for_selector(".modal", state="detached")
        manager.see(".alert:has-text('Two values are valid')")
        manager.picture("secret_rotated")
        manager.page.reload()
        manager.see("button[name=action_end_overlap]")
        unseen(manager, wire, CANARY, NEW)

        manager.click("button[name=action_end_overlap]", ".modal .btn-primary")
        manager.page.click(".modal .btn-primary")
        manager.page.wait_for_selector(".alert:has-text('Two values')", state="hidden")
        unseen(manager, wire, CANARY, NEW)
        wire.cut()


def test_what_is_asked_for_depends_on_the_kind(demo, desk):
    key = new_key()
    with desk("manager") as manager:
        wire = Wire(manager.page)
        manager.go(f"{SECRETS}/new", "div[name=name] input")
        manager.page.fill("div[name=name] input", "Clearing house, certificate")
        choose(manager, "kind", "Certificate and key (mTLS)")
        manager.see("div[name=value_private_key] textarea")
        assert manager.page.locator("div[name=value] input").count() == 0
        manager.page.fill("div[name=value_certificate] textarea", certificate(key, end=12))
        manager.page.fill("div[name=value_private_key] textarea", pem(key, CANARY))
        manager.page.fill("div[name=value_passphrase] input", CANARY)
        save(manager)
        manager.see("div[name=subject]:has-text('interop.hospital.example')")
        manager.see("div[name=expiry]:has-text('Ends soon')")
        body = "".join(pem(key).splitlines()[1:-1])[:40]
        unseen(manager, wire, CANARY, body)
        manager.picture("secret_certificate")

        manager.go(f"{SECRETS}/new", "div[name=name] input")
        manager.page.fill("div[name=name] input", "Payer, token server")
        choose(manager, "kind", "OAuth 2.0 client credentials")
        manager.page.fill("div[name=token_url] input", "https://login.payer.example/oauth2/token")
        manager.page.fill("div[name=client_id] input", "northfield")
        manager.page.fill("div[name=value] input", CANARY)
        manager.picture("secret_oauth2")
        save(manager)
        unseen(manager, wire, CANARY)

        manager.go(f"{SECRETS}/new", "div[name=name] input")
        manager.page.fill("div[name=name] input", "Lab, mounted")
        manager.page.click("div[name=source] label:has-text('File mounted')")
        manager.page.fill("div[name=reference] input", "lab-token")
        save(manager)
        manager.see(".alert:has-text('secrets_dir'), .alert:has-text('folder for secrets')")
        manager.picture("secret_reference")
        wire.cut()


def test_what_ends_first_stands_first_and_somebody_is_told(demo, desk):
    with desk("manager") as manager:
        manager.go(f"{SECRETS}/new", "div[name=name] input")
        manager.page.fill("div[name=name] input", "Ends in three days")
        manager.page.fill("div[name=value] input", CANARY)
        soon = (date.today() + timedelta(days=3)).strftime("%m/%d/%Y")
        manager.page.click("div[name=expires_on] button, div[name=expires_on] input")
        manager.page.fill("div[name=expires_on] input", soon)
        manager.page.press("div[name=expires_on] input", "Enter")
        save(manager)
        manager.go(SECRETS, ".o_data_row")
        first = manager.page.locator(".o_data_row").first
        assert "Ends in three days" in first.inner_text()
        manager.picture("secrets")
