"""`python -m bot`, and the console script `quartermaster`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Runs the command line; exit status 0 done, 1 a fault or nothing done, 2 wrong use."""
    # Start-up makes thousands of objects that all stay: collecting among them finds nothing.
    gc.disable()
    words = sys.argv[2:]
    if sys.argv[1:2] == ["ask"] and words and not any(word.startswith("-") for word in words):
        # No options: the parser for them would cost a third of the answer.
        from bot.cli.local import ask

        sys.exit(ask(words))
    from bot.cli.main import cli

    gc.freeze()
    gc.enable()
    cli(prog_name="quartermaster" if not sys.argv[0].endswith("__main__.py") else "python -m bot")


if __name__ == "__main__":
    main()
