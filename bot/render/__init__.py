"""Answers for a terminal, as a chart, and as JSON."""
