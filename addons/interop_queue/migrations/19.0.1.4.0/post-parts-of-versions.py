from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Versions in force from before parts were kept: their forms tell where they run."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    flows = (
        env["interop.flow"].with_context(active_test=False).search([("version_id", "!=", False)])
    )
    for flow in flows:
        if not flow.version_id.part_ids:
            flow.version_id._write_parts(flow)
