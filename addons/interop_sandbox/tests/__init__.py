from . import test_answers, test_partner, test_secrets
