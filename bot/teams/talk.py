"""How Teams is answered: one activity's ways to reply, and what Teams tells of who asks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Protocol

from bot.conversation.incoming import Upload
from bot.conversation.people import Person
from bot.conversation.privacy import Member
from bot.conversation.talk import Undelivered
from bot.core.answer import Answer
from bot.core.recent import Recent
from bot.teams import replies
from bot.teams.incoming import Incoming

log = logging.getLogger(__name__)

UNTARGETED_FOR = 86_400.0
"""Seconds for which a tenant that takes no targeted messages is believed not to."""
GUEST_ROLES = frozenset({"guest", "anonymous"})


class Out(Protocol):
    """One activity's ways out."""

    async def send(self, body: replies.Body) -> str:
        """Into the activity's conversation, as a reply; returns the message's id."""

    async def send_targeted(self, body: replies.Body) -> None:
        """There, but shown to the sender alone; raises Undelivered."""

    async def send_personally(self, body: replies.Body) -> None:
        """Into the sender's personal chat; raises Undelivered."""

    async def send_to(self, room: str, body: replies.Body) -> None:
        """Into another conversation of the same team."""

    async def member(self) -> dict[str, Any]:
        """What the conversation's roster says of the sender; raises Undelivered."""

    async def file(self, url: str) -> bytes | None:
        """A file that the sender attached; None where it cannot be had."""

    def answer(self, status: int, body: replies.Body | None) -> None:
        """The HTTP answer of an invoke."""


class Messages:
    """Answers as messages, and which tenants take targeted ones. One for the process."""

    def __init__(self, made: Callable[[Answer], replies.Body]) -> None:
        self._made = made
        self.untargeted: Recent[str, None] = Recent(UNTARGETED_FOR)

    async def of(self, answer: Answer) -> replies.Body:
        if answer.chart is None:
            return self._made(answer)
        return await asyncio.to_thread(self._made, answer)  # a picture is drawn: off the loop


class Talk:
    """One activity of Teams'."""

    def __init__(self, it: Incoming, out: Out, messages: Messages) -> None:
        self.it = it
        self.out = out
        self._messages = messages

    async def show(self, answer: Answer) -> None:
        await self.out.send(await self._messages.of(answer))

    async def show_alone(self, answer: Answer) -> None:
        """Shown there to who asked alone, where this tenant takes that; else in their own chat with
        us; never to the channel."""
        await self._alone(await self._messages.of(answer))

    async def tell(self, words: str) -> None:
        await self.out.send(replies.text(words))

    async def fetch(self, upload: Upload) -> bytes | None:
        return await self.out.file(upload.url)

    async def profile(self) -> Person | None:
        """https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context"""
        it = self.it
        if not it.aad_id or it.from_bot:
            return Person(member="foreign")
        if it.foreign:
            return Person(member="foreign")
        return Person(member=member_of(await self.out.member(), it))

    async def _alone(self, body: replies.Body) -> None:
        if self.it.direct:
            await self.out.send(body)
            return
        if self.it.tenant not in self._messages.untargeted:
            try:
                await self.out.send_targeted(body)
            except Undelivered as fault:
                log.info("no targeted messages here: %s", fault)
                self._messages.untargeted.put(self.it.tenant, None)
            else:
                return
        await self.out.send_personally(body)


def member_of(found: dict[str, Any], it: Incoming) -> Member:
    """Whether the roster says that somebody belongs to this tenant. What it leaves out is unknown."""
    home = found.get("tenantId")
    if isinstance(home, str) and home and home != it.tenant:
        return "foreign"
    if any("#ext#" in str(found.get(name)).lower() for name in ("userPrincipalName", "email")):
        return "guest"
    role = str(found.get("userRole") or "").lower()
    if role in GUEST_ROLES:
        return "guest"
    object_id = found.get("aadObjectId") or found.get("objectId")
    if isinstance(object_id, str) and object_id and object_id != it.aad_id:
        return "unknown"
    return "member" if role in ("user", "owner") else "unknown"
