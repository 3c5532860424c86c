"""Who asks first waits no longer than who asks next: answers are warm when the service is ready."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest
from service_parts import running, settings

from bot.app.serve import Service
from bot.core.answer import Answer
from bot.service.core import Core


async def fetch(service: Service, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(service.address + path) as answer,
    ):
        return answer.status, await answer.text()


async def test_ready_means_that_answers_are_warm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every thread has answered nobody before `/readyz` says so; nothing is noted of that."""
    begun, go_on = asyncio.Event(), asyncio.Event()
    warm = Core.warm

    async def held(core: Core, words: Sequence[str], show: Callable[[Answer], object]) -> None:
        begun.set()
        await go_on.wait()
        await warm(core, words, show)

    monkeypatch.setattr(Core, "warm", held)
    service = Service(settings(tmp_path, QUARTERMASTER_ANSWER_THREADS="3"))
    serving = asyncio.create_task(service.run())
    await asyncio.wait_for(begun.wait(), 30)
    assert await fetch(service, "/readyz") == (503, "starting\n")
    assert await fetch(service, "/healthz") == (200, "alive\n")
    go_on.set()
    await asyncio.wait_for(service.started.wait(), 30)
    assert await fetch(service, "/readyz") == (200, "ready\n")
    assert len(service.core._pool._threads) == 3
    assert "questions_total{" not in (await fetch(service, "/metrics"))[1]
    service.stop()
    assert await serving == 0
    with closing(sqlite3.connect(tmp_path / "state.db")) as db:
        assert db.execute("SELECT count(*) FROM audit").fetchone() == (0,)


async def test_a_start_survives_a_question_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("no store")

    monkeypatch.setattr(Core, "warm", broken)
    async with running(Service(settings(tmp_path))) as service:
        assert await fetch(service, "/readyz") == (200, "ready\n")
    assert "the first questions will take longer" in caplog.text
