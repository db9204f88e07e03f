from . import (
    interop_crosswalk_import,
    interop_crosswalk_import_line,
    interop_document_type_comparison,
)
