"""How a command of the suite begins: Odoo's configuration, one database, an environment in it.

Commands lie in ``cli/`` and import this within ``run()``: an ImportError at the top of such a file
reads as "Unknown command". These are functions and no base class, because Odoo takes every subclass
of its ``Command`` for a command.
"""

import argparse
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.modules.registry import Registry
from odoo.tools import config


def add_options(parser: argparse.ArgumentParser, database: str) -> None:
    """Let a command take ``-c`` and ``-d``; `database` says what the database is to it."""
    parser.add_argument("-c", "--config", help="Odoo's configuration file")
    parser.add_argument("-d", "--database", help=database)


def configure(options: argparse.Namespace) -> None:
    """Read Odoo's configuration and begin to log, as the options say."""
    arguments = ["--no-http"]
    arguments += ["-c", options.config] if options.config else []
    arguments += ["-d", options.database] if options.database else []
    config.parse_config(arguments, setup_logging=True)


def begin(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    """Configure Odoo; return the one database that the options or the configuration name.

    None or several are a wrong call: the command ends with 2.
    """
    configure(options)
    names = config["db_name"]
    if len(names) != 1:
        parser.error("name one database: -d DATABASE")
    threading.current_thread().dbname = names[0]
    return str(names[0])


@contextmanager
def opened(database: str, module: str) -> Iterator[Environment]:
    """The superuser's environment in a database, committed at the end if nothing was raised.

    Without `module` installed there the command ends with 1 and says so.
    """
    threading.current_thread().dbname = database
    registry = Registry(database).check_signaling()
    if module not in registry._init_modules:
        sys.exit(f"{database}: the module {module} is not installed there.")
    with registry.cursor() as cr:
        yield Environment(cr, SUPERUSER_ID, {})
