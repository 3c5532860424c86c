"""Watches for stock: told once when somebody has some, quiet for half a day, never on silence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import offers as made
import pytest
from conftest import NOW
from standing_parts import Clock, place

from bot.core.answer import Answer
from bot.core.desk import Asker
from bot.reply.reply import reply
from bot.standing import content, watches
from bot.state import State
from knowledge.prices import stock
from knowledge.prices.offer import Stock
from knowledge.prices.store import Store

LEASE = timedelta(seconds=60)


class Feed:
    """One machine of one seller; a replica that looks after each answer of its feed."""

    def __init__(self, state: State, store: Store, clock: Clock) -> None:
        self.state, self.store, self.clock = state, store, clock

    def tell(
        self, state: str | None, *, hours: float = 1, region: str = "eu-1", count: int = 8
    ) -> int:
        """The feed says this (None: it fails) so many hours later; counts the messages."""
        self.clock.turn(hours=hours)
        now = self.clock()
        if state is not None:
            machine = made.offer(
                provider="lambda", instance_type=f"{count}x b200", accelerator="B200",
                memory_gb=180.0, count=count, form_factor="SXM", region=region,
                country="DE" if region.startswith("eu") else "US",
                geo="eu" if region.startswith("eu") else "us",
            )  # fmt: skip
            stock.observe(self.store, "lambda", [(machine, Stock(state))], now)
        return watches.evaluate(self.state, self.store, now)

    def say(self, words: str) -> Answer:
        asker = Asker("slack", place=place().id, user="slack:T1:U1")
        return reply(words, asker, self.clock(), self.store, state=self.state)

    def told(self) -> list[str]:
        """The headlines on their way."""
        out = []
        for delivery in self.state.deliveries.claim("me", LEASE):
            answer = content.of(delivery, self.state, self.store)
            assert answer is not None
            out.append(answer.headline)
            self.state.deliveries.sent("me", delivery, "m1")
        return out


@pytest.fixture
def feed(state_url: str, store: Store) -> Iterator[Feed]:
    clock = Clock(NOW)
    state = State.open(state_url, clock=clock)
    state.places.save(place())
    yield Feed(state, store, clock)
    state.close()


def test_it_is_told_once_when_somebody_has_some(feed: Feed) -> None:
    """Who, where, when it was seen; the next look at the same stock says nothing."""
    answer = feed.say("watch 8x b200 in stock in eu")
    assert answer.headline == "Watching 8x B200 in Europe in stock."
    assert feed.tell("sold_out") == 0
    assert feed.tell("available") == 1
    assert feed.told() == ["8x B200 in Europe is in stock: Lambda (eu-1, seen just now)."]
    assert feed.tell("available") == 0


def test_a_watch_is_offered_only_where_it_can_stand(feed: Feed) -> None:
    """Its button sets it; a key without orders, with no conversation of its own, hears of none."""
    asked = "availability 8x b200 in europe"
    here = feed.say(asked)
    assert any("Set a watch here" in line for line in here.lines)
    assert feed.say(here.follow_ups[0].question).headline == "Watching 8x B200 in Europe in stock."
    there = reply(asked, Asker("http"), feed.clock(), feed.store, state=feed.state)
    assert there.headline == here.headline
    assert there.follow_ups == here.follow_ups[1:]
    assert "watch" not in " ".join(there.lines)


def test_silence_is_neither_stock_nor_its_end(feed: Feed) -> None:
    """A feed that fails or does not know changes nothing."""
    feed.say("watch 8x b200 in stock in eu")
    assert feed.tell("unknown") == 0
    assert feed.tell(None) == 0
    assert feed.tell("available", hours=20) == 1
    assert feed.tell(None, hours=30) == 0
    assert feed.tell("available") == 0


def test_another_place_or_size_is_not_what_was_asked(feed: Feed) -> None:
    """No single card for a machine of eight, no machine in the US for one in Europe."""
    feed.say("watch 8x b200 in stock in eu")
    assert feed.tell("available", count=1) == 0
    assert feed.tell("available", region="us-1") == 0


def test_it_is_told_again_after_it_was_gone(feed: Feed) -> None:
    """Armed by a sold out that was seen, half a day after the last message."""
    feed.say("watch 8x b200 in stock in eu")
    assert feed.tell("available") == 1
    assert feed.tell("sold_out", hours=8) == 0
    assert feed.tell("available", hours=8) == 1


def test_a_feed_that_flaps_makes_two_messages_a_day_at_most(feed: Feed) -> None:
    """In and out every hour for three days."""
    feed.say("watch 8x b200 in stock in eu")
    hours = [feed.tell("available" if hour % 2 == 0 else "sold_out") for hour in range(72)]
    for start in range(72 - 24 + 1):
        assert sum(hours[start : start + 24]) <= 2
    assert sum(hours) >= 5


def test_what_came_back_within_the_pause_is_told_after_it(feed: Feed) -> None:
    """In stock, gone, back for good after ten hours: said when the pause is over, though nothing
    changed since."""
    feed.say("watch 8x b200 in stock in eu")
    assert feed.tell("available") == 1
    assert feed.tell("sold_out", hours=1) == 0
    assert feed.tell("available", hours=9) == 0
    assert feed.tell("available", hours=3) == 1


def test_what_is_there_already_is_said_at_once(feed: Feed) -> None:
    """And not again a look later."""
    feed.say("help")
    feed.tell("available")
    answer = feed.say("watch 8x b200 in stock in eu")
    assert "It is there already: Lambda, eu-1." in answer.headline
    assert feed.tell("available") == 0


def test_it_stands_in_the_list_and_can_be_dropped(feed: Feed) -> None:
    """As what it is."""
    feed.say("watch 8x b200 in stock in eu")
    shown = feed.say("watches")
    assert "8x B200 in Europe in stock" in str(shown)
    feed.say("unwatch #1")
    assert feed.tell("available") == 0


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("monitorar 8x B200 em estoque na Europa", "8x B200 na Europa em estoque"),
        ("watch h100 available in us", "H100 in the US in stock"),
    ],
)
def test_it_is_understood_in_other_words(feed: Feed, words: str, title: str) -> None:
    """Portuguese, and "available"."""
    assert title in feed.say(words).headline
