from . import (
    test_answers,
    test_http_transport,
    test_inbound,
    test_oauth2,
    test_probe,
    test_tls,
    test_webhook,
)
