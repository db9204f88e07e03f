from . import interop_document_type_comparison
