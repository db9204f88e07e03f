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
from . import (
    interop_audit_entry,
    interop_disclosure,
    interop_reading,
    ir_filters,
)
