def migrate(cr, version):
    """Flows from before there were retention classes are standard, as what they published says."""
    cr.execute(
        "ALTER TABLE interop_flow ADD COLUMN IF NOT EXISTS retention_class_id int; "
        "UPDATE interop_flow SET retention_class_id = "
        "(SELECT id FROM interop_retention_class WHERE code = 'standard') "
        "WHERE retention_class_id IS NULL"
    )
