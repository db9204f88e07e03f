{
    "name": "Interop Exceptions",
    "summary": "What automation could not settle, as decisions for people",
    "version": "19.0.1.0.0",
    "category": "Interop",
    "author": "Interop contributors",
    "website": "https://example.org/interop",
    "license": "LGPL-3",
    "depends": ["interop_queue"],
    "data": [
        "security/interop_exception_security.xml",
        "security/ir.model.access.csv",
        "wizards/interop_exception_decision_views.xml",
        "views/interop_exception_views.xml",
        "views/interop_message_views.xml",
        "views/interop_exception_menus.xml",
    ],
    "installable": True,
}
