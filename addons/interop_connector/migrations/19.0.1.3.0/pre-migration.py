def migrate(cr, version):
    """Connectors from before there was a bound for unsigned tries keep none; new ones have it."""
    cr.execute(
        "ALTER TABLE interop_connector ADD COLUMN IF NOT EXISTS inbound_unsigned_rate int; "
        "UPDATE interop_connector SET inbound_unsigned_rate = 0 "
        "WHERE inbound_unsigned_rate IS NULL"
    )
