"""Files and pasted documents in a conversation: read in a child process, kept as fields, answered.

The bytes are never stored. Who brought what and how it was read is in the audit trail; the words are not.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bot.conversation.incoming import Upload
from bot.conversation.privacy import may_see_contracts
from bot.core.answer import Answer
from bot.core.phrase import order
from bot.core.wording import Wording, wording
from bot.quotes import saved, side
from bot.quotes.reading import read_bytes, read_text

if TYPE_CHECKING:
    from bot.conversation.turn import Conversation, Turn

MOST_FILES = 5
AT_ONCE = asyncio.Semaphore(2)
"""Child processes of ours at a time."""


async def answered(conversation: Conversation, turn: Turn) -> Answer | None:
    """What the files of a message, or a document pasted as its words, say; None where there are none."""
    it = turn.it
    if it.files:
        return await _of_files(conversation, turn)
    if not it.is_document:
        return None
    reading = {"file": "", **await asyncio.to_thread(read_text, it.pasted)}
    return await _of(conversation, turn, [reading]) if reading["quotes"] else None


async def _of_files(conversation: Conversation, turn: Turn) -> Answer:
    say = wording(turn.person.reads)
    if not turn.it.direct:
        return Answer(headline=say.t("Send me the file in a direct message: here others read along."), lang=say.lang, tone="caution")  # fmt: skip
    if conversation.state is None:
        return Answer(headline=say.t("I cannot read files. Ask me in words."), lang=say.lang, tone="caution")  # fmt: skip
    readings = []
    for upload in turn.it.files[:MOST_FILES]:
        body = await turn.talk.fetch(upload)
        readings.append({"file": upload.name, "status": "refused", "reason": "not_fetched", "quotes": []} if body is None else await _read(body, upload))  # fmt: skip
    return await _of(conversation, turn, readings)


async def _read(body: bytes, upload: Upload) -> dict[str, Any]:
    async with AT_ONCE:
        return await asyncio.to_thread(read_bytes, body, upload.name)


async def _of(conversation: Conversation, turn: Turn, readings: list[dict[str, Any]]) -> Answer:
    """Quotes are kept and set side by side, with what a contract or a usage file says below."""
    it, say, state = turn.it, wording(turn.person.reads), conversation.state
    place, now = conversation.host.place(it), conversation.now()
    if state is not None:
        told = [(now, it.platform, place.id, it.who, "upload", f"{one['status']}:{len(one['quotes'])}", None) for one in readings]  # fmt: skip
        await asyncio.to_thread(state.people.audit_many, told)
    audience = conversation.audience_of(it, await conversation.places.get(place.id))
    if not may_see_contracts(turn.person.member, audience):
        return Answer(headline=say.t("Quotes are read and kept where only members of your organisation read: send them in a direct message."), lang=say.lang, tone="caution")  # fmt: skip
    if state is None or not any(one["quotes"] for one in readings):
        return _other(readings, say)
    await conversation.places.save(place)
    numbers = await asyncio.to_thread(saved.keep, state, place.id, readings, now)
    words = order("quotes_some", say.lang, numbers=" ".join(f"#{number}" for number in numbers))
    answer = await conversation.answered(turn, words)
    rest = [one for one in readings if not one["quotes"]]
    told_rest = tuple(f"{one['file']}: {_other([one], say).headline}" for one in rest)
    return answer._replace(lines=(*answer.lines, *told_rest))


def _other(readings: list[dict[str, Any]], say: Wording) -> Answer:
    """What a document without a quote is: a contract, a usage file, or nothing to read."""
    for one in readings:
        if one["status"] == "contract" or one.get("clauses"):
            return side.contract(one, say)
        if one["status"] == "usage":
            return side.usage(one, say)
    return Answer(headline=side.nothing(readings, say), lang=say.lang, tone="caution", private=True)
