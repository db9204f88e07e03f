from . import sql


def uninstall_hook(env):
    """The table goes with its model; the function behind its triggers is our own."""
    env.cr.execute(sql.DROP_GUARD)
