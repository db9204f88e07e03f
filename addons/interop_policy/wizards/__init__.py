from . import interop_policy_proposal
