"""What surrounds the platforms in a running service: the shared core, health, logs, metrics."""
