"""The packs that ship with the sandbox: what they say is what the sandbox does and speaks."""

import json
from pathlib import Path

from odoo.tests import BaseCase, TransactionCase, tagged

from odoo.addons.interop_document.lib.lookup import IN
from odoo.addons.interop_document.lib.mapping.compiled import MappingError, compile_mapping
from odoo.addons.interop_pack.lib.pack import read_pack

from ..lib import world
from ..lib.answers import acknowledgement, mixed
from ..lib.dialects import DIALECTS


class Codes:
    """A lookup over the crosswalks of a pack."""

    def __init__(self, crosswalks):
        self._known = {each["code"]: each["entries"] for each in crosswalks}

    def __call__(self, crosswalk, code, way="out", on=None):
        ours, theirs = ("theirs", "ours") if way == IN else ("ours", "theirs")
        return next((e[theirs] for e in self._known[crosswalk] if e[ours] == code), None)


FOLDER = Path(__file__).parents[1] / "data" / "packs"


@tagged("interop_lib")
class TestPacks(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.packs = {path.stem: read_pack(path.read_bytes()).body for path in FOLDER.iterdir()}
        cls.nordwind = cls.packs["nordwind_dialect"]
        cls.mapper = {m["code"]: compile_mapping(m) for m in cls.nordwind["mappings"]}
        cls.codes = Codes(cls.nordwind["crosswalks"])
        cls.samples = {
            flow["mapping"]: [
                (json.loads(each["given"]), json.loads(each["expected"]))
                for each in flow["samples"]
            ]
            for flow in cls.nordwind["flows"]
        }

    def test_the_samples_give_what_they_say(self):
        for code, samples in self.samples.items():
            for given, expected in samples:
                self.assertEqual(self.mapper[code](given, self.codes), expected)

    def test_the_partner_reads_the_order_and_its_answer_is_in_our_units(self):
        [(order, wire)] = self.samples["orders"]
        nordwind = DIALECTS.get("nordwind")
        answer = nordwind.answer_with(acknowledgement(nordwind.order_of(wire), mixed), wire)
        body = self.mapper["answers"](answer, self.codes)
        self.assertEqual(body["order_number"], order["number"])
        first, second = body["lines"]
        self.assertEqual((first["quantity_accepted"], first["unit_price"]["amount"]), (500, 0.065))
        self.assertEqual((second["quantity_backordered"], second["uom"]["code"]), (5, "DZN"))

    def test_a_supplier_that_renamed_pieces_says_so_in_its_answers_only(self):
        [(_order, wire)] = self.samples["orders"]
        renamed = DIALECTS.get("nordwind_renamed")
        read = renamed.order_of(wire)
        self.assertEqual(read, DIALECTS.get("nordwind").order_of(wire))
        answer = renamed.answer_with(acknowledgement(read, mixed), wire)
        lines = answer["Auftragsbestaetigung"]["Positionen"]["Position"]
        self.assertEqual([line["Menge"]["Gebinde"]["Art"] for line in lines], ["ST", "DTZ"])

    def test_an_unknown_unit_on_the_way_out_is_told_with_its_row(self):
        [(order, _wire)] = self.samples["orders"]
        line = order["lines"][0] | {"uom": {"code": "XPK", "name": "Pack"}}
        with self.assertRaisesRegex(MappingError, r"Row 17 .*Anzahl.*no such code") as caught:
            self.mapper["orders"](order | {"lines": [line]}, self.codes)
        self.assertNotIn("XPK", str(caught.exception))

    def test_the_policies_are_those_of_the_demo_world(self):
        for pack in self.packs.values():
            for policy, decisions in zip(
                pack["policies"], (world.ORDER_POLICY, world.ANSWER_POLICY), strict=True
            ):
                self.assertEqual(
                    [(r["path"], r["action"], r.get("pattern")) for r in policy["rules"]],
                    [(d.path, d.action, d.pattern) for d in decisions],
                )

    def test_what_is_no_order_in_the_dialect_is_not_read(self):
        for body in ({}, {"Beleg": {}}, {"number": "P1", "lines": []}, [], None):
            with self.assertRaises((KeyError, TypeError)):
                DIALECTS.get("nordwind").order_of(body)

    def test_codes_go_both_ways(self):
        self.assertEqual(self.codes("units", "DTZ", IN), "DZN")


@tagged("post_install", "-at_install")
class TestInstalledPacks(TransactionCase):
    def test_both_are_installed_with_the_module_and_can_be_used(self):
        packs = self.env["interop.pack"].search(
            [("code", "in", ("sandbox_supplier", "nordwind_dialect"))]
        )
        self.assertEqual(set(packs.mapped("origin")), {"module"})
        self.assertEqual(len(packs), 2)
        for pack in packs:
            self.assertEqual(pack._missing_here(), [])
