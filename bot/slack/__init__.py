"""Slack: messages in Block Kit, the ways in, the home tab, installation.

`app.py` is the door, `listeners.py` what bolt calls, `turns.py` and `clicks.py` what is done about
it, `sending.py` what goes out. `blocks.py`, `table.py`, `chart.py`, `home.py`, `views.py` and
`manifest.py` are pure. slack_bolt and slack_sdk are imported in this folder alone.
"""
