from . import test_amounts, test_comparison, test_identifiers
