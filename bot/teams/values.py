"""What clicks, searches and thumbs carry, and where a question was asked. Nothing is trusted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.question import Lang
from bot.state import Place
from bot.teams.card import DATA_VERSION, MAX_QUESTION
from bot.teams.incoming import Incoming


def place_of(incoming: Incoming) -> Place:
    """Where to post again: the person, the group, the channel, or the thread asked in.

    A question that opens a thread was asked in the channel; one inside a thread belongs there.
    """
    thread = incoming.thread if incoming.thread != incoming.activity_id else ""
    return Place(
        id=f"{incoming.place};messageid={thread}" if thread else incoming.place,
        platform="teams",
        workspace=incoming.workspace,
        tenant=incoming.tenant,
        channel=incoming.room,
        thread=thread or None,
        kind={"personal": "direct", "group": "group", "channel": "channel"}[incoming.scope],  # type: ignore[arg-type]
        conversation={
            "service_url": incoming.service_url,
            "conversation": incoming.room,
            "bot": incoming.bot_id,
            "channel": incoming.channel,
            "team": incoming.team,
        },
        lang=incoming.lang if incoming.locale else None,
        tz=incoming.tz or None,
        person=incoming.user if incoming.scope == "personal" else None,
    )


def thread_of(incoming: Incoming) -> str:
    """The conversation whose last question can be narrowed. A chat of two is named after the person,
    so that it is forgotten with them."""
    owner = incoming.user if incoming.scope == "personal" else incoming.workspace
    return f"{owner}:{incoming.conversation}"


def own_place_of(incoming: Incoming) -> Place | None:
    """Where this person alone reads us: their personal chat, or, from elsewhere, what it takes to
    open one. None for a sender who is no person."""
    if not incoming.user_id or incoming.from_bot:
        return None
    personal = incoming.scope == "personal"
    conversation = {"service_url": incoming.service_url, "bot": incoming.bot_id}
    conversation |= {"conversation": incoming.room} if personal else {"person": incoming.user_id}
    return Place(
        id=f"direct:{incoming.user}",
        platform="teams",
        workspace=incoming.workspace,
        tenant=incoming.tenant,
        channel=incoming.room if personal else "",
        kind="direct",
        conversation=conversation,
        lang=incoming.lang if incoming.locale else None,
        tz=incoming.tz or None,
        person=incoming.user,
    )


def question_of(data: Any) -> tuple[str, Lang | None, str] | None:
    """(words, language, question to go back to) of a button's data; None for other data.

    Anybody can send data of their own: it is read as if typed, and nothing more.
    """
    if not isinstance(data, Mapping) or data.get("v") != DATA_VERSION:
        return None
    words, lang, back = data.get("q"), data.get("l"), data.get("back")
    if not isinstance(words, str) or not words.strip():
        return None
    known: Lang | None = "pt" if lang == "pt" else "en" if lang == "en" else None
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
