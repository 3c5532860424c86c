"""What Teams sent, read from the activity's JSON into the few things we use.

Nothing is trusted to be there: Teams on a telephone, the Playground and other clients leave
different fields out. Reading never raises; an activity without the least is None.
https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.question import Lang

MAX_WORDS = 2000
"""Characters of a message that are read; a question is shorter, a pasted log is not one."""
Kind = Literal["message", "invoke", "installed", "uninstalled", "reaction", "other"]
_AT = re.compile(r"<at\b[^>]*>(.*?)</at>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z][^>]{0,200}>")


@dataclass(frozen=True, slots=True)
class Incoming:
    kind: Kind
    activity_id: str
    service_url: str
    tenant: str
    """Tenant id from `channelData`; empty when Teams did not say."""
    conversation: str
    """Full id; in a channel it ends in `;messageid=<root>`, which is the thread."""
    scope: Literal["personal", "group", "channel"]
    bot_id: str
    user_id: str
    """`29:…`, unique to this bot and person."""
    aad_id: str
    """The person's object id in the tenant; empty for guests of other clouds and for bots."""
    from_bot: bool
    mentioned: bool
    """Whether the bot itself was mentioned, by entity: text alone can be forged."""
    text: str
    value: Mapping[str, Any]
    invoke: str
    """Name of an invoke."""
    locale: str
    tz: str
    team: str
    channel: str
    reply_to: str
    reactions: tuple[str, ...] = ()
    files: int = 0
    expect_replies: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def room(self) -> str:
        """The conversation without its thread."""
        return self.conversation.partition(";")[0]

    @property
    def thread(self) -> str:
        """Id of the channel thread's first message; empty elsewhere."""
        return self.conversation.partition(";messageid=")[2]

    @property
    def workspace(self) -> str:
        return f"teams:{self.tenant}"

    @property
    def place(self) -> str:
        return f"teams:{self.tenant}:{self.room}"

    @property
    def user(self) -> str:
        """The person, the same for every bot of the tenant when Teams says who it is."""
        return f"teams:{self.tenant}:{self.aad_id or self.user_id}"

    @property
    def lang(self) -> Lang:
        """Language of the person's Teams, for what is said before any words were read."""
        return "pt" if self.locale.lower().startswith("pt") else "en"


def read(activity: Mapping[str, Any]) -> Incoming | None:
    """The activity, or None when it lacks a conversation to answer into."""
    conversation = _mapping(activity.get("conversation"))
    conversation_id = _text(conversation.get("id"))
    if not conversation_id:
        return None
    sender = _mapping(activity.get("from"))
    recipient = _mapping(activity.get("recipient"))
    data = _mapping(activity.get("channelData"))
    bot_id = _text(recipient.get("id"))
    entities = [one for one in _list(activity.get("entities")) if isinstance(one, Mapping)]
    client = next((one for one in entities if one.get("type") == "clientInfo"), {})
    kind, reactions = _kind(activity, bot_id)
    user_id = _text(sender.get("id"))
    return Incoming(
        kind=kind,
        activity_id=_text(activity.get("id")),
        service_url=_text(activity.get("serviceUrl")),
        tenant=_text(_mapping(data.get("tenant")).get("id")) or _text(conversation.get("tenantId")),
        conversation=conversation_id,
        scope=_scope(conversation, data),
        bot_id=bot_id,
        user_id=user_id,
        aad_id=_text(sender.get("aadObjectId")),
        from_bot=sender.get("role") == "bot" or user_id.startswith("28:"),
        mentioned=any(_mentions(one, bot_id) for one in entities),
        text=words(_text(activity.get("text")), entities, bot_id),
        value=_mapping(activity.get("value")),
        invoke=_text(activity.get("name")),
        locale=_text(activity.get("locale")) or _text(client.get("locale")),
        tz=_text(activity.get("localTimezone")) or _text(client.get("timezone")),
        team=_text(_mapping(data.get("team")).get("id")) or _text(data.get("teamsTeamId")),
        channel=_text(_mapping(data.get("channel")).get("id")) or _text(data.get("teamsChannelId")),
        reply_to=_text(activity.get("replyToId")),
        reactions=reactions,
        files=sum(_is_file(one) for one in _list(activity.get("attachments"))),
        expect_replies=activity.get("deliveryMode") == "expectReplies",
        raw=activity,
    )


def words(text: str, entities: list[Mapping[str, Any]], bot_id: str) -> str:
    """The question in a message: without our mention, without markup, entities as characters."""
    text = text[: 4 * MAX_WORDS]
    for entity in entities:
        if _mentions(entity, bot_id):
            mark = _text(entity.get("text"))
            if mark:
                text = text.replace(mark, " ")
    text = _AT.sub(r" \1 ", text)
    text = _TAG.sub(" ", text)
    text = html.unescape(text).replace("\xa0", " ")
    return " ".join(text.split())[:MAX_WORDS]


def _kind(activity: Mapping[str, Any], bot_id: str) -> tuple[Kind, tuple[str, ...]]:
    match activity.get("type"):
        case "message":
            return "message", ()
        case "invoke":
            return "invoke", ()
        case "installationUpdate":
            action = _text(activity.get("action"))
            if action.startswith("remove"):
                # `remove-upgrade` is the first half of an update, not a goodbye.
                return ("uninstalled", ()) if action == "remove" else ("other", ())
            return ("installed", ()) if action == "add" else ("other", ())
        case "conversationUpdate":
            if bot_id and bot_id in _ids(activity.get("membersAdded")):
                return "installed", ()
            if bot_id and bot_id in _ids(activity.get("membersRemoved")):
                return "uninstalled", ()
        case "messageReaction":
            added = _list(activity.get("reactionsAdded"))
            return "reaction", tuple(
                kind for one in added if (kind := _text(_mapping(one).get("type")))
            )
    return "other", ()


def _scope(
    conversation: Mapping[str, Any], data: Mapping[str, Any]
) -> Literal["personal", "group", "channel"]:
    stated = conversation.get("conversationType")
    if stated == "channel" or (not stated and data.get("team")):
        return "channel"
    if stated == "groupChat" or conversation.get("isGroup") is True:
        return "group"
    return "personal"


def _mentions(entity: Mapping[str, Any], bot_id: str) -> bool:
    return (
        bool(bot_id)
        and entity.get("type") == "mention"
        and _mapping(entity.get("mentioned")).get("id") == bot_id
    )


def _is_file(attachment: Any) -> bool:
    """Teams adds an HTML copy of every message; that one is no file."""
    kind = _text(_mapping(attachment).get("contentType"))
    return bool(kind) and kind != "text/html"


def _ids(members: Any) -> set[str]:
    return {_text(_mapping(one).get("id")) for one in _list(members)}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
