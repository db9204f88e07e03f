from odoo import models

from odoo.addons.interop_queue.lib.readiness import MISSING, READY, WARNING, Finding, announce

announce("answers", "What is answered", 108)


class ReadinessPurchaseOrderAcknowledgement(models.AbstractModel):
    """What in Odoo has to be set up before a supplier's answers come in."""

    _name = "interop.readiness.purchase_order_acknowledgement"
    _description = "Acknowledgements from Suppliers: Readiness"
    _inherit = ["interop.handler"]

    _needs = (
        ("purchase.order", "read"),
        ("purchase.order", "write"),
        ("purchase.order.line", "read"),
        ("purchase.order.line", "write"),
    )

    def _readiness(self, flow: models.Model) -> list[Finding]:
        """Answers belong to orders: a flow must send these to the same system."""
        system = flow.connector_id.system_id
        orders = self.env["interop.flow"].search(
            [
                ("handler", "=", "purchase_order"),
                ("connector_id.system_id", "=", system.id),
                ("company_id", "in", [False, flow.company_id.id]),
                ("state", "!=", "retired"),
            ]
        )
        if not orders:
            told = self.env._(
                "No flow sends orders to %s, so nothing can be answered.", system.name
            )
            return [Finding("answers", MISSING, told, (system._name, system.id))]
        waiting = orders.filtered("expects_answer")
        if not waiting:
            told = self.env._(
                "“%s” does not expect an answer, so nobody is told if none comes.", orders[:1].name
            )
            return [Finding("answers", WARNING, told, (orders._name, orders[:1].id))]
        told = self.env._("Answers belong to orders of “%s”.", waiting[:1].name)
        return [Finding("answers", READY, told, (waiting._name, waiting[:1].id))]
