{
    "name": "Interop Policies",
    "summary": "Field by field: what a document may show to a partner, denied by default",
    "version": "19.0.1.0.0",
    "author": "Interop contributors",
    "website": "https://example.org/interop",
    "license": "LGPL-3",
    "category": "Interop",
    "depends": ["interop_document"],
    "data": [
        "security/interop_policy_security.xml",
        "security/ir.model.access.csv",
        "views/interop_policy_templates.xml",
        "views/interop_policy_views.xml",
        "views/interop_policy_menus.xml",
    ],
    "installable": True,
}
