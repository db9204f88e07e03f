import uuid

from odoo import fields
from odoo.tests import TransactionCase, new_test_user

from odoo.addons.interop_queue.lib.handlers import HANDLERS, HandlerSpec

from ..lib.facts import Fact

HANDLER = HandlerSpec(
    code="test_exception_in",
    label="Test",
    model="interop.handler",
    document_type="PurchaseOrderAcknowledgement",
    direction="in",
)


class ExceptionCase(TransactionCase):
    """Two companies, two areas, one flow in the first company's purchasing, and its people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        HANDLERS.register(HANDLER.code, HANDLER)
        cls.addClassCleanup(HANDLERS.unregister, HANDLER.code)
        cls.company = cls.env["res.company"].create({"name": "Northfield Test Clinic"})
        cls.other_company = cls.env["res.company"].create({"name": "Southfield Test Clinic"})
        cls.purchasing = cls.env.ref("interop_base.area_purchasing")
        cls.finance = cls.env.ref("interop_base.area_finance")
        cls.clinical = cls.env.ref("interop_base.area_clinical")
        cls.partner = cls.env["res.partner"].create({"name": "Meridian Test Supplies"})
        cls.record = cls.env["res.partner"].create(
            {"name": "The Document", "company_id": cls.company.id}
        )
        system = cls.env["interop.system"].create(
            {"name": "Test portal", "partner_id": cls.partner.id}
        )
        cls.connector = cls.env["interop.connector"].create(
            {
                "name": "Test connector",
                "code": "test-exception-connector",
                "system_id": system.id,
                "company_id": cls.company.id,
                "area_id": cls.purchasing.id,
            }
        )
        cls.flow = cls.env["interop.flow"].create(
            {
                "name": "Test answers",
                "code": "test-exception-answers",
                "direction": "in",
                "document_type_id": cls.env["interop.document.type"]
                ._get("PurchaseOrderAcknowledgement", "1.0")
                .id,
                "handler": HANDLER.code,
                "connector_id": cls.connector.id,
                "company_id": cls.company.id,
                "area_id": cls.purchasing.id,
                "owner_id": False,
            }
        )
        cls.viewer = cls._person("viewer", "interop_base.group_user", cls.purchasing)
        cls.operator = cls._person("operator", "interop_base.group_operator", cls.purchasing)
        cls.reviewer = cls._person("reviewer", "interop_base.group_finance_reviewer")
        cls.exceptions = cls.env["interop.exception"]

    @classmethod
    def _person(cls, login, group, area=None, company=None):
        company = company or cls.company
        user = new_test_user(
            cls.env,
            login=f"test_exception_{login}",
            groups=f"base.group_user,{group}",
            company_id=company.id,
            company_ids=[fields.Command.set(company.ids)],
        )
        if area:
            user.interop_area_ids = area
        return user

    def message(self, state="dead", **values):
        """A message as the engine would have left it."""
        return (
            self.env["interop.message"]
            .sudo()
            .create(
                {
                    "uuid": str(uuid.uuid4()),
                    "flow_id": self.flow.id,
                    "connector_id": self.connector.id,
                    "company_id": self.company.id,
                    "area_id": self.flow.area_id.id,
                    "direction": "in",
                    "document_type": "PurchaseOrderAcknowledgement 1.0",
                    "state": state,
                    "business_key": "P00042",
                    "partner_id": self.partner.id,
                    "failure_class": "data" if state == "dead" else False,
                    "failure": "lines 3, quantity: is missing." if state == "dead" else False,
                    "created_at": fields.Datetime.now(),
                    **values,
                }
            )
        )

    def dead_letter(self, **values):
        message = self.message(**values)
        self.env["interop.outcome"]._on_settled(message._outcomes())
        return self.exceptions.search([("message_id", "=", message.id)])

    def difference(self, area="finance", subject="line:3:price", **values):
        return self.exceptions._raise_difference(
            values.pop("message", None) or self.message("done"),
            values.pop("record", self.record),
            **{
                "sentence": "P00042, line 3: the supplier confirms another price",
                "facts": [
                    Fact("Unit price", "lines[].unit_price.amount", "5 USD", "5.2 USD", "+0.2 USD")
                ],
                "amount": 20.0,
                "currency": self.env.ref("base.USD"),
                "area_code": area,
                "subject": subject,
                "handler": "interop.exception.handler",
                "decisions": ("accept_theirs", "keep_ours"),
                **values,
            },
        )

    def seen_by(self, user, exception):
        """The exception as `user` sees it, in the companies of that user."""
        return (
            exception.with_user(user)
            .sudo(False)
            .with_context(allowed_company_ids=user.company_ids.ids)
        )
