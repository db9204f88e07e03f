from . import (
    test_engine_chain,
    test_engine_failures,
    test_engine_inbound,
    test_engine_inbound_batch,
    test_engine_outbound,
    test_flow,
    test_lib,
    test_message,
)
