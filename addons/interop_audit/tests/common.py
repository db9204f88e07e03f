from odoo.addons.interop_base.tests.common import InteropCase


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
