import sys

from odoo.cli import Command

# Imports of the addon stand inside the methods: an ImportError up here would be reported as
# "Unknown command". They are absolute because Odoo loads this file as odoo.cli.interop_arm.


class InteropArm(Command):
    """Arm a database: declare that it, at this place, is the one that talks to partners.

    Do this after a database was moved or restored on purpose. It is armed for the environment
    that the server's configuration names, and the reason is kept as evidence.
    """

    name = "interop_arm"

    def run(self, args: list[str]) -> None:
        from odoo.addons.interop_base import commands  # pylint: disable=W8150

        parser = self.parser
        commands.add_options(parser, "the database to arm")
        parser.add_argument("--reason", help="why it is armed")
        parser.add_argument(
            "--status", action="store_true", help="only say whether the fence is open"
        )
        options = parser.parse_args(args)
        if not options.status and not (options.reason or "").strip():
            parser.error("say why: --reason TEXT")
        self._arm(commands.begin(parser, options), None if options.status else options.reason)

    def _arm(self, database: str, reason: str | None) -> None:
        from odoo.exceptions import UserError

        from odoo.addons.interop_base.commands import opened  # pylint: disable=W8150

        with opened(database, "interop_base") as env:
            try:
                if reason:
                    env["interop.fence"]._arm(reason)
                state = env["interop.fence"]._state()
            except UserError as error:
                sys.exit(f"{database}: {error}")
        sys.stdout.write(f"{database}: {state.reason}\n")
        if not state.is_open:
            sys.exit(1)
