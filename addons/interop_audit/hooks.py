from . import sql


def uninstall_hook(env):
    """The table is our own, so Odoo cannot drop it: do it here, with its functions."""
    env.cr.execute(sql.DROP)
