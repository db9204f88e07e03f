{
    "name": "Interop Bench: queue_job",
    "version": "19.0.1.0.0",
    "summary": "The same work as jobs of OCA queue_job; never installed elsewhere",
    "author": "Interop contributors",
    "license": "LGPL-3",
    "category": "Hidden",
    "depends": ["interop_bench", "queue_job"],
    "data": [],
    "installable": True,
}
