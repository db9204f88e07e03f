from . import (
    test_access,
    test_connector,
    test_connector_secrets,
    test_control_number_setting,
    test_control_numbers,
    test_endpoint,
    test_endpoints,
    test_interop_mapping_editor,
    test_json_codec,
    test_keys,
    test_number_series,
    test_tokens,
)
