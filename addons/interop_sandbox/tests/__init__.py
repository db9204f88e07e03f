from . import test_answers, test_house, test_interop_sandbox, test_packs, test_partner, test_secrets
