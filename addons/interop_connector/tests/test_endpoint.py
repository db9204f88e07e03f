import psycopg2

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ConnectorCase


@tagged("post_install", "-at_install")
class TestEndpoint(ConnectorCase):
    def test_the_transport_judges_the_address(self):
        with self.assertRaisesRegex(ValidationError, "loop:"):
            self.connector.endpoint_ids.url = "https://partner.example"
        with self.assertRaisesRegex(ValidationError, "Orders"):
            self._connector("Bad", endpoint_ids=[(0, 0, {"name": "Orders", "url": "x"})])

    def test_a_change_of_transport_judges_the_addresses_again(self):
        self.connector.transport = False
        self.connector.endpoint_ids.url = "x"
        with self.assertRaises(ValidationError):
            self.connector.transport = self.transport.code

    @mute_logger("odoo.sql_db")
    def test_times_and_sizes_are_bounded(self):
        for values in (
            {"timeout_connect": 0},
            {"timeout_connect": 10, "timeout_total": 5},
            {"timeout_total": 101},
            {"max_response_kb": 0},
        ):
            with self.subTest(**values), self.assertRaises(psycopg2.IntegrityError):
                with self.env.cr.savepoint():
                    self.connector.endpoint_ids.write(values)
                    self.env.flush_all()

    def test_the_uppermost_endpoint_of_a_purpose_comes_first(self):
        self.env["interop.endpoint"].create(
            {
                "connector_id": self.connector.id,
                "name": "First",
                "url": "loop:first",
                "sequence": 1,
            }
        )
        self.connector.invalidate_recordset()
        facts = self.connector._technical_snapshot()
        self.assertEqual([e["name"] for e in facts["endpoints"]], ["First", "Orders"])
        endpoint = self.env["interop.connector"]._resolve_endpoint(facts)
        self.assertEqual(endpoint.url, "loop:first")
