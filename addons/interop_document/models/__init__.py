# The parts that models here are made of come first.
from . import (
    interop_document_type_truth,
    interop_source_rule_deciding,
    interop_source_rule_evidence,
    interop_source_rule_proposals,
)

# isort: split
from . import (
    interop_crosswalk,
    interop_crosswalk_entry,
    interop_crosswalk_sheet,
    interop_document_type,
    interop_document_type_page,
    interop_mapping,
    interop_mapping_editor,
    interop_mapping_row,
    interop_snapshot,
    interop_source_rule,
)
