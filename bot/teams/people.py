"""Who asks and from where: what Teams says of them, what they set, what state keeps of both."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.desk import Asker
from bot.question import STANDS, Lang
from bot.recent import Recent
from bot.state import Place, StateFault
from bot.state.firsts import Firsts
from bot.teams.incoming import Incoming
from bot.teams.values import own_place_of, place_of, thread_of
from bot.understand import understood
from bot.understanding import language

if TYPE_CHECKING:
    from bot.state import State

log = logging.getLogger(__name__)

RENEWED_EVERY = 300.0
"""Seconds after which a place is saved again: a place heard from is well again."""
KNOWN_FOR = 30.0
"""Seconds until a setting changed on another replica is seen here."""
RECALL_WITHIN = 1.5
"""Seconds an answer waits for what is known of the person."""
_Said = tuple[str, str, Place, Place | None]


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of who asks: set preferences first, then what their Teams said."""

    lang: Lang | None = None
    tz: str | None = None
    region: str | None = None
    billing: str | None = None
    currency: str | None = None


class People:
    """Persons and places in the state database. Without one, answers go on and nothing is kept."""

    def __init__(
        self, state: State | None, clock: Callable[[], datetime], admins: tuple[str, ...]
    ) -> None:
        self._state = state
        self._clock = clock
        self._admins = {one.lower() for one in admins}
        self._places: Recent[str, tuple[Place, float]] = Recent()
        self._seen: Recent[str, tuple[str, str]] = Recent()
        self._known: Recent[tuple[str, str], tuple[_Said, Person]] = Recent(KNOWN_FOR)
        self.firsts = Firsts(state, clock)

    # -- who asks ----------------------------------------------------------------------------

    def asker(self, incoming: Incoming, known: Person, words: str, lang: Lang | None) -> Asker:
        return Asker(
            platform="teams",
            workspace=incoming.workspace,
            place=place_of(incoming).id,
            thread=thread_of(incoming),
            user=incoming.user,
            lang=lang or self.lang(incoming, known, words),
            tz=known.tz,
            region=known.region,
            billing=known.billing,
            currency=known.currency,
            is_admin=bool(incoming.aad_id) and incoming.aad_id.lower() in self._admins,
            may_see_contracts=bool(incoming.aad_id),
        )

    @staticmethod
    def lang(incoming: Incoming, known: Person, words: str) -> Lang | None:
        """The set preference; else the words decide, and their Teams where the words do not."""
        if known.lang:
            return known.lang
        # With one Portuguese word added, English wins only by evidence of its own.
        if incoming.lang == "pt" and language.of(f"{words.lower()} qual", words):
            return "pt"
        return None

    async def recall(self, incoming: Incoming, words: str = "") -> Person:
        """What is known of the person; what their Teams says now is kept for later."""
        if self._state is None:
            return Person(tz=incoming.tz or None)
        key, said = (incoming.user, incoming.place), _said(incoming)
        known = self._known.get(key)
        if understood(words).intent in STANDS:
            # An order must not stand in a place that another replica found lost, or forgot.
            for place in (place_of(incoming).id, f"direct:{incoming.user}"):
                self._places.drop(place)
        elif known is not None and known[0] == said:
            return known[1]
        look = asyncio.to_thread(self._recall, self._state, incoming)
        try:
            person = await asyncio.wait_for(look, RECALL_WITHIN)
        except StateFault as fault:
            log.warning("state cannot be read, answering without it: %s", fault)
            return Person(tz=incoming.tz or None)
        except TimeoutError:  # a database that hangs keeps nobody waiting
            return Person(tz=incoming.tz or None)
        self._known.put(key, (said, person))
        return person

    def forget(self) -> None:
        """Nothing is believed any more: after "forget me", or when a place was lost."""
        self._known = Recent(KNOWN_FOR)
        self._seen = Recent()
        self._places = Recent()

    def _recall(self, state: State, incoming: Incoming) -> Person:
        self._save_places(state, incoming)
        seen = (incoming.locale, incoming.tz)
        before = self._seen.get(incoming.user)
        if before != seen:
            for name, value, old in zip(
                ("seen_locale", "seen_tz"), seen, before or ("", ""), strict=True
            ):
                if value and value != old:
                    state.set_preference(incoming.user, name, value)
            self._seen.put(incoming.user, seen)
        kept = state.preferences(incoming.user)
        lang = kept.get("lang")
        return Person(
            lang="pt" if lang == "pt" else "en" if lang == "en" else None,
            tz=kept.get("tz") or incoming.tz or kept.get("seen_tz"),
            region=kept.get("region"),
            billing=kept.get("billing"),
            currency=kept.get("currency"),
        )

    # -- places ------------------------------------------------------------------------------

    def _save_places(self, state: State, incoming: Incoming) -> None:
        """Once in a while, not every turn: the record changes when Teams moves a tenant."""
        now = time.monotonic()
        for place in (place_of(incoming), own_place_of(incoming)):
            if place is None:
                continue
            saved = self._places.get(place.id)
            if saved is not None and saved[0] == place and now - saved[1] < RENEWED_EVERY:
                continue
            if not place.channel and state.place(place.id) is not None:
                continue  # the personal chat is known: better than the means to open one
            state.save_place(place)
            self._places.put(place.id, (place, now))

    async def left(self, incoming: Incoming) -> None:
        """The bot was removed: nothing can be posted there any more."""
        await self.lost(incoming, "uninstalled")
        if incoming.scope == "personal":
            await self._lost(f"direct:{incoming.user}", "uninstalled")

    async def lost(self, incoming: Incoming, reason: str) -> None:
        """The conversation takes no more posts."""
        for one in dict.fromkeys((incoming.place, place_of(incoming).id)):
            await self._lost(one, reason)

    async def _lost(self, place: str, reason: str) -> None:
        self.forget()
        await self._kept("disable_place", place, reason, self._clock())

    async def verdict(self, incoming: Incoming, verdict: str) -> None:
        """What a person thought of an answer of ours."""
        if verdict:
            await self._kept(
                "feedback",
                self._clock(),
                "teams",
                incoming.place,
                incoming.user,
                incoming.reply_to,
                verdict[:40],
            )

    async def _kept(self, method: str, *args: Any) -> None:
        if self._state is None:
            return
        try:
            await asyncio.to_thread(getattr(self._state, method), *args)
        except StateFault as fault:
            log.warning("not kept (%s): %s", method, fault)


def _said(incoming: Incoming) -> _Said:
    """All that is kept of an activity's sender."""
    return incoming.locale, incoming.tz, place_of(incoming), own_place_of(incoming)


def key_of(incoming: Incoming) -> str:
    """Names the activity across replicas: Teams counts activities by conversation."""
    return f"teams:{incoming.conversation}:{incoming.activity_id}"
