def migrate(cr, version):
    """Whoever seals says to which month it belongs, as it chose the key of that month."""
    cr.execute("ALTER TABLE interop_vault_content ALTER COLUMN period DROP DEFAULT")
