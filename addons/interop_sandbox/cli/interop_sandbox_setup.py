import json
import sys
import threading
from pathlib import Path

from odoo.cli.command import Command


class InteropSandboxSetup(Command):
    """Make (or bring up to date) the demo world in a database that has interop_sandbox installed.

    Two companies that share services, invented people, a supplier with products, and published
    flows to the simulated partner and back. Prints the logins as JSON, and for each a key to Odoo's
    external API that is good for a day. Never for production.
    """

    name = "interop_sandbox_setup"

    def run(self, args):
        parser = self.parser
        parser.add_argument("-c", "--config", help="configuration file of Odoo")
        parser.add_argument("-d", "--database", help="database to work in")
        parser.add_argument("--partner-url", required=True, help="where the partner listens")
        parser.add_argument("--secrets", type=Path, required=True, help="file; made if missing")
        options = parser.parse_args(args)

        from odoo import SUPERUSER_ID
        from odoo.api import Environment
        from odoo.modules.registry import Registry
        from odoo.tools import config

        # Odoo loads commands outside their addon: a relative import finds nothing here.
        from odoo.addons.interop_sandbox.lib.secrets import SharedSecrets  # pylint: disable=W8150

        given = [("-c", options.config), ("-d", options.database)]
        config.parse_config(
            ["--no-http", *[part for pair in given if pair[1] for part in pair]],
            setup_logging=True,
        )
        names = config["db_name"]
        if len(names) != 1:
            parser.error("Name one database with -d")
        threading.current_thread().dbname = names[0]
        registry = Registry(names[0]).check_signaling()
        if "interop.sandbox" not in registry:
            sys.exit(f"The module interop_sandbox is not installed in {names[0]}.")
        secrets = SharedSecrets.keep(options.secrets)
        with registry.cursor() as cr:
            sandbox = Environment(cr, SUPERUSER_ID, {})["interop.sandbox"]
            world = sandbox._set_up(options.partner_url, secrets)
            world["keys"] = sandbox._api_keys()
        print(json.dumps(world, indent=2))  # pylint: disable=W8116
