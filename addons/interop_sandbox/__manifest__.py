{
    "name": "Interop Sandbox",
    "summary": "A simulated supplier and a demo world to try integrations with; not for production",
    "version": "19.0.1.0.0",
    "category": "Interop",
    "author": "Interop contributors",
    "website": "https://example.org/interop",
    "license": "LGPL-3",
    "depends": ["interop_pack", "interop_privacy", "interop_purchase", "interop_transport_http"],
    "data": ["data/interop_pack_data.xml"],
    "demo": ["demo/interop_sandbox_demo.xml"],
}
