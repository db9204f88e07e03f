import sys
import threading

from odoo.cli import Command
from odoo.tools import config

# Imports of the addon stand inside the methods: an ImportError up here would be reported as
# "Unknown command".


class InteropArm(Command):
    """Arm a database: declare that it, at this place, is the one that talks to partners.

    Do this after a database was moved or restored on purpose. It is armed for the environment
    that the server's configuration names, and the reason is kept as evidence.
    """

    name = "interop_arm"

    def run(self, args: list[str]) -> None:
        parser = self.parser
        parser.add_argument("-c", "--config", help="Odoo's configuration file")
        parser.add_argument("-d", "--database", help="the database to arm")
        parser.add_argument("--reason", help="why it is armed")
        parser.add_argument(
            "--status", action="store_true", help="only say whether the fence is open"
        )
        options = parser.parse_args(args)
        if not options.status and not (options.reason or "").strip():
            parser.error("say why: --reason TEXT")
        arguments = ["--no-http"]
        arguments += ["-c", options.config] if options.config else []
        arguments += ["-d", options.database] if options.database else []
        config.parse_config(arguments, setup_logging=True)
        names = config["db_name"]
        if len(names) != 1:
            parser.error("name one database: -d DATABASE")
        self._arm(names[0], None if options.status else options.reason)

    def _arm(self, database: str, reason: str | None) -> None:
        from odoo import SUPERUSER_ID
        from odoo.api import Environment
        from odoo.exceptions import UserError
        from odoo.modules.registry import Registry

        threading.current_thread().dbname = database
        registry = Registry(database)
        registry.check_signaling()
        with registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            if "interop.fence" not in env:
                sys.exit(f"{database}: the module interop_base is not installed there.")
            try:
                if reason:
                    env["interop.fence"]._arm(reason)
                state = env["interop.fence"]._state()
            except UserError as error:
                cr.rollback()
                sys.exit(f"{database}: {error}")
        sys.stdout.write(f"{database}: {state.reason}\n")
        if not state.is_open:
            sys.exit(1)
