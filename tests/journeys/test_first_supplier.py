"""In the browser: the steps of `docs/tutorials/first_supplier.rst`, one after the other.

The numbers are those of the tutorial, which shows the pictures made here:
`PICTURES=1 ./setup/test tests/journeys/test_first_supplier.py`. Whoever changes one of the two
changes the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from interop_setup.processes import free_port
from journey import Demo, Partner, until
from playwright.sync_api import expect
from running import running_partner

SUPPLIER = "Nordwind Medical"
PREFIX = "nordwind-nmc"
PRODUCT = "Nitrile examination gloves"
DIALOG = ".modal-dialog"


@dataclass
class Reader:
    """Somebody who follows the tutorial: sits down as one person of the demo after the other."""

    demo: Demo
    desk: Any
    partner: Partner
    secrets: dict[str, str]

    @contextmanager
    def sits_down_as(self, login: str) -> Iterator[Any]:
        with self.desk(login) as person:
            person.go("", ".o_main_navbar")
            yield person

    # -- what one does again and again ---------------------------------------------------------

    def choose(self, person: Any, field: str, text: str, option: str | None = None) -> None:
        """Type into a field that proposes records, and take the proposal."""
        widget = f"{DIALOG} div[name={field}]"
        if not person.page.locator(widget).count():
            widget = f"div[name={field}]"
        person.page.fill(f"{widget} input", text)
        person.page.click(f".o-autocomplete--dropdown-item:has-text('{option or text}')")

    def menu(self, person: Any, *names: str) -> None:
        """A menu of Interop, and an entry of it."""
        first, *rest = names
        person.page.click(f".o_menu_sections :text-is('{first}')")
        for name in rest:
            person.page.click(f".o-dropdown--menu :text-is('{name}')")

    def app(self, person: Any, name: str) -> None:
        person.page.click(".o_navbar_apps_menu button")
        person.page.click(f".o-dropdown--menu .o_app:has-text('{name}')")
        person.see(f".o_menu_brand:has-text('{name}')")

    def flow(self, person: Any, name: str) -> None:
        self.menu(person, "Flows")
        row = f".o_data_row:has-text('{name} ({SUPPLIER}') td[name=name]"
        person.see(row)
        person.click(row, "button[name=action_check_readiness]")

    def connector(self, person: Any) -> None:
        self.menu(person, "Connectors", "Connectors")
        row = f".o_data_row:has-text('{SUPPLIER}') td[name=name]"
        person.see(row)
        person.click(row, ".nav-link[name=pack]")


@pytest.fixture
def reader(demo, desk, server, world, odoo_server) -> Iterator[Reader]:
    """Step 1: the demo runs, and Nordwind beside it."""
    secrets = json.loads(world.secrets.read_text())
    theirs = replace(world, port=free_port())
    answers = f"{odoo_server.url}/interop/v1/in/{PREFIX}/{PREFIX}-order-answers"
    words = ("--callback", answers, "--dialect", "nordwind", "--delay", "0.2")
    with running_partner(server, theirs, odoo_server.url, *words, "--behaviour", "accept") as runs:
        yield Reader(demo, desk, Partner(runs.url), secrets)


def test_a_person_with_the_tutorial_takes_nordwind_live(reader):
    with reader.sits_down_as("admin") as admin:
        step_2_tell_odoo_about_the_supplier(reader, admin)
    with reader.sits_down_as("manager") as manager:
        reader.app(manager, "Interop")
        step_3_add_the_partner_from_its_pack(reader, manager)
        step_4_enter_the_secrets(reader, manager)
        step_5_look_at_the_mapping_and_change_a_row(reader, manager)
        step_6_add_a_code(reader, manager)
        step_7_run_the_samples(reader, manager)
        step_8_activate_and_ask_whether_it_is_ready(reader, manager)
        step_9_publish(reader, manager)
    with reader.sits_down_as("buyer") as buyer:
        first = step_10_confirm_an_order(reader, buyer)
        step_11_watch_its_message(reader, buyer, first)
        step_12_see_the_answer(reader, buyer, first)
    second = step_13_the_supplier_changes_a_code(reader)
    with reader.sits_down_as("manager") as manager:
        reader.app(manager, "Interop")
        step_14_map_the_code(reader, manager, second)
        step_15_change_compare_publish(reader, manager)


def step_2_tell_odoo_about_the_supplier(reader, admin):
    reader.app(admin, "Purchase")
    reader.menu(admin, "Configuration", "Vendor Pricelists")
    admin.see(".o_breadcrumb .active:has-text('Vendor Pricelists')")
    admin.click(".o_list_button_add", "div[name=product_code]")
    page = admin.page
    page.fill("div[name=partner_id] input", SUPPLIER)
    page.click(".o-autocomplete--dropdown-item:has-text('Create \"')")
    page.fill("div[name=product_code] input", "NW-100")
    reader.choose(admin, "product_tmpl_id", PRODUCT)
    page.fill("div[name=price] input", "6.50")
    page.fill("div[name=company_id] input", "")
    page.keyboard.press("Tab")
    admin.picture("tutorial/02_article")
    admin.click(".o_form_button_save", ".o_form_saved, .o_form_view")


def step_3_add_the_partner_from_its_pack(reader, manager):
    page = manager.page
    reader.menu(manager, "Connectors", "Packs")
    manager.see(".o_data_row:has-text('Nordwind')")
    manager.click(".o_data_row:has-text('Nordwind') td[name=name]", ".o_form_view")
    manager.picture("tutorial/03_pack")
    manager.click("button[name=action_add_partner]", f"{DIALOG} div[name=partner_id]")
    reader.choose(manager, "partner_id", SUPPLIER)
    reader.choose(manager, "area_id", "Purchasing")
    reader.choose(manager, "service_user_id", "Interop purch", "Interop purchasing service")
    expect(page.locator(f"{DIALOG} div[name=prefix] input")).to_have_value(PREFIX)
    answer(manager, "Address for orders", f"{reader.partner.url}/orders")
    answer(manager, "Our customer number", "K-4711")
    manager.picture("tutorial/03_wizard")
    manager.into_view(f"{DIALOG} div[name=preview_html]")
    manager.click(f"{DIALOG} button[name=action_make]", ".nav-link[name=pack].active")
    page.wait_for_selector(DIALOG, state="detached")
    manager.into_view(page.locator("[name=pack_remaining_html] li").last)
    manager.picture("tutorial/03_what_remains")


def answer(manager, question, value):
    row = f"{DIALOG} div[name=answer_ids] .o_data_row:has-text('{question}')"
    manager.page.click(f"{row} td[name=value]")
    manager.page.fill(f"{row} td[name=value] input", value)


def step_4_enter_the_secrets(reader, manager):
    page = manager.page
    values = {
        "our token": reader.secrets["bearer"],
        "our signature": reader.secrets["signing"],
        "their signature": reader.secrets["callback"],
    }
    for name, value in values.items():
        line = f"[name=pack_remaining_html] li:has-text('{name}') a"
        manager.see(line)
        with page.context.expect_page() as opened:
            page.click(line)
        manager.page = opened.value
        manager.see("div[name=value] input")
        manager.page.fill("div[name=value] input", value)
        if name == "our token":
            manager.picture("tutorial/04_secret")
        manager.page.click(".o_form_button_save")
        manager.page.wait_for_selector(".o_form_button_save", state="hidden")
        manager.page.close()
        manager.page = page
        page.reload()
        manager.see(f"[name=pack_remaining_html]:not(:has-text('{name}'))")
    left = manager.see("[name=pack_remaining_html]").inner_text()
    assert not any(name in left for name in values), left
    manager.into_view(page.locator("[name=pack_remaining_html] li").last)
    manager.picture("tutorial/04_what_remains")


def step_5_look_at_the_mapping_and_change_a_row(reader, manager):
    page = manager.page
    reader.menu(manager, "Configuration", "Mappings")
    row = f".o_data_row:has-text('Orders ({SUPPLIER}') td[name=name]"
    manager.see(row)
    manager.click(row, "button[name=action_open_editor]")
    manager.click("button[name=action_open_editor]", ".o_interop_panes")
    changed = ".o_interop_row[data-row='16']"
    page.locator(f"{changed} .o_interop_more").click()
    page.fill(f"{changed} input[name=length]", "40")
    manager.see(".o_interop_result")
    manager.picture("tutorial/05_editor")
    manager.click(".o_interop_save", ".o_notification:has-text('Saved')")


def step_6_add_a_code(reader, manager):
    page = manager.page
    reader.menu(manager, "Documents", "Crosswalks")
    row = ".o_data_row:has-text('Taxes of Nordwind') td[name=name]"
    manager.see(row)
    manager.click(row, "div[name=entry_ids]")
    page.click("div[name=entry_ids] .o_field_x2many_list_row_add a")
    page.fill("div[name=entry_ids] .o_selected_row td[name=ours] input", "5")
    page.fill("div[name=entry_ids] .o_selected_row td[name=theirs] input", "V4")
    manager.picture("tutorial/06_crosswalk")
    page.click(".o_form_button_save")
    manager.see(".o_data_row:has-text('V4')")
    page.wait_for_selector(".o_form_button_save", state="hidden")


def step_7_run_the_samples(reader, manager):
    for name in ("Order answers", "Orders"):
        reader.flow(manager, name)
        manager.click(".nav-link[name=samples]", "button[name=action_run_samples]")
        manager.click("button[name=action_run_samples]", ".o_data_row:has-text('As expected')")
    manager.into_view("div[name=sample_ids]")
    manager.picture("tutorial/07_samples")


def step_8_activate_and_ask_whether_it_is_ready(reader, manager):
    manager.click("button[name=action_check_readiness]", "div[name=line_ids] .o_data_row")
    manager.picture("tutorial/08_missing")
    row = "div[name=line_ids] .o_data_row:has-text('Activate the connector')"
    manager.click(f"{row} button:has-text('Fix')", "button[name=action_activate]")
    manager.click("button[name=action_activate]", ".o_arrow_button_current:has-text('Active')")
    manager.page.click(".o_breadcrumb a:has-text('Ready to go live?')")
    ready = "div[name=line_ids]:not(:has-text('Missing'))"

    def all_ready():
        # Lanes are heard of when Odoo's scheduled actions run next, within a minute.
        manager.click("button[name=action_again]", "button[name=action_again]:enabled")
        manager.page.wait_for_timeout(1000)
        return manager.page.locator(ready).count()

    manager.see("button[name=action_again]")
    until(all_ready, seconds=120, what="readiness")
    manager.see(":text('Nothing st')")
    manager.picture("tutorial/08_ready")


def step_9_publish(reader, manager):
    page = manager.page
    for name in ("Orders", "Order answers"):
        reader.flow(manager, name)
        if name == "Order answers":
            assert f"/in/{PREFIX}/" in manager.see("div[name=address]").inner_text()
            manager.picture("tutorial/09_address")
        manager.click("button[name=action_publish]", f"{DIALOG} .btn-primary")
        page.click(f"{DIALOG} .btn-primary")
        manager.see(".o_arrow_button_current:has-text('Live')")
    reader.connector(manager)
    manager.see("[name=pack_remaining_html]:has-text('Nothing')")
    manager.picture("tutorial/09_nothing_remains")


def step_10_confirm_an_order(reader, buyer, name="10_order"):
    page = buyer.page
    reader.app(buyer, "Purchase")
    buyer.click(".o_list_button_add, .o-kanban-button-new", "div[name=partner_id] input")
    reader.choose(buyer, "partner_id", SUPPLIER)
    page.click("div[name=order_line] .o_field_x2many_list_row_add a >> nth=0")
    line = "div[name=order_line] .o_selected_row"
    page.fill(f"{line} td[name=product_id] :is(input, textarea)", PRODUCT)
    page.click(f".o-autocomplete--dropdown-item:has-text('{PRODUCT}')")
    page.fill(f"{line} td[name=product_qty] input", "40")
    page.keyboard.press("Tab")
    # The vendor list's price: the product has arrived in the line.
    expect(page.locator(f"{line} td[name=price_unit] input")).to_have_value("6.50")
    buyer.see("div[name=tax_totals]:has-text('260')")
    if name:
        buyer.picture(f"tutorial/{name}")
    page.locator("button[name=button_confirm]:visible").first.click()
    buyer.see("button[name=action_view_interop_messages]")
    return int(page.url.rsplit("/", 1)[-1].split("?")[0])


def step_11_watch_its_message(reader, buyer, order_id):
    reader.demo.settled(order_id, "done")
    title = ".o_breadcrumb .active:has-text('Messages')"
    buyer.click("button[name=action_view_interop_messages]", title)
    buyer.click(".o_data_row:has-text('Outbound') td[name=document_type]", "[name=timeline]")
    buyer.picture("tutorial/11_message")


def step_12_see_the_answer(reader, buyer, order_id):
    until(lambda: reader.demo.order(order_id)["interop_acknowledged_at"], what="the answer")
    buyer.go(f"action-purchase.purchase_form_action/{order_id}", ".nav-link[name=interop]")
    buyer.click(".nav-link[name=interop]", "div[name=interop_line_ids] .o_data_row")
    buyer.see("div[name=interop_line_ids] .o_data_row:has-text('Accepted')")
    buyer.picture("tutorial/12_answer")


def step_13_the_supplier_changes_a_code(reader):
    """The supplier's system calls pieces ST from today on; then another order is confirmed."""
    reader.partner.script(dialect="nordwind_renamed")
    with reader.sits_down_as("buyer") as buyer:
        order_id = step_10_confirm_an_order(reader, buyer, name="")
    reader.demo.settled(order_id, "sent", "done")
    refused = ("failure_class", "=", "data"), ("state", "=", "dead"), ("direction", "=", "in")
    until(lambda: reader.demo.operator.look("interop.message", list(refused)), what="the refusal")
    return order_id


def step_14_map_the_code(reader, manager, order_id):
    page = manager.page
    reader.menu(manager, "Messages", "Messages")
    manager.see(".o_data_row:has-text('Dead')")
    manager.click(".o_data_row:has-text('Dead') td[name=document_type]", "[name=timeline]")
    manager.picture("tutorial/14_dead")
    reader.menu(manager, "Documents", "Unmapped so far")
    row = ".o_data_row:has-text('ST')"
    manager.see(row)
    page.click(f"{row} td[name=ours]")
    page.fill(".o_selected_row td[name=ours] input", "EA")
    manager.picture("tutorial/14_unmapped")
    page.click(".o_list_button_save")
    manager.see(".o_notification")
    until(lambda: reader.demo.order(order_id)["interop_acknowledged_at"], what="the answer")
    manager.picture("tutorial/14_mapped")


def step_15_change_compare_publish(reader, manager):
    page = manager.page
    reader.flow(manager, "Orders")
    page.fill("div[name=answer_hours] input", "12")
    page.click(".o_form_button_save")
    manager.see("text=differs from what runs")
    manager.click("button[name=action_compare]", f"{DIALOG} .o_interop_changes")
    manager.picture("tutorial/15_compare")
    page.click(f"{DIALOG} button:has-text('Close')")
    manager.click("button[name=action_publish]", f"{DIALOG} .btn-primary")
    page.click(f"{DIALOG} .btn-primary")
    page.wait_for_selector("text=differs from what runs", state="hidden")
