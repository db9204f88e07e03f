{
    "name": "Interop Audit",
    "summary": "An append-only trail of every act of the integration engine and its users",
    "version": "19.0.1.0.0",
    "author": "Interop contributors",
    "website": "https://example.org/interop",
    "license": "LGPL-3",
    "category": "Interop",
    "depends": ["interop_base"],
    "external_dependencies": {"python": ["cryptography"]},
    "data": [
        "security/ir.model.access.csv",
        "data/ir_cron_data.xml",
        "views/interop_audit_entry_views.xml",
        "views/interop_audit_seal_views.xml",
    ],
    "uninstall_hook": "uninstall_hook",
    "installable": True,
}
