"""The HTTP API: the answers that people get, for a workspace's own programs."""
