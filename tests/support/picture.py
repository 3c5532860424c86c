"""Draws the README's picture: a real answer of the bundled store, as rich prints it.

`python tests/support/picture.py docs/answer.svg`
"""

from __future__ import annotations

import io
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

from bot.core.desk import Asker  # noqa: E402  the path comes first
from bot.render.terminal import RICH_STYLES, lines  # noqa: E402
from bot.reply.reply import reply  # noqa: E402
from knowledge.prices.store import Store  # noqa: E402


def draw(path: Path) -> None:
    from rich.console import Console
    from rich.text import Text

    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    console = Console(record=True, width=84, file=io.StringIO())
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "prices.db", now)
        for words in ("cheapest A100", "qual a H100 mais barata?"):
            console.print(Text(f"$ quartermaster ask {words}", style="bold green"))
            for line in lines(reply(words, Asker(), now, store)):
                console.print(Text(line.text, style=RICH_STYLES[line.style]))
            console.print()
        store.close()
    console.save_svg(str(path), title="quartermaster")


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
