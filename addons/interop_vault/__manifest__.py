{
    "name": "Interop Vault",
    "summary": "Sealed content of messages, and secrets that can be used but not read",
    "version": "19.0.1.0.0",
    "author": "Interop contributors",
    "website": "https://example.org/interop",
    "license": "LGPL-3",
    "category": "Interop",
    "depends": ["interop_audit"],
    "external_dependencies": {"python": ["cryptography"]},
    "data": [
        "security/interop_vault_security.xml",
        "security/ir.model.access.csv",
        "views/interop_vault_secret_views.xml",
    ],
    "uninstall_hook": "uninstall_hook",
    "installable": True,
}
