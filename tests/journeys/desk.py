"""One user at a browser, and where the pictures of what was seen go."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[2]
PICTURES = CHECKOUT / ("docs/images" if os.environ.get("PICTURES") else ".runtime/pictures")
SIZE = {"width": 1440, "height": 900}
PATIENCE = 60_000  # milliseconds

# Nothing moves while a picture is taken; a blinking cursor would make two runs differ.
STILL = """
*, *::before, *::after {transition: none !important; animation: none !important;}
* {caret-color: transparent !important;}
"""


class Desk:
    """One user at a browser. Any error dialog or script error fails the test."""

    def __init__(self, page: Any, url: str) -> None:
        self.page = page
        self.url = url
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.set_default_timeout(PATIENCE)

    def log_in(self, login: str) -> None:
        self.page.goto(f"{self.url}/web/login")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", login)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector(".o_main_navbar")

    def go(self, path: str, wait_for: str) -> None:
        self.page.goto(f"{self.url}/odoo/{path}")
        self.see(wait_for)

    def see(self, selector: str) -> Any:
        self.page.wait_for_selector(selector)
        self.check()
        return self.page.locator(selector)

    def click(self, selector: str, wait_for: str) -> None:
        self.page.click(selector)
        self.see(wait_for)

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
