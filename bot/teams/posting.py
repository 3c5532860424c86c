"""Posts nobody asked for just now: digests and watches, to where they were asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from bot.conversation.posting import PlaceGone, PostLater
from bot.teams import replies
from bot.teams.auth import TokenFault
from bot.teams.connector import Connector, ConnectorFault

if TYPE_CHECKING:
    from bot.core.answer import Answer
    from bot.state import Place

OURS = 300.0
"""Seconds, where Teams refuses our own credentials."""
LATER = 60.0
"""Seconds, where Teams does not say how long to wait."""


async def undrawn(_: Answer) -> bytes | None:
    return None


async def post(
    connector: Connector,
    place: Place,
    answer: Answer,
    delivery_id: str,
    drawn: Callable[[Answer], Awaitable[bytes | None]] = undrawn,
) -> str:
    """Posts to the person, the group, the thread, or as a new thread of the channel.

    Returns the message's id; raises PostLater, PlaceGone, or ConnectorFault when the message may
    have arrived.
    """
    known = place.conversation
    service_url, bot = str(known.get("service_url", "")), str(known.get("bot", ""))
    room = str(known.get("conversation") or place.channel)
    person = str(known.get("person", ""))
    if not room and not person:
        raise PlaceGone("no conversation is known")
    image = await drawn(answer)
    body = {**replies.message(answer, delivery_id=delivery_id, image=image), "from": {"id": bot}}
    try:
        if not room:
            room = await connector.personal(service_url, bot, person, place.tenant)
        if place.kind == "channel" and not place.thread:
            thread = {
                "isGroup": True,
                "bot": {"id": bot},
                "tenantId": place.tenant,
                "channelData": {
                    "channel": {"id": str(known.get("channel") or room)},
                    "tenant": {"id": place.tenant},
                },
                "activity": body,
            }
            conversation, message = await connector.create(service_url, thread, room)
            return message or conversation
        if place.thread:
            room = f"{room};messageid={place.thread}"
        return await connector.send(service_url, room, {**body, "conversation": {"id": room}})
    except TokenFault as fault:
        raise PostLater(LATER, str(fault), everywhere=True) from fault
    except ConnectorFault as fault:
        if fault.ours:
            raise PostLater(OURS, str(fault), everywhere=True) from fault
        if fault.gone:
            raise PlaceGone(fault.code or str(fault.status)) from fault
        if fault.sent is None:
            raise  # the schedule decides whether to risk it twice
        raise PostLater(fault.retry_after or LATER, str(fault)) from fault
