# What the review is made of comes first.
from . import interop_access_review_taking

# isort: split
# What the lists of evidence are made of comes first.
from . import (
    interop_access_review,
    interop_access_review_line,
    interop_evidence_file,
    interop_list_export,
    interop_told,
)

# isort: split
# What recoveries are made of comes first.
from . import (
    interop_audit_entry,
    interop_disclosure,
    interop_reading,
    interop_recovery_opening,
    interop_recovery_outside,
    interop_recovery_reconciling,
    ir_filters,
)

# isort: split
# What a bundle is made of comes first.
from . import (
    interop_arming,
    interop_evidence_facts,
    interop_evidence_making,
    interop_fence,
    interop_recovery,
    interop_recovery_counter,
    interop_recovery_key,
    interop_recovery_line,
)

# isort: split
from . import (
    interop_evidence_bundle,
    interop_evidence_sample,
    interop_evidence_sample_line,
)
