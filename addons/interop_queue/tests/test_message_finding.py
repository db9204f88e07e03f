import uuid

from odoo.tests import TransactionCase

from .common import build_world


class TestMessageFinding(TransactionCase):
    """Order and invoice numbers find their messages, by an index, among many others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world = build_world(cls.env, uuid.uuid4().hex[:8])
        cls.make("PO/2026/00017/0", "INV_2026_4711", "INVX2026X4711", "po/2026/0002/0", "50%-A")

    @classmethod
    def make(cls, *keys):
        cls.env.cr.execute(
            "INSERT INTO interop_message (uuid, flow_id, connector_id, area_id, direction, state, "
            "business_key, losses, size, partner_id) SELECT gen_random_uuid(), %s, %s, %s, 'out', "
            "'done', key, 0, 0, %s FROM unnest(%s) AS key",
            [
                cls.world["out"].id,
                cls.world["connector"].id,
                cls.world["area"].id,
                cls.env.company.partner_id.id,
                list(keys),
            ],
        )

    def found(self, text, operator="ilike"):
        domain = [("number", operator, text), ("connector_id", "=", self.world["connector"].id)]
        return sorted(self.env["interop.message"].search(domain).mapped("business_key"))

    def test_the_beginning_of_a_number_finds_it_in_capitals_or_not(self):
        self.assertEqual(self.found("po/2026"), ["PO/2026/00017/0", "po/2026/0002/0"])
        self.assertEqual(self.found(" PO/2026/00017 "), ["PO/2026/00017/0"])
        self.assertEqual(self.found("2026"), [])

    def test_signs_that_mean_something_to_the_database_mean_themselves(self):
        self.assertEqual(self.found("INV_2026"), ["INV_2026_4711"])
        self.assertEqual(self.found("50%-"), ["50%-A"])
        self.assertEqual(self.found("\\"), [])

    def test_nothing_asked_for_finds_nothing(self):
        self.assertEqual(self.found(False, "="), [])

    def test_what_is_searched_for_comes_from_an_index_among_many(self):
        self.make(*(f"PO/{number:07d}/0" for number in range(30_000)))
        self.env.cr.execute("ANALYZE interop_message")
        messages = self.env["interop.message"]
        asked = {
            "interop_message_key_begins": [("number", "ilike", "po/0012345")],
            "interop_message_uuid_unique": [("uuid", "=", str(uuid.uuid4()))],
            "interop_message__business_key_index": [("business_key", "=", "PO/0012345/0")],
        }
        for index, domain in asked.items():
            query = messages._search(domain, order="id desc", limit=80)
            self.env.cr.execute("EXPLAIN " + self.env.cr.mogrify(query.select()).decode())
            plan = "\n".join(row[0] for row in self.env.cr.fetchall())
            with self.subTest(index):
                self.assertIn(index, plan)
                self.assertNotIn("Seq Scan on interop_message", plan)
        self.assertEqual(self.found("po/0012345"), ["PO/0012345/0"])
