import argparse
import json
import sys

from odoo.cli import Command

# Imports of the addon stand inside the methods: an ImportError up here would be reported as
# "Unknown command".


class InteropCheck(Command):
    """Check flows: are they ready to go live, and do their golden samples come out as expected?

    Looks at each flow as it is edited, and at what is live. Changes nothing and sends nothing. Ends
    with 1 if something is missing, differs or fails, with 2 if it was called wrongly.
    """

    name = "interop_check"

    def run(self, args: list[str]) -> None:
        from odoo.addons.interop_base import commands

        options = self._parse(args)
        with commands.opened(commands.begin(self.parser, options), "interop_queue") as env:
            try:
                sys.exit(self._told(env, options))
            finally:
                env.cr.rollback()

    def _parse(self, args: list[str]) -> argparse.Namespace:
        from odoo.addons.interop_base import commands

        parser = self.parser
        commands.add_options(parser, "the database whose flows are checked")
        parser.add_argument(
            "--flow",
            dest="flows",
            action="append",
            default=[],
            metavar="CODE",
            help="only this flow; may be given several times (default: all but retired ones)",
        )
        parser.add_argument(
            "--samples",
            action="store_true",
            help="only golden samples: for a CI, whose database talks to nobody",
        )
        parser.add_argument("--json", action="store_true", help="for programs")
        return parser.parse_args(args)

    def _told(self, env, options: argparse.Namespace) -> int:
        # Odoo loads commands outside their addon: a relative import finds nothing here.
        from odoo.addons.interop_queue.engine.checking import check_flows  # pylint: disable=W8150
        from odoo.addons.interop_queue.lib.checked import (  # pylint: disable=W8150
            as_text,
            count_bad,
        )

        flows = self._flows(env, options.flows)
        checked = check_flows(flows, samples_only=options.samples)
        bad = count_bad(checked)
        if options.json:
            told = {"flows": [each.as_json() for each in checked], "bad": bad}
            sys.stdout.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
        else:
            sys.stdout.writelines(line + "\n" for line in as_text(checked))
        return 1 if bad else 0

    def _flows(self, env, codes: list[str]):
        flows = env["interop.flow"]
        if not codes:
            return flows.search([("state", "!=", "retired")], order="code")
        found = flows.search([("code", "in", codes)], order="code")
        unknown = sorted(set(codes) - set(found.mapped("code")))
        if unknown:
            self.parser.error(f"there is no flow {', '.join(unknown)}")
        return found
