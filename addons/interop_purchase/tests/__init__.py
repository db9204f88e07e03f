from . import (
    test_amounts,
    test_comparison,
    test_handler_purchase_order,
    test_handler_purchase_order_acknowledgement,
    test_identifiers,
    test_purchase_order,
    test_readiness,
    test_round_trip,
    test_settling,
    test_source_rules,
)
