"""Answers just given: the same words, asked again within a minute on the same prices."""

from __future__ import annotations

import time
from collections.abc import Hashable
from datetime import datetime, timedelta

from bot.core.answer import Answer
from bot.core.command import BY_NAME
from bot.core.desk import Asker
from bot.core.recent import Recent

MOST = 512
GOOD_FOR = timedelta(minutes=1)
AGEING = timedelta(seconds=45)
"""After which an answer still asked for is made anew while the old one is given."""
MOMENT = 0.5
"""Seconds for which a look at the store's version is believed."""


class Remembered:
    """Safe to use from several threads."""

    def __init__(self) -> None:
        self._answers: Recent[Hashable, tuple[int, datetime, Answer]] = Recent(most=MOST)
        self._seen: tuple[int, float] | None = None
        """The store's version when it was last looked at, and when."""

    @staticmethod
    def key(words: Hashable, asker: Asker) -> Hashable:
        """Everything of who asks that such an answer depends on."""
        owner = asker.workspace if asker.may_see_contracts else None
        return (
            words, asker.lang, asker.locale, asker.region, asker.billing, asker.currency, asker.tz, owner,
        )  # fmt: skip

    def get(self, key: Hashable, version: int, now: datetime) -> Answer | None:
        found = self._answers.get(key)
        if found is None:
            return None
        of, made, answer = found
        return answer if of == version and timedelta(0) <= now - made < GOOD_FOR else None

    def seen(self, version: int) -> None:
        """A thread has just looked: the store is at this version."""
        self._seen = (version, time.monotonic())

    def ageing(self, key: Hashable, now: datetime) -> bool:
        """Whether an answer, or the version it is believed for, will soon not be given any more."""
        found = self._answers.get(key)
        if found is None or now - found[1] > AGEING:
            return True
        return self._seen is None or time.monotonic() - self._seen[1] > MOMENT / 2

    def lately(self, key: Hashable, now: datetime) -> Answer | None:
        """As `get`, with the version seen a moment ago: for the event loop."""
        if self._seen is None or time.monotonic() - self._seen[1] > MOMENT:
            return None
        return self.get(key, self._seen[0], now)

    def put(self, key: Hashable, version: int, answer: Answer, now: datetime) -> None:
        question = answer.question
        if question is None or not BY_NAME[question.intent].remembered or answer.tone == "fault":
            return
        self._answers.put(key, (version, now, answer))
