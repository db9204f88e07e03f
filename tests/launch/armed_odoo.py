"""Odoo's server over a copy of a database, which it arms before it serves.

A copy is silent until somebody says that it is in its right place. `odoo interop_arm` loads the
whole registry for that; here the one that the server has loaded anyway does.
"""

import os
import sys

from odoo.cli.command import main
from odoo.service import server

REASON = os.environ["ARM_REASON"]
preload = server.preload_registries


def preload_and_arm(names: list[str]) -> int:
    code = preload(names)
    from odoo.addons.interop_base.commands import opened

    for name in names:
        with opened(name, "interop_base") as env:
            env["interop.fence"]._arm(REASON)
    return code


# The prefork server starts its event worker by this path too: it comes when all is armed.
if sys.argv[1:2] != ["gevent"]:
    server.preload_registries = preload_and_arm
main()
