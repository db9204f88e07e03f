"""In the browser: a partner's order of ten lines is mapped by keyboard and by drag and drop.

Pictures as in `test_browser.py`.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.common

SAMPLE = {
    "Hdr": {
        "OrdNo": "PO-2026-0117",
        "OrdRev": 1,
        "ConfDate": "02.03.2026",
        "OurRef": "AB-90211",
        "Contact": "M. Invented",
    },
    "Pos": [
        {
            "PosNo": number,
            "Qty": f"{number * 4},00",
            "Stat": "OK" if number % 3 else "RST",
            "DlvDate": f"{number + 10:02}.03.2026",
            "Hint": "invented",
        }
        for number in range(1, 11)
    ],
}

TREE = ".o_interop_tree"
HAND = ".o_interop_hand input"


def row(number: int) -> str:
    return f".o_interop_row[data-row='{number}']"


def mapping(demo: Any, name: str, direction: str, kind: str) -> int:
    [made] = demo.person("manager").call(
        "interop.mapping",
        "create",
        vals_list=[
            {
                "name": name,
                "direction": direction,
                "document_type_id": demo.person("manager").one(
                    "interop.document.type", [("code", "=", kind), ("version", "=", "1.0")]
                )["id"],
            }
        ],
    )
    return int(made)


def rows_of(demo: Any, mapping_id: int) -> list[tuple[str, str]]:
    found = demo.person("manager").look(
        "interop.mapping.row", [("mapping_id", "=", mapping_id)], ["target", "source", "each"]
    )
    return [(each["target"], each["each"] or each["source"]) for each in found]


def open_editor(person: Any, mapping_id: int) -> Any:
    action = f"action-interop_document.interop_mapping_action/{mapping_id}"
    person.go(action, "button[name=action_open_editor]")
    person.click("button[name=action_open_editor]", ".o_interop_panes")
    return person.page


def test_an_answer_is_mapped_by_keyboard_and_by_drag_and_drop(demo, desk):
    mapping_id = mapping(demo, "Answers of Kirchner", "in", "PurchaseOrderAcknowledgement")
    codes: dict[str, Any] = {"name": "Statuses of Kirchner", "code": "kirchner-statuses"}
    codes["entry_ids"] = [(0, 0, {"ours": "accepted", "theirs": "OK"})]
    demo.person("manager").call("interop.crosswalk", "create", vals_list=[codes])
    with desk("manager") as manager:
        page = open_editor(manager, mapping_id)
        page.fill(".o_interop_pasting textarea", '{"Hdr": ')
        manager.click(".o_interop_use", ".o_interop_pasting .o_interop_problem")
        page.fill(".o_interop_pasting textarea", json.dumps(SAMPLE))
        manager.click(".o_interop_use", f"{TREE} [data-path='Hdr.OrdNo']")
        manager.see(".o_interop_result, .o_interop_problems")

        # By keyboard alone: walk, take, type, choose.
        page.focus(f"{TREE} [tabindex='0']")
        page.keyboard.press("ArrowDown")
        focused = page.locator(f"{TREE} :focus")
        expect(focused).to_have_attribute("data-path", "Hdr.OrdNo")
        page.keyboard.press("Enter")
        expect(page.locator(HAND)).to_be_focused()
        page.keyboard.type("order_num")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        manager.see(".o_interop_result [data-place=order_number]:has-text('PO-2026-0117')")

        # By drag and drop onto a target inside a list: the list is opened with it.
        page.drag_and_drop(
            f"{TREE} [data-path='Pos[].PosNo']", "[data-target='lines[].line_number']"
        )
        manager.see(".o_interop_result [data-place='lines[9].line_number']:has-text('10')")
        expect(page.locator(f"{row(2)} .o_interop_from input")).to_have_value("Pos")
        # Onto the place for new rows, and from there by typing.
        page.drag_and_drop(f"{TREE} [data-path='Pos[].Qty']", ".o_interop_new")
        page.fill(HAND, "lines[].quantity_accepted")
        page.keyboard.press("Enter")
        manager.see(row(4))

        # The quantity is a text there: told where it is wrong, and without the value.
        wrong = ".o_interop_result [data-place='lines[0].quantity_accepted'] .o_interop_problem"
        told = manager.see(wrong).inner_text()
        assert "must be a number" in told and "4,00" not in told
        page.click(f"{row(4)} .o_interop_more")
        page.select_option(f"{row(4)} select[name=converter]", "text_number")
        page.fill(f"{row(4)} input[name=point]", ",")
        page.wait_for_selector(wrong, state="detached")
        page.click(f"{row(4)} .o_interop_more")

        # An expression that cannot be read is told in its row; the others go on. Undone.
        page.fill(f"{row(1)} .o_interop_from input", "Hdr[?")
        manager.see(f"{row(1)} .o_interop_problem:has-text('cannot be read')")
        manager.see(".o_interop_result [data-place='lines[9].line_number']")
        page.keyboard.press("Control+z")
        expect(page.locator(f"{row(1)} .o_interop_from input")).to_have_value("Hdr.OrdNo")
        page.wait_for_selector(f"{row(1)} .o_interop_problem", state="detached")

        # A row gets another source, then the right one again.
        page.drag_and_drop(f"{TREE} [data-path='Hdr.OrdRev']", f"{row(1)} .o_interop_from")
        expect(page.locator(f"{row(1)} .o_interop_from input")).to_have_value("Hdr.OrdRev")
        page.keyboard.press("Control+z")
        expect(page.locator(f"{row(1)} .o_interop_from input")).to_have_value("Hdr.OrdNo")

        # Names that are alike are proposed, and accepted one by one.
        manager.click(".o_interop_suggest", ".o_interop_pair:has-text('Hdr.OrdRev')")
        page.click("button[aria-label='Accept order_revision']")
        manager.see(".o_interop_result [data-place=order_revision]")
        page.click("button[aria-label='Accept lines[].status']")
        page.click(".o_interop_suggestions .btn-close")

        # Codes that the crosswalk does not know are listed.
        status = page.locator(".o_interop_row:has(input[title='Stat'])")
        status.locator(".o_interop_more").click()
        status.locator("select[name=crosswalk]").select_option(label="Statuses of Kirchner")
        assert "RST" in manager.see(".o_interop_missing").inner_text()
        status.locator(".o_interop_more").click()
        expect(page.locator(f"{TREE} .o_interop_unused")).to_have_count(5)
        page.locator(f"{row(4)} .o_interop_more").click()
        manager.picture("mapping_editor")

        assert rows_of(demo, mapping_id) == [], "nothing is written until it is saved"
        manager.click(".o_interop_save", ".o_notification:has-text('Saved')")
        assert rows_of(demo, mapping_id) == [
            ("order_number", "Hdr.OrdNo"),
            ("lines[]", "Pos"),
            ("lines[].line_number", "PosNo"),
            ("lines[].quantity_accepted", "Qty"),
            ("lines[].status", "Stat"),
            ("order_revision", "Hdr.OrdRev"),
        ]


def test_an_order_is_mapped_to_what_the_partner_wants_to_get(demo, desk):
    mapping_id = mapping(demo, "Orders to Kirchner", "out", "PurchaseOrder")
    wanted = {"Kopf": {"Currency": "EUR", "Nummer": "1"}, "Zeilen": [{"Quantity": 1, "GTIN": "0"}]}
    with desk("manager") as manager:
        page = open_editor(manager, mapping_id)
        manager.see(f"{TREE} [data-path='lines[].item.gtin'].o_interop_unused")
        page.click("text=Paste what the partner wants to get")
        page.fill(".o_interop_pasting textarea", json.dumps(wanted))
        manager.click(".o_interop_use", "[data-target='Kopf.Nummer']")
        page.drag_and_drop(f"{TREE} [data-path=number]", "[data-target='Kopf.Nummer']")
        manager.see(row(1))
        manager.click(".o_interop_suggest", ".o_interop_pair")
        page.click("button[aria-label='Accept Zeilen[].Quantity']")
        manager.see(".o_interop_result [data-place='Zeilen[0].Quantity']")
        expect(page.locator(f"{row(2)} .o_interop_from input")).to_have_value("lines")
        manager.picture("mapping_editor_out")

        # Rows are moved by keyboard, and what is not saved is not left behind unasked.
        page.focus(f"{row(1)} .o_interop_grip")
        page.keyboard.press("Alt+ArrowDown")
        expect(page.locator(f"{row(1)} .o_interop_from input")).to_have_value("lines")
        page.click(".o_breadcrumb a:has-text('Orders to Kirchner')")
        manager.click(".modal button:has-text('Stay here')", ".o_interop_panes")
        page.click(".o_breadcrumb a:has-text('Orders to Kirchner')")
        manager.click(".modal button:has-text('Discard them')", "button[name=action_open_editor]")
    assert rows_of(demo, mapping_id) == []
