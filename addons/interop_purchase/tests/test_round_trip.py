import json
import uuid

from odoo import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.interop_document.lib.sensitivity import Sensitivity
from odoo.addons.interop_queue.tests.common import WIRE, EngineCase, fail


@tagged("post_install", "-at_install")
class TestRoundTrip(EngineCase):
    """An order leaves and its answer comes back through the real engine, on committed rows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.transaction() as env:
            cls.build(env)
            env.flush_all()
            env.cr.precommit.run()

    @classmethod
    def build(cls, env):
        company = env.company
        supplier = env["res.partner"].create({"name": f"Supplier {cls.tag}"})
        product = env["product.product"].create({"name": f"Gloves {cls.tag}"})
        service = new_test_user(
            env,
            login=f"service_{cls.tag}",
            groups="base.group_user,purchase.group_purchase_user",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        service.active = False
        connector = env["interop.connector"].browse(cls.world["connector"])
        connector.system_id.partner_id = supplier
        types = env["interop.document.type"]
        order_type = types._get("PurchaseOrder", "1.0")
        policy = env["interop.policy"].create(
            {
                "name": f"Orders {cls.tag}",
                "document_type_id": order_type.id,
                "rule_ids": [
                    Command.create({"path": path, "action": "send"})
                    for path, sensitivity in order_type._sensitivities().items()
                    if sensitivity <= Sensitivity.confidential
                ],
            }
        )
        common = {
            "connector_id": connector.id,
            "company_id": company.id,
            "area_id": cls.world["area"],
            "service_user_id": service.id,
            "owner_id": False,
        }
        flows = env["interop.flow"].create(
            [
                {
                    "name": f"Orders {cls.tag}",
                    "code": f"orders-{cls.tag}",
                    "direction": "out",
                    "event": "purchase.order.approved",
                    "document_type_id": order_type.id,
                    "handler": "purchase_order",
                    "policy_id": policy.id,
                    "expects_answer": True,
                    **common,
                },
                {
                    "name": f"Answers {cls.tag}",
                    "code": f"answers-{cls.tag}",
                    "direction": "in",
                    "document_type_id": types._get("PurchaseOrderAcknowledgement", "1.0").id,
                    "handler": "purchase_order_acknowledgement",
                    "order_by": "none",
                    **common,
                },
            ]
        )
        flows.action_publish()
        cls.world.update(supplier=supplier.id, product=product.id)

    def confirmed_order(self):
        with self.transaction() as env:
            line = {
                "product_id": self.world["product"],
                "name": "Gloves",
                "product_qty": 10,
                "price_unit": 5.0,
                "date_planned": "2027-03-10 12:00:00",
                "tax_ids": [Command.clear()],
            }
            order = env["purchase.order"].create(
                {
                    "partner_id": self.world["supplier"],
                    "order_line": [Command.create(line), Command.create(line)],
                }
            )
            order.button_confirm()
            return order.id

    def answered(self, number, *lines):
        """Let the supplier's answer come in; return its message's uuid."""
        body = {
            "order_number": number,
            "supplier_reference": "SO-1",
            "acknowledged_at": "2027-03-01T10:15:00Z",
            "status": "partial",
            "currency": "USD",
            "lines": list(lines),
        }
        with self.transaction() as env:
            intake = env["interop.intake"]
            receipt = intake._accept(
                intake._route(f"test-{self.tag}", f"answers-{self.tag}"),
                json.dumps(body).encode(),
                str(uuid.uuid4()),
                "application/json",
                "127.0.0.1",
            )
        return receipt.message_uuid

    def test_an_order_leaves_and_its_answer_is_noted_and_compared(self):
        order_id = self.confirmed_order()
        self.assertEqual(self.drain().states, {"sent": 1})
        [(key, body)] = WIRE.seen
        self.assertEqual([line["line_number"] for line in body["lines"]], [1, 2])
        self.assertNotIn("contact", body["ship_to"], "personal data stays at home")
        self.assertEqual(self.look(key, "state", "business_key"), ("sent", f"{body['number']}/0"))

        answer = self.answered(
            body["number"],
            {"line_number": 1, "status": "accepted", "promised_date": "2027-03-10"},
            {
                "line_number": 2,
                "status": "changed",
                "unit_price": {"amount": 5.5, "currency": body["currency"]},
            },
        )
        self.assertEqual(self.drain().states, {"done": 1})
        self.assertEqual(self.states([key, answer]), ["done", "done"])
        with self.transaction() as env:
            order = env["purchase.order"].browse(order_id)
            self.assertEqual(order.interop_state, "differences")
            self.assertEqual(order._interop_line(1).interop_status, "accepted")
            self.assertEqual(order._interop_line(2).price_unit, 5.0)
            exception = env["interop.exception"].search([("message_uuid", "=", answer)])
            self.assertEqual((exception.area_id.code, exception.amount), ("finance", 5.0))
            exception._decide("accept_theirs")
            self.assertEqual(order._interop_line(2).price_unit, 5.5)
            order.invalidate_recordset(["interop_state"])
            self.assertEqual(order.interop_state, "acknowledged")

    def test_rules_take_a_date_and_keep_a_price_on_the_way_in(self):
        with self.transaction() as env:
            document = env["interop.document.type"]._get("PurchaseOrderAcknowledgement", "1.0")
            common = {
                "document_type_id": document.id,
                "company_id": env.company.id,
                "partner_id": self.world["supplier"],
            }
            rules = env["interop.source.rule"].create(
                [
                    {
                        "path": "lines[].promised_date",
                        "truth": "partner",
                        "on_difference": "apply",
                        **common,
                    },
                    {
                        "path": "lines[].unit_price.amount",
                        "truth": "odoo",
                        "on_difference": "keep",
                        **common,
                    },
                ]
            )
            keys = rules.ids
        try:
            order_id = self.confirmed_order()
            self.drain()
            [(key, body)] = WIRE.seen
            answer = self.answered(
                body["number"],
                {
                    "line_number": 1,
                    "status": "changed",
                    "promised_date": "2027-03-17",
                    "unit_price": {"amount": 5.5, "currency": body["currency"]},
                },
                {"line_number": 2, "status": "accepted", "promised_date": "2027-03-10"},
            )
            self.assertEqual(self.drain().states, {"done": 1})
            self.assertEqual(self.states([key, answer]), ["done", "done"])
            with self.transaction() as env:
                order = env["purchase.order"].browse(order_id)
                self.assertEqual(order.interop_state, "acknowledged")
                line = order._interop_line(1)
                self.assertEqual(str(line._interop_requested_date()), "2027-03-17")
                self.assertEqual(line.price_unit, 5.0)
                found = env["interop.exception"].search([("message_uuid", "=", answer)])
                self.assertFalse(found)
                env.cr.execute(
                    "SELECT details FROM interop_audit_entry "
                    "WHERE act = 'source_rule.decide' AND subject = %s",
                    [answer],
                )
                [[details]] = env.cr.fetchall()
                told = [
                    (each["rule"], each["line"], each["outcome"])
                    for each in json.loads(details)["decisions"]
                ]
                self.assertEqual(told, [(keys[0], 1, "apply"), (keys[1], 1, "keep")])
                self.assertNotIn("5.5", details)
                self.assertNotIn("2027", details)
        finally:
            with self.transaction() as env:
                env["interop.source.rule"].browse(keys).unlink()

    def test_an_answer_to_an_unknown_order_waits_for_a_person_with_its_bytes_kept(self):
        answer = self.answered("P-UNKNOWN", {"line_number": 1, "status": "accepted"})
        self.assertEqual(self.drain().states, {"dead": 1})
        with self.transaction() as env:
            message = env["interop.message"].search([("uuid", "=", answer)])
            self.assertEqual(message.failure_class, "business")
            [exception] = message.exception_ids
            self.assertEqual((exception.kind, exception.state), ("dead_letter", "open"))
            self.assertIn("was not found in company", exception.name)
            raw = env["interop.vault"]._open(message.interchange_id.uuid, "payload")
            self.assertIn(b"P-UNKNOWN", raw)

    def test_an_order_that_the_partner_refuses_waits_for_a_person_with_its_money(self):
        WIRE.script = lambda body, tries: fail("partner")
        order_id = self.confirmed_order()
        self.assertEqual(self.drain().states, {"dead": 1})
        with self.transaction() as env:
            order = env["purchase.order"].browse(order_id)
            self.assertEqual(order.interop_state, "failed")
            exception = env["interop.exception"].search(
                [("res_model", "=", "purchase.order"), ("res_id", "=", order_id)]
            )
            self.assertEqual(exception.document_ref, order.name)
            self.assertEqual(exception.amount, order.amount_total)
            exception._decide("redrive")
        WIRE.script = lambda body, tries: None
        self.assertEqual(self.drain().states, {"sent": 1})
        self.assertEqual(len({key for key, _body in WIRE.seen}), 1, "the same key again")
