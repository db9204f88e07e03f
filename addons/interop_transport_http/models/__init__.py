from . import interop_connector
