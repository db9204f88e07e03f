from . import interop_evidence_bundling
