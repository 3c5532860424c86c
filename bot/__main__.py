"""`python -m bot`, and the console script `quartermaster`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Runs the command line; exit status 0 done, 1 a fault or nothing done, 2 wrong use."""
    # Start-up makes thousands of objects that all stay: collecting among them finds nothing.
    gc.set_threshold(100_000)
    from bot.cli.main import cli

    cli(prog_name="quartermaster" if not sys.argv[0].endswith("__main__.py") else "python -m bot")


if __name__ == "__main__":
    main()
