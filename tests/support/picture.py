"""Draws the README's pictures: real answers of the bundled store, as rich prints them.

`python tests/support/picture.py docs/answer.svg`, and `docs/quotes.svg` for quotes side by side.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

from bot.core.answer import Answer  # noqa: E402  the path comes first
from bot.core.desk import Asker, Desk  # noqa: E402
from bot.core.wording import wording  # noqa: E402
from bot.quotes import negotiation, side  # noqa: E402
from bot.quotes.converting import converted  # noqa: E402
from bot.quotes.reading import read_text  # noqa: E402
from bot.render.terminal import RICH_STYLES, lines  # noqa: E402
from bot.reply.reply import reply  # noqa: E402
from knowledge.prices.store import Store  # noqa: E402

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
MAILS = {
    "crusoe.eml": "Crusoe: 64x H100 SXM, 12 months, $2.69 per GPU-hour. Setup fee $5,000. 20% upfront, notice 90 days, renews automatically.",
    "nebius.txt": "Nebius: 64x H100 SXM in Finland, 12 months, EUR 2.40 per GPU-hour, excl. VAT. SLA 99.9%. Prices are fixed for the term.",
}  # fmt: skip
"""What two sellers might write."""


def draw(path: Path) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(record=True, width=96 if path.stem == "quotes" else 84, file=io.StringIO())
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "prices.db", NOW)
        for words, answer in (_quotes if path.stem == "quotes" else _asked)(store):
            console.print(Text(f"$ quartermaster {words}", style="bold green"))
            for line in lines(answer._replace(now=NOW)):
                console.print(Text(line.text, style=RICH_STYLES[line.style]))
            console.print()
        store.close()
    console.save_svg(str(path), title="quartermaster")


def _asked(store: Store) -> Iterator[tuple[str, Answer]]:
    for words in ("cheapest A100", "qual a H100 mais barata?"):
        yield f"ask {words}", reply(words, Asker(), NOW, store)


def _quotes(store: Store) -> Iterator[tuple[str, Answer]]:
    desk = Desk(store, NOW, wording("en"))
    readings = [converted(read_text(mail), store) for mail in MAILS.values()]
    yield f"quote {' '.join(MAILS)}", side.answer(readings, desk)
    yield (
        f"quote {next(iter(MAILS))} --negotiate",
        negotiation.answer(readings[0]["quotes"][0], desk),
    )


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
