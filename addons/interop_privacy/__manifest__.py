{
    "name": "Interop Privacy",
    "summary": "Requests of persons: find, erase and report what messages and tokens hold of them",
    "version": "19.0.1.0.0",
    "category": "Interop",
    "author": "Interop contributors",
    "website": "https://example.org/interop",
    "license": "LGPL-3",
    "depends": ["interop_queue", "privacy_lookup"],
    "data": [
        "security/interop_privacy_security.xml",
        "security/ir.model.access.csv",
        "report/interop_privacy_request_report.xml",
        "views/interop_privacy_request_views.xml",
        "wizards/privacy_lookup_wizard_views.xml",
    ],
    "installable": True,
}
