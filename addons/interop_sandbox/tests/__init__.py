from . import test_answers, test_house, test_interop_sandbox, test_partner, test_secrets
