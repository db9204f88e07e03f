"""What tests of retention share."""

from odoo.addons.interop_vault.lib.sealing import VaultError

from ..models.interop_retention import PARAMETER
from .inbound_common import InboundCase

CANARY = "Quetzalcoatl Featherstone"


class RetentionCase(InboundCase):
    """Ended messages that are made old, and looks at what became of their copies."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self.clear_reports)

    def clear_reports(self):
        with self.transaction() as env:
            env.cr.execute("DELETE FROM interop_purge_report")
            env.cr.execute("DELETE FROM interop_legal_hold_interop_message_rel")
            env.cr.execute("DELETE FROM interop_flow_interop_legal_hold_rel")
            env.cr.execute("DELETE FROM interop_legal_hold_res_company_rel")
            env.cr.execute("DELETE FROM interop_connector_interop_legal_hold_rel")
            env.cr.execute("DELETE FROM interop_legal_hold")
            env["ir.config_parameter"].set_param(PARAMETER, False)

    def clear(self):
        self.clear_reports()
        return super().clear()

    def age(self, days=400, keys=None):
        """Let the ended messages have ended so many days ago."""
        with self.transaction() as env:
            env.cr.execute(
                "UPDATE interop_message SET done_at = done_at - make_interval(days => %s) "
                "WHERE connector_id = %s AND (%s::varchar[] IS NULL OR uuid = ANY (%s::varchar[]))",
                [days, self.world["connector"], keys, keys],
            )

    def purge(self, **limits):
        with self.transaction() as env:
            return env["interop.retention"]._purge(**limits)

    def hold(self, place=True, **scope):
        with self.transaction() as env:
            hold = env["interop.legal.hold"].create(
                {"name": "Case 7", "reason": "A dispute before court"} | scope
            )
            if place:
                hold.action_place()
            return hold.id

    def opens(self, key, kind="document"):
        with self.transaction() as env:
            try:
                return env["interop.vault"]._open(key, kind)
            except VaultError as error:
                return error.reason

    def vault_rows(self):
        """Of this test's messages and payloads: kind, whether it opens, digest."""
        with self.transaction() as env:
            env.cr.execute(
                """
                SELECT v.kind, v.wrapped_key IS NOT NULL, v.sealed IS NOT NULL, v.digest
                  FROM interop_vault_content v
                 WHERE v.uuid::text IN (SELECT uuid FROM interop_message WHERE connector_id = %(c)s
                                        UNION SELECT uuid FROM interop_interchange
                                               WHERE connector_id = %(c)s)
                """,
                {"c": self.world["connector"]},
            )
            return env.cr.fetchall()

    def reports(self):
        with self.transaction() as env:
            names = [
                "message_count", "payload_count", "piece_count", "held_count", "undecided_count",
                "dead_count", "ended_at", "keys_destroyed", "keys_by_hand",
            ]  # fmt: skip
            return env["interop.purge.report"].search([], order="id").read(names)

    def ended_outbound(self, *numbers, **body):
        keys = [self.enqueue(number, **body) for number in numbers]
        self.drain()
        self.assertEqual(set(self.states(keys)), {"done"})
        return keys

    def payload_of(self, key):
        with self.transaction() as env:
            return env["interop.message"].search([("uuid", "=", key)]).interchange_id.uuid

    def publish(self, code):
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            flow.retention_class_id = env["interop.retention.class"].search([("code", "=", code)])
            flow.action_publish()

    def batch(self, size):
        with self.transaction() as env:
            flow = env["interop.flow"].browse(self.world["out"])
            flow.batch_size = size
            flow.action_publish()

    def tables_with(self, text):
        """Tables of the database in which the text stands in the clear."""
        found = []
        with self.transaction() as env:
            env.cr.execute(
                "SELECT c.table_name FROM information_schema.tables c WHERE c.table_schema = "
                "'public' AND c.table_type = 'BASE TABLE' AND (c.table_name LIKE 'interop%' "
                "OR c.table_name IN ('mail_message', 'mail_tracking_value', 'ir_attachment', "
                "'ir_logging', 'mail_activity'))"
            )
            for [table] in env.cr.fetchall():
                env.cr.execute(
                    f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{text}%"]
                )
                if env.cr.fetchone()[0]:
                    found.append(table)
        return found
