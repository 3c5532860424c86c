"""MCP over standard input and output, for an assistant on this machine: one JSON message a line."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from datetime import datetime
from typing import IO

from bot.api.keys import Key
from bot.api.operations import Caller, Operations
from bot.api.strict_json import parse
from bot.core.answer import Answer
from bot.core.desk import Asker
from bot.core.question import Question
from bot.language import Lang
from bot.mcp.protocol import INVALID, Refused, Server, dumped, error, parse_error
from bot.reply.reply import reply
from knowledge.prices.store import Store

LONGEST_LINE = 64 * 1024


class LocalAnswers:
    """Answers from the local store, as `quartermaster ask` does."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    async def __call__(self, asked: str | Question, asker: Asker, /) -> Answer:
        return await asyncio.to_thread(reply, asked, asker, self._clock(), self._store)

    def turned_away(self, platform: str, workspace: str | None = None) -> bool:  # noqa: ARG002
        return False


def run(
    store: Store,
    clock: Callable[[], datetime],
    *,
    owner: str | None,
    lang: Lang | None,
    source: IO[bytes] = sys.stdin.buffer,
    out: IO[bytes] = sys.stdout.buffer,
) -> None:
    """Answers until the input ends. `owner`: whose contract prices may be seen. Nothing but
    protocol is written to `out`."""
    key = Key(
        "local", owner or "local", frozenset({"contracts"} if owner else ()), "", "", lang=lang
    )
    operations = Operations(LocalAnswers(store, clock), store, None, clock)
    try:
        asyncio.run(_serve(Server(operations), Caller("mcp", key), source, out))
    finally:
        operations.close()


async def _serve(server: Server, caller: Caller, source: IO[bytes], out: IO[bytes]) -> None:
    while line := await asyncio.to_thread(source.readline, LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            while line and not line.endswith(b"\n"):  # the rest of it
                line = await asyncio.to_thread(source.readline, LONGEST_LINE)
            body = dumped(error(None, Refused(INVALID, "A message is at most 64 kB")))
        elif not line.strip():
            continue
        else:
            try:
                message = parse(line)
            except (ValueError, RecursionError):
                body = parse_error()
            else:
                outcome = await server.answer(message, caller)
                if outcome.body is None:
                    continue
                body = outcome.body
        out.write(body + b"\n")
        out.flush()
