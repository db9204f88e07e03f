# What the review is made of comes first.
from . import interop_access_review_taking

# isort: split
from . import interop_access_review, interop_access_review_line
# What the lists of evidence are made of comes first.
from . import interop_evidence_file, interop_list_export, interop_told

# isort: split
from . import (
    interop_audit_entry,
    interop_disclosure,
    interop_reading,
    ir_filters,
)
# What recoveries are made of comes first.
from . import (
    interop_recovery_opening,
    interop_recovery_outside,
    interop_recovery_reconciling,
)

# isort: split
from . import (
    interop_arming,
    interop_fence,
    interop_recovery,
    interop_recovery_counter,
    interop_recovery_key,
    interop_recovery_line,
)
# What a bundle is made of comes first.
from . import interop_evidence_facts, interop_evidence_making

# isort: split
from . import (
    interop_evidence_bundle,
    interop_evidence_sample,
    interop_evidence_sample_line,
)
