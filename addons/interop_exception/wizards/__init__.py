from . import interop_exception_decision
