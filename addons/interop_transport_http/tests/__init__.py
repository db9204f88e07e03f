from . import test_answers
from . import test_http_transport
from . import test_inbound
from . import test_probe
from . import test_webhook
