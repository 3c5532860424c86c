"""Suggested questions beside our messages: in the person's language, of what is asked most there.

https://docs.slack.dev/ai/migrating-to-agent-messaging
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.core.command import RANKED
from bot.core.phrase import phrase
from bot.core.question import Question
from bot.core.text import shorten
from bot.language import Lang
from bot.slack.manifest import MAX_PROMPTS
from bot.slack.sending import Refused

if TYPE_CHECKING:
    from bot.slack.incoming import Incoming
    from bot.slack.turns import Turns

log = logging.getLogger(__name__)

MOST_CARDS = 2
MAX_TITLE = 60


def questions(lang: Lang, cards: Sequence[str]) -> list[str]:
    """At most four: the cards asked about most, then what is worth a first try."""
    asked = [
        phrase(Question(intent="cheapest", lang=lang, accelerators=(card,)))
        for card in cards[:MOST_CARDS]
    ]
    tries = [command.example(lang) for command in RANKED]
    return list(dict.fromkeys((*asked, *tries)))[:MAX_PROMPTS]


async def suggest(turns: Turns, it: Incoming, token: str, channel: str) -> None:
    """`channel` is what the person looks at; what they look at is not kept. The same is not
    suggested again within an hour."""
    person = (await turns.turn(it, turns.talk(it, token))).person
    where = f"{it.workspace}:{channel}" if channel else f"direct:{it.who}"
    cards = await turns.places.most_asked(where)
    prompts = questions(person.reads, cards)
    before = turns.suggested.get(it.who)
    # What is looked at changes without a word of where our messages are.
    room = it.room or (before[0] if before else "")
    if not room or before == (room, prompts):
        return
    turns.suggested.put(it.who, (room, prompts))
    listed = [{"title": shorten(one, MAX_TITLE), "message": one} for one in prompts]
    method = "assistant.threads.setSuggestedPrompts"
    try:
        await turns.sender.call(token, method, channel_id=room, prompts=listed)
    except Refused as fault:
        log.info("no questions could be suggested: %s", fault)
