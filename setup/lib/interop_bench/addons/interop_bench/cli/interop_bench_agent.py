import importlib
import json
import os
import sys
import threading
import traceback

from odoo.cli.command import Command


class InteropBenchAgent(Command):
    """Do inside Odoo what setup/bench asks for: one JSON value a line, asked and answered."""

    name = "interop_bench_agent"

    def run(self, args):
        parser = self.parser
        parser.add_argument("-d", "--database", required=True, help="database to work in")
        options = parser.parse_args(args)

        from odoo.modules.registry import Registry
        from odoo.tools import config

        # Whatever else prints must not come between the answers.
        answers = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)
        config.parse_config(["--no-http", "-d", options.database], setup_logging=True)
        threading.current_thread().dbname = options.database
        registry = Registry(options.database).check_signaling()
        for module in ("interop_bench", "interop_bench_queue_job"):
            if module in registry._init_modules:
                importlib.import_module(f"odoo.addons.{module}.measuring")
        from odoo.addons.interop_bench.measuring.commands import COMMANDS  # pylint: disable=W8150

        for line in sys.stdin:
            asked = json.loads(line)
            try:
                registry = registry.check_signaling()
                answer = {"answer": COMMANDS[asked["command"]](registry, **asked["arguments"])}
            except Exception:
                answer = {"error": traceback.format_exc()}
            answers.write(json.dumps(answer) + "\n")
            answers.flush()
