from . import interop_sandbox, interop_sandbox_flows
