"""Digests and watches asked for in words, in both languages, kept in a real state database."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import NOW
from standing_parts import Clock, place

from bot.core.answer import Answer
from bot.core.desk import Asker
from bot.reply.reply import reply
from bot.state import State
from bot.understanding.understand import understand
from knowledge.prices.store import Store

Say = Callable[..., Answer]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State.open(f"sqlite:///{tmp_path / 'state.db'}", clock=Clock(NOW))
    opened.places.save(place())
    yield opened
    opened.close()


@pytest.fixture
def say(store: Store, state: State) -> Say:
    """What somebody types in the channel; the answer."""

    def said(words: str, **asker: object) -> Answer:
        who = {"platform": "slack", "place": place().id, "user": "slack:T1:U1", **asker}
        return reply(words, Asker(**who), NOW, store, state=state)  # type: ignore[arg-type]

    return said


def test_a_digest_is_set_up_in_words(say: Say, state: State) -> None:
    """The rule, the cards, the first time it comes."""
    answer = say("digest weekly monday 09:00 America/New_York a100 h100")
    assert answer.tone == "plain"
    assert "America/New_York" in answer.headline
    (one,) = state.digests.of(place().id)
    assert one.rule == ("weekly", 0, 1, "09:00", "America/New_York")
    assert one.due == datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
    assert one.user == "slack:T1:U1"


def test_a_digest_has_defaults(say: Say, state: State) -> None:
    """Monday 09:00 in the asker's zone; the cards most asked about here."""
    state.people.add_interest({(place().id, "L40S"): 9, (place().id, "H200"): 3})
    say("digest weekly", tz="Europe/Lisbon")
    (one,) = state.digests.of(place().id)
    assert one.rule == ("weekly", 0, 1, "09:00", "Europe/Lisbon")
    assert one.words == '{"accelerators": ["L40S", "H200"]}'


def test_a_place_nobody_asked_in_has_the_usual_cards(say: Say, state: State) -> None:
    say("resumo toda segunda às 9h")
    (one,) = state.digests.of(place().id)
    assert one.words == '{"accelerators": ["A100", "H100", "H200", "L40S"]}'
    assert one.lang == "pt"


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("digest daily 7:30 Europe/Lisbon h100", ("daily", 0, 1, "07:30", "Europe/Lisbon")),
        ("digest weekdays 8am h200", ("weekdays", 0, 1, "08:00", "UTC")),
        ("digest monthly 15th 08:00 h100", ("monthly", 0, 15, "08:00", "UTC")),
        ("resumo mensal dia 31 às 9h da H100", ("monthly", 0, 31, "09:00", "UTC")),
        ("toda sexta às 17h manda os preços da H100", ("weekly", 4, 1, "17:00", "UTC")),
    ],
)
def test_rhythms(say: Say, state: State, words: str, rule: tuple[object, ...]) -> None:
    say(words)
    (one,) = state.digests.of(place().id)
    assert one.rule == rule


@pytest.mark.parametrize(
    ("pause", "resume"),
    [
        ("digest pause", "digest resume"),
        ("pause the h100 digest", "resume the digest"),
        ("pausar o resumo", "retomar o resumo"),
    ],
)
def test_a_digest_is_paused_and_resumed(say: Say, state: State, pause: str, resume: str) -> None:
    say("digest weekly monday 9:00 h100")
    assert "1" in say(pause).headline
    assert state.digests.of(place().id)[0].paused
    assert say(resume).tone == "plain"
    assert not state.digests.of(place().id)[0].paused


def test_send_now_sends_the_real_one(say: Say, state: State) -> None:
    """A delivery through the schedule, not an answer of this conversation."""
    say("digest weekly monday 9:00 h100")
    for words in ("digest now", "manda o resumo agora"):
        assert say(words).table is None
    (delivery, *_) = state.deliveries.claim("me", timedelta(seconds=60))
    assert delivery.kind == "digest"
    assert delivery.subscription is not None


def test_a_digest_is_changed(say: Say, state: State) -> None:
    """Another time; or other cards: what is not said stays."""
    say("digest weekly monday 9:00 Europe/Lisbon h100")
    number = state.digests.of(place().id)[0].id
    say(f"change digest #{number} to friday 10:00")
    (one,) = state.digests.of(place().id)
    assert (one.rule, one.words) == (
        ("weekly", 4, 1, "10:00", "Europe/Lisbon"),
        '{"accelerators": ["H100"]}',
    )
    say("mudar o resumo para H200")
    (one,) = state.digests.of(place().id)
    assert (one.rule.time, one.words) == ("10:00", '{"accelerators": ["H200"]}')
    assert say("change the digest").tone == "caution"


@pytest.mark.parametrize(
    ("words", "shows"),
    [
        ("change digest #1 to h100 h200", "H100 and H200 in Europe, spot, RunPod."),
        ("change digest #1 to h100 in us on-demand", "H100 in the US, on demand, RunPod."),
        ("change digest #1 to h100 anywhere from any provider", "H100, spot."),
        ("change digest #1 to h100 outside china from aws", "H100, spot, AWS."),
        ("change digest #1 to h100 80 gb", "H100 80 GB in Europe, spot, RunPod."),
        ("mudar o resumo #1 para H200", "H200 na Europa, spot, RunPod."),
        ("mudar o resumo #1 para H200 em qualquer lugar", "H200, spot, RunPod."),
        ("change digest #1 to friday", "8x A100 80 GB SXM in Europe, spot, RunPod."),
    ],
)
def test_other_cards_keep_the_place_and_the_billing(
    say: Say, state: State, words: str, shows: str
) -> None:
    """But not the old cards' memory, form and number; the answer says what it shows now."""
    say("digest weekly monday 9:00 8x a100 80gb sxm in europe spot from runpod")
    assert f": {shows}" in say(words).headline
    (one,) = state.digests.of(place().id)
    kept = json.loads(one.words)
    assert kept.get("region") == ("us" if " us " in words else "eu" if "Europ" in shows else None)
    assert kept.get("exclude_regions") == (["cn"] if "china" in words else None)
    assert ("memory_gb" in kept, "count" in kept) == ("80 GB" in shows, "8x" in shows)


def test_a_digest_is_stopped(say: Say, state: State) -> None:
    """By card, by number, all; several and nothing said asks which."""
    say("digest weekly monday 9:00 h100")
    say("digest weekly monday 9:00 a100")
    assert "Which" in say("digest stop").headline
    say("digest stop h100")
    (one,) = state.digests.of(place().id)
    assert "A100" in one.words
    say("digest daily 10:00 t4")
    say(f"cancelar o resumo #{one.id}")
    assert ["T4" in other.words for other in state.digests.of(place().id)] == [True]
    say("stop all digests")
    assert state.digests.of(place().id) == []
    assert say("digests").tone == "caution"


def test_digests_are_listed(say: Say) -> None:
    say("digest weekly monday 09:00 America/New_York a100 h100")
    answer = say("digests")
    assert answer.table is not None
    assert "A100" in answer.table.rows[0].cells[1]


def test_a_watch_is_set_in_words(say: Say, state: State) -> None:
    """A line, a region, a billing kind."""
    answer = say("watch h100 < 2.00 eu on-demand")
    assert answer.tone == "plain"
    (one,) = state.watches.of(place().id)
    assert (one.kind, one.direction, one.threshold) == ("price", "below", 2.0)
    assert '"eu"' in one.scope


@pytest.mark.parametrize(
    ("words", "kind", "direction", "threshold"),
    [
        ("watch h100 drops 10% in a week", "drop", "below", 0.9),
        ("avise quando a H100 cair 10% em uma semana", "drop", "below", 0.9),
        ("watch h100 rises 15% in 30 days", "drop", "above", 1.15),
        ("watch h100 above 9", "price", "above", 9.0),
        ("watch any mi325x in brazil", "offer", "below", 1e9),
        ("tell me when any mi325x shows up in brazil", "offer", "below", 1e9),
        ("avise quando aparecer MI325X no Brasil", "offer", "below", 1e9),
    ],
)
def test_kinds_of_watches(
    say: Say, state: State, words: str, kind: str, direction: str, threshold: float
) -> None:
    say(words)
    (one,) = state.watches.of(place().id)
    assert (one.kind, one.direction) == (kind, direction)
    assert one.threshold == pytest.approx(threshold)


def test_a_watch_without_a_line_asks_for_one(say: Say, state: State) -> None:
    answer = say("watch h100")
    assert answer.tone == "caution"
    assert len(answer.follow_ups) == 3
    assert state.watches.of(place().id) == []
    for button in answer.follow_ups:
        assert understand(button.question).intent == "watch"


def test_watches_are_snoozed_paused_and_dropped(say: Say, state: State) -> None:
    say("watch h100 < 1.00")
    say("watch a100 < 0.10")
    h100, a100 = state.watches.of(place().id)
    say("snooze the h100 alert for 3 days")
    kept = state.watches.get(h100.id)
    assert kept is not None
    assert kept.snoozed_until == NOW + timedelta(days=3)
    say(f"adiar o alerta #{a100.id} por 2 semanas")
    kept = state.watches.get(a100.id)
    assert kept is not None
    assert kept.snoozed_until == NOW + timedelta(days=14)
    say("pause watch h100")
    assert [one.paused for one in state.watches.of(place().id)] == [True, False]
    say("resume all watches")
    assert [one.paused for one in state.watches.of(place().id)] == [False, False]
    say("unwatch h100")
    assert [one.id for one in state.watches.of(place().id)] == [a100.id]
    say(f"remover alerta #{a100.id}")
    assert say("watches").tone == "caution"


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("snooze #1 30 days", 30),
        ("snooze #1 for 30 days", 30),
        ("snooze #1 a week", 7),
        ("snooze #1 2 months", 60),
        ("snooze #1", 7),
        ("please snooze #1 30d", 30),
        ("snooze 1 3 days", 3),
        ("snooze watch 1 3 days", 3),
        ("snooze the watch 3 days", 3),
        ("snooze the h100 alert 2 weeks", 14),
        ("watch snooze #1 10 days", 10),
        ("adiar #1 30 dias", 30),
        ("adiar o alerta #1 2 semanas", 14),
        ("adiar o alerta #1 por 2 semanas", 14),
        ("silenciar o alerta 1 um mês", 30),
        ("monitorar adiar #1 10 dias", 10),
    ],
)
def test_a_snooze_lasts_as_long_as_it_says(say: Say, state: State, words: str, days: int) -> None:
    """With and without "for"; the number of days is not taken for a watch's."""
    say("watch h100 < 1.00")
    say(words)
    assert state.watches.of(place().id)[0].snoozed_until == NOW + timedelta(days=days)


def test_a_term_is_no_period(say: Say, state: State) -> None:
    """How long a price is fixed says nothing of how fast it drops."""
    say("watch h100 reserved 6 months drops 10%")
    say("watch h100 reserved 6 months drops 10% in 2 weeks")
    assert [one.scope.split("|")[1] for one in state.watches.of(place().id)] == ["7", "14"]


def test_every_button_is_understood(say: Say) -> None:
    """What a button says is what somebody could have typed: none ends outside the bot's scope."""
    for lang in ("en", "pt"):
        for words in (
            "digest weekly monday 9:00 h100", "digests", "digest pause", "digest resume",
            "change the digest", "watch h100 < 1.00", "watches", "watch a100", "unwatch b300",
        ):  # fmt: skip
            for button in say(words, lang=lang).follow_ups:
                assert understand(button.question).intent != "out_of_scope", button


def test_forget_me_says_what_went(say: Say, state: State) -> None:
    """Shared orders stay, nameless."""
    say("watch h100 < 1.00")
    state.people.set_preference("slack:T1:U1", "lang", "en")
    assert "1" in say("forget me").headline
    assert state.watches.of(place().id)[0].user is None
    assert state.people.preferences("slack:T1:U1") == {}


def test_where_nothing_can_be_kept_it_is_said(store: Store) -> None:
    """On a terminal, and in a conversation that I was not added to."""
    assert reply("watch h100 < 2", Asker(), NOW, store).tone == "caution"
    assert reply("digests", Asker(), NOW, store).tone == "caution"
