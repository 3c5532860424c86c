"""Buttons, menus, forms, the home tab: answered in place for whoever may, privately for others."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from gallery import GALLERY
from slack_parts import (
    CHANNEL,
    NOW,
    TEAM,
    USER,
    Core,
    FakeSlack,
    chosen,
    click,
    command,
    event,
    interaction,
    mention,
    refusal,
    submission,
    ts,
)

from bot.core.answer import Answer
from bot.slack import values
from bot.state import State

ASK, MORE = f"{values.ASK}.0", values.MORE


def value(words: str, user: str = USER) -> str:
    return values.write(words, "en", user)


async def idle(client: Any) -> None:
    await client.platform._turns.finish(10)


# -- in place ----------------------------------------------------------------------------------


async def test_the_asker_of_a_private_card_gets_it_replaced(slack: Any, fake: FakeSlack, core: Core) -> None:  # fmt: skip
    await slack.send(click(ASK, value("cheapest a100 spot"), fake.hook, ephemeral=True))
    (call,) = await fake.wait("hook")
    assert call["replace_original"] is True
    assert call["text"] == "You asked: cheapest a100 spot"
    assert core.asked[0][1].place == f"slack:{TEAM}:{CHANNEL}"


async def test_the_asker_of_a_public_card_gets_it_replaced(slack: Any, fake: FakeSlack) -> None:
    await slack.send(click(ASK, value("cheapest a100 spot"), fake.hook))
    (call,) = await fake.wait("hook")
    assert call["replace_original"] is True


async def test_somebody_else_gets_an_answer_of_their_own(slack: Any, fake: FakeSlack) -> None:
    """The card of another person stays as it is."""
    await slack.send(click(ASK, value("cheapest a100 spot", "U0OTHER"), fake.hook))
    (call,) = await fake.wait("hook")
    assert call["replace_original"] is False
    assert call["response_type"] == "ephemeral"


async def test_a_post_nobody_asked_for_stays(slack: Any, fake: FakeSlack) -> None:
    """A digest is everybody's: its buttons answer privately."""
    await slack.send(click(ASK, value("compare a100 h100", ""), fake.hook))
    (call,) = await fake.wait("hook")
    assert call["replace_original"] is False


async def test_a_menu_option_is_a_click(slack: Any, fake: FakeSlack, core: Core) -> None:
    body = click(MORE, "", fake.hook)
    body["actions"] = [{"type": "overflow", "action_id": MORE, "block_id": "b", "selected_option": {"value": value("history a100")}}]  # fmt: skip
    await slack.send(body)
    await fake.wait("hook")
    assert core.asked[0][0] == "history a100"


async def test_a_spent_response_url_is_no_end(slack: Any, fake: FakeSlack) -> None:
    """Five answers in thirty minutes: after that the message is updated by its address."""
    fake.script["hook"] = [(404, {}, {"ok": False, "error": "expired_url"})]
    at = ts()
    await slack.send(click(ASK, value("cheapest a100 spot"), fake.hook, at=at))
    (call,) = await fake.wait("chat.update")
    assert (call["channel"], call["ts"]) == (CHANNEL, at)


async def test_two_clicks_are_two_answers_one_click_is_one(serve: Any, fake: FakeSlack, core: Core) -> None:  # fmt: skip
    one, two = await serve(), await serve()
    body = click(ASK, value("cheapest a100"), fake.hook)
    await one.send(body)
    await two.send(body)
    await idle(one)
    await idle(two)
    assert len(fake.of("hook")) == 1


async def test_contract_prices_are_shown_to_who_clicked_alone(slack: Any, fake: FakeSlack, core: Core) -> None:  # fmt: skip
    """Never in a channel, whoever it is of: guests read along."""
    await slack.send(click(ASK, value("cheapest a100"), fake.hook))
    await fake.wait("hook")
    await slack.send(event(mention("cheapest a100")))
    await fake.wait("chat.postMessage")
    await slack.send(click(ASK, value("cheapest a100"), fake.hook))
    await slack.send(click(ASK, value("cheapest a100"), fake.hook, ephemeral=True))
    await fake.wait("hook", 3)
    await idle(slack)
    assert [asker.may_see_contracts for _, asker in core.asked] == [False, False, False, True]
    await slack.send(event(mention("x"), is_ext_shared_channel=True))
    await fake.wait("chat.postMessage", 2)
    await slack.send(click(ASK, value("cheapest a100"), fake.hook))
    await fake.wait("hook", 4)
    assert core.asked[-1][1].may_see_contracts is False


# -- cards of other versions -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "carried"),
    [
        ("gpu.refine.v0", "12345"),
        (ASK, "0|en|U1|cheapest a100"),
        (ASK, ""),
        (ASK, "1|en|"),
        ("qm.ask.v2.0", value("cheapest a100")),
        ("x" * 255, "y" * 2000),
    ],
)
async def test_an_old_card_says_that_it_is_old(slack: Any, fake: FakeSlack, core: Core, action: str, carried: str) -> None:  # fmt: skip
    status, _ = await slack.send(click(action, carried, fake.hook))
    (call,) = await fake.wait("hook")
    assert status == 200
    assert call["text"] == "This card is out of date. Please ask again."
    assert call["replace_original"] is False
    assert core.asked == []


async def test_an_old_form_says_so_in_its_place(slack: Any) -> None:
    status, answer = await slack.send(submission("gpu.form.v0", {}))
    assert status == 200
    assert answer["response_action"] == "update"
    assert "out of date" in json.dumps(answer["view"])


async def test_an_old_shortcut_is_answered(slack: Any, fake: FakeSlack) -> None:
    assert await slack.send(interaction("shortcut", callback_id="gone_long_ago")) == (200, "")
    (call,) = await fake.wait("chat.postMessage")
    assert call["channel"] == USER


# -- sharing -----------------------------------------------------------------------------------


async def test_sharing_posts_for_all_and_takes_the_private_card_away(slack: Any, fake: FakeSlack, core: Core) -> None:  # fmt: skip
    hook = fake.hook
    await slack.send(click(values.SHARE, value("cheapest a100"), hook, ephemeral=True))
    (call,) = await fake.wait("chat.postMessage")
    assert call["channel"] == CHANNEL
    assert "Shared by dana" in json.dumps(call["blocks"])
    assert "<@" not in json.dumps(call["blocks"])
    (gone,) = await fake.wait("hook")
    assert gone["delete_original"] is True
    assert core.asked[0][1].may_see_contracts is False


async def test_sharing_twice_at_once_posts_once(slack: Any, fake: FakeSlack, core: Core) -> None:
    """Two clicks are two requests with triggers of their own."""
    core.gate = asyncio.Event()
    at, hook = ts(), fake.hook
    for _ in range(2):
        await slack.send(click(values.SHARE, value("price a100"), hook, ephemeral=True, at=at))
    core.gate.set()
    await idle(slack)
    assert len(fake.of("chat.postMessage")) == 1


async def test_sharing_changes_nothing(slack: Any, fake: FakeSlack, core: Core) -> None:
    """A shared question is asked again: an order would be given twice."""
    await slack.send(click(values.SHARE, value("digest stop"), fake.hook, ephemeral=True))
    (call,) = await fake.wait("hook")
    assert "out of date" in call["text"]
    assert core.asked == []


async def test_sharing_where_we_are_not_is_explained(slack: Any, fake: FakeSlack) -> None:
    fake.script["chat.postMessage"] = [refusal("not_in_channel")]
    await slack.send(click(values.SHARE, value("cheapest a100"), fake.hook, ephemeral=True))
    (call,) = await fake.wait("hook")
    assert "/invite" in call["text"]
    assert call["replace_original"] is False


# -- forms -------------------------------------------------------------------------------------

FIELDS = {
    "what": chosen("cheapest"), "card": chosen("A100"), "count": chosen("8"),
    "region": chosen("eu"), "billing": chosen("spot"),
    "most": {"most": {"type": "plain_text_input", "value": "2.50"}},
}  # fmt: skip


async def test_the_shortcut_opens_the_form(slack: Any, fake: FakeSlack) -> None:
    body = interaction("shortcut", callback_id="find_gpus")
    assert await slack.send(body) == (200, "")
    (call,) = await fake.wait("views.open")
    assert call["trigger_id"] == body["trigger_id"]
    assert call["view"]["callback_id"] == "find_gpus"


async def test_the_form_is_answered_by_direct_message(slack: Any, fake: FakeSlack, core: Core) -> None:  # fmt: skip
    assert await slack.send(submission("find_gpus", FIELDS)) == (200, "")
    (call,) = await fake.wait("chat.postMessage")
    assert call["channel"] == USER
    assert core.asked[0][0] == "cheapest 8x A100 in Europe spot under $2.50"


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"card": {}}, "card"), ({"most": {"most": {"value": "cheap"}}}, "most"), ({"most": {"most": {"value": "-1"}}}, "most")],
)  # fmt: skip
async def test_a_faulty_field_is_named(slack: Any, core: Core, changed: Any, field: str) -> None:
    status, answer = await slack.send(submission("find_gpus", FIELDS | changed))
    assert status == 200
    assert answer["response_action"] == "errors"
    assert list(answer["errors"]) == [field]
    assert core.asked == []


async def test_refine_opens_the_form_filled_in_and_replaces_the_card(slack: Any, fake: FakeSlack, core: Core) -> None:  # fmt: skip
    hook = fake.hook
    await slack.send(click(values.REFINE, value("cheapest 4x h100 in europe"), hook, ephemeral=True))  # fmt: skip
    (call,) = await fake.wait("views.open")
    view = call["view"]
    assert '"H100"' in json.dumps(view)
    await slack.send(submission("find_gpus", FIELDS, view["private_metadata"]))
    (replaced,) = await fake.wait("hook")
    assert replaced["replace_original"] is True
    assert replaced["_path"] == hook.removeprefix(fake.url)
    assert core.asked[0][1].place == f"slack:{TEAM}:{CHANNEL}"


async def test_refining_anothers_card_leaves_it(slack: Any, fake: FakeSlack) -> None:
    await slack.send(click(values.REFINE, value("cheapest h100", "U0OTHER"), fake.hook))
    (call,) = await fake.wait("views.open")
    await slack.send(submission("find_gpus", FIELDS, call["view"]["private_metadata"]))
    (answered,) = await fake.wait("hook")
    assert answered["replace_original"] is False


async def test_a_forged_origin_reaches_no_other_address(slack: Any, fake: FakeSlack) -> None:
    """What the client carried is not believed: the answer then comes by direct message."""
    origin = json.dumps({"url": "https://evil.example/x", "channel": CHANNEL})
    await slack.send(submission("find_gpus", FIELDS, origin))
    (call,) = await fake.wait("chat.postMessage")
    assert call["channel"] == USER


async def test_an_expired_trigger_is_no_fault(slack: Any, fake: FakeSlack, caplog: pytest.LogCaptureFixture) -> None:  # fmt: skip
    fake.script["views.open"] = [refusal("expired_trigger_id")]
    await slack.send(interaction("shortcut", callback_id="find_gpus"))
    await fake.wait("views.open")
    await idle(slack)
    assert [one for one in caplog.records if one.levelname in ("WARNING", "ERROR")] == []


async def test_cards_are_offered_while_typing(slack: Any) -> None:
    body = interaction("block_suggestion", action_id=values.CARD, block_id="card", value="h1", container={"type": "view"})  # fmt: skip
    status, answer = await slack.send(body)
    assert status == 200
    names = [option["value"] for option in answer["options"]]
    assert names[0] == "H100"
    assert len(names) <= 100


async def test_unknown_options_are_none(slack: Any) -> None:
    body = interaction("block_suggestion", action_id="old.v0", block_id="b", value="h1")
    assert await slack.send(body) == (200, {"options": []})


# -- verdicts ----------------------------------------------------------------------------------


async def test_a_thumb_is_kept_and_thanked(slack: Any, fake: FakeSlack, state: State) -> None:
    await slack.send(click(values.VERDICT, "1|en||abcdef0123456789:good", fake.hook))
    (call,) = await fake.wait("hook")
    assert "Thank you" in call["text"]
    assert _verdicts(state) == [("abcdef0123456789", "good")]


async def test_a_thumb_down_asks_what_was_wrong(slack: Any, fake: FakeSlack, state: State) -> None:
    await slack.send(click(values.VERDICT, "1|en||abcdef0123456789:bad", fake.hook))
    (call,) = await fake.wait("views.open")
    view = call["view"]
    await slack.send(submission(view["callback_id"], {"reason": chosen("old")}, view["private_metadata"]))  # fmt: skip
    await idle(slack)
    assert _verdicts(state) == [("abcdef0123456789", "bad:old")]


def _verdicts(state: State) -> list[tuple[str, str]]:
    import sqlalchemy as sa

    from bot.state import tables

    columns = tables.feedback.c
    with state.reading() as db:
        return [tuple(row) for row in db.execute(sa.select(columns.answer_ref, columns.verdict))]


# -- home --------------------------------------------------------------------------------------


def opened(**more: Any) -> dict[str, Any]:
    return event({"type": "app_home_opened", "user": USER, "channel": "D0DANA0001", "tab": "home", "event_ts": ts()} | more)  # fmt: skip


async def test_the_home_tab_is_published(slack: Any, fake: FakeSlack) -> None:
    await slack.send(opened())
    (call,) = await fake.wait("views.publish")
    assert call["user_id"] == USER
    assert call["view"]["type"] == "home"


async def test_a_home_tab_that_looks_the_same_is_left(slack: Any, fake: FakeSlack) -> None:
    """Unless Slack has none: the first opening shows nothing until it is published."""
    await slack.send(opened())
    await fake.wait("views.publish")
    await slack.send(opened(view={"id": "V1", "type": "home"}))
    await idle(slack)
    assert len(fake.of("views.publish")) == 1
    await slack.send(opened())
    await fake.wait("views.publish", 2)


async def test_settings_are_kept_and_used(slack: Any, fake: FakeSlack, state: State, core: Core) -> None:  # fmt: skip
    for name, choice in (("lang", "pt"), ("region", "eu"), ("billing", "spot")):
        body = click(f"{values.PREFERENCE}.{name}", "", container={"type": "view", "view_id": "V1"}, channel=None)  # fmt: skip
        body["actions"] = [{"type": "static_select", "action_id": f"{values.PREFERENCE}.{name}", "block_id": "b", "selected_option": {"value": choice}}]  # fmt: skip
        await slack.send(body)
        await idle(slack)
    assert state.people.preferences(f"slack:{TEAM}:{USER}") == {"lang": "pt", "region": "eu", "billing": "spot"}  # fmt: skip
    core.asked.clear()
    await slack.send(command("cheapest a100"))
    asker = core.asked[0][1]
    assert (asker.lang, asker.region, asker.billing) == ("pt", "eu", "spot")
    view = fake.of("views.publish")[-1]["view"]
    assert "Suas preferências" in json.dumps(view, ensure_ascii=False)


async def test_what_stands_for_a_person_is_on_their_home_tab(slack: Any, fake: FakeSlack, state: State, core: Core) -> None:  # fmt: skip
    from bot.state import Rule

    await slack.send(event(mention("hi")))
    await fake.wait("chat.postMessage")
    state.digests.add(f"slack:{TEAM}:{CHANNEL}", f"slack:{TEAM}:{USER}", Rule(), {"accelerators": ["A100"]}, "en")  # fmt: skip
    core.asked.clear()
    await slack.send(opened())
    await fake.wait("views.publish")
    places = {(words, asker.place) for words, asker in core.asked}
    assert ("digests", f"slack:{TEAM}:{CHANNEL}") in places
    assert ("watches", f"slack:{TEAM}:{CHANNEL}") in places


async def test_home_buttons_answer_by_direct_message(slack: Any, fake: FakeSlack) -> None:
    body = click(f"{values.ASK}.home.0", value("cheapest a100", ""), container={"type": "view", "view_id": "V1"}, channel=None)  # fmt: skip
    await slack.send(body)
    (call,) = await fake.wait("chat.postMessage")
    assert call["channel"] == USER


# -- posts on our own account ------------------------------------------------------------------


@pytest.fixture
def digest() -> Answer:
    return GALLERY["table"]


async def test_a_post_carries_its_delivery(slack: Any, fake: FakeSlack, digest: Answer) -> None:
    from bot.state import Place

    place = Place(f"slack:{TEAM}:{CHANNEL}", "slack", f"slack:{TEAM}", TEAM, CHANNEL)
    at = await slack.platform.post(place, digest, "digest-1@20261124T090000Z")
    (call,) = fake.of("chat.postMessage")
    assert at
    assert call["metadata"]["event_payload"] == {"delivery": "digest-1@20261124T090000Z"}
    fake.script["conversations.history"] = [
        (200, {}, {"ok": True, "messages": [{"ts": at, "metadata": call["metadata"]}]}),
        refusal("missing_scope"),
    ]
    assert await slack.platform.posted(place, "digest-1@20261124T090000Z") == at
    assert await slack.platform.posted(place, "digest-1@20261124T090000Z") is None


@pytest.mark.parametrize("played", [
    refusal("ratelimited", 429, **{"Retry-After": "99"}), refusal("internal_error"),
    refusal("internal_error", 503),
], ids=str)  # fmt: skip
async def test_a_look_that_fails_is_no_answer(slack: Any, fake: FakeSlack, played: Any) -> None:
    """Whether it was posted is not known: it waits, rather than be posted a second time."""
    from bot.conversation.posting import PostLater
    from bot.state import Place

    place = Place(f"slack:{TEAM}:{CHANNEL}", "slack", f"slack:{TEAM}", TEAM, CHANNEL)
    fake.script["conversations.history"] = [played] * 3
    with pytest.raises(PostLater):
        await slack.platform.posted(place, "digest-1@20261124T090000Z")


async def test_a_post_into_the_wind_says_what_is_known(slack: Any, fake: FakeSlack, digest: Answer) -> None:  # fmt: skip
    from bot.conversation.posting import PlaceGone, PostLater
    from bot.slack.sending import Refused
    from bot.state import Place

    place = Place(f"slack:{TEAM}:{CHANNEL}", "slack", f"slack:{TEAM}", TEAM, CHANNEL)
    for played, expected in (
        (refusal("ratelimited", 429, **{"Retry-After": "17"}), PostLater),
        (refusal("is_archived"), PlaceGone),
        (refusal("internal_error", 503), Refused),
    ):
        fake.script["chat.postMessage"] = [played]
        with pytest.raises(expected) as raised:  # type: ignore[arg-type]
            await slack.platform.post(place, digest, f"digest-1@{NOW:%Y}")
        if isinstance(raised.value, PostLater):
            assert raised.value.retry_after == 17
