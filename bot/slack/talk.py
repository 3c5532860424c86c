"""How Slack is answered: one request's ways to reply, and what Slack knows of people and places."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from bot.conversation.incoming import Incoming as AnyIncoming
from bot.conversation.incoming import Upload
from bot.conversation.people import Person
from bot.conversation.privacy import Audience, Member
from bot.core.answer import Answer
from bot.core.settings import Settings
from bot.core.text import clean, shorten
from bot.core.wording import wording
from bot.language import lang_of
from bot.slack import blocks, files
from bot.slack.chart import chart_block
from bot.slack.incoming import Incoming
from bot.slack.options import response_url_allowed
from bot.slack.sending import Make, Refused, Sender
from bot.slack.text import plain
from bot.state import Place
from bot.state.rows import Reach

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)

Draw = Callable[[Answer], bytes | None]
"""An Answer's chart as PNG; called in a worker thread."""


def direct_of(user: str) -> Place | None:
    """Slack opens the direct messages with a person by their id."""
    parts = user.split(":")
    if len(parts) != 3:
        return None
    return Place(
        id=f"direct:{user}", platform="slack", workspace=":".join(parts[:2]), tenant=parts[1],
        channel=parts[2], kind="direct", person=user,
    )  # fmt: skip


class Host:
    """Slack's places and persons, for a conversation."""

    name = "slack"
    tells_language = True
    # https://docs.slack.dev/apis/web-api/rate-limits: about one message a second into a channel, and
    # under the cap of some hundreds a minute for a workspace, room left for answers.
    reach = Reach(timedelta(seconds=1.1), timedelta(milliseconds=300), direct_of)

    def place(self, incoming: AnyIncoming) -> Place:
        """Where orders of this conversation stand. What is asked between people, or nowhere, belongs
        to the person's own direct messages with us."""
        it = incoming
        own = it.direct
        # Where we were not told the chat itself, Slack opens it by the person's id.
        room = it.user if own and not it.message else it.room
        conversation: dict[str, Any] = {"enterprise": getattr(it, "enterprise", "")}
        if it.shared is not None:
            conversation["external"] = it.shared
        return Place(
            id=f"direct:{it.who}" if own else f"{it.workspace}:{it.room}",
            platform=self.name,
            workspace=it.workspace,
            tenant=it.tenant,
            channel=room or it.user,
            kind="direct" if own else "channel",
            conversation=conversation,
            person=it.who if own else None,
        )

    def own_place(self, incoming: AnyIncoming) -> Place | None:  # noqa: ARG002  a direct message is opened by the person's id
        return None

    def thread(self, incoming: AnyIncoming) -> str:
        it = incoming
        if it.direct:
            return f"{it.who}:{it.room or 'home'}:{it.thread}"
        if it.thread or it.message:
            return f"{it.workspace}:{it.room}:{it.thread or it.message}"
        return f"{it.who}:{it.room}"

    def audience(self, incoming: AnyIncoming, known: Place | None) -> Audience:
        if incoming.direct:
            return "alone"
        external = known.conversation.get("external") if known is not None else None
        if external is True:
            return "shared"
        return "ours" if external is False else "unknown"


class Rules:
    """The operator's settings, in the words of a conversation."""

    def __init__(self, settings: Settings) -> None:
        self.tenants = settings.slack_teams_allowed
        self.rooms = settings.slack_channels_allowed
        self.shared = settings.slack_connect != "off"
        self.admins_only = settings.orders_by == "admins"
        self.per_minute = settings.commands_per_minute


class Talk:
    """One request of Slack's, and the token that answers it."""

    def __init__(self, it: Incoming, token: str, sender: Sender, draw: Draw | None) -> None:
        self.it = it
        self.token = token
        self.sender = sender
        self._draw = draw

    async def show(self, answer: Answer) -> None:
        """In a channel under the question; between two, after it."""
        it = self.it
        await self.post(answer, it.room, it.thread or ("" if it.direct else it.message))

    async def show_alone(self, answer: Answer) -> None:
        await self.privately(made(answer, "private", ""))

    async def tell(self, words: str) -> None:
        await self.privately(in_words(words))

    async def fetch(self, upload: Upload) -> bytes | None:
        """https://docs.slack.dev/messaging/working-with-files: with our token, of Slack's own hosts alone."""
        return await files.fetched(self.sender, self.token, upload)

    async def profile(self) -> Person | None:
        """https://docs.slack.dev/reference/methods/users.info"""
        if not self.token:
            return None
        done = await self.sender.call(
            self.token, "users.info", retry="never", user=self.it.user, include_locale="true"
        )
        found = done.get("user")
        return seen(found, self.it) if isinstance(found, dict) else None

    async def whisper(self, answer: Answer) -> bool:
        """Shows it to who asked, as a message of ours in the channel; False where we are no member."""
        make = made(answer, "private", "")
        try:
            await self.sender.whisper(self.token, self.it.room, self.it.user, make)
        except Refused as fault:
            log.info("not a member of %s: %s", self.it.room, fault)
            return False
        return True

    # -- ways out ----------------------------------------------------------------------------

    async def post(self, answer: Answer, channel: str, thread: str = "") -> None:
        """For everybody there, with the chart as a picture where Slack cannot draw it."""
        make = made(answer, "thread", self.it.user)
        channel, _ = await self.sender.post(
            self.token, channel, make, thread=thread, metadata=_named(answer)
        )
        await picture(self.sender, self.token, self._draw, answer, channel, thread)

    async def replace(self, answer: Answer) -> None:
        """In the place of the message that was clicked."""
        it = self.it
        make = made(answer, "private" if it.ephemeral else "thread", it.user)
        try:
            await self.sender.respond(it.response_url, make, replace=True)
        except Refused as fault:
            log.info("response URL refused: %s", fault)
            if it.ephemeral:
                await self.show_alone(answer)
                return
            await self.sender.update(self.token, it.room, it.message, make)
        if not it.ephemeral:
            thread = it.thread or ("" if it.direct else it.message)
            await picture(self.sender, self.token, self._draw, answer, it.room, thread)

    async def privately(self, make: Make) -> None:
        """By the response URL, as a whisper in the channel, else as a direct message."""
        it = self.it
        if response_url_allowed(it.response_url, self.sender.api_url):
            try:
                await self.sender.respond(it.response_url, make)
            except Refused as fault:
                log.info("response URL refused: %s", fault)
            else:
                return
        if it.room and not it.direct:
            try:
                await self.sender.whisper(self.token, it.room, it.user, make, thread=it.thread)
            except Refused as fault:
                log.info("cannot whisper in %s: %s", it.room, fault)
            else:
                return
        room = it.room if it.room.startswith("D") else it.user
        if room:
            thread = it.thread if room == it.room else None
            await self.sender.post(self.token, room, make, thread=thread or None)


HOST = Host()


def seen(user: Mapping[str, Any], it: Incoming) -> Person:
    """Of Slack's record only what is used: the whole is kilobytes, and none of our business."""
    tz = str(user.get("tz") or "")
    return Person(
        seen_lang=lang_of(str(user.get("locale") or "")),
        locale=str(user.get("locale") or "") or None,
        tz=tz if tz in _zones() else None,
        admin=bool(user.get("is_admin") or user.get("is_owner")),
        member=_member(user, it),
        name=str(user.get("real_name") or user.get("name") or ""),
    )


def _member(user: Mapping[str, Any], it: Incoming) -> Member:
    """Whether Slack says that somebody belongs to this workspace. Everything that names where they
    belong must name it, and one thing must; of a large organisation all workspaces are its own."""
    if user.get("is_bot") or user.get("deleted"):
        return "unknown"
    if user.get("is_stranger"):
        return "foreign"
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return "guest"
    of_enterprise = user.get("enterprise_user")
    grid = of_enterprise if isinstance(of_enterprise, dict) else {}
    ours = {it.tenant}
    teams = grid.get("teams")
    if it.enterprise and (grid.get("enterprise_id") or grid.get("id")):
        if grid.get("enterprise_id") not in (None, it.enterprise):
            return "foreign"
        if isinstance(teams, list) and it.tenant not in (*teams, it.enterprise):
            return "foreign"
        ours |= {it.enterprise, *(one for one in teams or () if isinstance(one, str))}
    told = {str(one) for one in (it.home, user.get("team_id")) if one}
    if not told:
        return "unknown"
    return "member" if told <= ours else "foreign"


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def made(answer: Answer, where: blocks.Where, user: str) -> Make:
    return lambda safe: blocks.message(answer, where=where, user=user, safe=safe)


def in_words(words: str) -> Make:
    return lambda _safe: {"text": plain(words, 3000)}


async def picture(
    sender: Sender, token: str, draw: Draw | None, answer: Answer, channel: str, thread: str
) -> None:
    """The chart as a picture, where Slack cannot draw it; an answer never fails with it."""
    chart = answer.chart
    if (
        chart is None
        or draw is None
        or chart_block(chart, wording(answer.lang, answer.locale)) is not None
    ):
        return
    try:
        png = await asyncio.to_thread(draw, answer)
    except Exception:
        log.exception("a chart could not be drawn")
        return
    if not png:
        return
    title = clean(chart.title) or wording(answer.lang, answer.locale).t("Chart")
    try:
        await sender.upload(
            token,
            png,
            name=f"{_file_name(title)}.png",
            title=shorten(title, 200),
            alt=clean(chart.finding) or title,
            channel=channel,
            thread=thread,
        )
    except Refused as fault:
        # The answer says in words what the picture would show.
        log.warning("a chart could not be uploaded: %s", fault)


def _named(answer: Answer) -> dict[str, Any]:
    """https://docs.slack.dev/messaging/message-metadata"""
    return {
        "event_type": "quartermaster_answer",
        "event_payload": {"answer": blocks.answer_ref(answer)},
    }


def _file_name(title: str) -> str:
    kept = "".join(char if char.isascii() and char.isalnum() else "-" for char in title.lower())
    return "-".join(filter(None, kept.split("-")))[:60] or "chart"
