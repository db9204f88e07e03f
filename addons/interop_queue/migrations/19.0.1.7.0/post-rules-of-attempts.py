from odoo import SUPERUSER_ID, api

RULES = {
    "rule_interop_attempt_company": "['|', ('interchange_id.company_id', 'in', company_ids), '&', "
    "('interchange_id', '!=', False), ('interchange_id.company_id', '=', False)]",
    "rule_interop_attempt_area": "[('interchange_id.area_id', 'in', user.interop_area_ids.ids)]",
}


def migrate(cr, version):
    """A try of several documents names no message: who sees it is told by its payload."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name, domain in RULES.items():
        if rule := env.ref(f"interop_queue.{name}", raise_if_not_found=False):
            rule.domain_force = domain
