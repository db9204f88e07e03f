"""One user at a browser, and where the pictures of what was seen go."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[2]
PICTURES = CHECKOUT / ("docs/images" if os.environ.get("PICTURES") else ".runtime/pictures")
SIZE = {"width": 1440, "height": 900}
SETTINGS = {"viewport": SIZE, "timezone_id": "UTC", "locale": "en-US"}
PATIENCE = 60_000  # milliseconds

# Nothing moves while a picture is taken; a blinking cursor would make two runs differ.
STILL = """
*, *::before, *::after {transition: none !important; animation: none !important;}
* {caret-color: transparent !important;}
"""

# A load of the whole web client takes seconds; people do not do that from view to view either.
_GO = """address => {
    // It would show what it knows of before, until the server has answered.
    const {rpcBus} = odoo.loader.modules.get("@web/core/network/rpc");
    rpcBus.trigger("CLEAR-CACHES", ["web_read", "web_search_read", "web_read_group"]);
    history.pushState({}, "", address);
    window.dispatchEvent(new PopStateEvent("popstate", {state: {}}));
}"""
_GONE = "before => !before.isConnected || document.querySelector('.modal')"


class Desk:
    """One user at a browser. Any error dialog or script error fails the test."""

    def __init__(self, page: Any, url: str, database: str) -> None:
        self.page = page
        self.url = url
        self.database = database
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.set_default_timeout(PATIENCE)

    def log_in(self, login: str) -> None:
        """In the demo world the password is the login. The page is still empty afterwards."""
        # Two loads of the web client less than by the form, which is Odoo's and not ours.
        answer = self.page.context.request.post(
            f"{self.url}/web/session/authenticate",
            data={"params": {"db": self.database, "login": login, "password": login}},
        ).json()
        assert answer.get("result", {}).get("uid"), f"Odoo does not let {login} in"

    def leave(self) -> None:
        """Log out and leave nothing behind but what the browser has in its cache."""
        context = self.page.context
        page = context.new_page()
        kinds = "cookies,local_storage,indexeddb,cache_storage,service_workers,websql,file_systems"
        for other in context.pages:
            if other is not page:
                other.close()
        context.new_cdp_session(page).send(
            "Storage.clearDataForOrigin", {"origin": self.url, "storageTypes": kinds}
        )
        context.clear_cookies()
        page.close()

    def go(self, path: str, wait_for: str) -> None:
        """Open an address: where the web client is open already, as its "back" does it."""
        address = f"{self.url}/odoo/{path}"
        shown = self.page.query_selector(".o_action_manager > .o_action")
        if shown is None or self.page.locator(".modal").count():
            self.page.goto(address)
        else:
            self.page.evaluate(_GO, address)
            # What is waited for next may be in what was there before as well.
            self.page.wait_for_function(_GONE, arg=shown)
        self.see(wait_for)

    def see(self, selector: str) -> Any:
        self.page.wait_for_selector(selector)
        self.check()
        return self.page.locator(selector)

    def click(self, selector: str, wait_for: str) -> None:
        self.page.click(selector)
        self.see(wait_for)

    def into_view(self, target: str | Any) -> None:
        """Scroll to it. The web client may draw a list anew meanwhile: then once more."""
        found = self.page.locator(target) if isinstance(target, str) else target
        seen = "e => {e.scrollIntoView({block: 'nearest'}); return e.isConnected;}"
        assert any(found.evaluate(seen) for _again in range(20)), f"{target} does not stay"

    def check(self) -> None:
        dialogs = self.page.locator(".o_error_dialog, .o_notification.border-danger")
        shown = [dialog.inner_text() for dialog in dialogs.all()]
        assert not shown and not self.errors, (shown, self.errors)

    def picture(self, name: str) -> None:
        """Keep what is on the screen."""
        self.page.add_style_tag(content=STILL)
        self.page.wait_for_function("document.fonts.status === 'loaded'")
        self.page.mouse.move(5, SIZE["height"] - 5)
        self.check()
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png")
