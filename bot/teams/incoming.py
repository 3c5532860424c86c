"""What Teams sent, read from the activity's JSON into the few things we use.

Nothing is trusted to be there: Teams on a telephone, the Playground and other clients leave
different fields out. Reading never raises; an activity without the least is None.
https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from bot.conversation import incoming as conversation
from bot.core.text import clean
from bot.language import Lang, lang_of

MAX_WORDS = 2000
"""Characters of a message that are read; a question is shorter, a pasted log is not one."""
Kind = Literal["message", "invoke", "installed", "uninstalled", "reaction", "other"]
MAX_MENTIONS = 50
_OPENS = re.compile(r"<at(?=[\s>])[^<>]{0,200}>")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming(conversation.Incoming):
    """An activity. `message` is its id, `user` the person's object id in the tenant, or where Teams does
    not say it, their id with this bot; `thread` the id of a channel thread's first message."""

    platform: str = "teams"
    kind: Kind
    service_url: str
    conversation: str
    """Full id; in a channel it ends in `;messageid=<root>`, which is the thread."""
    scope: Literal["personal", "group", "channel"]
    bot_id: str
    user_id: str
    """`29:…`, unique to this bot and person."""
    aad_id: str
    """The person's object id in the tenant; empty for guests of other clouds and for bots."""
    mentioned: bool
    """Whether the bot itself was mentioned, by entity: text alone can be forged."""
    targeted: bool = False
    """Whether only we and the person see the message."""
    value: Mapping[str, Any]
    invoke: str
    """Name of an invoke."""
    team: str
    channel: str
    selected: str = ""
    """The channel chosen when the bot was added to a team."""
    named: str = ""
    """Team and channel, or group, by name, where Teams says so."""
    reply_to: str
    reactions: tuple[str, ...] = ()
    expect_replies: bool = False

    @property
    def place(self) -> str:
        return f"teams:{self.tenant}:{self.room}"

    @property
    def lang(self) -> Lang:
        """Language of the person's Teams, for what is said before any words were read."""
        return lang_of(self.locale) or "en"


_TYPES: dict[str, type | tuple[type, ...]] = {
    "text": str,
    "from": dict, "conversation": dict, "recipient": dict, "channelData": dict, "entities": list, "attachments": list,
}  # fmt: skip


def well_formed(activity: Mapping[str, Any]) -> bool:
    """Whether what Teams sends as words, objects and lists is that; each may be left out."""
    return all(isinstance(activity.get(name), (kind, type(None))) for name, kind in _TYPES.items())


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
    user_id, aad_id = _text(sender.get("id")), _text(sender.get("aadObjectId"))
    scope = _scope(conversation, data)
    room, _, thread = conversation_id.partition(";")
    mentioned = any(_mentions(one, bot_id) for one in entities)
    targeted = recipient.get("isTargeted") is True
    value = _mapping(activity.get("value"))
    # What is not meant for us is not read.
    meant = scope == "personal" or mentioned or bool(value)
    typed = words(_text(activity.get("text")), entities) if meant else ""
    attachments = [_mapping(one) for one in _list(activity.get("attachments"))]
    team, channel = _mapping(data.get("team")), _mapping(data.get("channel"))
    selected = _mapping(_mapping(data.get("settings")).get("selectedChannel"))
    names = (
        team.get("name"),
        channel.get("name") or selected.get("name"),
        conversation.get("name"),
    )
    return Incoming(
        kind=kind,
        message=_text(activity.get("id")),
        service_url=_text(activity.get("serviceUrl")),
        tenant=_text(_mapping(data.get("tenant")).get("id")) or _text(conversation.get("tenantId")),
        conversation=conversation_id,
        room=room,
        thread=thread.partition("messageid=")[2],
        scope=scope,
        direct=scope == "personal",
        shared=True if channel.get("type") == "shared" else None,
        bot_id=bot_id,
        user=aad_id or user_id,
        user_id=user_id,
        aad_id=aad_id,
        home=_text(sender.get("tenantId")),
        from_bot=sender.get("role") == "bot" or user_id.startswith("28:"),
        mentioned=mentioned,
        targeted=targeted,
        # What is collected for the request's own answer goes wherever that one is shown.
        alone=targeted and activity.get("deliveryMode") != "expectReplies",
        words=typed,
        quoted="" if typed or not meant else _forwarded(attachments),
        value=value,
        invoke=_text(activity.get("name")),
        locale=_text(activity.get("locale")) or _text(client.get("locale")),
        zone=_text(activity.get("localTimezone")) or _text(client.get("timezone")),
        team=_text(team.get("id")) or _text(data.get("teamsTeamId")),
        channel=_text(channel.get("id")) or _text(data.get("teamsChannelId")),
        selected=_text(selected.get("id")),
        named=" / ".join(" ".join(name.split())[:80] for name in names if isinstance(name, str) and name.strip()),
        reply_to=_text(activity.get("replyToId")),
        reactions=reactions,
        files=tuple(_upload(one) for one in attachments[:10] if _is_file(one)),
        pasted=_pasted(_text(activity.get("text"))) if meant else "",
        expect_replies=activity.get("deliveryMode") == "expectReplies",
    )  # fmt: skip


def words(text: str, entities: list[Mapping[str, Any]]) -> str:
    """The question in a message: without markup, entities as characters, and without whoever or
    whatever is mentioned: a name is never words."""
    text = _without_mentions(text[: 4 * MAX_WORDS])
    for entity in entities[:MAX_MENTIONS]:
        mark = _text(entity.get("text")) if entity.get("type") == "mention" else ""
        if mark.strip():
            text = text.replace(mark, " ")
    text = html.unescape(_TAG.sub(" ", text)).replace("\xa0", " ")
    return clean(text)[:MAX_WORDS]


MAX_PASTED = 20_000
"""Characters of a document that is pasted into a message."""
_LINE_ENDS = re.compile(r"<br\s*/?>|</(?:p|div|li|tr|h\d)>", re.IGNORECASE)
_CELL_ENDS = re.compile(r"</t[dh]>", re.IGNORECASE)


def _pasted(text: str) -> str:
    """The message with its lines; cells of a pasted table apart."""
    text = _CELL_ENDS.sub(" | ", _LINE_ENDS.sub("\n", _without_mentions(text[:MAX_PASTED])))
    if "\n" not in text:
        return ""
    return html.unescape(_TAG.sub("", text)).replace("\xa0", " ")


def _upload(attachment: Mapping[str, Any]) -> conversation.Upload:
    """https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bots-filesv4"""
    content = _mapping(attachment.get("content"))
    return conversation.Upload(
        clean(_text(attachment.get("name")))[:120], _text(content.get("downloadUrl"))[:4000]
    )


def _without_mentions(text: str) -> str:
    """Without every `<at>` and what it holds, in one pass; one that does not end loses its tag."""
    lower = text.lower() if len(text.lower()) == len(text) else text
    out: list[str] = []
    at = 0
    while (begin := _OPENS.search(lower, at)) is not None:
        end = lower.find("</at>", begin.end())
        if end < 0:
            break
        inside = lower.rfind("<at", begin.end(), end)
        out += (text[at : begin.start()], " ")
        if inside > 0:  # an earlier one had no end: its words stay, its tag goes
            out.append(text[begin.end() : inside])
        at = end + len("</at>")
    out.append(text[at:])
    return "".join(out)


def _forwarded(attachments: list[Mapping[str, Any]]) -> str:
    """What a forwarded message, a quotation or a card shows."""
    parts: list[str] = []
    for one in attachments[:10]:
        content: Any = one.get("content")
        if isinstance(content, str) and content[:1] in "{[":
            with suppress(ValueError, RecursionError):
                content = json.loads(content[: 8 * MAX_WORDS])
        kind = _text(one.get("contentType"))
        if kind.endswith("essageReference") or kind.startswith("application/vnd.microsoft.card."):
            parts += _texts(content, 0)
        elif kind == "text/html" and isinstance(content, str) and _QUOTES.search(content):
            parts.append(content)
    text = _without_mentions(" ".join(parts)[: 4 * MAX_WORDS])
    return clean(html.unescape(_TAG.sub(" ", text)).replace("\xa0", " "))[:MAX_WORDS]


def _texts(value: Any, depth: int) -> list[str]:
    """Every text of a card or a reference that a reader sees."""
    if depth > 16:
        return []
    if isinstance(value, list):
        return [text for one in value[:100] for text in ([one] if isinstance(one, str) else _texts(one, depth + 1))]  # fmt: skip
    if not isinstance(value, Mapping):
        return []
    found = [text for name in _SHOWN if isinstance(text := value.get(name), str)]
    parts = [
        one
        for name, one in value.items()
        if isinstance(one, Mapping | list) and name not in _UNSEEN
    ]
    return found + [text for one in parts for text in _texts(one, depth + 1)]


_SHOWN = (
    "title",
    "subtitle",
    "text",
    "value",
    "messagePreview",
    "originalMessageContent",
    "content",
)
_UNSEEN = frozenset({"actions", "data", "msteams", "selectAction", "choices", "userIds"})
"""Parts of a card that no reader reads as its words."""
_QUOTES = re.compile(r"<blockquote|itemtype=", re.IGNORECASE)


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
    """One person's own chat is what Teams calls so, or what nothing speaks against."""
    stated, name = conversation.get("conversationType"), _text(conversation.get("id"))
    if stated == "channel" or (not stated and (data.get("team") or "@thread.tacv2" in name)):
        return "channel"
    several = conversation.get("isGroup") is True or name.startswith("19:")
    return "group" if several or stated not in (None, "", "personal") else "personal"


def _mentions(entity: Mapping[str, Any], bot_id: str) -> bool:
    return (
        bool(bot_id)
        and entity.get("type") == "mention"
        and _mapping(entity.get("mentioned")).get("id") == bot_id
    )


def _is_file(attachment: Any) -> bool:
    """Teams adds an HTML copy of every message, and references to those forwarded: no files."""
    kind = _text(_mapping(attachment).get("contentType"))
    shown = kind.endswith("essageReference") or kind.startswith("application/vnd.microsoft.card.")
    return bool(kind) and kind != "text/html" and not shown


def _ids(members: Any) -> set[str]:
    return {_text(_mapping(one).get("id")) for one in _list(members)}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
