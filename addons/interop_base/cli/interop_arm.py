import sys

from odoo.cli import Command

# Imports of the addon stand inside the methods: an ImportError up here would be reported as
# "Unknown command". They are absolute because Odoo loads this file as odoo.cli.interop_arm.


class InteropArm(Command):
    """Arm a database: declare that it, at this place, is the one that talks to partners.

    Do this after a database was moved or restored on purpose. It is armed for the environment
    that the server's configuration names, and the reason is kept as evidence.

    What was in production and stands somewhere else since takes two people: then this command, with
    --by, only asks for it, and an Approver decides in Odoo.
    """

    name = "interop_arm"

    def run(self, args: list[str]) -> None:
        from odoo.addons.interop_base import commands  # pylint: disable=W8150

        parser = self.parser
        commands.add_options(parser, "the database to arm")
        parser.add_argument("--reason", help="why it is armed")
        parser.add_argument("--by", metavar="LOGIN", help="the Manager who asks for it")
        parser.add_argument(
            "--alone",
            action="store_true",
            help="in an emergency: arm without a second person; it is recorded as that, and alarms",
        )
        parser.add_argument(
            "--status", action="store_true", help="only say whether the fence is open"
        )
        options = parser.parse_args(args)
        if not options.status and not (options.reason or "").strip():
            parser.error("say why: --reason TEXT")
        reason = None if options.status else options.reason
        self._arm(commands.begin(parser, options), reason, options.by, options.alone)

    def _arm(self, database: str, reason: str | None, login: str | None, alone: bool) -> None:
        from odoo.exceptions import AccessError, UserError

        from odoo.addons.interop_base.commands import opened  # pylint: disable=W8150

        told = ""
        with opened(database, "interop_base") as env:
            try:
                if reason:
                    told = self._act(env, reason, login, alone)
                state = env["interop.fence"]._state()
            except (AccessError, UserError) as error:
                sys.exit(f"{database}: {error}")
        sys.stdout.write(f"{database}: {told or state.reason}\n")
        if not state.is_open:
            sys.exit(1)

    def _act(self, env, reason: str, login: str | None, alone: bool) -> str:
        """Arm or ask for it; what to tell besides the state of the fence."""
        from odoo.exceptions import UserError

        fence = env["interop.fence"]
        why = fence._why_two()
        if alone:
            fence._arm_alone(reason)
            return ""
        if not why:
            fence._arm(reason)
            return ""
        if not login:
            raise UserError(f"{why} Say who asks for it: --by LOGIN, of a Manager.")
        user = env["res.users"].search([("login", "=", login)])
        if not user:
            raise UserError(f"There is no active user {login}.")
        arming = env["interop.arming"].with_user(user)._ask(reason)
        names = arming.approver_names or "nobody yet: give somebody the role Approver"
        return f"Asked for. {why} It can be approved in Odoo by: {names}"
