"""What steers the traffic of a connector, as plain arithmetic."""
