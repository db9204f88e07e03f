from . import sql


def uninstall_hook(env):
    """The table of sealed content is our own, so Odoo does not drop it: do it here."""
    env.cr.execute(sql.DROP)
