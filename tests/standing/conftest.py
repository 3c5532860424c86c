"""A real PostgreSQL beside SQLite."""

from __future__ import annotations

from postgres import postgres, state_url

__all__ = ["postgres", "state_url"]
