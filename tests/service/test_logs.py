"""Log lines: JSON, a reference for each question, no secret and nobody's words."""

from __future__ import annotations

import io
import json
import logging
from contextvars import Context
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW
from hypothesis import given
from hypothesis import strategies as st
from postgres import postgres, state_url
from service_parts import settings
from sqlalchemy.exc import IntegrityError

from bot.core import telemetry
from bot.service.logs import STRUCK, logging_to, secrets_of, striker
from bot.state import State, StateFault

__all__ = ["postgres", "state_url"]

log = logging.getLogger("bot.test")
PLANTED = "pl4nted-s3cret-value"


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Logs what it is given, returns the lines as they leave the process."""
    given = settings(
        tmp_path,
        SLACK_SIGNING_SECRET=PLANTED,
        QUARTERMASTER_STATE_URL=f"postgresql://me:{PLANTED}@db/name",
        QUARTERMASTER_SOURCE_KEY_LAMBDA=f"{PLANTED}-2",
    )

    def write(*calls: Any) -> list[dict[str, Any]]:
        stream = io.StringIO()
        with logging_to(stream, given):
            for call in calls:
                call()
        return [json.loads(line) for line in stream.getvalue().splitlines()]

    return write


def test_a_line_says_when_what_and_for_which_question(written: Any) -> None:
    references = []

    def ask() -> None:
        references.append(telemetry.begin())
        log.info("question", extra={"intent": "cheapest", "ms": 3.2})

    (line,) = written(ask)
    assert line["event"] == "question"
    assert line["level"] == "info"
    assert line["logger"] == "bot.test"
    assert line["reference"] == references[0]
    assert line["intent"] == "cheapest"
    assert line["time"].endswith("Z")


def test_planted_secrets_never_leave(written: Any) -> None:
    def connect() -> None:
        raise OSError(f"cannot reach postgresql://me:{PLANTED}@db/name")

    def fail() -> None:
        try:
            connect()
        except OSError:
            log.exception("with key %s-2 and", PLANTED, extra={"header": f"Bearer {PLANTED}"})

    lines = written(fail, lambda: log.warning("token %s", PLANTED), lambda: log.info(PLANTED))
    assert len(lines) == 3
    assert PLANTED not in json.dumps(lines)
    assert STRUCK in json.dumps(lines)


@pytest.mark.parametrize(
    "shape",
    [
        "xoxb-12345678-abcdef", "xapp-1-A-2-b", "xoxe.xoxp-1-Mi0y",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "Bearer abcdefghijkl",
        "https://hooks.slack.com/commands/T1/2/abc", "https://h/x?api_key=abcdef",
    ],
)  # fmt: skip
def test_what_looks_like_a_token_is_struck_out_unplanted(shape: str) -> None:
    assert shape not in striker(())(f"said {shape} here")


def test_what_somebody_typed_is_not_in_a_trace(written: Any) -> None:
    def fail() -> None:
        telemetry.begin()
        try:
            {}["my secret project h100"]
        except KeyError:
            log.exception("fault while answering")

    (line,) = written(fail)
    assert "my secret project" not in json.dumps(line)
    assert line["fault"][0] == "KeyError"
    assert "test_logs.py" in line["fault"][-1]


def test_our_own_faults_keep_their_words(written: Any) -> None:
    def read() -> None:
        try:
            int("typed words")
        except ValueError as cause:
            raise StateFault("The state database is busy; try again in a moment.") from cause

    def fail() -> None:
        telemetry.begin()
        try:
            read()
        except StateFault:
            log.exception("waited")

    (line,) = written(fail)
    assert line["fault"][0] == "StateFault: The state database is busy; try again in a moment."
    assert "typed words" not in json.dumps(line)


def test_half_a_character_costs_no_line(tmp_path: Path) -> None:
    output = io.BytesIO()
    stream = io.TextIOWrapper(output, encoding="utf-8")
    with logging_to(stream, settings(tmp_path)):
        log.warning("half of %s", "\ud83d")
        log.warning("whole")
    lines = output.getvalue().decode().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["half of \ud83d", "whole"]


def test_a_refused_statement_tells_nothing_of_its_row(written: Any, state_url: str) -> None:
    """A database's fault repeats what is in a row; only its kind is written, whoever asked."""
    state = State.open(state_url)
    missing: Any = None

    def fail() -> None:
        try:
            state.people.audit_many(
                [(NOW, "slack", "a place", "u", missing, "answered", "typed words")]
            )
        except IntegrityError:
            log.exception("notes stumbled")

    (line,) = written(lambda: Context().run(fail))  # no question is being answered
    state.close()
    assert line["fault"][0] == "IntegrityError"
    assert "typed words" not in json.dumps(line)
    assert "a place" not in json.dumps(line)


def test_every_secret_of_the_settings_is_known(tmp_path: Path) -> None:
    given = settings(
        tmp_path,
        SLACK_BOT_TOKEN="xoxb-1",
        QUARTERMASTER_ENCRYPTION_KEYS="A" * 43 + "=",
        QUARTERMASTER_SOURCE_KEY_AWS="aws-key",
        QUARTERMASTER_METRICS_TOKEN="metrics",
    )
    assert set(secrets_of(given)) == {"xoxb-1", "A" * 43 + "=", "aws-key", "metrics"}


@given(st.text(max_size=300), st.text("0123456789ABCDEF", min_size=4, max_size=40))
def test_striking_out_never_fails_and_always_works(around: str, secret: str) -> None:
    assert secret not in striker([secret])(around + secret + around)
