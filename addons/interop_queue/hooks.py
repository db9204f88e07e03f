def uninstall_hook(env):
    """Tables that no model stands for, and a trigger, are our own, so Odoo does not drop them."""
    env.cr.execute(
        "DROP FUNCTION IF EXISTS interop_message_note_payload() CASCADE; "
        "DROP FUNCTION IF EXISTS interop_flow_version_refuse() CASCADE; "
        "DROP TABLE IF EXISTS interop_message_payload; "
        "DROP TABLE IF EXISTS interop_message_person; "
        "DROP TABLE IF EXISTS interop_message_reference; "
        "DROP TABLE IF EXISTS interop_audit_shape"
    )
