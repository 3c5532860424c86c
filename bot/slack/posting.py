"""Posts nobody asked for just now: digests and alerts, to where they were asked for."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.conversation.posting import PlaceGone, PostLater
from bot.slack.sending import Make, Refused, Sender
from bot.slack.talk import Draw, made, picture
from bot.slack.workspaces import Workspaces

if TYPE_CHECKING:
    from bot.core.answer import Answer
    from bot.state import Place

log = logging.getLogger(__name__)

OURS = 300.0
"""Seconds, where Slack refuses our token: the operator puts in a good one, and posts go on."""
LATER = 30.0
"""Seconds, where Slack does not say how long to wait."""
PAGE = 100
PAGES = 5
"""Of a conversation since the delivery was due, among which an earlier try is looked for."""
CLOCKS_DIFFER = timedelta(minutes=10)
EVENT = "quartermaster_delivery"
PASSING = frozenset(
    {"fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable", "unreachable"}
)  # fmt: skip
"""Why Slack did not let us look this once; every other refusal is of the kind that stays.
https://docs.slack.dev/reference/methods/conversations.history#errors"""


_CHANNEL = re.compile(r"(?<![\w<#|/])([CG][A-Z0-9]{8,30})(?![\w>])")


async def post(
    sender: Sender,
    workspaces: Workspaces,
    draw: Draw | None,
    place: Place,
    answer: Answer,
    delivery_id: str,
) -> str:
    """Returns the message's ts; raises PostLater, PlaceGone, or Refused when it may have arrived."""
    token = await _token(workspaces, place)
    try:
        channel, ts = await sender.post(
            token,
            place.channel,
            _naming(made(answer, "post", ""))
            if delivery_id.startswith("note-")
            else made(answer, "post", ""),
            thread=place.thread,
            # https://docs.slack.dev/messaging/message-metadata
            metadata={"event_type": EVENT, "event_payload": {"delivery": delivery_id}},
            retry="never",  # the schedule retries, and knows what it has sent
        )
    except Refused as fault:
        if fault.ours:
            raise PostLater(OURS, fault.code, everywhere=True) from fault
        if fault.gone:
            raise PlaceGone(fault.code) from fault
        if fault.sent is None:
            raise
        raise PostLater(fault.retry_after or LATER, fault.code) from fault
    await picture(sender, token, draw, answer, channel, place.thread or "")
    return ts


async def posted(
    sender: Sender, workspaces: Workspaces, place: Place, delivery_id: str
) -> str | None:
    """None also where the workspace did not grant the scopes that let us read it; raises PostLater
    while Slack cannot say."""
    token = await _token(workspaces, place)
    try:
        channel = place.channel
        if channel.startswith(("U", "W")):
            opened = await sender.call(token, "conversations.open", users=channel)
            channel = str((opened.get("channel") or {}).get("id") or "")
        cursor = ""
        for _ in range(PAGES):
            found = await sender.call(
                token,
                # A channel's history holds no replies.
                "conversations.replies" if place.thread else "conversations.history",
                channel=channel,
                ts=place.thread or None,
                oldest=_since(delivery_id),
                cursor=cursor or None,
                limit=str(PAGE),
                include_all_metadata="true",
            )
            ts = _carrier(found.get("messages"), delivery_id)
            cursor = str((found.get("response_metadata") or {}).get("next_cursor") or "")
            if ts or not cursor:
                return ts
    except Refused as fault:
        if fault.sent is None or fault.code in PASSING:
            raise PostLater(fault.retry_after or LATER, fault.code) from fault
        log.info("cannot look for an earlier post: %s", fault)
        return None
    log.warning("an earlier post was not found among %d messages", PAGES * PAGE)
    return None


def _naming(make: Make) -> Make:
    """A note names channels as Slack shows them to whoever may see them."""

    def named(safe: bool) -> Mapping[str, Any]:
        text = json.dumps(make(safe), ensure_ascii=False)
        return dict(json.loads(_CHANNEL.sub(r"<#\1>", text)))

    return named


def _carrier(messages: Any, delivery_id: str) -> str | None:
    """The ts of the message that carries this delivery."""
    for message in messages if isinstance(messages, list) else []:
        metadata = message.get("metadata") or {}
        payload = metadata.get("event_payload") or {}
        if metadata.get("event_type") == EVENT and payload.get("delivery") == delivery_id:
            return str(message.get("ts"))
    return None


def _since(delivery_id: str) -> str | None:
    """Nothing of a delivery was posted before it was due; None for an id without a moment."""
    try:
        due = datetime.strptime(delivery_id.rpartition("@")[2], "%Y%m%dT%H%M%SZ").replace(
            tzinfo=UTC
        )
    except ValueError:
        return None
    return f"{(due - CLOCKS_DIFFER).timestamp():.6f}"


async def _token(workspaces: Workspaces, place: Place) -> str:
    enterprise = place.conversation.get("enterprise")
    bot = await workspaces.bot(place.tenant, enterprise if isinstance(enterprise, str) else None)
    if bot is None:
        raise PlaceGone("not installed there any more")
    return bot.token
