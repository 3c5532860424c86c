"""Slack: messages in Block Kit, the ways in, the home tab, installation.

`app.py`, `listeners.py`, `sending.py`, `installation.py` and `doctor.py` use slack_bolt or
slack_sdk; everything else here is ours, and `blocks.py`, `home.py` and `views.py` are pure.
"""
