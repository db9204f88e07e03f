"""In the browser: a manager looks at who may do what, and decides right by right.

Pictures as in `test_browser.py`.
"""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.common

REVIEWS = "interop-access-reviews"
DIALOG = ".modal-dialog"


def test_who_may_do_what_is_listed_and_decided(demo, desk):
    with desk("manager") as manager:
        manager.go(REVIEWS, ".o_list_view, .o_view_nocontent")
        manager.go(f"{REVIEWS}/new", ".o_form_view")
        manager.page.fill("div[name=name] input, div[name=name] textarea", "Access review, autumn")
        manager.click(".o_form_button_save", "[name=line_ids] .o_data_row:has-text('Priya Raman')")
        manager.click("button[name=action_begin]", f"{DIALOG} .btn-primary")
        manager.click(f"{DIALOG} .btn-primary", "button[name=action_take_away]")
        reader = "[name=line_ids] .o_data_row:has-text('Priya Raman')"
        manager.click(f"{reader} button[name=action_take_away]", f"{DIALOG} div[name=reason]")
        manager.page.fill(f"{DIALOG} div[name=reason] input", "Moved to the warehouse")
        manager.click(
            f"{DIALOG} button:has-text('Have it taken away')", f"{reader}:has-text('To be removed')"
        )
        operator = "[name=line_ids] .o_data_row:has-text('Jun Sato')"
        manager.click(f"{operator} button[name=action_keep]", f"{operator}:has-text('Kept')")
        manager.picture("access_review")
        manager.click("button[name=action_view_lines]", ".o_list_view td[name=right]")
        manager.picture("access_review_rights")
        manager.go(REVIEWS, ".o_data_row:has-text('Access review, autumn')")
        manager.picture("access_reviews")
