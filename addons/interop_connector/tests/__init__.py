from . import test_access, test_connector, test_endpoint, test_endpoints, test_json_codec, test_keys
