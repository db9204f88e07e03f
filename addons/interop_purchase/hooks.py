from odoo.api import Environment

from .lib.units import UNECE_CODES

HANDLERS = ("purchase_order", "purchase_order_acknowledgement")


def post_init_hook(env: Environment) -> None:
    """Give Odoo's own units their trade codes, where nobody has given them one."""
    for xmlid, code in UNECE_CODES.items():
        unit = env.ref(xmlid, raise_if_not_found=False)
        if unit and not unit.interop_unece_code:
            unit.interop_unece_code = code


def uninstall_hook(env: Environment) -> None:
    """Flows whose handler goes away with this module must not run any more."""
    flows = env["interop.flow"].search([("handler", "in", list(HANDLERS))])
    flows.write({"state": "retired"})
