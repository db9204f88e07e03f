from . import (
    test_interop_evidence_bundle,
    test_interop_evidence_sample,
    test_sampling,
)
