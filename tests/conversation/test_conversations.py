"""One suite of conversations for every platform: Slack, Teams, and one of fifty lines."""

from __future__ import annotations

from typing import Any

import pytest

from bot.conversation.courtesy import only_courtesy
from bot.conversation.privacy import AUDIENCES, MEMBERS, may_change, may_see_contracts
from bot.state import State

ASK = "cheapest 8x h100 reserved"
WHO = ("member", "guest", "foreign", "unknown")


def test_contract_prices_are_for_known_members_alone() -> None:
    """Of every kind of person in every kind of place exactly one: unknown is no."""
    seen = {(member, audience) for member in MEMBERS for audience in AUDIENCES if may_see_contracts(member, audience)}  # fmt: skip
    assert seen == {("member", "alone")}
    changes = {(member, audience) for member in MEMBERS for audience in AUDIENCES if may_change(member, audience)}  # fmt: skip
    assert changes == {("member", one) for one in AUDIENCES} | {(one, "alone") for one in MEMBERS}


@pytest.mark.parametrize("who", WHO)
async def test_in_their_own_chat_members_see_contract_prices(platform: Any, who: str) -> None:
    await platform.say(ASK, who=who)
    (said,) = platform.said()
    assert said.alone
    assert said.text.startswith("contract" if who == "member" else "public")


@pytest.mark.parametrize("who", WHO)
async def test_a_channel_reads_public_prices_and_a_member_alone_the_rest(
    platform: Any, who: str
) -> None:
    """Whoever asks: guests read along, and later members."""
    await platform.say(ASK, direct=False, who=who)
    said = platform.said()
    assert [one.text.split()[0] for one in said if not one.alone] == ["public"]
    own = [one.text.split()[0] for one in said if one.alone]
    assert own == (["contract"] if who == "member" else [])


async def test_without_contracts_nobody_is_told_twice(
    platform: Any, core: Any, state: State
) -> None:
    state.forget_workspace(platform.owner)
    await platform.say(ASK, direct=False)
    assert len(platform.said()) == 1
    assert len(core.asked) == 1


@pytest.mark.parametrize(
    "order", ["watch h100 below 2", "digest weekly h100", "digest stop", "unwatch h100"]
)
@pytest.mark.parametrize("who", WHO)
async def test_guests_and_foreigners_look_and_do_not_change(
    platform: Any, core: Any, order: str, who: str
) -> None:
    """What stands in a channel is its members'; who is not known to be one may ask, and look."""
    await platform.say(order, direct=False, who=who)
    assert bool(core.asked) is (who == "member")
    assert len(platform.said()) == 1
    await platform.say("digests", direct=False, who=who)
    assert core.asked[-1][0] == "digests"
    await platform.say(order, who=who)
    assert core.asked[-1][0] == order, "in their own chat people do as they like"


async def test_a_message_is_answered_once(platform: Any, core: Any) -> None:
    for _ in range(3):
        await platform.say("cheapest a100", number="7", direct=False)
    assert len(core.asked) == 2, "once for all, once for who asked alone"
    assert len([one for one in platform.said() if not one.alone]) == 1


async def test_an_edited_message_carries_out_no_order(platform: Any, core: Any) -> None:
    """Neither again, nor for the first time."""
    await platform.say("watch h100 below 2", direct=False, number="8")
    assert len(core.asked) == 1
    await platform.say("watch h100 below 2 (stopped)", direct=False, number="8", edited=True)
    await platform.say("watch h100 below 3", direct=False, number="9", edited=True)
    assert len(core.asked) == 1
    assert all("Watching" not in one.text for one in platform.said())


@pytest.mark.parametrize("words", ["thanks", "great, thanks!", "ok", "👍", ":+1:", "obrigada!", "¡gracias!", "sorry wrong channel"])  # fmt: skip
async def test_thanks_need_no_answer(platform: Any, core: Any, words: str) -> None:
    await platform.say(words, direct=False)
    assert core.asked == []
    assert platform.said() == []


@pytest.mark.parametrize("words", ["ok?", "h100", "thanks, and spot?", "perfect, watch h100 below 2", "¿cuánto?"])  # fmt: skip
def test_a_question_behind_thanks_is_one(words: str) -> None:
    assert not only_courtesy(words)


async def test_a_forward_is_priced(platform: Any, core: Any) -> None:
    """Nothing typed: what the message shows is what is asked about; it is never obeyed."""
    await platform.say("", quoted="They offer 8x H100 SXM in Europe")
    assert "H100" in core.asked[0][0]
    await platform.say("", quoted="watch h100 below 2")
    assert core.asked[1][0].startswith("price")
    await platform.say("", quoted="lunch at noon?")
    assert len(core.asked) == 2
    assert "no GPU" in platform.said()[-1].text


async def test_nothing_typed_is_help(platform: Any, core: Any) -> None:
    await platform.say("")
    assert core.asked[0][0] == "help"


async def test_who_asks_without_end_is_told_once(platform: Any, core: Any) -> None:
    for n in range(9):
        await platform.say(f"price h100 below {n + 1}")
    assert len(core.asked) == 6
    told = [one.text for one in platform.said() if "Too many questions" in one.text]
    assert len(told) == 1


async def test_forget_me_forgets_one_person(platform: Any, core: Any, state: State) -> None:
    await platform.say(ASK)
    who = core.asked[0][1].user
    state.people.set_preference(f"{who}2", "region", "eu")
    state.people.remember_questions(
        [(f"{who}:x", "a", None), (f"{who}2:x", "b", None), ("shared:thread", "c", who)],
        state.now(),
    )
    state.people.forget(who)
    assert state.people.last_question(f"{who}:x", state.now()) is None
    assert state.people.last_question("shared:thread", state.now()) is None
    assert state.people.last_question(f"{who}2:x", state.now()) == "b"
    assert state.people.preferences(f"{who}2") == {"region": "eu"}
