"""The same questions at a prompt, with history and completion."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from bot.cli.local import terminal
from bot.core.answer import Answer
from bot.core.command import COMMANDS
from bot.core.question import Lang
from bot.core.wording import wording
from bot.language import LANGS, pack
from bot.render.terminal import show
from bot.reply.reply import reply
from knowledge.prices.store import Store

LEAVE = {word for lang in LANGS for word in pack(lang)["leave"]}


def run(store: Store, lang: Lang | None) -> None:
    """Asks until end of input; reads plain lines when standard input is no terminal."""
    asker = terminal()._replace(lang=lang)
    say = wording(lang or "en")
    last: Answer | None = None
    if sys.stdin.isatty():
        print(say.t("Ask a question; a number repeats that follow-up; Ctrl-D ends."))  # noqa: T201
    for words in _lines():
        text = words.strip()
        if not text:
            continue
        if text.lower() in LEAVE:
            break
        if text.isdigit() and last and 0 < int(text) <= len(last.follow_ups):
            text = last.follow_ups[int(text) - 1].question
        last = reply(text, asker, datetime.now(UTC), store, last.question if last else None)
        show(last, sys.stdout)


def _lines() -> Iterator[str]:
    if not sys.stdin.isatty():
        return iter(sys.stdin)
    return _prompted()


def _prompted() -> Iterator[str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.history import FileHistory

    from bot.core.paths import default_data_dir
    from knowledge.facts.accelerators import canonical_names
    from knowledge.facts.providers import all_providers

    shown = [command for command in COMMANDS if command.listed]
    words = [command.name for command in shown]
    words += [word for lang in LANGS for command in shown for word in command.words(lang)]
    words += [*canonical_names(), *(provider.id for provider in all_providers())]
    session: PromptSession[str] = PromptSession(
        history=FileHistory(str(default_data_dir() / "chat-history")),
        completer=WordCompleter(words, ignore_case=True),
        complete_while_typing=False,
    )
    while True:
        try:
            yield session.prompt("gpu> ")
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
