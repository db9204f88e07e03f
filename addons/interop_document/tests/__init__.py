from . import (
    test_canonical,
    test_document,
    test_document_types,
    test_fields,
    test_gs1,
    test_interop_document_type,
    test_interop_snapshot,
    test_oracle,
    test_people,
    test_schema,
    test_sensitivity,
)
