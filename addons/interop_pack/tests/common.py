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


LIMITS = {
    "rate_limit": 5,
    "rate_unit": "minute",
    "rate_burst": 2,
    "inbound_rate": 60,
    "inbound_burst": 7,
    "inbound_kb_rate": 900,
    "inbound_backlog": 400,
    "inbound_max_kb": 64,
    "inbound_unsigned_rate": 0,
}
WINDOWS = [
    {"name": "Backup", "days": ["monday", "friday"], "from": "22:30", "to": "02:10"},
    {"name": "Release", "days": ["sunday"], "from": "00:00", "to": "24:00"},
]
BREAKER = {
    "breaker_failures": 0,
    "breaker_rate": 30,
    "breaker_window": 50,
    "breaker_wait": 60,
    "breaker_wait_most": 600,
    "probe_method": "GET",
    "probe_path": "/health",
}
BATCH = {
    "mode": "batch",
    "batch_size": 50,
    "batch_minutes": 60,
    "batch_times": "09:00, 14:30",
    "batch_days": ["monday", "tuesday", "friday"],
    "batch_zone": "Europe/Berlin",
    "batch_kilobytes": 512,
    "batch_release": True,
    "batch_release_hours": 2,
    "batch_totals": "totals.net.amount",
    "coalesce": True,
    "priority": "low",
    "condition": ["|", ["ref", "=", "cold"], ["parent_id.ref", "in", ["cold", "frozen"]]],
    "route_group": "warehouse",
    "route_sequence": 3,
}
ASKED = {
    "mode": "direct",
    "expects_answer": False,
    "direct_seconds": 7,
    "direct_at_most": 2,
    "answer_type": "PurchaseOrder",
    "answer_version": "1.0",
    "answer_policy": "answers",
    "priority": "urgent",
    "content_as_of": "event",
}


def traffic_pack(connector=None, **changes):
    """A pack whose connector has limits and windows; flows in batches, asked and waiting."""
    body = pack(**changes)
    [endpoint] = PACK["connector"]["endpoints"]
    body["connector"] = (connector or body["connector"]) | LIMITS
    body["connector"] |= {
        "time_zone": "Europe/Berlin",
        "windows": copy.deepcopy(WINDOWS),
        "endpoints": [endpoint | BREAKER],
    }
    [orders] = body["flows"]
    del orders["samples"]
    body["policies"].append(copy.deepcopy(body["policies"][0]) | {"code": "answers"})
    body["flows"] = [
        orders | {"code": "changes", "name": "Changes", "waits": [{"flow": "orders"}]},
        orders | copy.deepcopy(BATCH),
        orders | {"code": "asked", "name": "Asked"} | ASKED,
    ]
    return body
