"""Watches: told once on crossing, armed again only after the price has left, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
from conftest import NOW
from offers import offer
from standing_parts import Clock, place

from bot.core.answer import Answer
from bot.core.desk import Asker
from bot.reply.reply import reply
from bot.standing import content, watches
from bot.state import State
from bot.state.rows import Watch
from knowledge.prices.offer import Offer
from knowledge.prices.store import Store

LEASE = timedelta(seconds=60)


def seen(now: datetime, price: float, **changes: object) -> Offer:
    """One H100 at this price, fresh."""
    plain = offer(count=1, source="test", as_of=now, fetched_at=now, price_usd_per_hour=price)
    return plain._replace(fresh_until=now + timedelta(days=30), **changes)  # type: ignore[arg-type]


class Market:
    """One card, one seller, a price that tests move; a replica that looks after each move."""

    def __init__(self, state: State, store: Store, clock: Clock) -> None:
        self.state, self.store, self.clock = state, store, clock
        self.version = 0

    def price(self, *prices: float, region: str = "us-east-1", country: str = "US") -> int:
        """These prices are refreshed and looked at; counts the messages."""
        self.clock.turn(hours=6)
        now = self.clock()
        rows = [
            seen(
                now, price, instance_type=f"h100-{n}", region=region, country=country,
                geo="us" if country == "US" else "sa",
            )
            for n, price in enumerate(prices)
        ]  # fmt: skip
        self.store.replace("test", rows, now)
        self.version += 1
        return watches.evaluate(self.state, self.store, now, version=self.version)

    def wake(self) -> int:
        """The replica looks after those whose snooze is over; counts the messages."""
        return watches.wake(self.state, self.store, self.clock(), version=self.version)

    def say(self, words: str) -> Answer:
        asker = Asker("slack", place=place().id, user="slack:T1:U1")
        return reply(words, asker, self.clock(), self.store, state=self.state)

    def told(self) -> list[Answer]:
        """The messages on their way."""
        out = []
        for delivery in self.state.deliveries.claim("me", LEASE):
            answer = content.of(delivery, self.state, self.store)
            assert answer is not None
            out.append(answer)
            self.state.deliveries.sent("me", delivery, "m1")
        return out

    def watch(self) -> Watch:
        (one,) = self.state.watches.of(place().id)
        return one


@pytest.fixture
def market(state_url: str, tmp_path: Path) -> Iterator[Market]:
    clock = Clock(NOW)
    state = State.open(state_url, clock=clock)
    state.places.save(place())
    path = tmp_path / "prices.db"
    store = Store.open(path, NOW)
    store.replace("bundled", (), NOW)
    yield Market(state, store, clock)
    store.close()
    state.close()


def test_it_fires_once_on_crossing_and_again_after_leaving(market: Market) -> None:
    """2.10, 1.95: told. 1.90: not again. 2.03 is within 2 %: still not. 2.05, 1.99: told again."""
    market.price(2.10)
    market.say("watch h100 < 2.00")
    fired = [market.price(price) for price in (2.10, 1.95, 1.90, 2.03, 1.95, 2.05, 1.99)]
    assert fired == [0, 1, 0, 0, 0, 0, 1]


def test_the_message_says_what_crossed_from_whom_since_when(market: Market) -> None:
    """With the offer's link, and buttons that can be clicked."""
    market.price(2.10)
    market.say("watch h100 < 2.00")
    market.price(1.95)
    (answer,) = market.told()
    assert answer.headline.startswith("H100 fell below $2.00: $1.95 per GPU-hour. Lambda")
    assert answer.lines == ("Was $2.10 since 24 Nov.",)
    assert answer.facts[0].url == "https://prices.example/h100"
    assert answer.evidence
    assert [button.label for button in answer.follow_ups] == ["Snooze 7 d", "Stop"]


def test_what_is_there_already_is_said_at_once(market: Market) -> None:
    """And armed only when the price has left."""
    market.price(1.80)
    assert "there already" in market.say("watch h100 < 2.00").headline
    assert [market.price(price) for price in (1.70, 2.10, 1.70)] == [0, 0, 1]


def test_snoozed_it_tells_when_it_wakes(market: Market) -> None:
    """A crossing in its sleep is not lost."""
    market.price(2.10)
    market.say("watch h100 < 2.00")
    assert market.wake() == 0
    market.say("snooze watch h100 for 2 days")
    assert market.price(1.95) == 0
    assert market.wake() == 0
    market.clock.turn(days=2)
    assert market.wake() == 1
    assert market.wake() == 0


def test_who_dies_while_it_wakes_is_followed_by_another(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its look was not told: the snooze is still there to be ended."""

    class Killed(BaseException):
        pass

    market.price(2.10)
    market.say("watch h100 < 2.00")
    market.say("snooze watch h100 for 2 days")
    market.price(1.95)
    market.clock.turn(days=2)
    with monkeypatch.context() as killed:
        killed.setattr(market.state.watches, "fire", Mock(side_effect=Killed))
        with pytest.raises(Killed):
            market.wake()
    assert market.wake() == 1


def test_who_lags_behind_leaves_waking_to_who_has_the_prices(market: Market) -> None:
    market.price(2.10)
    market.say("watch h100 < 2.00")
    market.say("snooze watch h100 for 2 days")
    market.price(1.95)
    market.clock.turn(days=2)
    behind = market.version - 1
    assert watches.wake(market.state, market.store, market.clock(), version=behind) == 0
    assert market.wake() == 1


def test_resumed_it_looks_at_once(market: Market) -> None:
    """The price crossed while it was paused and has not moved since."""
    market.price(2.10)
    market.say("watch h100 < 2.00")
    market.wake()
    market.say("pause watch h100")
    assert market.price(1.95) == 0
    market.say("resume watch h100")
    assert market.wake() == 1


def test_still_below_is_said_after_a_week_if_wanted(market: Market) -> None:
    """Once a week, and only while it is true."""
    market.price(2.10)
    market.say("watch h100 < 2.00 and remind me")
    assert market.watch().remind
    market.price(1.95)
    assert len(market.told()) == 1
    market.clock.turn(days=7)
    market.price(1.90)
    assert watches.remind(market.state, market.store, market.clock()) == 1
    (answer,) = market.told()
    assert answer.headline.startswith("H100 is still below $2.00: $1.90")
    market.clock.turn(days=8)
    market.price(2.02)  # within 2 %: not armed again, and not below either
    assert watches.remind(market.state, market.store, market.clock()) == 0


def test_two_replicas_remind_once(market: Market) -> None:
    market.price(2.10)
    market.say("watch h100 < 2.00 and remind me")
    market.price(1.95)
    market.clock.turn(days=8)
    (watch,) = market.state.watches.to_remind()
    assert market.state.watches.remind(watch, None)
    assert not market.state.watches.remind(watch, {})


def test_who_snoozes_is_not_reminded(market: Market) -> None:
    market.price(2.10)
    market.say("watch h100 < 2.00 and remind me")
    market.price(1.95)
    market.say("snooze watch h100 for 30 days")
    market.clock.turn(days=8)
    assert watches.remind(market.state, market.store, market.clock()) == 0


def test_a_drop_is_measured_against_the_price_of_that_day(market: Market) -> None:
    """10 % in a week."""
    market.price(2.00)
    market.say("watch h100 drops 10% in a week")
    market.clock.turn(days=6)
    assert market.price(1.90) == 0
    assert market.price(1.78) == 1
    (answer,) = market.told()
    assert "fell 11% in 7 days: from $2.00 to $1.78" in answer.headline.replace("\xa0", " ")


def test_an_offer_that_appears(market: Market) -> None:
    """ "any h100 in brazil": told when there is one, and again after it was gone."""
    market.price(2.00)
    market.say("watch any h100 in brazil")
    assert market.price(2.00) == 0
    assert market.price(3.00, region="sa-east-1", country="BR") == 1
    (answer,) = market.told()
    assert "is on offer: $3.00" in answer.headline
    assert market.price(2.90, region="sa-east-1", country="BR") == 0
    assert market.price(2.00) == 0
    assert market.price(2.80, region="sa-east-1", country="BR") == 1


def test_above(market: Market) -> None:
    market.price(2.00)
    market.say("watch h100 above 2.50")
    assert [market.price(price) for price in (2.60, 2.48, 2.60, 2.40, 2.60)] == [1, 0, 0, 0, 1]


def test_old_prices_wake_nobody(market: Market) -> None:
    """A replica that lags behind neither tells nor arms again."""
    market.price(2.10)
    market.say("watch h100 < 2.00")
    assert market.price(1.95) == 1
    now = market.clock()
    market.store.replace("test", [seen(now, 2.10)], now)
    lagging = market.version - 1
    assert watches.evaluate(market.state, market.store, now, version=lagging) == 0
    assert not market.watch().armed
    assert market.price(1.95) == 0


def test_thousands_on_one_scope_are_told_in_one_go(market: Market) -> None:
    """Only those whose line was crossed, each in its own place."""
    market.price(2.10)
    market.say("watch h100 < 2.00")
    model = market.watch()
    for number in range(40):
        where = place(f"C{number}", f"slack:T{number % 4}")
        market.state.places.save(where)
        scope = market.state.watches.scope(model.scope)
        assert scope is not None
        market.state.watches.add(
            model._replace(place=where.id, threshold=1.5 + number / 50, snoozed_until=None), scope
        )
    assert market.price(1.90) == 1 + 19
    assert market.price(1.90) == 0
