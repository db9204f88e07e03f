from . import (
    interop_evidence_bundle,
    interop_evidence_facts,
    interop_evidence_making,
    interop_evidence_sample,
    interop_evidence_sample_line,
)
