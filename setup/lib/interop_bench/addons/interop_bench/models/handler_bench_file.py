from odoo import models

from odoo.addons.interop_queue.lib.handlers import HANDLERS, HandlerSpec, register_event

FILE_EVENT = "bench.file.ready"
register_event(FILE_EVENT, "Bench: a big file")
HANDLERS.register(
    "bench_file",
    HandlerSpec("bench_file", "Bench file", "interop.handler.bench_file", "BenchFile", "out"),
)


class HandlerBenchFile(models.AbstractModel):
    """Big documents that come composed already."""

    _name = "interop.handler.bench_file"
    _description = "Bench Files"
    _inherit = ["interop.handler"]
