from odoo.tests import TransactionCase, new_test_user

from ..lib.keys import new_webhook_key
from ..lib.transport import (
    TRANSPORTS,
    Health,
    HealthStep,
    Reply,
)


class Loopback:
    """A transport that goes nowhere."""

    code = "loopback_for_tests"
    label = "Loopback"

    def __init__(self):
        self.health = Health((HealthStep("Name", True, "found"), HealthStep("TCP", True, "open")))
        self.probed = []

    def send(self, endpoint, outgoing):
        return Reply(status=200, body=outgoing.payload)

    def fetch(self, endpoint):
        return iter(())

    def confirm(self, endpoint, incoming):
        """Nothing to confirm."""

    def probe(self, endpoint):
        self.probed.append(endpoint)
        return self.health

    def check_url(self, url):
        if not url.startswith("loop:"):
            raise ValueError("The address must begin with loop:")


class ConnectorCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.transport = TRANSPORTS.register(Loopback.code, Loopback())
        cls.addClassCleanup(TRANSPORTS.unregister, Loopback.code)
        cls.area = cls.env.ref("interop_base.area_purchasing")
        cls.other_area = cls.env.ref("interop_base.area_clinical")
        cls.manager = new_test_user(
            cls.env, "conn_manager", groups="interop_base.group_manager", name="Mona Ager"
        )
        cls.operator = new_test_user(
            cls.env, "conn_operator", groups="interop_base.group_operator", name="Otto Perator"
        )
        cls.operator.interop_area_ids = cls.area
        cls.system = cls.env["interop.system"].create({"name": "Glove supplier"})
        cls.bearer = cls._secret("Order token", "bearer", "hush-token")
        cls.signing = cls._secret("Our signing key", "hmac", new_webhook_key())
        cls.inbound = cls._secret("Their signing key", "hmac", new_webhook_key())
        # Whatever the server that runs the tests is: the connectors are for it.
        cls.environment = cls.env["interop.fence"]._state().environment or "test"
        cls.connector = cls._connector("Orders to gloves")

    @classmethod
    def _secret(cls, name, kind, value):
        return cls.env["interop.vault.secret"].create(
            {"name": name, "kind": kind, "value": value, "company_id": False}
        )

    @classmethod
    def _connector(cls, name, **values):
        return cls.env["interop.connector"].create(
            {
                "name": name,
                "system_id": cls.system.id,
                "area_id": cls.area.id,
                "environment": cls.environment,
                "transport": Loopback.code,
                "codec": "json",
                "endpoint_ids": [(0, 0, {"name": "Orders", "url": "loop:orders"})],
                **values,
            }
        )

    def acts(self, record):
        """What the audit trail says was done to a record, oldest first."""
        self.env.cr.execute(
            "SELECT act, outcome, details FROM interop_audit_entry"
            " WHERE res_model = %s AND res_id = %s ORDER BY id",
            [record._name, record.id],
        )
        return self.env.cr.fetchall()
