import copy

PACK = {
    "format": "interop.pack/1",
    "code": "acme",
    "name": "Acme ordering",
    "version": "1.0",
    "partner_kind": "supplier",
    "summary": "Orders to Acme.",
    "guide": "# Before you begin\n\nAsk Acme for a **token**.\n\n- one\n- two",
    "system": {"name": "ordering"},
    "connector": {
        "transport": "http",
        "codec": "json",
        "clearance": "confidential",
        "endpoints": [{"name": "Orders", "purpose": "default", "url": "https://acme.example/"}],
    },
    "secrets": [{"use": "auth", "kind": "bearer", "title": "Our token"}],
    "crosswalks": [
        {
            "code": "units",
            "name": "Units",
            "kind": "units",
            "entries": [{"ours": "EA", "theirs": "STK"}, {"ours": "DZN", "theirs": "DTZ"}],
        }
    ],
    "mappings": [
        {
            "code": "orders",
            "name": "Orders",
            "direction": "out",
            "document_type": "PurchaseOrder",
            "version": "1.0",
            "rows": [
                {"target": "Number", "source": "number", "required": True},
                {"target": "Buyer", "constant": "unknown"},
                {"target": "Lines[]", "each": "lines"},
                {"target": "Lines[].Unit", "source": "uom.code", "crosswalk": "units"},
                {
                    "target": "Lines[].Quantity",
                    "source": "quantity",
                    "converter": "number_text",
                    "arguments": {"places": 3, "point": ","},
                },
            ],
        }
    ],
    "policies": [
        {
            "code": "orders",
            "name": "Orders",
            "document_type": "PurchaseOrder",
            "version": "1.0",
            "rules": [
                {"path": "number", "action": "send"},
                {"path": "ship_to.contact.name", "action": "mask", "pattern": "initials"},
                {"path": "lines[].quantity", "action": "send"},
                {"path": "lines[].uom.*", "action": "send"},
            ],
        }
    ],
    "flows": [
        {
            "code": "orders",
            "name": "Orders",
            "direction": "out",
            "event": "test.pack",
            "document_type": "PurchaseOrder",
            "version": "1.0",
            "handler": "test_pack",
            "mapping": "orders",
            "policy": "orders",
            "expects_answer": True,
            "answer_hours": 24,
            "samples": [{"name": "Small", "given": "{}"}],
        }
    ],
    "questions": [
        {
            "code": "url",
            "title": "Address",
            "kind": "url",
            "goes": "endpoint.default.url",
            "default": "https://acme.example/orders",
        },
        {
            "code": "buyer",
            "title": "Our name there",
            "kind": "text",
            "goes": "mapping.orders.Buyer",
        },
        {
            "code": "hours",
            "title": "Answer within",
            "kind": "number",
            "goes": "flow.orders.answer_hours",
            "required": False,
        },
    ],
}


def pack(**changes):
    return copy.deepcopy(PACK) | changes
