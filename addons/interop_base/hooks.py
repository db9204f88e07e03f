def post_init_hook(env):
    """Arm the new installation when the server's configuration names an environment."""
    env["interop.fence"]._arm_at_install()
