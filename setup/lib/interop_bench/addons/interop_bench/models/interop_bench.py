import json
from typing import Any

from odoo import api, models
from odoo.fields import Command
from odoo.tools import SQL

from odoo.addons.interop_sandbox.lib.secrets import SharedSecrets
from odoo.addons.interop_sandbox.models.interop_sandbox import NAMESPACE

from .handler_bench_file import FILE_EVENT

# The partner that is measured may be sent that many at once: no limit holds a side back. The other
# company's connector keeps the default.
IN_FLIGHT = 500
TEMPLATES = 5
LINES = 10
PAYLOAD_BYTES = 4096

FILE_SCHEMA = {
    "title": "Bench file",
    "type": "object",
    "additionalProperties": False,
    "required": ["number", "content"],
    "properties": {
        "number": {"type": "string", "title": "Number", "x-sensitivity": "internal"},
        "content": {
            "type": "string",
            "title": "Content",
            "contentEncoding": "base64",
            "x-sensitivity": "internal",
        },
    },
}


class InteropBench(models.AbstractModel):
    """The world of the benchmark: the sandbox's demo world, pointed at the bench's partner."""

    _name = "interop.bench"
    _description = "World of the Benchmark"

    @api.model
    def _set_up(self, partner_url: str, orders: int) -> dict[str, Any]:
        """Make companies, flows, big files' flow and confirmed orders; return what is measured."""
        self.env["interop.sandbox"]._set_up(partner_url, SharedSecrets.invent())
        connectors = self.env["interop.connector"].search([])
        self._known("connector_nmc").max_in_flight = IN_FLIGHT
        connectors.endpoint_ids.write({"timeout_total": 60})
        self._make_file_flow(connectors)
        self.env["interop.flow"].search([("state", "=", "live")]).action_publish()
        flow = self._known("flow_nmc-orders")
        templates = self._make_orders()
        body = self._make_document(flow)
        # What confirming put into the queue is not what is measured.
        self.env.flush_all()
        self.env.cr.execute("UPDATE interop_message SET state = 'cancelled'")
        order_ids = self._clone_orders(templates, orders)
        return {
            "body": body,
            "order_ids": order_ids,
            "flow_id": flow.id,
            "company_id": flow.company_id.id,
            "other_company_id": self._known("flow_nd-orders").company_id.id,
        }

    def _known(self, name: str) -> models.BaseModel:
        return self.env.ref(f"{NAMESPACE}.{name}")

    def _make_file_flow(self, connectors: models.BaseModel) -> None:
        flow = self._known("flow_nmc-orders")
        document_type = self.env["interop.document.type"].create(
            {"code": "BenchFile", "version": "1.0", "schema_text": json.dumps(FILE_SCHEMA)}
        )
        policy = self.env["interop.policy"].create(
            {
                "name": "Bench files",
                "document_type_id": document_type.id,
                "company_id": False,
                "area_id": flow.area_id.id,
                "rule_ids": [
                    Command.create({"path": path, "action": "send"})
                    for path in ("number", "content")
                ],
            }
        )
        self.env["interop.flow"].create(
            {
                "name": "Bench files",
                "code": "bench-files",
                "direction": "out",
                "event": FILE_EVENT,
                "handler": "bench_file",
                "document_type_id": document_type.id,
                "policy_id": policy.id,
                "connector_id": flow.connector_id.id,
                "company_id": flow.company_id.id,
                "area_id": flow.area_id.id,
                "service_user_id": flow.service_user_id.id,
            }
        ).action_publish()

    # -- orders --------------------------------------------------------------------------------

    def _confirmed_order(self, lines: int, first: int = 0) -> models.BaseModel:
        flow = self._known("flow_nmc-orders")
        products = self.env["product.product"].search([("interop_storage_condition", "!=", False)])
        order = (
            self.env["purchase.order"]
            .with_company(flow.company_id)
            .create(
                {
                    "partner_id": self._known("supplier").id,
                    "company_id": flow.company_id.id,
                    "user_id": self._known("user_buyer").id,
                    "interop_contract_number": "GPO-2214",
                    "order_line": [
                        Command.create(
                            {
                                "product_id": products[(first + number) % len(products)].id,
                                "product_qty": 2 + number,
                            }
                        )
                        for number in range(lines)
                    ],
                }
            )
        )
        order.button_confirm()
        return order

    def _make_orders(self) -> list[int]:
        return [self._confirmed_order(LINES, first).id for first in range(TEMPLATES)]

    def _make_document(self, flow: models.BaseModel) -> dict[str, Any]:
        """The body of about 4 KB that both sides send: screened, so that nothing is dropped."""
        _version_id, plan = self.env["interop.flow.version"]._plan_of(flow.id)
        handler = self.env["interop.handler.purchase_order"]
        bodies = [
            plan.shown(handler._compose(self._confirmed_order(lines))[0]).body
            for lines in range(3, LINES)
        ]
        return min(bodies, key=lambda body: abs(len(plan.encode([body], {})) - PAYLOAD_BYTES))

    @api.model
    def _whole_body(self) -> dict[str, Any]:
        handler = self.env["interop.handler.purchase_order"]
        return handler._compose(self._confirmed_order(LINES // 2))[0].body

    @api.model
    def _use_policy(self, rules: list[list[str]] | None, clearance: str, guard: str) -> None:
        flow = self._known("flow_nmc-orders")
        policy = self._known("policy_orders")
        if rules is not None:
            policy = policy.copy({"name": "Bench", "rule_ids": False})
            policy.rule_ids = [
                Command.create(
                    {"path": path, "action": action, "pattern": pattern[0] if pattern else False}
                )
                for path, action, *pattern in rules
            ]
        flow.connector_id.clearance = clearance or "confidential"
        flow.write(
            {"policy_id": policy.id, "guard": guard or "hold", "guard_reason": "Only measured"}
        )
        flow.action_publish()

    def _clone_orders(self, templates: list[int], count: int) -> list[int]:
        """Thousands of confirmed orders cost minutes through the ORM: copy rows of real ones."""
        cr = self.env.cr
        cr.execute(
            """
            CREATE TEMPORARY TABLE bench_new ON COMMIT DROP AS
            SELECT nextval('purchase_order_id_seq')::int AS id, t.id AS source, n
              FROM generate_series(1, %s) n
              JOIN unnest(%s) WITH ORDINALITY t(id, place) ON t.place = n %% %s + 1
            """,
            [count, templates, len(templates)],
        )
        heads = self._columns("purchase_order", "id", "name")
        lines = self._columns("purchase_order_line", "id", "order_id")
        cr.execute(
            SQL(
                """
                INSERT INTO purchase_order (id, name, %s)
                SELECT b.id, 'BP' || lpad(b.n::text, 6, '0'), %s
                  FROM bench_new b JOIN purchase_order o ON o.id = b.source
                """,
                SQL(", ").join(map(SQL.identifier, heads)),
                SQL(", ").join(SQL.identifier("o", name) for name in heads),
            )
        )
        cr.execute(
            SQL(
                """
                INSERT INTO purchase_order_line (order_id, %s)
                SELECT b.id, %s
                  FROM bench_new b JOIN purchase_order_line l ON l.order_id = b.source
                 ORDER BY b.id, l.id
                """,
                SQL(", ").join(map(SQL.identifier, lines)),
                SQL(", ").join(SQL.identifier("l", name) for name in lines),
            )
        )
        cr.execute("SELECT id FROM bench_new ORDER BY id")
        ids = [row[0] for row in cr.fetchall()]
        self.env.invalidate_all()
        return ids

    def _columns(self, table: str, *but: str) -> list[str]:
        self.env.cr.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_name = %s AND table_schema = 'public' AND NOT column_name = ANY (%s)",
            [table, list(but)],
        )
        return [row[0] for row in self.env.cr.fetchall()]
