"""Calls Odoo's command line. A file of its own, because Odoo's prefork server starts its event
worker by the path it was started with, and `python -m odoo` gives one that cannot be run."""

from odoo.cli.command import main

main()
