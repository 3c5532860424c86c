"""Where Slack shows us as an agent: suggested questions, and answers in the thread of their message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from slack_parts import BOT_USER, CHANNEL, TEAM, USER, FakeSlack, direct, event

from bot.language import LANGS, Lang
from bot.slack import prompts
from bot.slack.manifest import manifest
from bot.state import State
from bot.understanding.understand import understand

SET = "assistant.threads.setSuggestedPrompts"
AGENT = "chat:write,assistant:write"


@pytest.fixture
async def agent(serve: Callable[..., Any], fake: FakeSlack, request: Any) -> Any:
    """A platform in a workspace that granted these scopes."""
    said = {"ok": True, "user_id": BOT_USER, "bot_id": "B1", "team_id": TEAM}
    fake.script["auth.test"] = [(200, {"x-oauth-scopes": getattr(request, "param", AGENT)}, said)]
    fake.user = {"team_id": TEAM, "locale": "pt-BR"}
    client = await serve()
    await fake.wait("auth.test")
    return client


def opened(**more: Any) -> dict[str, Any]:
    inner = {"type": "app_home_opened", "user": USER, "channel": "D0DANA0001", "tab": "messages"}
    return event(inner | more)


def looking_at(*entities: dict[str, str]) -> dict[str, Any]:
    inner = {"type": "app_context_changed", "user": USER, "context": {"entities": list(entities)}}
    return event(inner)


async def done(client: Any) -> None:
    await client.platform._turns.finish(10)


async def test_questions_are_suggested_in_the_persons_language(
    agent: Any, fake: FakeSlack, state: State
) -> None:
    """Of what they ask most, four at most, and not again while nothing changed."""
    state.people.add_interest({(f"direct:slack:{TEAM}:{USER}", "L40S"): 9})
    for _ in range(3):
        await agent.send(opened())
        await done(agent)
    (call,) = fake.of(SET)
    assert call["channel_id"] == "D0DANA0001"
    asked = [one["message"] for one in call["prompts"]]
    assert len(asked) == 4
    assert understand(asked[0]).accelerators == ("L40S",)
    assert understand(asked[0]).lang == "pt"


async def test_what_somebody_looks_at_changes_the_questions_and_is_not_kept(
    agent: Any, fake: FakeSlack, state: State
) -> None:
    state.people.add_interest(
        {(f"slack:{TEAM}:{CHANNEL}", "B200"): 3, (f"slack:{TEAM}:C0SECRET", "V100"): 3}
    )
    await agent.send(looking_at())
    await agent.send(opened())
    await done(agent)
    await agent.send(
        looking_at({"type": "slack#/types/channel_id", "value": CHANNEL, "team_id": TEAM})
    )
    await done(agent)
    await agent.send(
        looking_at({"type": "slack#/types/channel_id", "value": "C0SECRET", "team_id": "T0OTHER"})
    )
    await done(agent)
    first, second, third = (str(call["prompts"]) for call in fake.of(SET))
    assert "B200" not in first
    assert "B200" in second
    assert "V100" not in third
    assert state.places.below("") == []


@pytest.mark.parametrize(
    ("agent", "threaded"), [(AGENT, True), ("chat:write", False)], indirect=["agent"]
)
async def test_an_agents_answer_stands_in_the_thread_of_its_message(
    agent: Any, fake: FakeSlack, threaded: bool
) -> None:
    """Where our messages are plain ones, it follows the question as before."""
    asked = direct("cheapest h100")
    await agent.send(event(asked))
    await done(agent)
    (call,) = fake.of("chat.postMessage")
    assert call.fields.get("thread_ts") == (asked["ts"] if threaded else None)
    await agent.send(opened())
    await done(agent)
    assert bool(fake.of(SET)) is threaded


@pytest.mark.parametrize("lang", LANGS)
def test_suggested_questions_are_understood(lang: Lang) -> None:
    for words in prompts.questions(lang, ["H100", "A100", "L4"]):
        assert understand(words).intent not in ("unclear", "out_of_scope")


def test_the_manifest_shows_an_agent_that_organisations_take() -> None:
    made = manifest("https://bot.example.com", socket_mode=False)
    view = made["features"]["agent_view"]
    assert "assistant_view" not in made["features"]
    assert len(view["agent_description"]) <= 300
    assert 0 < len(view["suggested_prompts"]) <= 4
    assert all(set(one) == {"title", "message"} for one in view["suggested_prompts"])
    assert "assistant:write" in made["oauth_config"]["scopes"]["bot"]
    assert made["settings"]["org_deploy_enabled"] is True
