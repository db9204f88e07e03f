from . import sql, sql_retention, sql_seals


def uninstall_hook(env):
    """The tables are our own, so Odoo cannot drop them: do it here, with their functions."""
    env.cr.execute(sql_seals.DROP)
    env.cr.execute(sql_retention.DROP)
    env.cr.execute(sql.DROP)
