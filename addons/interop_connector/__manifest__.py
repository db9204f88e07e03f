{
    "name": "Interop Connectors",
    "summary": "Systems, connectors and endpoints; the contracts of transports and codecs",
    "version": "19.0.1.2.0",
    "author": "Interop contributors",
    "website": "https://example.org/interop",
    "license": "LGPL-3",
    "category": "Interop",
    "depends": ["interop_vault", "interop_policy"],
    "data": [
        "security/ir.model.access.csv",
        "security/interop_connector_security.xml",
        "views/interop_system_views.xml",
        "views/interop_probe_views.xml",
        "views/interop_connector_views.xml",
        "views/interop_control_number_views.xml",
        "views/interop_connector_menus.xml",
    ],
}
