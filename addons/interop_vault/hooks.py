from . import sql


def uninstall_hook(env):
    """The tables of sealed content are our own, so Odoo does not drop them: do it here."""
    env.cr.execute(sql.DROP)
    env.cr.execute(sql.TOKEN_DROP)
