"""Signed requests that Slack never sends: nothing answers 500, nothing reaches a channel."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from slack_parts import (
    CHANNEL,
    Core,
    FakeSlack,
    Options,
    click,
    command,
    event,
    fake_slack,
    interaction,
    mention,
    platform,
    signed,
    submission,
)

from bot.slack import incoming, values
from bot.slack.app import SlackPlatform

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
SHAPES: dict[str, Any] = {
    "command": command("cheapest a100"),
    "mention": event(mention("cheapest a100")),
    "home": event({"type": "app_home_opened", "user": "U1", "tab": "home", "channel": "D1"}),
    "left": event({"type": "tokens_revoked", "tokens": {"bot": ["U1"]}}),
    "click": click(f"{values.ASK}.0", values.write("price h100", "en", "U0DANA0001"), "http://127.0.0.1:9/x"),
    "form": submission(values.FIND, {"card": {"x": {"selected_option": {"value": "A100"}}}}),
    "reason": submission(values.REASON, {}, '{"ref":"x"}'),
    "shortcut": interaction("shortcut", callback_id=values.FIND),
    "price this": interaction("message_action", callback_id=values.PRICE_THIS, message={"text": "8x h100"}, channel={"id": CHANNEL}, response_url=""),
    "options": interaction("block_suggestion", action_id=values.CARD, block_id="card", value="h1"),
}  # fmt: skip
_leaf = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.text(max_size=30),
    st.sampled_from(["<!channel>", "\u202e", "U" * 500, "javascript:alert(1)", "../../x", "a" * 5000]),
)  # fmt: skip
_junk = st.recursive(_leaf, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)), max_leaves=6)  # fmt: skip


def _paths(found: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in a body."""
    out = [above] if above else []
    items = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()  # fmt: skip
    for name, value in items:
        out += _paths(value, (*above, name))
    return out


@st.composite
def _bent(draw: st.DrawFn, body: dict[str, Any]) -> dict[str, Any]:
    """The body with some of its parts gone or replaced by junk."""
    made = json.loads(json.dumps(body))
    for path in draw(st.lists(st.sampled_from(_paths(body)), min_size=1, max_size=4)):
        at: Any = made
        try:
            for name in path[:-1]:
                at = at[name]
            if draw(st.booleans()):
                at[path[-1]] = draw(_junk)
            else:
                del at[path[-1]]
        except (KeyError, IndexError, TypeError):
            continue
    return dict(made)


@pytest.mark.parametrize("name", list(SHAPES))
def test_bent_requests_are_answered_without_a_fault(name: str) -> None:
    """Six hundred, over the ten ways in."""

    async def all_of_them(bodies: list[dict[str, Any]]) -> None:
        core = Core()
        async with fake_slack() as fake:
            options = Options(slack_api_url=fake.api, commands_per_minute=100_000)
            made = SlackPlatform(options, core, None, clock=lambda: NOW_)
            async with platform(made) as slack:
                for body in bodies:
                    status = await _sent(slack, name, body)
                    assert status in (200, 400, 404), body
                await made._turns.finish(10)
            _nothing_pinged(fake)

    from slack_parts import NOW as NOW_

    bodies: list[dict[str, Any]] = []

    @given(_bent(SHAPES[name]))
    @settings(
        max_examples=60, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate,),
    )  # fmt: skip
    def gather(body: dict[str, Any]) -> None:
        bodies.append(body)

    gather()
    asyncio.run(all_of_them(bodies))


async def _sent(slack: Any, name: str, body: dict[str, Any]) -> int:
    if name == "command":
        text, kind = urlencode({key: str(value) for key, value in body.items()}), FORM
    elif name in ("mention", "home", "left"):
        text, kind = json.dumps(body), JSON
    else:
        text, kind = urlencode({"payload": json.dumps(body)}), FORM
    status, answer = await slack.raw(text, signed(text, kind))
    assert "Traceback" not in str(answer)
    return int(status)


def _nothing_pinged(fake: FakeSlack) -> None:
    for call in fake.calls:
        said = json.dumps({name: call.fields.get(name) for name in ("text", "blocks", "view")})
        assert "<!" not in said
        assert "<@" not in said


@given(st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_words_are_read(text: str) -> None:
    it = incoming.command({"team_id": "T1", "user_id": "U1", "text": text})
    assert len(it.words) <= incoming.MAX_WORDS
    assert all(char.isprintable() for char in it.words)
