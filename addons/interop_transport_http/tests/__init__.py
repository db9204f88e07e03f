from . import test_answers, test_http_transport, test_inbound, test_probe, test_webhook
