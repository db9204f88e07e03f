from odoo import models


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    def _interop_bench_send(self, flow_id: int) -> None:
        """Compose with the very handler and policy that our own side uses, and send."""
        _version_id, plan = self.env["interop.flow.version"]._plan_of(flow_id)
        [document] = self.env[plan.handler.model]._compose(self)
        self.env["interop.bench.job"]._post(self.name, plan.encode([plan.shown(document).body], {}))
