"""An order's evidence: made in the browser, opened, and verified by a process without Odoo."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from journey import until

pytestmark = pytest.mark.common


def verified(folder: Path, file: Path, key: str) -> subprocess.CompletedProcess[str]:
    """What the verifier says that lies in the archive itself, in a process that has no Odoo."""
    verifier = folder / "interop_verify.pyz"
    return subprocess.run(
        [sys.executable, "-I", str(verifier), "--public-key", key, "--bundle", str(file)],
        capture_output=True,
        text=True,
        cwd=file.parent,
        env={},
        timeout=60,
    )


def test_an_orders_evidence_is_given_out_and_verified_without_odoo(demo, desk, tmp_path):
    order_id, sent = demo.sent_order()
    until(
        lambda: demo.operator.look("interop.message", [("answers_id", "=", sent["id"])]),
        what="the partner's answer",
    )
    demo.settled(order_id, "done")
    number = demo.order(order_id)["name"]
    with desk("manager") as manager:
        page = manager.page
        manager.go("action-interop_governance.interop_evidence_bundle_action", ".o_list_view")
        manager.click("button:has-text('New bundle')", ".modal .o_form_view")
        page.fill(".modal div[name=number] input", number)
        page.fill(".modal div[name=reason] textarea", "Asked for by the external auditor")
        page.keyboard.press("Tab")
        page.wait_for_function(
            "document.querySelector('.modal div[name=found]').innerText.trim() !== '0'"
        )
        manager.picture("evidence_bundling")
        manager.click(".modal button[name=action_make]", "button[name=action_download]")
        manager.picture("evidence_bundle_form")
        with page.expect_download() as download:
            page.click("button[name=action_download]")
        archive = tmp_path / "bundle.zip"
        download.value.save_as(archive)
        alike = ".o_arrow_button_current:has-text('alike')"
        manager.click("button[name=action_check]", alike)

        with zipfile.ZipFile(archive) as opened:
            assert {"README.txt", "evidence.json", "evidence.pdf"} <= set(opened.namelist())
            opened.extract("interop_verify.pyz", tmp_path)
            bundle = json.loads(opened.read("evidence.json"))
            paper = opened.read("evidence.pdf")
        directions = {each["direction"] for each in bundle["facts"]["messages"]}
        assert directions == {"out", "in"}, "the order and the partner's answer"
        assert sent["uuid"] in {each["uuid"] for each in bundle["facts"]["messages"]}

        # The paper as Odoo's own viewer shows it.
        page.route(
            re.compile(r"^https?://[^?]+/evidence-paper$"),
            lambda route: route.fulfill(body=paper, content_type="application/pdf"),
        )
        page.set_viewport_size({"width": 1000, "height": 1400})
        viewer = f"{manager.url}/web/static/lib/pdfjs/web/viewer.html"
        page.goto(f"{viewer}?file=/evidence-paper#zoom=page-width")
        page.wait_for_selector(".page[data-page-number='1'] .textLayer span")
        manager.picture("evidence_bundle")

    told = verified(tmp_path, archive, bundle["key"])
    assert told.returncode == 0, told.stdout + told.stderr
    # A note may come first: the order's way goes on while the bundle is made.
    assert told.stdout.splitlines()[-1].startswith("TRUE"), told.stdout
    # One letter of one entry, and it is not believed any more.
    forged = tmp_path / "forged.json"
    bundle["entries"][0]["line"] = bundle["entries"][0]["line"].replace("\tok\t", "\tno\t", 1)
    forged.write_bytes(json.dumps(bundle, sort_keys=True, separators=(",", ":")).encode())
    told = verified(tmp_path, forged, bundle["key"])
    assert told.returncode == 1 and "NOT TRUE" in told.stdout, told.stdout


def test_a_random_sample_is_drawn_and_made_in_the_background(demo, desk):
    demo.sent_order()
    with desk("manager") as manager:
        page = manager.page
        manager.go("action-interop_governance.interop_evidence_sample_action/new", ".o_form_view")
        page.fill("div[name=name] input, div[name=name] textarea", "Orders of this year")
        page.fill("div[name=date_from] input", "01/01/2020")
        page.fill("div[name=date_to] input", "12/31/2035")
        page.fill("div[name=number] input", "2")
        page.fill("div[name=seed_given] input", "seventeen camels at dawn")
        page.fill("div[name=reason] textarea", "Yearly audit of purchasing")
        manager.click("button[name=action_draw]", ".modal .btn-primary")
        manager.click(".modal .btn-primary", "div[name=line_ids] .o_data_row")

        def is_done() -> bool:
            page.reload()
            manager.see("div[name=line_ids] .o_data_row")
            return page.locator("button[name=action_download]").is_visible()

        until(is_done, seconds=120, what="the sample's bundles")
        manager.picture("evidence_sample")
