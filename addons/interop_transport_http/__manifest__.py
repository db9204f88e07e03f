{
    "name": "Interop HTTP Transport",
    "summary": "Send to partners over HTTP, and receive signed webhooks",
    "version": "19.0.1.1.0",
    "author": "Interop contributors",
    "website": "https://example.org/interop",
    "license": "LGPL-3",
    "category": "Interop",
    "depends": ["interop_connector"],
    "external_dependencies": {"python": ["requests", "urllib3"]},
    "data": [
        "views/interop_connector_views.xml",
        "views/res_config_settings_views.xml",
    ],
}
