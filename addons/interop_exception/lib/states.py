"""Which exceptions still wait for somebody, and who works them."""

OPEN_STATES = ("open", "in_progress")

GROUP_USER = "interop_base.group_user"
