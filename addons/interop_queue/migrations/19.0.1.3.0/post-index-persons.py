def migrate(cr, version):
    """Messages of before the index of persons: a scheduled action takes them up."""
    cr.execute(
        "INSERT INTO ir_config_parameter (key, value) "
        "SELECT 'interop_queue.persons_below', (max(id) + 1)::text FROM interop_message "
        "HAVING max(id) IS NOT NULL ON CONFLICT (key) DO NOTHING; "
        "UPDATE ir_cron SET active = TRUE WHERE id = (SELECT res_id FROM ir_model_data "
        "WHERE module = 'interop_queue' AND name = 'cron_index_persons')"
    )
