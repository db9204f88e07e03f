{
    "name": "Interop Purchase",
    "summary": "Purchase orders out to suppliers, their acknowledgements in",
    "version": "19.0.1.0.0",
    "category": "Interop",
    "author": "Interop contributors",
    "website": "https://example.org/interop",
    "license": "LGPL-3",
    "depends": ["interop_exception", "interop_governance", "purchase", "account_add_gln"],
    "data": [
        "views/purchase_order_views.xml",
        "views/product_template_views.xml",
        "views/res_partner_views.xml",
        "views/uom_uom_views.xml",
    ],
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
    "installable": True,
}
