import argparse
import signal
import sys

from odoo.cli import Command

# Imports of the addon stand inside the methods: an ImportError up here would be reported as
# "Unknown command".


class InteropWorker(Command):
    """Run a dedicated worker: a lane of its own that listens for work and never sleeps over it.

    Any number of workers may run, on any number of hosts, beside the lanes of scheduled actions.
    SIGTERM and SIGINT end it in good order: what is under way is finished or given back.
    """

    name = "interop_worker"

    def run(self, args: list[str]) -> None:
        # Until the worker minds them itself: an end before it has begun is a good one too.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: sys.exit(0))
        from odoo.addons.interop_base import commands

        options = self._parse(args)
        sys.exit(self._work(commands.begin(self.parser, options), options))

    def _parse(self, args: list[str]) -> argparse.Namespace:
        from odoo.addons.interop_base import commands

        parser = self.parser
        commands.add_options(parser, "the database to work for")
        parser.add_argument(
            "--slots", type=int, default=32, help="exchanges under way at most (default 32)"
        )
        parser.add_argument(
            "--connectors", default="", help="only these connectors' codes, separated by commas"
        )
        parser.add_argument("--name", default="worker", help="how it is called in lists and logs")
        parser.add_argument(
            "--once", action="store_true", help="end as soon as nothing is left to do"
        )
        options = parser.parse_args(args)
        if not 1 <= options.slots <= 512:
            parser.error("--slots must be between 1 and 512")
        return options

    def _work(self, database: str, options: argparse.Namespace) -> int:
        # Odoo loads commands outside their addon: a relative import finds nothing here.
        from odoo.addons.interop_queue.engine.worker import Settings, Worker  # pylint: disable=W8150

        codes = tuple(code.strip() for code in options.connectors.split(",") if code.strip())
        settings = Settings(database, options.name, options.slots, codes, options.once)
        return Worker(settings, say=lambda text: print(text, flush=True)).run()  # pylint: disable=W8116
