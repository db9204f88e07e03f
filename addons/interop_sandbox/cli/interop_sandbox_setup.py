import json
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
        # An ImportError at the top of the file would read as "Unknown command".
        from odoo.addons.interop_base import commands

        # Odoo loads commands outside their addon: a relative import finds nothing here.
        from odoo.addons.interop_sandbox.lib.secrets import SharedSecrets  # pylint: disable=W8150

        parser = self.parser
        commands.add_options(parser, "the database to work in")
        parser.add_argument("--partner-url", required=True, help="where the partner listens")
        parser.add_argument("--secrets", type=Path, required=True, help="file; made if missing")
        options = parser.parse_args(args)
        with commands.opened(commands.begin(parser, options), "interop_sandbox") as env:
            secrets = SharedSecrets.keep(options.secrets)
            sandbox = env["interop.sandbox"]
            world = sandbox._set_up(options.partner_url, secrets)
            world["keys"] = sandbox._api_keys()
        print(json.dumps(world, indent=2))  # pylint: disable=W8116
