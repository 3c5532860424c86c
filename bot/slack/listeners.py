"""What bolt calls: each reads the request, acknowledges, and leaves the work to a task of ours.

The app runs with `process_before_response=True`: bolt's default mode polls for the
acknowledgement every 10 ms and answers 404 when a listener fails right after it.
https://docs.slack.dev/tools/bolt-python
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_bolt.response import BoltResponse

from bot.conversation.turn import ANSWERED_FOR
from bot.slack import incoming, prompts, values, views
from bot.slack.clicks import Clicks, known_cards
from bot.slack.manifest import AGENT
from bot.slack.turns import Turns, once

ANY = re.compile(".*", re.DOTALL)
OPENS_FORM = re.compile(rf"{re.escape(values.FORM)}|{re.escape(values.REFINE)}")
READ_SUBTYPES = (None, "file_share", "thread_broadcast")
"""Messages that a person wrote just now; edits, deletions and joins are none."""
Body = dict[str, Any]
JSON: dict[str, str | Sequence[str]] = {"Content-Type": ["application/json;charset=utf-8"]}


def register(
    app: AsyncApp,
    turns: Turns,
    clicks: Clicks,
    leave: Callable[[Mapping[str, Any]], Awaitable[None]],
) -> None:
    """Every way in. `leave` removes a workspace that uninstalled us."""

    async def command(body: Body, context: AsyncBoltContext) -> BoltResponse:
        text = await turns.command(incoming.command(body), _token(context))
        return BoltResponse(status=200, body=text or "", headers=JSON if text else {})

    async def said(body: Body, context: AsyncBoltContext) -> None:
        it = incoming.event(body)
        inner = body["event"]
        subtype = inner.get("subtype")
        if it.from_bot or not it.user or not it.room or subtype not in READ_SUBTYPES:
            return
        if inner.get("type") == "message" and inner.get("channel_type") != "im":
            return  # in channels we answer mentions, and those come as events of their own
        if (
            it.edited
            and turns.now().timestamp() - float(it.message or 0) > ANSWERED_FOR.total_seconds()
        ):
            return
        if _is_agent(context) and it.direct and not it.thread:
            it = it.at(thread=it.message)  # there each message opens a thread
        # Kept before Slack hears that we have it: another replica drops the repeat. An edit comes as
        # an event of its own, however late, of a message that may have been answered.
        if await turns.firsts.first(once("event", it.event)) and await turns.firsts.first(
            once("message", f"{it.tenant}:{it.room}:{it.message}"), ttl=ANSWERED_FOR
        ):
            token = _token(context)
            turns.start(turns.message(it, turns.talk(it, token)), it, token)

    async def opened(body: Body, context: AsyncBoltContext) -> None:
        it = incoming.event(body)
        if (
            it.tab == "home"
            and it.user
            and turns.allowed(it, it.enterprise)
            and await turns.firsts.first(once("event", it.event))
        ):
            turns.start(clicks.home(it, _token(context)), it, _token(context))
        elif it.tab == "messages":
            await looked(body, context)

    async def looked(body: Body, context: AsyncBoltContext) -> None:
        """Our messages were opened, or something else is looked at beside them."""
        it = incoming.event(body)
        known = it.user and turns.allowed(it, it.enterprise) and _is_agent(context)
        if known and await turns.firsts.first(once("event", it.event)):
            seen = incoming.looked_at(body)
            turns.start(prompts.suggest(turns, it, _token(context), seen), it, _token(context))

    async def left(body: Body) -> None:
        await leave(body)

    async def ignored() -> None:
        """Slack is thanked for what we did not ask for: a 404 would make it repeat."""

    async def clicked(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        await ack()
        it = incoming.interaction(body)
        if not turns.allowed(it, it.enterprise):
            return
        if await turns.firsts.first(once("trigger", it.trigger)):
            turns.start(clicks.clicked(it, _token(context)), it, _token(context))

    async def form(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        await ack()
        it = incoming.interaction(body)
        if not turns.allowed(it, it.enterprise):
            return
        if await turns.firsts.first(once("trigger", it.trigger)):
            turns.start(clicks.form(it, _token(context)), it, _token(context))

    async def priced(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        await ack()
        it = incoming.interaction(body)
        if await turns.firsts.first(once("trigger", it.trigger)):
            turns.start(turns.price_this(it, _token(context)), it, _token(context))

    async def outdated(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        await ack()
        it = incoming.interaction(body)
        if not turns.allowed(it, it.enterprise):
            return
        turns.start(clicks.outdated(it, _token(context)), it, _token(context))

    async def submitted(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        it = incoming.interaction(body)
        if not turns.allowed(it, it.enterprise):
            await ack()
            return
        answer = clicks.submitted(it)
        if answer is not None:
            await ack(answer)
            return
        await ack()
        if await turns.firsts.first(once("trigger", it.trigger)):
            turns.start(clicks.work_on(it, _token(context)), it, _token(context))

    async def closed(ack: AsyncAck) -> None:
        await ack()

    async def offered(ack: AsyncAck, body: Body) -> None:
        typed = body.get("value")
        it = incoming.interaction(body)
        asked = body.get("action_id") == values.CARD and turns.allowed(it, it.enterprise)
        known = known_cards() if asked else []
        await ack(options=views.card_options(typed if isinstance(typed, str) else "", known))

    app.command(ANY)(command)
    app.event("app_mention")(said)
    app.event("message")(said)
    app.event("app_home_opened")(opened)
    app.event("app_context_changed")(looked)
    app.event("app_uninstalled")(left)
    app.event("tokens_revoked")(left)
    app.event(ANY)(ignored)
    app.action(OPENS_FORM)(form)
    app.action(ANY)(clicked)
    app.shortcut(values.FIND)(form)
    app.shortcut(values.PRICE_THIS)(priced)
    app.shortcut(ANY)(outdated)
    app.view_submission(ANY)(submitted)
    app.view_closed(ANY)(closed)
    app.options(ANY)(offered)


def _is_agent(context: AsyncBoltContext) -> bool:
    """Whether our messages in this workspace are an agent's."""
    granted = context.authorize_result.bot_scopes if context.authorize_result else None
    return AGENT in (granted or ())


def _token(context: AsyncBoltContext) -> str:
    return context.bot_token or ""
