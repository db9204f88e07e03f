"""The states of a message, in plain words. Direction is a field of its own and not a state."""

STATES = [
    ("waiting", "Waiting"),
    ("ready", "Ready"),
    ("running", "Running"),
    ("sent", "Sent"),
    ("done", "Done"),
    ("dead", "Dead letter"),
    ("cancelled", "Cancelled"),
]

# A message in one of these still holds its place in its chain.
OPEN_STATES = ("waiting", "ready", "running", "dead")

DIRECTIONS = [("out", "Outbound"), ("in", "Inbound")]

FLOW_STATES = [
    ("draft", "Draft"),
    ("live", "Live"),
    ("paused", "Paused"),
    ("retired", "Retired"),
]
