"""What `setup/test` and `setup/demo` do, with nothing but the standard library."""
