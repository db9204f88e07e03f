from . import test_erasure, test_interop_privacy_request, test_older_messages, test_privacy_lookup
