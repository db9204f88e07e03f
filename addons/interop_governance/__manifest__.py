{
    "name": "Interop Governance",
    "summary": "What auditors ask: disclosures, what a partner received, who read, who may do what",
    "version": "19.0.1.0.0",
    "category": "Interop",
    "author": "Interop contributors",
    "website": "https://example.org/interop",
    "license": "LGPL-3",
    "depends": ["interop_queue"],
    "data": [
        "security/interop_governance_security.xml",
        "security/ir.model.access.csv",
        "views/interop_governance_menus.xml",
    ],
    "installable": True,
}
