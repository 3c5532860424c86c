"""Answers just given: the same words, asked again in the same minute on the same prices."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime
from threading import Lock
from typing import NamedTuple

from bot.answer import Answer
from bot.desk import Asker

PRICES_ALONE = frozenset(
    {
        "cheapest", "price", "compare", "estimate", "budget", "fit", "advise", "provider", "history",
        "help", "greeting", "out_of_scope",
    }
)  # fmt: skip
"""Intents whose answers come of prices, facts and rules, and of nothing that anybody keeps."""
MOST = 512
MOMENT = 0.5
"""Seconds for which a look at the store's version is believed."""


def minute_of(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)


class Stamp(NamedTuple):
    """What an answer was made of: when one of these changes, it is made anew."""

    prices: int
    minute: datetime


class Remembered:
    """Safe to use from several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[Stamp, Answer]] = OrderedDict()
        self._checked: tuple[Stamp, float] | None = None
        self._lock = Lock()

    @staticmethod
    def key(words: str, asker: Asker) -> Hashable:
        """Everything of who asks that such an answer depends on."""
        owner = asker.workspace if asker.may_see_contracts else None
        return (words, asker.lang, asker.region, asker.billing, asker.tz, owner)

    def get(self, key: Hashable, stamp: Stamp) -> Answer | None:
        with self._lock:
            found = self._kept.get(key)
            return found[1] if found is not None and found[0] == stamp else None

    def checked(self, stamp: Stamp) -> None:
        """A thread has just seen that answers of this stamp still stand."""
        self._checked = (stamp, time.monotonic())

    def lately(self, key: Hashable, now: datetime) -> Answer | None:
        """As `get`, without looking into the store again within a moment: for the event loop."""
        if self._checked is None:
            return None
        stamp, at = self._checked
        if time.monotonic() - at > MOMENT or stamp.minute != minute_of(now):
            return None
        return self.get(key, stamp)

    def put(self, key: Hashable, stamp: Stamp, answer: Answer) -> None:
        question = answer.question
        if question is None or question.intent not in PRICES_ALONE or answer.tone == "fault":
            return
        with self._lock:
            self._kept[key] = (stamp, answer)
            self._kept.move_to_end(key)
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)
