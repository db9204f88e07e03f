"""The project's own tools, run by `setup/tool` in the environment that `setup/test` makes."""
