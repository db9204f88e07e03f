from . import interop_document_type, interop_snapshot
