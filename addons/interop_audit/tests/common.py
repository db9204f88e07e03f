import io

from odoo.addons.interop_base.tests.common import InteropCase

from ..sql_seals import LINE


def lines_of(cr, where):
    """Lines of entries as PostgreSQL copies them."""
    out = io.BytesIO()
    cr.copy_expert(
        f"COPY (SELECT {LINE} FROM interop_audit_entry WHERE {where} ORDER BY id) "
        "TO STDOUT (ENCODING 'UTF8')",
        out,
    )
    return out.getvalue().split(b"\n")[:-1]


class AuditCase(InteropCase):
    def entries(self, act):
        """Entries of this act that this test wrote, oldest first."""
        return (
            self.env["interop.audit.entry"]
            .search([("act", "=", act), ("id", ">", self.newest)], order="id")
            .sudo()
        )

    def setUp(self):
        super().setUp()
        self.audit = self.env["interop.audit"]
        self.newest = self.env["interop.audit.entry"].search([], limit=1).id
