"""What every test may lean on: a fixed moment, a store seeded from the bundled prices, `ask`."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "support")]

from bot.core.answer import Answer  # noqa: E402  the path comes first
from bot.core.desk import Asker  # noqa: E402
from bot.reply.reply import reply  # noqa: E402
from knowledge.prices.store import Store  # noqa: E402

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""The moment of every test: after the newest bundled price, so all of them are stale."""


settings.register_profile("repeatable", derandomize=True)
settings.register_profile("explore", derandomize=False, max_examples=1000)
settings.load_profile("repeatable")  # `make fuzz` explores: a commit passes or fails, not at random


PLANTED = ("hunter2", "s3cret-value", "xoxb-1-2-test", "8f742231b10e8888abcd99yyyzzz85a5")
"""Secrets that tests hand out; none may stand in what any test logs or prints."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fails a test that passed while a planted secret left by a log line or an output."""
    report = yield
    if call.when == "call" and report.passed:
        for name, text in report.sections:
            for secret in PLANTED:
                if secret in text:
                    report.outcome = "failed"
                    report.longrepr = f"the planted secret {secret!r} is in: {name}"
    return report


PARTS = "make parts"
"""The one command that brings whatever a test is skipped for the want of; its reason names it."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: Any) -> Generator[None]:
    """At the very end, which tests were skipped for want of a part, and what brings it."""
    yield
    missing = [
        (report.nodeid, report.longrepr[2])
        for report in terminalreporter.stats.get("skipped", ())
        if PARTS in str(report.longrepr)
    ]
    if missing:
        terminalreporter.section(f"{len(missing)} tests skipped for want of a part; run: {PARTS}")
    for test, reason in missing:
        terminalreporter.line(f"{test}: {reason.removeprefix('Skipped: ').split(';')[0]}")


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the developer's own store or settings."""
    for name in os.environ:
        if name.startswith(("QUARTERMASTER_", "SLACK_", "MICROSOFT_", "OTEL_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("QUARTERMASTER_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store file seeded from the bundled prices; copied, never written."""
    path = tmp_path_factory.mktemp("seeded") / "prices.db"
    Store.open(path, NOW).close()
    return path


@pytest.fixture
def store(seeded: Path, tmp_path: Path) -> Iterator[Store]:
    """A store of the test's own, seeded."""
    path = tmp_path / "prices.db"
    shutil.copy(seeded, path)
    opened = Store.open(path, NOW)
    yield opened
    opened.close()


@pytest.fixture
def ask(store: Store) -> Callable[..., Answer]:
    """A question in words, its Answer out."""

    def asked(words: str, **asker: object) -> Answer:
        return reply(words, Asker(**asker), NOW, store)  # type: ignore[arg-type]

    return asked
