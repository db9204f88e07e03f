"""`setup/bench`: how fast the queue is, beside OCA queue_job and beside a bare loop."""
