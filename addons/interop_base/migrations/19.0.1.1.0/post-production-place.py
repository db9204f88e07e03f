def migrate(cr, version):
    """What is armed for production counts as having been in production where it stands."""
    cr.execute(
        "UPDATE interop_instance SET production_place = system_identifier || '/' || database_oid"
        " WHERE environment = 'production' AND production_place IS NULL"
    )
