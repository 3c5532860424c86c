"""Where our files are, without importing the settings model: a cold `ask` needs no more."""

from __future__ import annotations

import os
from pathlib import Path


def default_data_dir() -> Path:
    """QUARTERMASTER_DATA_DIR, else the platform's customary place for an application's data."""
    given = os.environ.get("QUARTERMASTER_DATA_DIR")
    if given:
        return Path(given).expanduser()
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "quartermaster"


def prices_path() -> Path:
    return default_data_dir() / "prices.db"
