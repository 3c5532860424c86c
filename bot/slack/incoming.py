"""What Slack sent, read into the few things we use. Nothing is trusted to be there.

Signed payloads are Slack's, but users fill parts of them: reading never raises, and an id that
is no id is empty. https://docs.slack.dev/interactivity
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

from bot.conversation import incoming as conversation
from bot.core.text import clean
from bot.slack.shown import shown_text
from bot.slack.text import words_of

MAX_WORDS = 2000
"""Characters of a message that are read; a question is shorter, a pasted log is not one."""
MAX_FIELDS = 100
_ID = re.compile(r"[A-Z0-9]{1,40}")
_TS = re.compile(r"\d{1,12}\.\d{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming(conversation.Incoming):
    """`tenant` is the workspace that installed us, or the organisation's id where the request names no
    workspace; `room` a channel's id; `message` its ts."""

    platform: str = "slack"
    enterprise: str = ""
    event: str = ""
    trigger: str = ""
    response_url: str = ""
    ephemeral: bool = False
    action: str = ""
    value: str = ""
    view: Mapping[str, Any] = field(default_factory=dict, repr=False)
    tab: str = ""
    """Which tab of ours was opened."""
    name: str = ""
    """The person's handle, as a click tells it."""

    @property
    def foreign(self) -> bool:
        return self.home not in ("", self.tenant, self.enterprise)

    def at(self, **where: Any) -> Incoming:
        """The same request, elsewhere."""
        if "room" in where:
            where["direct"] = _direct(where["room"])
        return replace(self, **where)


def _direct(room: str) -> bool:
    """Whether this is a conversation of two (with us, or a command typed between others)."""
    return room[:1] in ("D", "")


def body_of(raw: bytes, *, form: bool) -> Mapping[str, Any] | None:
    """What a signed body says, once read; None for what Slack does not send."""
    try:
        text = raw.decode()
        if form:
            fields = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS))
            if "payload" not in fields:
                return fields or None
            text = fields["payload"]
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and _well_formed(found) else None


_WORDS = ("type", "team_id", "enterprise_id", "user_id", "channel_id", "callback_id", "action_id", "trigger_id", "response_url", "subtype", "ts", "thread_ts", "bot_id")  # fmt: skip
_OBJECTS = ("event", "enterprise", "container", "message", "view", "state", "assistant_thread", "bot_profile")  # fmt: skip
_EITHER = ("user", "team", "channel", "item", "previous_message", "app")
"""Ids in some payloads, objects in others."""
_HAS: dict[str, tuple[str, type]] = {
    "event_callback": ("event", dict),
    "block_actions": ("actions", list),
    "block_suggestion": ("action_id", str),
    "view_submission": ("view", dict),
    "view_closed": ("view", dict),
    "shortcut": ("callback_id", str),
    "message_action": ("callback_id", str),
}


def _well_formed(body: Mapping[str, Any]) -> bool:
    """Whether the parts that bolt takes apart are what it takes them for."""
    name, kind = _HAS.get(str(body.get("type")), ("type", str))
    if not isinstance(body.get(name), kind):
        return False
    view, inner, actions = body.get("view"), body.get("event"), body.get("actions")
    objects = [body, view, inner]
    objects += [one.get(part) for one in (body, inner) if isinstance(one, dict) for part in (*_OBJECTS, *_EITHER)]  # fmt: skip
    for found in ("authorizations", "actions"):
        listed = body.get(found)
        if listed is None:
            continue
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            return False
        objects += listed
    for one in objects:
        if isinstance(one, dict) and not _typed(one):
            return False
    if name == "event" and not isinstance(_mapping(inner).get("type"), str):
        return False
    if name == "view" and not all(
        isinstance(_mapping(view).get(part), str) for part in ("type", "callback_id")
    ):
        return False
    return name != "actions" or (
        bool(actions) and all(isinstance(one.get("action_id"), str) for one in _list(actions))
    )


def _typed(one: Mapping[str, Any]) -> bool:
    return (
        all(isinstance(one.get(name), str | None) for name in _WORDS)
        and all(isinstance(one.get(name), dict | None) for name in _OBJECTS)
        and all(isinstance(one.get(name), dict | str | None) for name in _EITHER)
    )


def command(body: Mapping[str, Any]) -> Incoming:
    """A slash command's form fields. Only members of the workspace it names can type one there."""
    team, room = _id(body.get("team_id")), _id(body.get("channel_id"))
    return Incoming(
        tenant=team or _id(body.get("enterprise_id")),
        user=_id(body.get("user_id")),
        home=team,
        room=room,
        direct=_direct(room),
        enterprise=_id(body.get("enterprise_id")),
        words=_words(body.get("text")),
        trigger=_text(body.get("trigger_id"))[:200],
        response_url=_text(body.get("response_url"))[:2000],
    )


def event(body: Mapping[str, Any]) -> Incoming:
    """An event's envelope."""
    inner = _mapping(body.get("event"))
    teams = [_mapping(one) for one in _list(body.get("authorizations"))[:1]]
    # In a channel shared with another company the event may be of its workspace: ours is the one
    # that gave the authorization, and its token answers.
    team = _id(teams[0].get("team_id") if teams else None) or _id(body.get("team_id"))
    shared, room = body.get("is_ext_shared_channel"), _id(inner.get("channel"))
    words = _words(inner.get("text"))
    return Incoming(
        tenant=team or _id(body.get("enterprise_id")),
        user=_id(inner.get("user")),
        room=room,
        direct=_direct(room),
        enterprise=_id(body.get("enterprise_id")) or _id(teams[0].get("enterprise_id") if teams else None),
        home=_id(inner.get("user_team")) or _id(inner.get("team")),
        words=words,
        quoted="" if words else _words(shown_text(inner, own_words=False)),
        message=_ts(inner.get("ts")),
        thread=_ts(inner.get("thread_ts")),
        event=_text(body.get("event_id"))[:100],
        shared=shared if isinstance(shared, bool) else None,
        view=_mapping(inner.get("view")),
        files=_files(inner),
        pasted=_pasted(inner.get("text")),
        edited=isinstance(inner.get("edited"), Mapping),
        tab=_text(inner.get("tab")),
        from_bot=bool(inner.get("bot_id")) or _text(inner.get("subtype")) == "bot_message" or inner.get("user") == "USLACKBOT",
    )  # fmt: skip


def looked_at(body: Mapping[str, Any]) -> str:
    """The channel of our workspace that the person looks at beside us; empty where it is none.
    https://docs.slack.dev/reference/events/app_context_changed"""
    context = _mapping(_mapping(body.get("event")).get("context"))
    for one in map(_mapping, _list(context.get("entities"))):
        ours = _id(one.get("team_id")) in ("", _id(body.get("team_id")))
        if one.get("type") == "slack#/types/channel_id" and ours:
            return _id(one.get("value"))
    return ""


def interaction(body: Mapping[str, Any]) -> Incoming:
    """A click, a submitted form, a shortcut."""
    user, team = _mapping(body.get("user")), _mapping(body.get("team"))
    container, message = _mapping(body.get("container")), _mapping(body.get("message"))
    actions, view = _list(body.get("actions")), _mapping(body.get("view"))
    action = _mapping(actions[0]) if actions else {}
    option = _mapping(action.get("selected_option"))
    enterprise = _mapping(body.get("enterprise"))
    room = _id(_mapping(body.get("channel")).get("id")) or _id(container.get("channel_id"))
    # Of an organisation-wide install a click may name no workspace; commands and events always do,
    # and one person must not be two.
    known = (team.get("id"), user.get("team_id"), view.get("team_id"), enterprise.get("id"))
    return Incoming(
        tenant=next((found for one in known if (found := _id(one))), ""),
        user=_id(user.get("id")),
        room=room,
        direct=_direct(room),
        enterprise=_id(enterprise.get("id")),
        home=_id(user.get("team_id")),
        quoted=_words(shown_text(message)) if body.get("type") == "message_action" else "",
        message=_ts(container.get("message_ts")) or _ts(body.get("message_ts")) or _ts(message.get("ts")),
        thread=_ts(container.get("thread_ts")) or _ts(message.get("thread_ts")),
        trigger=_text(body.get("trigger_id"))[:200],
        response_url=_text(body.get("response_url"))[:2000],
        ephemeral=container.get("is_ephemeral") is True,
        action=_text(action.get("action_id"))[:255],
        value=_text(action.get("value") or option.get("value"))[:2000],
        view=view,
        name=clean(_text(user.get("name")) or _text(user.get("username")))[:80],
    )  # fmt: skip


def _words(value: Any) -> str:
    return clean(words_of(_text(value)[: 4 * MAX_WORDS]))[:MAX_WORDS]


MAX_PASTED = 20_000
"""Characters of a document that is pasted into a message."""


def _pasted(value: Any) -> str:
    lines = _text(value)[:MAX_PASTED].split("\n")
    return "\n".join(words_of(line) for line in lines) if len(lines) > 1 else ""


def _files(inner: Mapping[str, Any]) -> tuple[conversation.Upload, ...]:
    """https://docs.slack.dev/reference/objects/file-object"""
    found = [_mapping(one) for one in _list(inner.get("files"))[:MAX_FILES]]
    return tuple(
        conversation.Upload(clean(_text(one.get("name")))[:120], _text(one.get("url_private_download"))[:2000] or _text(one.get("url_private"))[:2000])
        for one in found
    )  # fmt: skip


MAX_FILES = 10


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _id(value: Any) -> str:
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def _ts(value: Any) -> str:
    return value if isinstance(value, str) and _TS.fullmatch(value) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
