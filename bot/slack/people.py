"""Who asks: what they set, and what Slack says of them. Remembered briefly, kept in state."""

from __future__ import annotations

import asyncio
import logging
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import available_timezones

from bot.question import Lang
from bot.recent import Recent
from bot.slack.sending import Refused, Sender
from bot.state import StateFault

if TYPE_CHECKING:
    from bot.slack.incoming import Incoming
    from bot.state import State

log = logging.getLogger(__name__)

SET_FOR = 30.0
"""Seconds until a setting changed on another replica is seen here."""
PROFILE_FOR = 3600.0
UNKNOWN_FOR = 300.0
PROFILE_WITHIN = 1.5
"""Seconds a first question waits for Slack to say who asks."""


class Person(NamedTuple):
    """What is known of who asks: set preferences first, then what their Slack says."""

    lang: Lang | None = None
    seen_lang: Lang | None = None
    """The language of their Slack: for forms and the home tab, where no question tells."""
    tz: str | None = None
    region: str | None = None
    billing: str | None = None
    currency: str | None = None
    admin: bool = False
    guest: bool = False
    name: str = ""

    @property
    def reads(self) -> Lang:
        return self.lang or self.seen_lang or "en"


class People:
    """Persons of all workspaces."""

    def __init__(self, state: State | None, sender: Sender, admins: tuple[str, ...] = ()) -> None:
        self._state = state
        self._sender = sender
        self._admins = frozenset(admins)
        self._set: Recent[str, dict[str, str]] = Recent(SET_FOR)
        self._profiles: Recent[str, Person] = Recent(PROFILE_FOR)
        self._asking: dict[str, asyncio.Task[Person]] = {}

    async def person(self, it: Incoming, token: str) -> Person:
        """What is known; Slack is asked once an hour and waited for briefly."""
        if not it.user:
            return Person()
        kept = await self.preferences(it.who)
        profile = await self._profile(it, token)
        lang = kept.get("lang")
        return profile._replace(
            lang="pt" if lang == "pt" else "en" if lang == "en" else None,
            tz=kept.get("tz") or profile.tz,
            region=kept.get("region"),
            billing=kept.get("billing"),
            currency=kept.get("currency"),
            admin=it.user in self._admins or profile.admin,
        )

    async def preferences(self, who: str) -> dict[str, str]:
        kept = self._set.get(who)
        if kept is not None:
            return kept
        if self._state is None:
            return {}
        try:
            look = asyncio.to_thread(self._state.preferences, who)
            kept = await asyncio.wait_for(look, PROFILE_WITHIN)
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
            await asyncio.to_thread(self._state.set_preference, who, name, value)
        except StateFault as fault:
            log.warning("a setting could not be kept: %s", fault)
            return False
        self._set.drop(who)
        return True

    def reads(self, who: str) -> Lang:
        """The language this person reads, as far as it is at hand."""
        kept, profile = self._set.get(who) or {}, self._profiles.get(who) or Person()
        return "pt" if kept.get("lang", profile.seen_lang) == "pt" else "en"

    def forget(self, who: str) -> None:
        """After "forget me", or a change elsewhere."""
        self._set.drop(who)

    async def _profile(self, it: Incoming, token: str) -> Person:
        """What `users.info` says, remembered; nothing when Slack does not say in time."""
        known = self._profiles.get(it.who)
        if known is not None:
            return known
        task = self._asking.get(it.who)
        if task is None:
            task = asyncio.create_task(self._ask_slack(it, token))
            self._asking[it.who] = task
            task.add_done_callback(lambda _: self._asking.pop(it.who, None))
        try:
            return await asyncio.wait_for(asyncio.shield(task), PROFILE_WITHIN)
        except TimeoutError:
            return Person()

    async def _ask_slack(self, it: Incoming, token: str) -> Person:
        """https://docs.slack.dev/reference/methods/users.info"""
        try:
            done = await self._sender.call(
                token, "users.info", retry="never", user=it.user, include_locale="true"
            )
        except Refused as fault:
            log.info("Slack does not say who asks: %s", fault)
            self._profiles.put(it.who, Person(), UNKNOWN_FOR)
            return Person()
        found = done.get("user")
        profile = _seen(found if isinstance(found, dict) else {})
        self._profiles.put(it.who, profile)
        return profile


def _seen(user: dict[str, Any]) -> Person:
    """Of Slack's record only what is used: the whole is kilobytes, and none of our business."""
    tz = str(user.get("tz") or "")
    return Person(
        seen_lang="pt" if str(user.get("locale") or "").startswith("pt") else None,
        tz=tz if tz in _zones() else None,
        admin=bool(user.get("is_admin")),
        guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        name=str(user.get("real_name") or user.get("name") or ""),
    )


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
