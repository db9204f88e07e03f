# What others stand on comes first.
from . import interop_audit_configured, interop_audit_immutable

# isort: split
from . import (
    interop_area,
    interop_audit,
    interop_audit_entry,
    interop_audit_export,
    interop_audit_exporter,
    interop_audit_finding,
    interop_audit_refusals,
    interop_audit_rights,
    interop_audit_seal,
    interop_audit_sealer,
    interop_audit_verification,
    interop_audit_verifier,
    interop_fence,
    interop_keyring,
    ir_actions_server,
    ir_config_parameter,
    ir_cron,
    ir_model_access,
    ir_module_module,
    ir_rule,
    res_company,
    res_groups,
    res_users,
)
