"""Who asks: what they set, and what their platform says of them. Remembered briefly."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple

from bot.conversation.incoming import Incoming
from bot.conversation.privacy import Member
from bot.core.recent import Recent
from bot.language import Lang, lang_of
from bot.state import StateFault
from bot.understanding import language

if TYPE_CHECKING:
    from bot.state import State

log = logging.getLogger(__name__)

SET_FOR = 30.0
"""Seconds until a setting changed on another replica is seen here."""
PROFILE_FOR = 3600.0
UNKNOWN_FOR = 300.0
WITHIN = 1.5
"""Seconds an answer waits for what is known of the person."""


class Person(NamedTuple):
    """What is known of who asks: set preferences first, then what their platform says."""

    lang: Lang | None = None
    seen_lang: Lang | None = None
    """The language of their client: for what is said before any words were read."""
    locale: str | None = None
    """What their client says of their language and country."""
    tz: str | None = None
    region: str | None = None
    billing: str | None = None
    currency: str | None = None
    admin: bool = False
    member: Member = "unknown"
    name: str = ""

    @property
    def reads(self) -> Lang:
        return self.lang or self.seen_lang or "en"

    def lang_for(self, words: str) -> Lang | None:
        """The language to answer in: the one set, else None, so that the words decide; their
        client's where the words do not tell."""
        if self.lang:
            return self.lang
        return language.leaning(words, self.seen_lang)


Profile = Callable[[], Awaitable[Person | None]]
"""Asks the platform who somebody is; None when it does not say."""


class People:
    """Persons of all workspaces of one platform."""

    def __init__(self, state: State | None, admins: tuple[str, ...] = ()) -> None:
        self._state = state
        self._admins = frozenset(one.lower() for one in admins)
        self._set: Recent[str, dict[str, str]] = Recent(SET_FOR)
        self._profiles: Recent[str, Person] = Recent(PROFILE_FOR)
        self._said: Recent[str, tuple[str, str]] = Recent()
        """What the last request told of them: another client, another look at what is kept."""
        self._asking: dict[str, asyncio.Task[Person | None]] = {}

    async def person(self, incoming: Incoming, ask: Profile | None) -> Person:
        """What is known; the platform is asked once an hour and waited for briefly. A profile that
        it does not tell is that of nobody known."""
        if not incoming.user:
            return Person()
        said = (incoming.locale, incoming.zone)
        if (self._said.get(incoming.who) or said) != said:
            self._set.drop(incoming.who)
        self._said.put(incoming.who, said)
        kept = await self.preferences(incoming.who)
        profile = await self._profile(incoming.who, ask) if ask is not None else Person()
        await self._keep_seen(incoming, kept)
        seen = incoming.locale or kept.get("seen_locale")
        return profile._replace(
            lang=lang_of(kept.get("lang")),
            seen_lang=lang_of(seen) or profile.seen_lang,
            locale=seen or profile.locale,
            tz=kept.get("tz") or incoming.zone or profile.tz or kept.get("seen_tz"),
            region=kept.get("region"),
            billing=kept.get("billing"),
            currency=kept.get("currency"),
            admin=incoming.user.lower() in self._admins or profile.admin,
            member="foreign"
            if incoming.foreign and profile.member == "unknown"
            else profile.member,
        )

    async def preferences(self, who: str) -> dict[str, str]:
        kept = self._set.get(who)
        if kept is not None:
            return kept
        if self._state is None:
            return {}
        try:
            look = asyncio.to_thread(self._state.people.preferences, who)
            kept = await asyncio.wait_for(look, WITHIN)
        except TimeoutError:
            return {}  # a database that hangs keeps nobody waiting
        except StateFault as fault:
            log.warning("state cannot be read, answering without it: %s", fault)
            return {}
        self._set.put(who, kept)
        return kept

    async def set_preference(self, who: str, name: str, value: str | None) -> bool:
        """False when it could not be kept."""
        if self._state is None:
            return False
        try:
            await asyncio.to_thread(self._state.people.set_preference, who, name, value)
        except StateFault as fault:
            log.warning("a setting could not be kept: %s", fault)
            return False
        self._set.drop(who)
        return True

    def reads(self, who: str) -> Lang:
        """The language this person reads, as far as it is at hand."""
        kept, profile = self._set.get(who) or {}, self._profiles.get(who) or Person()
        return lang_of(kept.get("lang") or kept.get("seen_locale")) or profile.reads

    def forget(self, who: str) -> None:
        """After "forget me", of this person alone."""
        self._set.drop(who)
        self._profiles.drop(who)

    async def _keep_seen(self, incoming: Incoming, kept: dict[str, str]) -> None:
        """What a request says of the person is used when a later one leaves it out."""
        seen = {"seen_locale": incoming.locale, "seen_tz": incoming.zone}
        new = {name: value for name, value in seen.items() if value and kept.get(name) != value}
        if not new or self._state is None:
            return
        try:
            keep = asyncio.to_thread(self._keep, incoming.who, new)
            await asyncio.wait_for(keep, WITHIN)
        except (StateFault, TimeoutError) as fault:
            log.info("what is seen of a person is not kept: %s", fault)
            return
        self._set.put(incoming.who, kept | new)

    def _keep(self, who: str, values: dict[str, str]) -> None:
        if self._state is not None:
            for name, value in values.items():
                self._state.people.set_preference(who, name, value)

    async def _profile(self, who: str, ask: Profile) -> Person:
        known = self._profiles.get(who)
        if known is not None:
            return known
        task = self._asking.get(who)
        if task is None:
            task = asyncio.create_task(self._asked(who, ask))
            self._asking[who] = task
            task.add_done_callback(lambda _: self._asking.pop(who, None))
        try:
            return await asyncio.wait_for(asyncio.shield(task), WITHIN) or Person()
        except TimeoutError:
            return Person()

    async def _asked(self, who: str, ask: Profile) -> Person | None:
        try:
            found = await ask()
        except Exception as fault:  # noqa: BLE001  whatever it is: nobody told us who that is
            log.info("who asks is not told: %s", type(fault).__name__)
            found = None
        self._profiles.put(who, found or Person(), PROFILE_FOR if found else UNKNOWN_FOR)
        return found
