"""Notes of questions reach the database, whatever was asked and whatever goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import NOW
from postgres import postgres, state_url, wait_until
from service_parts import running, settings

from bot.app.serve import Service
from bot.core.desk import Asker
from bot.service import audit_trail as notes
from bot.service import repeated
from bot.service.audit_trail import GROUP, AuditTrail
from bot.state import State

__all__ = ["postgres", "state_url"]


@pytest.fixture
def state(state_url: str) -> Iterator[State]:
    opened = State.open(state_url)
    yield opened
    opened.close()


def written(state: State) -> list[Any]:
    with state.reading() as db:
        return list(db.execute(sa.text('SELECT "user", text FROM audit ORDER BY at')).all())


async def until(condition: Callable[[], bool]) -> None:
    await asyncio.to_thread(wait_until, condition)


@asynccontextmanager
async def noting(state: State, dropped: list[int]) -> AsyncIterator[AuditTrail]:
    book = AuditTrail(state, lambda: NOW, keep_words=True, dropped=dropped.append)
    await book.start()
    try:
        yield book
    finally:
        await book.stop()


def ask(book: AuditTrail, words: str, user: str = "u") -> None:
    ask.number += 1  # type: ignore[attr-defined]
    at = NOW + timedelta(seconds=ask.number)  # type: ignore[attr-defined]
    book.asked(Asker(platform="slack", user=user), None, "none", "answered", words, at)


ask.number = 0  # type: ignore[attr-defined]


async def test_what_no_database_takes_spoils_no_note(tmp_path: Path, state: State) -> None:
    """Zero bytes and halves of characters come in a platform's JSON; all is answered and kept."""
    given = settings(
        tmp_path,
        QUARTERMASTER_STATE_URL=state.engine.url.render_as_string(hide_password=False),
        QUARTERMASTER_AUDIT_TEXT="1",
    )
    async with running(Service(given)) as service:
        for words in ("cheapest \0A100", "\ud83d cheapest H100", "cheapest L4"):
            answer = await service.core(
                words, Asker(platform="slack", user="u", thread="u:\U0001f680")
            )
            assert answer.table is not None
        await until(lambda: len(written(state)) == 3)
    assert [text for _, text in written(state)] == [
        "p:cheapest  A100", "p:? cheapest H100", "p:cheapest L4",
    ]  # fmt: skip


async def test_a_fault_that_nobody_foresaw_costs_one_group(
    state: State, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    dropped: list[int] = []
    forgotten: list[str] = []
    whole = state.people.audit_many

    def failing(lines: Any) -> None:
        monkeypatch.setattr(state.people, "audit_many", whole)
        raise ValueError("not foreseen")

    monkeypatch.setattr(state.people, "audit_many", failing)
    monkeypatch.setattr(state.people, "forget_notes", forgotten.append)
    async with noting(state, dropped) as book:
        ask(book, "lost")
        book.asked(Asker(platform="slack", user="x"), None, "forget", "answered", "", NOW)
        await until(lambda: bool(dropped))
        ask(book, "kept")
        await until(lambda: bool(written(state)))
    assert dropped == [1]
    assert [text for _, text in written(state)] == ["p:kept"]
    assert forgotten[-1] == "x"
    assert "notes cannot be written" in caplog.text


async def test_full_groups_leave_without_a_pause(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "EVERY", 0.01)
    async with noting(state, []) as book:
        monkeypatch.setattr(notes, "EVERY", 3600.0)
        for number in range(3 * GROUP):
            ask(book, str(number))
        await until(lambda: len(written(state)) == 3 * GROUP)


async def test_what_is_repeated_goes_on_after_a_stumble(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A task that ended would be missed by nobody."""
    monkeypatch.setattr(repeated, "AFTER_STUMBLE", 0.0)
    steps = 0
    again = asyncio.Event()

    async def step() -> float:
        nonlocal steps
        steps += 1
        if steps == 1:
            raise KeyError("not foreseen")
        again.set()
        return 3600.0

    work = repeated.Repeated("what is tried", step)
    work.start()
    await asyncio.wait_for(again.wait(), 10)
    await work.stop()
    assert steps == 2
    assert "what is tried stumbled" in caplog.text
