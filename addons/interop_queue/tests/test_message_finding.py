import uuid

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user

from odoo.addons.interop_document.lib.business_keys import KINDS

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

    @classmethod
    def refer(cls, **references):
        """Give the messages with these business keys references: {key: [(kind, value)]}."""
        for key, pairs in references.items():
            cls.env.cr.execute(
                "INSERT INTO interop_message_reference SELECT m.id, r.kind, r.value "
                "FROM interop_message m, unnest(%s, %s) AS r(kind, value) "
                "WHERE m.business_key = %s AND m.connector_id = %s",
                [*map(list, zip(*pairs, strict=True)), key, cls.world["connector"].id],
            )
        cls.env.invalidate_all()

    def found(self, text, operator="ilike", field="number"):
        domain = [(field, operator, text), ("connector_id", "=", self.world["connector"].id)]
        return sorted(self.env["interop.message"].search(domain).mapped("business_key"))

    def one(self, key):
        domain = [("business_key", "=", key), ("connector_id", "=", self.world["connector"].id)]
        return self.env["interop.message"].search(domain)

    def plan(self, domain):
        query = self.env["interop.message"]._search(domain, order="id desc", limit=80)
        self.env.cr.execute("EXPLAIN " + self.env.cr.mogrify(query.select()).decode())
        return "\n".join(row[0] for row in self.env.cr.fetchall())

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
        asked = {
            "interop_message_key_begins": [("number", "ilike", "po/0012345")],
            "interop_message_uuid_unique": [("uuid", "=", str(uuid.uuid4()))],
            "interop_message__business_key_index": [("business_key", "=", "PO/0012345/0")],
        }
        for index, domain in asked.items():
            plan = self.plan(domain)
            with self.subTest(index):
                self.assertIn(index, plan)
                self.assertNotIn("Seq Scan on interop_message", plan)
        self.assertEqual(self.found("po/0012345"), ["PO/0012345/0"])

    def test_any_number_of_the_document_finds_it_and_a_kind_narrows_it(self):
        self.refer(
            **{
                "PO/2026/00017/0": [("partner", "4000001000005"), ("order", "SO-778")],
                "INV_2026_4711": [("order", "so-7781"), ("invoice", "4000")],
            }
        )
        self.assertEqual(self.found("SO-778"), ["INV_2026_4711", "PO/2026/00017/0"])
        self.assertEqual(self.found("so-7781"), ["INV_2026_4711"])
        self.assertEqual(self.found("4000"), ["INV_2026_4711", "PO/2026/00017/0"])
        self.assertEqual(self.found("4000", field="invoice_number"), ["INV_2026_4711"])
        self.assertEqual(self.found("4000", field="partner_number"), ["PO/2026/00017/0"])
        self.assertEqual(self.found("4000", field="order_number"), [])
        self.assertEqual(self.found("778"), [], "the beginning only")
        self.assertEqual(self.found("PO/2026/00017"), ["PO/2026/00017/0"])
        for field in ("shipment_number", "item_number", "lot_number"):
            self.assertEqual(self.found("SO-778", field=field), [])
        message = self.one("PO/2026/00017/0")
        self.assertEqual(message.order_number, "SO-778")
        self.assertEqual(
            message.reference_text, "Order number: SO-778\nPartner number or GLN: 4000001000005"
        )

    def test_every_kind_can_be_searched_for(self):
        fields = self.env["interop.message"]._fields
        searched = {code for code, _kind in KINDS if f"{code}_number" in fields}
        self.assertEqual({code for code, _kind in KINDS} - searched, {"receipt", "contract"})
        for code in searched:
            self.refer(**{"50%-A": [(code, f"K-{code}")]})
            self.assertEqual(self.found(f"K-{code}", field=f"{code}_number"), ["50%-A"])

    def test_messages_about_the_same_order_are_related_and_those_with_a_partner_are_not(self):
        self.refer(
            **{
                "PO/2026/00017/0": [("order", "P00042"), ("partner", "GLN")],
                "INV_2026_4711": [("order", "p00042"), ("partner", "GLN")],
                "INVX2026X4711": [("partner", "GLN"), ("invoice", "P00042")],
                "50%-A": [("order", "P000421")],
            }
        )
        related = self.one("PO/2026/00017/0").related_ids
        self.assertEqual(related.mapped("business_key"), ["INV_2026_4711"])
        self.assertFalse(self.one("INVX2026X4711").related_ids)
        self.assertFalse(self.one("po/2026/0002/0").related_ids)

    def test_who_may_not_see_a_message_does_not_find_it_by_its_references(self):
        self.refer(**{"PO/2026/00017/0": [("order", "Q1")], "INV_2026_4711": [("order", "Q1")]})
        hidden = self.one("INV_2026_4711")
        other = self.env["interop.area"].create({"name": "Elsewhere", "code": "elsewhere"})
        self.env.cr.execute(
            "UPDATE interop_message SET area_id = %s WHERE id = %s", [other.id, hidden.id]
        )
        self.env.invalidate_all()
        user = new_test_user(self.env, "finder", groups="interop_base.group_user")
        user.interop_area_ids = self.world["area"]
        mine = self.env["interop.message"].with_user(user)
        for field in ("number", "order_number"):
            self.assertEqual(
                mine.search([(field, "ilike", "Q1")]).mapped("business_key"), ["PO/2026/00017/0"]
            )
        shown = self.one("PO/2026/00017/0")
        self.assertEqual(shown.related_ids, hidden)
        self.assertFalse(shown.with_user(user).related_ids)
        with self.assertRaises(AccessError):
            hidden.with_user(user).read(["reference_text", "order_number"])

    def test_references_come_from_an_index_among_many(self):
        self.make(*(f"PO/{number:07d}/0" for number in range(30_000)))
        self.env.cr.execute(
            "INSERT INTO interop_message_reference SELECT m.id, r.kind, r.value "
            "FROM interop_message m, LATERAL (VALUES ('order', 'SO-' || m.id), "
            "('lot', 'LT-' || m.id), ('partner', '4000001000005')) AS r(kind, value) "
            "WHERE m.business_key LIKE 'PO/00%%' AND m.connector_id = %s",
            [self.world["connector"].id],
        )
        self.env.cr.execute("ANALYZE interop_message; ANALYZE interop_message_reference")
        message = self.one("PO/0012345/0")
        asked = {
            "any number": [("number", "ilike", f"so-{message.id}")],
            "order number": [("order_number", "ilike", f"so-{message.id}")],
            "a number of all": [("partner_number", "ilike", "4000001000005")],
            "a number of none": [("partner_number", "ilike", "so-1")],
            "related": message._related_domain(),
        }
        for name, domain in asked.items():
            plan = self.plan(domain)
            with self.subTest(name):
                self.assertIn("Index Cond: (id = ANY (", plan, "no walk through all messages")
                if name != "a number of all":
                    self.assertIn("interop_message_reference_begins", plan)
                    self.assertNotIn("Seq Scan on interop_message", plan)
        self.assertEqual(self.found(f"so-{message.id}"), ["PO/0012345/0"])
