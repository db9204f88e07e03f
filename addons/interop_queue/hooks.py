def uninstall_hook(env):
    """The table of former payloads and its trigger are our own, so Odoo does not drop them."""
    env.cr.execute(
        "DROP FUNCTION IF EXISTS interop_message_note_payload() CASCADE; "
        "DROP TABLE IF EXISTS interop_message_payload"
    )
