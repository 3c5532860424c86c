"""A state database, a Web API stand-in, and the platform between them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from slack_parts import NOW, Client, Core, FakeSlack, Options, fake_slack, platform

from bot.slack.app import SlackPlatform
from bot.state import State


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State.open(f"sqlite:///{tmp_path / 'state.db'}", clock=lambda: NOW)
    yield opened
    opened.close()


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with fake_slack() as running:
        yield running


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.fixture
async def serve(fake: FakeSlack, state: State, core: Core) -> AsyncIterator[Callable[..., object]]:
    """Starts a platform on the shared state; more of them are replicas."""
    async with AsyncExitStack() as stack:

        async def started(**options: object) -> Client:
            draw = options.pop("draw", None)
            made = SlackPlatform(
                Options(slack_api_url=fake.api, **options),  # type: ignore[arg-type]
                core,
                state,
                clock=lambda: NOW,
                draw=draw,  # type: ignore[arg-type]
            )
            return await stack.enter_async_context(platform(made))

        yield started


@pytest.fixture
async def slack(serve: Callable[..., object]) -> Client:
    return await serve()  # type: ignore[misc]
