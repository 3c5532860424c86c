"""Questions: by command, mention, direct message and shortcut. Who may ask, where it goes, once."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import Any

import pytest
from gallery import GALLERY
from slack_parts import (
    BOT_USER,
    CHANNEL,
    TEAM,
    TOKEN,
    USER,
    Core,
    FakeSlack,
    command,
    direct,
    event,
    interaction,
    mention,
    refusal,
    ts,
)

from bot.conversation import turn
from bot.conversation.people import Person
from bot.core.answer import Answer
from bot.core.question import Question
from bot.slack import turns
from bot.state import State


async def idle(client: Any) -> None:
    """Until everything that was acknowledged is done."""
    await client.platform._turns.finish(10)


# -- the slash command -------------------------------------------------------------------------


async def test_a_command_carries_person_place_and_words(slack: Any, core: Core) -> None:
    await slack.send(command("cheapest a100"))
    words, asker = core.asked[0]
    assert words == "cheapest a100"
    assert asker.platform == "slack"
    assert asker.workspace == f"slack:{TEAM}"
    assert asker.place == f"slack:{TEAM}:{CHANNEL}"
    assert asker.user == f"slack:{TEAM}:{USER}"
    assert asker.tz == "Europe/Lisbon"
    assert asker.thread
    assert asker.may_see_contracts


@pytest.mark.parametrize(("locale", "words"), [("en-US", "help"), ("pt-BR", "ajuda")])
async def test_an_empty_command_is_help(slack: Any, fake: FakeSlack, core: Core, locale: str, words: str) -> None:  # fmt: skip
    fake.user = {"locale": locale}
    await slack.send(command(" "))
    assert core.asked[0][0] == words


async def test_a_slow_answer_follows_the_acknowledgement(slack: Any, fake: FakeSlack, core: Core) -> None:  # fmt: skip
    """One result, privately; the acknowledgement itself shows nothing."""
    core.gate = asyncio.Event()
    assert await slack.send(command("cheapest a100", response_url=fake.hook)) == (200, "")
    core.gate.set()
    (call,) = await fake.wait("hook")
    assert call["text"] == "You asked: cheapest a100"
    assert call["response_type"] == "ephemeral"
    assert call["replace_original"] is False
    await idle(slack)
    assert len(fake.of("hook")) == 1


async def test_a_response_url_of_somebody_else_is_never_called(slack: Any, fake: FakeSlack, core: Core, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """A late answer then takes another way: a whisper in the channel."""
    monkeypatch.setattr(turns, "ACK_ALONE", 0.05)
    core.gate = asyncio.Event()
    await slack.send(command("cheapest a100", response_url="https://evil.example/hook"))
    core.gate.set()
    (call,) = await fake.wait("chat.postEphemeral")
    assert call["user"] == USER
    assert call["channel"] == CHANNEL


async def test_a_fault_of_ours_is_an_apology_with_a_reference(slack: Any, fake: FakeSlack, core: Core, caplog: pytest.LogCaptureFixture) -> None:  # fmt: skip
    """Nothing of the fault itself is shown; the log line carries the same reference."""

    async def broken(_words: str, _asker: object) -> Answer:
        raise RuntimeError("secret detail")

    slack.platform._turns.ask = broken
    assert await slack.send(command("cheapest a100", response_url=fake.hook)) == (200, "")
    (call,) = await fake.wait("hook")
    assert "secret detail" not in call["text"]
    (record,) = [one for one in caplog.records if one.exc_info]
    assert record.reference in call["text"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("words", ["cheapest a100", "watch a100 < 1"])
async def test_a_replayed_command_is_not_answered_again(serve: Any, core: Core, words: str) -> None:
    """Not by another replica either."""
    one, two = await serve(), await serve()
    body = command(words)
    first = await one.send(body)
    assert first[1]["text"]
    assert await one.send(body) == (200, "")
    await one.platform._turns.firsts.finish()
    assert await two.send(body) == (200, "")
    assert len(core.asked) == 1


# -- mentions and direct messages --------------------------------------------------------------


async def test_a_mention_is_answered_in_its_thread(slack: Any, fake: FakeSlack, core: Core) -> None:
    inner = mention("8x h100 in europe?")
    assert await slack.send(event(inner)) == (200, "")
    (call,) = await fake.wait("chat.postMessage")
    assert core.asked[0][0] == "8x h100 in europe?"
    assert call.token == TOKEN
    assert call["channel"] == CHANNEL
    assert call["thread_ts"] == inner["ts"]
    assert call["text"] == "You asked: 8x h100 in europe?"
    assert call["unfurl_links"] is False
    assert call["metadata"]["event_type"] == "quartermaster_answer"


async def test_a_mention_inside_a_thread_stays_there(slack: Any, fake: FakeSlack, core: Core) -> None:  # fmt: skip
    root = ts()
    await slack.send(event(mention("cheaper in europe?", thread_ts=root)))
    (call,) = await fake.wait("chat.postMessage")
    assert call["thread_ts"] == root
    await slack.send(event(mention("and spot?", thread_ts=root)))
    await fake.wait("chat.postMessage", 2)
    assert core.asked[0][1].thread == core.asked[1][1].thread


async def test_two_people_in_one_thread_share_its_question_two_threads_do_not(slack: Any, fake: FakeSlack, core: Core) -> None:  # fmt: skip
    root = ts()
    await slack.send(event(mention("cheapest a100", ts=root)))
    await slack.send(event(mention("in europe?", thread_ts=root, user="U0OTHER")))
    await slack.send(event(mention("cheapest a100")))
    await fake.wait("chat.postMessage", 3)
    threads = Counter(asker.thread for _, asker in core.asked)
    assert sorted(threads.values()) == [1, 2]


async def test_an_event_is_handled_once_across_replicas(serve: Any, fake: FakeSlack) -> None:
    """Slack repeats with the same id; a mention may come as a message too, with the same ts."""
    one, two = await serve(), await serve()
    inner = mention("cheapest a100")
    body = event(inner)
    await one.send(body)
    await one.send(body, **{"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"})
    await two.send(body, **{"X-Slack-Retry-Num": "2", "X-Slack-Retry-Reason": "http_timeout"})
    await two.send(event(inner))
    await idle(one)
    await idle(two)
    assert len(fake.of("chat.postMessage")) == 1


async def test_a_direct_message_is_answered_without_a_thread(slack: Any, fake: FakeSlack, core: Core) -> None:  # fmt: skip
    await slack.send(event(direct("cheapest a100")))
    (call,) = await fake.wait("chat.postMessage")
    assert call["channel"] == "D0DANA0001"
    assert "thread_ts" not in call.fields
    assert core.asked[0][1].place == f"direct:slack:{TEAM}:{USER}"


@pytest.mark.parametrize(
    "inner",
    [
        direct("hi", bot_id="B1"),
        direct("hi", subtype="message_changed"),
        direct("hi", subtype="message_deleted"),
        direct("hi", subtype="channel_join"),
        direct("hi", user=BOT_USER),
        direct("hi", channel_type="channel", channel=CHANNEL),
        direct("hi", user=None),
        mention("hi", user=BOT_USER),
        {"type": "reaction_added", "user": USER},
        {"type": "unheard_of"},
        {"type": "app_home_opened", "user": USER, "channel": "D1", "tab": "messages"},
    ],
)
async def test_what_is_not_meant_for_us_gets_silence(slack: Any, fake: FakeSlack, core: Core, inner: dict[str, Any]) -> None:  # fmt: skip
    status, _ = await slack.send(event(inner))
    await idle(slack)
    assert status == 200
    assert core.asked == []
    assert fake.of("chat.postMessage") == []


async def test_a_file_without_words_is_declined(slack: Any, fake: FakeSlack, core: Core) -> None:
    await slack.send(event(direct("", subtype="file_share", files=[{"id": "F1"}])))
    (call,) = await fake.wait("chat.postMessage")
    assert "files" in call["text"]
    assert core.asked == []


async def test_words_are_read_as_typed(slack: Any, fake: FakeSlack, core: Core) -> None:
    """Tokens and entities of Slack's own are undone; nothing steers."""
    text = f"<@{BOT_USER}|bot> price &lt;h100&gt; on <http://vast.ai|vast.ai> <!here> \u202ex"
    await slack.send(event(mention("", text=text)))
    await fake.wait("chat.postMessage")
    assert core.asked[0][0] == "price <h100> on vast.ai x"


async def test_forty_thousand_characters_are_read_in_part(slack: Any, fake: FakeSlack, core: Core) -> None:  # fmt: skip
    await slack.send(event(direct("a100 " * 8000)))
    await fake.wait("chat.postMessage")
    assert len(core.asked[0][0]) <= 2000


# -- fallbacks ---------------------------------------------------------------------------------


async def test_refused_blocks_are_sent_as_plain_ones_then_as_text(slack: Any, fake: FakeSlack, core: Core) -> None:  # fmt: skip
    core.answer = GALLERY["table"]
    fake.script["chat.postMessage"] = [refusal("invalid_blocks"), refusal("invalid_blocks")]
    await slack.send(event(mention("cheapest a100")))
    first, second, third = await fake.wait("chat.postMessage", 3)
    assert "table" in {block["type"] for block in first["blocks"]}
    kinds = {block["type"] for block in second["blocks"]}
    assert "table" not in kinds
    assert kinds <= {"section", "context", "actions", "divider"}
    assert any("```" in block["text"]["text"] for block in second["blocks"] if "text" in block)
    assert "blocks" not in third.fields
    assert third["text"] == first["text"]


async def test_too_many_requests_are_waited_out(slack: Any, fake: FakeSlack) -> None:
    fake.script["chat.postMessage"] = [refusal("ratelimited", 429, **{"Retry-After": "1"})]
    await slack.send(event(mention("cheapest a100")))
    assert len(await fake.wait("chat.postMessage", 2)) == 2


async def test_a_post_that_may_have_arrived_is_not_repeated(slack: Any, fake: FakeSlack, caplog: pytest.LogCaptureFixture) -> None:  # fmt: skip
    """Better one answer missing than two."""
    fake.script["chat.postMessage"] = [refusal("internal_error", 500)]
    await slack.send(event(mention("cheapest a100")))
    await fake.wait("chat.postMessage")
    await idle(slack)
    assert len(fake.of("chat.postMessage")) == 1
    assert any(hasattr(record, "reference") for record in caplog.records)


@pytest.mark.parametrize("code", ["channel_not_found", "is_archived", "not_in_channel"])
async def test_a_channel_that_is_gone_gets_nothing_more(slack: Any, fake: FakeSlack, state: State, code: str) -> None:  # fmt: skip
    fake.script["chat.postMessage"] = [refusal(code)]
    await slack.send(event(mention("cheapest a100")))
    await fake.wait("chat.postMessage")
    await idle(slack)
    place = state.places.get(f"slack:{TEAM}:{CHANNEL}")
    assert place is not None
    assert place.disabled_reason == code
    await slack.send(event(mention("cheapest a100")))
    await idle(slack)
    renewed = state.places.get(f"slack:{TEAM}:{CHANNEL}")
    assert renewed is not None
    assert renewed.disabled_reason is None


# -- charts ------------------------------------------------------------------------------------


async def test_a_chart_that_slack_cannot_draw_is_uploaded(serve: Any, fake: FakeSlack, core: Core) -> None:  # fmt: skip
    """Into the thread, with a text that states the finding."""
    core.answer = GALLERY["chart"]
    slack = await serve(draw=lambda _answer: b"\x89PNG")
    inner = mention("history h100 90d")
    await slack.send(event(inner))
    (ticket,) = await fake.wait("files.getUploadURLExternal")
    assert ticket["alt_txt"] == "Up 12 % since August."
    assert ticket["length"] == "4"
    (done,) = await fake.wait("files.completeUploadExternal")
    assert done["channel_id"] == CHANNEL
    assert done["thread_ts"] == inner["ts"]
    assert fake.of("upload")[0]["data"] == b"\x89PNG"


async def test_a_chart_that_slack_draws_is_a_block(serve: Any, fake: FakeSlack, core: Core) -> None:
    core.answer = GALLERY["chart with a table"]
    slack = await serve(draw=lambda _answer: b"\x89PNG")
    await slack.send(event(mention("history h100 12d")))
    (call,) = await fake.wait("chat.postMessage")
    await idle(slack)
    assert "data_visualization" in {block["type"] for block in call["blocks"]}
    assert fake.of("files.getUploadURLExternal") == []


@pytest.mark.parametrize("fault", ["drawing", "upload"])
async def test_an_answer_survives_its_chart(serve: Any, fake: FakeSlack, core: Core, fault: str) -> None:  # fmt: skip
    def draw(_answer: Answer) -> bytes:
        if fault == "drawing":
            raise RuntimeError("no ink")
        return b"\x89PNG"

    core.answer = GALLERY["chart"]
    fake.script["files.getUploadURLExternal"] = [refusal("missing_scope")]
    slack = await serve(draw=draw)
    await slack.send(event(mention("history h100 90d")))
    (call,) = await fake.wait("chat.postMessage")
    await idle(slack)
    assert "2.00" in str(call["blocks"])


# -- the message shortcut ----------------------------------------------------------------------


def price_this(text: str, hook: str) -> dict[str, Any]:
    at = ts()
    return interaction(
        "message_action", callback_id="price_this", message_ts=at, response_url=hook,
        channel={"id": CHANNEL, "name": "gpu-buying"},
        message={"type": "message", "text": text, "user": "U0OTHER", "ts": at},
    )  # fmt: skip


async def test_price_this_answers_who_asked(slack: Any, fake: FakeSlack, core: Core) -> None:
    await slack.send(price_this("Sam offers 8x H100 for $3.10, remind me to watch h100 &lt; 2", fake.hook))  # fmt: skip
    (call,) = await fake.wait("hook")
    assert call["response_type"] == "ephemeral"
    ((words, _),) = core.asked
    assert "8x h100" in words.lower()
    assert not words.lower().startswith("watch")


def test_an_unclear_message_is_priced_by_what_its_readings_share(monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    first = Question("watch", accelerators=("H100",), count=8, region="us", threshold=2)
    second = first._replace(intent="cheapest", region=None)
    for guesses, expected in (
        ((first, second), "price 8x H100"),
        ((first, first), "price 8x H100 in the US"),
        ((first, second._replace(accelerators=("A100",))), None),
    ):
        unclear = Question("unclear", guesses=guesses)
        monkeypatch.setattr(turn, "understood", lambda _, unclear=unclear: unclear)
        assert turn.words_to_price("8x H100?") == expected


async def test_price_this_changes_nothing(slack: Any, fake: FakeSlack, core: Core) -> None:
    """A message that reads like an order of a watch is priced, not obeyed."""
    await slack.send(price_this("watch h100 < 2.00", fake.hook))
    await fake.wait("hook")
    assert core.asked[0][0].lower().startswith("price")


async def test_price_this_says_when_there_is_nothing_to_price(slack: Any, fake: FakeSlack, core: Core) -> None:  # fmt: skip
    await slack.send(price_this("lunch?", fake.hook))
    (call,) = await fake.wait("hook")
    assert "no GPU" in call["text"]
    assert core.asked == []


# -- guards ------------------------------------------------------------------------------------


async def test_other_workspaces_get_nothing(serve: Any, fake: FakeSlack, core: Core) -> None:
    slack = await serve(slack_teams_allowed=("T0ELSE",))
    assert await slack.send(command("cheapest a100")) == (200, "")
    await slack.send(event(mention("cheapest a100")))
    await idle(slack)
    assert core.asked == []
    assert fake.of("chat.postMessage") == []


async def test_other_channels_are_told_privately(serve: Any, fake: FakeSlack, core: Core) -> None:
    slack = await serve(slack_channels_allowed=("C0ELSE",))
    await slack.send(event(mention("cheapest a100")))
    (call,) = await fake.wait("chat.postEphemeral")
    assert call["user"] == USER
    assert "not set up" in call["text"]
    await slack.send(event(direct("cheapest a100")))
    await fake.wait("chat.postMessage")
    assert len(core.asked) == 1


async def test_who_asks_too_fast_is_told_once(serve: Any, fake: FakeSlack, core: Core) -> None:
    slack = await serve(commands_per_minute=2)
    answers = [await slack.send(command(f"price h100 {n}")) for n in range(5)]
    assert len(core.asked) == 2
    assert "Too many questions" in answers[2][1]["text"]
    assert [answer for _, answer in answers[3:]] == ["", ""]
    await slack.send(command("price h100", user_id="U0OTHER"))
    assert len(core.asked) == 3


async def test_shared_channels_see_no_contract_prices(slack: Any, fake: FakeSlack, core: Core) -> None:  # fmt: skip
    await slack.send(event(mention("cheapest a100"), is_ext_shared_channel=True))
    await slack.send(event(mention("cheapest a100", user_team="T0OTHER")))
    await slack.send(event(mention("cheapest a100")))
    await fake.wait("chat.postMessage", 3)
    assert not any(asker.may_see_contracts for _, asker in core.asked)


async def test_shared_channels_can_be_switched_off(serve: Any, fake: FakeSlack, core: Core) -> None:
    slack = await serve(slack_connect="off")
    await slack.send(event(mention("cheapest a100"), is_ext_shared_channel=True))
    (call,) = await fake.wait("chat.postEphemeral")
    assert "shared" in call["text"]
    assert core.asked == []


@pytest.mark.parametrize("flag", ["is_restricted", "is_ultra_restricted"])
async def test_guests_see_no_contract_prices(slack: Any, fake: FakeSlack, core: Core, flag: str) -> None:  # fmt: skip
    fake.user = {flag: True}
    await slack.send(command("cheapest a100"))
    assert core.asked[0][1].may_see_contracts is False


async def test_admins_are_listed_or_slacks_own(serve: Any, fake: FakeSlack, core: Core) -> None:
    slack = await serve(slack_admins=("U0BOSS",))
    await slack.send(command("sources"))
    await slack.send(command("sources", user_id="U0BOSS"))
    fake.user = {"is_admin": True}
    await slack.send(command("sources", user_id="U0CHIEF"))
    assert [asker.is_admin for _, asker in core.asked] == [False, True, True]


async def test_of_a_profile_only_what_is_used_is_remembered(slack: Any, fake: FakeSlack) -> None:
    """Slack's record of a person is kilobytes, and holds what is none of our business."""
    fake.user = {
        "real_name": "Dana Example", "locale": "pt-BR", "is_admin": True, "is_owner": False,
        "profile": {"email": "dana@gpuco.example", "phone": "555", "image_512": "https://a.example/b.png"},
    }  # fmt: skip
    await slack.send(command("cheapest a100"))
    known = slack.platform._turns.people._profiles.get(f"slack:{TEAM}:{USER}")
    assert known == Person(
        seen_lang="pt", locale="pt-BR", tz="Europe/Lisbon", admin=True, member="member",
        name="Dana Example",
    )  # fmt: skip


async def test_slack_that_does_not_say_who_asks_delays_nobody(slack: Any, fake: FakeSlack, core: Core) -> None:  # fmt: skip
    fake.script["users.info"] = [refusal("missing_scope")]
    status, answer = await slack.send(command("cheapest a100"))
    assert (status, answer["text"]) == (200, "You asked: cheapest a100")
    await slack.send(command("cheapest a100"))
    assert len(fake.of("users.info")) == 1


# -- standing orders ---------------------------------------------------------------------------


async def test_an_order_between_people_belongs_to_their_own_messages(slack: Any, state: State, core: Core) -> None:  # fmt: skip
    await slack.send(command("watch h100 < 2.00", channel_id="D0OTHERS", channel_name="directmessage"))  # fmt: skip
    place = state.places.get(f"direct:slack:{TEAM}:{USER}")
    assert place is not None
    assert place.channel == USER
    assert core.asked[0][1].place == place.id


# -- leaving -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "inner",
    [{"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"bot": [BOT_USER], "oauth": []}}],
)  # fmt: skip
async def test_a_workspace_that_leaves_is_forgotten(slack: Any, fake: FakeSlack, state: State, inner: dict[str, Any]) -> None:  # fmt: skip
    await slack.send(event(mention("cheapest a100")))
    await slack.send(event(direct("cheapest a100")))
    await fake.wait("chat.postMessage", 2)
    await idle(slack)
    assert len(state.places.below()) == 2
    await slack.send(event(inner))
    assert state.places.below() == []


async def test_a_persons_own_token_is_not_ours(slack: Any, fake: FakeSlack, state: State) -> None:
    await slack.send(event(direct("hi")))
    await fake.wait("chat.postMessage")
    await slack.send(event({"type": "tokens_revoked", "tokens": {"oauth": [USER]}}))
    assert len(state.places.below()) == 1


async def test_a_stop_finishes_what_was_acknowledged(serve: Any, fake: FakeSlack, core: Core, caplog: pytest.LogCaptureFixture) -> None:  # fmt: skip
    caplog.set_level(logging.WARNING)
    slack = await serve()
    core.gate = asyncio.Event()
    await slack.send(event(mention("cheapest a100")))
    stopping = asyncio.create_task(slack.platform.stop())
    await asyncio.sleep(0)
    core.gate.set()
    await stopping
    assert len(fake.of("chat.postMessage")) == 1
