"""What an order says of when: times that are none are asked back, offsets are zones, two days are two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import NOW
from hypothesis import given
from hypothesis import strategies as st
from standing_parts import Clock, place

from bot.core.answer import Answer
from bot.core.desk import Asker
from bot.language import LANGS
from bot.reply.reply import reply
from bot.standing.timing import stated
from bot.state import State
from bot.state.schedule import zone
from knowledge.prices.store import Store


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State.open(f"sqlite:///{tmp_path / 'state.db'}", clock=Clock(NOW))
    opened.places.save(place())
    yield opened
    opened.close()


@pytest.fixture
def say(store: Store, state: State) -> Callable[[str], Answer]:
    who = Asker("slack", "slack:T1", place().id, "slack:T1:U1", tz="Europe/Berlin")
    return lambda words: reply(words, who, NOW, store, state=state)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("digest daily 9:75 h100", "9:75"), ("digest daily at 7:60 a100", "7:60"), ("digest weekly monday 99:99 h100", "99:99"),
        ("digest daily 25:00 h100", "25:00"), ("digest daily 24:00", "24:00"), ("digest every 99:99", "99:99"),
        ("digest daily 9h75 h100", "9h75"), ("digest daily 13:00pm h100", "13:00pm"), ("digest daily 0am h100", "0am"),
        ("resumo diário 9:75 h100", "9:75"), ("resumen semanal lunes 99:99 h100", "99:99"),
        ("digest monthly 32nd", "32nd"), ("digest monthly 0th", "0th"), ("digest monthly 45th a100", "45th"),
        ("resumo mensal dia 45 h100", "dia 45"),
        ("digest every 5 minutes h100", "every 5 minutes"), ("digest hourly h100", "hourly"), ("digest yearly", "yearly"),
        ("digest every 2 weeks h100", "every 2 weeks"), ("digest every other day h100", "every other day"),
        ("digest twice a day h100", "twice"), ("digest every blursday h100", "every blursday"),
        ("digest every day except sunday h100", "except sunday"), ("resumo a cada 5 minutos h100", "cada 5 minutos"),
        ("resumen cada hora h100", "cada hora"),
        ("digest daily 08:00 UTC+25 h100", "utc+25"), ("digest daily 08:00 UTC+5:37 h100", "utc+5:37"),
        ("digest daily 09:00 Mars/Phobos h100", "mars/phobos"),
    ],
)  # fmt: skip
def test_a_time_that_is_none_is_asked_back(
    say: Callable[[str], Answer], state: State, words: str, named: str
) -> None:
    """Neither left out nor turned into a number of cards: nothing stands, and what was typed is named."""
    answer = say(words)
    assert named in answer.headline
    assert answer.tone == "caution"
    assert state.digests.of(place().id) == []


@pytest.mark.parametrize(
    ("words", "tz", "due"),
    [
        ("digest daily 09:00 UTC+5:30 h100", "UTC+05:30", datetime(2026, 11, 25, 3, 30, tzinfo=UTC)),
        ("digest daily 09:00 GMT-3 h100", "UTC-03:00", datetime(2026, 11, 24, 12, 0, tzinfo=UTC)),
        ("digest daily 09:00 +05:45 h100", "UTC+05:45", datetime(2026, 11, 25, 3, 15, tzinfo=UTC)),
        ("digest daily 09:00 Asia/Kolkata h100", "Asia/Kolkata", datetime(2026, 11, 25, 3, 30, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_an_offset_is_a_zone(
    say: Callable[[str], Answer], state: State, words: str, tz: str, due: datetime
) -> None:
    say(words)
    (one,) = state.digests.of(place().id)
    assert one.rule.tz == tz
    assert one.due == due + timedelta(days=max(0, (NOW - due).days + 1) if due <= NOW else 0)
    assert one.words == '{"accelerators": ["H100"]}'


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("digest weekly tuesday and thursday 9:00 h100", {1, 3}),
        ("digest monday, wednesday and friday 9:00 h100", {0, 2, 4}),
        ("resumo semanal terça e quinta 9:00 h100", {1, 3}),
        ("resumen los martes y jueves a las 9:00 h100", {1, 3}),
    ],
)
def test_two_days_of_the_week_are_two(
    say: Callable[[str], Answer], state: State, words: str, days: set[int]
) -> None:
    answer = say(words)
    assert {one.rule.weekday for one in state.digests.of(place().id)} == days
    assert 1 + len(answer.lines) >= len(days)


def test_monday_to_friday_is_one_rhythm(say: Callable[[str], Answer], state: State) -> None:
    say("digest monday to friday 9:00 h100")
    (one,) = state.digests.of(place().id)
    assert one.rule.every == "weekdays"


@pytest.mark.parametrize("words", ["watch h100 drops 150%", "watch h100 drops 100%", "avise se h100 cair 150%"])  # fmt: skip
def test_no_price_falls_by_all_of_it(
    say: Callable[[str], Answer], state: State, words: str
) -> None:
    assert "100" in say(words).headline
    assert state.watches.of(place().id) == []


def test_the_time_of_an_order_can_be_changed_from_its_confirmation(
    say: Callable[[str], Answer], state: State
) -> None:
    made = say("digest daily 09:00 h100")
    button = next(one for one in made.follow_ups if one.label == "Change time")
    asked = say(button.question)
    assert "#1" in asked.headline
    assert state.digests.of(place().id)[0].rule.time == "09:00", "a click alone changes nothing"


@given(st.text(max_size=200), st.sampled_from(LANGS))
def test_any_words_are_read(words: str, lang: str) -> None:
    found = stated(words, lang)  # type: ignore[arg-type]
    assert bool(found.wrong) == bool(found.kind)
    if found.offset:
        assert zone(found.offset).utcoffset(None) is not None
