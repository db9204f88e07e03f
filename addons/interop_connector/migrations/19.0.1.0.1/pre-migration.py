def migrate(cr, version):
    """The runtime row no longer repeats the connector's state."""
    cr.execute("ALTER TABLE interop_connector_runtime DROP COLUMN IF EXISTS paused")
