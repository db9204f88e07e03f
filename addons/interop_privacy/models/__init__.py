from . import interop_privacy_request, interop_privacy_request_line
