"""Contracts recorded in words: each reminder once, at nine on the owner's clock, over fourteen months."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from standing_parts import FAST, START, Clock, Platform, place, until

from bot.core.answer import Answer
from bot.core.desk import Asker, Desk
from bot.core.wording import wording
from bot.reply.reply import reply
from bot.standing import deal_market, deals
from bot.standing.ticker import Standing
from bot.state import State
from bot.state.rows import Delivery, Rule, Subscription
from knowledge.market import median
from knowledge.prices.store import Store

Say = Callable[..., Answer]
ME = "slack:T1:U1"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(state_url: str, clock: Clock) -> Iterator[State]:
    opened = State.open(state_url, clock=clock)
    opened.places.save(place(kind="direct", person=ME))
    yield opened
    opened.close()


@pytest.fixture
def say(store: Store, state: State, clock: Clock) -> Say:
    def said(words: str, **asker: Any) -> Answer:
        who = {
            "platform": "slack",
            "place": place().id,
            "user": ME,
            "tz": "America/New_York",
            **asker,
        }
        return reply(words, Asker(**who), clock(), store, state=state)

    return said


def test_a_contract_is_recorded_in_words(say: Say, state: State) -> None:
    answer = say("contract coreweave 64xH100 $2.35 12 months from 1 Feb, notice 60 days")
    assert answer.tone == "plain", answer
    (one,) = deals.standing(state, place().id)
    assert (one.seller, one.card, one.gpus, one.usd_per_gpu_hour) == ("coreweave", "H100", 64, 2.35)
    assert (one.start, one.end, one.notice_days) == (date(2027, 2, 1), date(2028, 1, 31), 60)
    assert one.notice_by == date(2027, 12, 2)
    assert say("contract coreweave 64xH100 $2.35 12 months from 1 Feb, notice 60 days").headline
    assert len(deals.standing(state, place().id)) == 1


@pytest.mark.parametrize(
    ("words", "end", "notice"),
    [
        (
            "contract nebius 32x H200 @ $2.30, 12 months from 1 Jan 2027, 90 days notice",
            date(2027, 12, 31),
            90,
        ),
        ("contract crusoe deal ends 2027-08-31", date(2027, 8, 31), None),
        (
            "contract hyperstack 24x L40S until end of may 2027, notice is 45 days",
            date(2027, 5, 31),
            45,
        ),
        (
            "contrato scaleway 10x L4 a partir de 01/12/2026, 12 meses, aviso prévio de 60 dias",
            date(2027, 11, 30),
            60,
        ),
        ("contrato lambda 16x H100 hasta el 22/01/2027", date(2027, 1, 22), None),
    ],
)
def test_ends_and_notices_are_read(
    say: Say, state: State, words: str, end: date, notice: int | None
) -> None:
    assert say(words).tone == "plain"
    (one,) = deals.standing(state, place().id)
    assert (one.end, one.notice_days) == (end, notice)


def test_what_is_missing_is_asked_for(say: Say, state: State) -> None:
    assert say("contract coreweave 64xH100 $2.35").tone == "caution"
    assert say("contract 64xH100 ends 2027-08-31").tone == "caution"
    assert deals.standing(state, place().id) == []


def test_contracts_are_listed_and_dropped(say: Say, state: State) -> None:
    say("contract coreweave 64xH100 $2.35 12 months from 1 Feb, notice 60 days")
    say("contract crusoe 8x H100 ends 2027-08-31")
    listed = say("contracts")
    assert listed.table is not None
    assert [row.cells[0] for row in listed.table.rows] == ["2", "1"]
    assert "2 Dec" in listed.table.rows[1].cells[2]
    assert say("contract drop #1").tone == "plain"
    assert [one.number for one in deals.standing(state, place().id)] == [2]
    assert say("contract drop #7").tone == "caution"


@pytest.mark.parametrize("tz", ["America/New_York", "Europe/Madrid"])
async def test_each_reminder_once_through_fourteen_months(
    say: Say, state: State, store: Store, clock: Clock, tz: str
) -> None:
    """Both clock changes lie between; at every due minute a replica dies holding the reminder."""
    say("contract coreweave 64xH100 $2.35 12 months from 1 Feb, notice 45 days", tz=tz)
    (deal,) = deals.standing(state, place().id)
    coming = deals.reminders(deal, START)
    assert len(coming) == 8
    assert coming[-1] - START > timedelta(days=420)
    assert {moment.astimezone(ZoneInfo(tz)).hour for moment in coming} == {9}
    assert len({moment.hour for moment in coming}) == 2  # summer and winter
    platform = Platform()
    for number, due in enumerate(coming, 1):
        clock.at = due - timedelta(seconds=1)
        assert state.deliveries.claim("early", timedelta(seconds=5)) == []
        clock.at = due
        assert len(state.deliveries.claim("dies", timedelta(seconds=5))) == 1
        clock.turn(seconds=6)
        standing = Standing(state, store, {"slack": platform}, None, pace=FAST)
        await standing.start()
        await until(lambda wanted=number: state.deliveries.counts().get("open", 0) == 8 - wanted)
        await standing.stop()
    clock.turn(days=30)
    assert state.deliveries.claim("late", timedelta(seconds=5)) == []
    assert len(platform.posts) == 8
    assert len({delivery for _, _, delivery in platform.posts}) == 8
    said = [answer.headline for _, answer, _ in platform.posts]
    assert said[0] == "Notice to coreweave is due in 90 days, by 17 Dec 2027."
    assert "Today is the last day to give coreweave notice." in said
    assert said[-1] == "The contract with coreweave ends today."


async def test_a_dropped_contract_reminds_of_nothing(say: Say, state: State, clock: Clock) -> None:
    say("contract crusoe 8x H100 ends 2026-12-24")
    assert state.deliveries.counts() == {"open": 3}
    say("contract drop #1")
    assert state.deliveries.counts() == {"late": 3}
    clock.turn(days=60)
    assert state.deliveries.claim("late", timedelta(seconds=5)) == []


def test_forgetting_takes_contracts_along(say: Say, state: State) -> None:
    say("contract crusoe 8x H100 ends 2027-08-31")
    state.people.forget(ME)
    assert deals.standing(state, place().id) == []


def test_another_workspace_keeps_its_contracts(say: Say, state: State) -> None:
    other = place("C1", "slack:T12")
    state.places.save(other)
    deal = deals.Deal(0, "X", None, None, None, None, date(2027, 8, 31), None, None, "en", "UTC")
    deals.record(state, other.id, deal, START)
    say("contract crusoe 8x H100 ends 2027-08-31")
    state.places.forget("slack:T1")
    assert deals.standing(state, place().id) == []
    assert len(deals.standing(state, other.id)) == 1


def test_contracts_are_nobody_elses_to_see_or_to_record(say: Say, state: State) -> None:
    """Whoever may not see contract prices hears nothing of what is recorded, and records nothing."""
    say("contract coreweave 64xH100 $2.35 12 months from 1 Feb, notice 60 days")
    for words in ("contracts", "contract crusoe 8x H100 $2.50 ends 2027-08-31", "contratos"):
        answer = say(words, may_see_contracts=False)
        assert answer.tone == "caution"
        assert answer.table is None
        assert "2.35" not in str(answer)
    assert [one.seller for one in deals.standing(state, place().id)] == ["coreweave"]


@pytest.mark.parametrize(("paid", "told"), [("6.50", True), ("0.90", True), ("{middle}", False)])
def test_a_weekly_digest_tells_when_the_market_leaves_a_contract(
    say: Say, state: State, store: Store, paid: str, told: bool
) -> None:
    """Alone to who recorded it; never in a channel, nor where the contract is in the middle of the market."""
    desk = Desk(store, START, wording("en"))
    example = deals.Deal(0, "x", "H100", 8, 1.0, None, date(2027, 8, 31), None, None, "en", "UTC")
    standing = deal_market.of(example, desk)
    assert standing is not None
    price = paid.format(middle=f"{median(standing.prices):.2f}")
    say(f"contract crusoe 8x H100 ${price} ends 2027-08-31")
    here = place(kind="direct", person=ME)
    subscription = Subscription(1, here.id, ME, Rule(), "{}", "en", START)
    delivery = Delivery("digest-1", START, "digest", here, 1, False, False, {}, START, subscription)
    made = deal_market.told(Answer("Prices"), delivery, state, store)
    assert ("You pay Crusoe" in " ".join(made.lines)) is told
    assert made.private is told
    channel = delivery._replace(place=here._replace(kind="channel"))
    assert deal_market.told(Answer("Prices"), channel, state, store).lines == ()
    monthly = delivery._replace(subscription=subscription._replace(rule=Rule("monthly")))
    assert deal_market.told(Answer("Prices"), monthly, state, store).lines == ()
