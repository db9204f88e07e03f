from . import (
    interop_crosswalk,
    interop_crosswalk_entry,
    interop_document_type,
    interop_mapping,
    interop_mapping_row,
    interop_snapshot,
)
