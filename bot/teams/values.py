"""What clicks, searches and thumbs carry, and where a question was asked. Nothing is trusted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from bot.conversation.incoming import Incoming as AnyIncoming
from bot.conversation.privacy import Audience
from bot.language import Lang, lang_of
from bot.state import Place
from bot.state.rows import Kind, Reach
from bot.teams.card import DATA_VERSION, MAX_QUESTION
from bot.teams.incoming import Incoming


class Host:
    """Teams' places and persons, for a conversation."""

    name = "teams"
    # https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit: 60 messages in half a
    # minute into a conversation, 50 requests a second of one app in a tenant.
    reach = Reach(timedelta(milliseconds=500), timedelta(milliseconds=25))
    tells_language = False

    def place(self, incoming: AnyIncoming) -> Place:
        """Where to post again: the person, the group, the channel, or the thread asked in.

        A question that opens a thread was asked in the channel; one inside a thread belongs there.
        """
        it = cast("Incoming", incoming)
        thread = it.thread if it.thread != it.message else ""
        conversation: dict[str, Any] = {
            "service_url": it.service_url,
            "conversation": it.room,
            "bot": it.bot_id,
            "channel": it.channel,
            "team": it.team,
        }
        if it.named:
            conversation["name"] = it.named
        if it.shared:
            conversation["external"] = True
        return Place(
            id=f"{it.place};messageid={thread}" if thread else it.place,
            platform=self.name,
            workspace=it.workspace,
            tenant=it.tenant,
            channel=it.room,
            thread=thread or None,
            kind=KINDS[it.scope],
            conversation=conversation,
            lang=it.lang if it.locale else None,
            tz=it.zone or None,
            person=it.who if it.direct else None,
        )

    def own_place(self, incoming: AnyIncoming) -> Place | None:
        """Where this person alone reads us: their personal chat, or, from elsewhere, what it takes to
        open one. None for a sender who is no person."""
        it = cast("Incoming", incoming)
        if not it.user_id or it.from_bot:
            return None
        conversation = {"service_url": it.service_url, "bot": it.bot_id}
        conversation |= {"conversation": it.room} if it.direct else {"person": it.user_id}
        return Place(
            id=f"direct:{it.who}",
            platform=self.name,
            workspace=it.workspace,
            tenant=it.tenant,
            channel=it.room if it.direct else "",
            kind="direct",
            conversation=conversation,
            lang=it.lang if it.locale else None,
            tz=it.zone or None,
            person=it.who,
        )

    def thread(self, incoming: AnyIncoming) -> str:
        it = cast("Incoming", incoming)
        return f"{it.who if it.direct else it.workspace}:{it.conversation}"

    def audience(self, incoming: AnyIncoming, known: Place | None) -> Audience:
        """Teams does not tell of a channel or a group whether guests or other companies read it."""
        if incoming.direct:
            return "alone"
        shared = known is not None and known.conversation.get("external") is True
        return "shared" if shared else "unknown"


HOST = Host()
KINDS: dict[str, Kind] = {"personal": "direct", "group": "group", "channel": "channel"}


def question_of(data: Any) -> tuple[str, Lang | None, str] | None:
    """(words, language, question to go back to) of a button's data; None for other data.

    Anybody can send data of their own: it is read as if typed, and nothing more.
    """
    if not isinstance(data, Mapping) or data.get("v") != DATA_VERSION:
        return None
    words, lang, back = data.get("q"), data.get("l"), data.get("back")
    if not isinstance(words, str) or not words.strip():
        return None
    known = lang_of(lang) if isinstance(lang, str) else None
    return words[:MAX_QUESTION], known, back[:MAX_QUESTION] if isinstance(back, str) else ""


def search_words(value: Mapping[str, Any]) -> tuple[str, bool]:
    """What was typed into the search, and whether the search was only opened.

    Some clients leave the parameter's name out: the first one is what was typed.
    """
    found = value.get("parameters")
    parameters = (
        [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
    )
    first = any(one.get("name") == "initialRun" for one in parameters)
    typed = next((one.get("value") for one in parameters if one.get("name") != "initialRun"), "")
    words = " ".join(typed.split())[:MAX_QUESTION] if isinstance(typed, str) else ""
    return words, first and not words


def thumb(value: Mapping[str, Any]) -> str:
    """`like` or `dislike` of a feedback button; the words people add are not kept."""
    found = value.get("actionValue")
    reaction = found.get("reaction") if isinstance(found, Mapping) else None
    return reaction if reaction in ("like", "dislike") else ""


def whole(value: Any, default: int) -> int:
    return (
        value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else default
    )
