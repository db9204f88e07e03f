{
    "name": "Interop Bench",
    "version": "19.0.1.0.0",
    "summary": "What setup/bench needs inside Odoo; never installed elsewhere",
    "author": "Interop contributors",
    "license": "LGPL-3",
    "category": "Hidden",
    "depends": ["interop_sandbox"],
    "data": [],
    "installable": True,
}
