from . import sql, sql_secret


def uninstall_hook(env):
    """The tables with sealed bytes are our own, so Odoo does not drop them: do it here."""
    env.cr.execute(sql.DROP)
    env.cr.execute(sql.TOKEN_DROP)
    env.cr.execute(sql_secret.DROP)
