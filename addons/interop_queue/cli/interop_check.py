import argparse
import json
import sys
import threading

from odoo.cli import Command
from odoo.tools import config

# Imports of the addon stand inside the methods: an ImportError up here would be reported as
# "Unknown command".


class InteropCheck(Command):
    """Check flows: are they ready to go live, and do their golden samples come out as expected?

    Looks at each flow as it is edited, and at what is live. Changes nothing and sends nothing. Ends
    with 1 if something is missing, differs or fails, with 2 if it was called wrongly.
    """

    name = "interop_check"

    def run(self, args: list[str]) -> None:
        options = self._parse(args)
        arguments = ["--no-http"]
        arguments += ["-c", options.config] if options.config else []
        arguments += ["-d", options.database] if options.database else []
        config.parse_config(arguments, setup_logging=True)
        names = config["db_name"]
        if len(names) != 1:
            self.parser.error("name one database: -d DATABASE")
        threading.current_thread().dbname = names[0]
        sys.exit(self._check(names[0], options))

    def _parse(self, args: list[str]) -> argparse.Namespace:
        parser = self.parser
        parser.add_argument("-c", "--config", help="Odoo's configuration file")
        parser.add_argument("-d", "--database", help="the database whose flows are checked")
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

    def _check(self, database: str, options: argparse.Namespace) -> int:
        from odoo import SUPERUSER_ID
        from odoo.api import Environment
        from odoo.modules.registry import Registry

        registry = Registry(database)
        registry.check_signaling()
        with registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            if "interop.sample" not in env:
                sys.exit(f"{database}: the module interop_queue is not installed there.")
            try:
                return self._told(env, options)
            finally:
                cr.rollback()

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
