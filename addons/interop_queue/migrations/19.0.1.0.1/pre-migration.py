def migrate(cr, version):
    """A chain's name begins with the number of its flow, so that it is unique over all flows."""
    cr.execute(
        "UPDATE interop_message SET chain = flow_id || '/' || chain "
        "WHERE chain IS NOT NULL AND chain NOT LIKE flow_id || '/%%'"
    )
