"""What outsiders tried, in variants: who sees what, what leaves with whom, who may change what."""

from __future__ import annotations

import json
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import slack_parts
import sqlalchemy as sa
import teams_parts
from slack_parts import CHANNEL, NOW, TEAM, Options, event, fake_slack, mention, refusal

from bot.slack.app import SlackPlatform
from bot.state import State, tables
from bot.teams import incoming as teams_incoming
from bot.teams.app import TeamsPlatform
from bot.teams.talk import member_of
from knowledge.prices.store import Store

OTHER = "T0OTHER01"


# -- who belongs to us ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        slack_parts.command("cheapest h100"),
        event(mention("cheapest h100"), is_ext_shared_channel=True),
        event(mention("cheapest h100", user_team=OTHER)),
        slack_parts.click("qm.ask.v1.0", "1|en||cheapest h100"),
        slack_parts.click("qm.ask.v1.0", "1|en||cheapest h100", user={"id": "U7", "team_id": OTHER}),
        slack_parts.click("qm.share.v1", "1|en||cheapest h100", user={"id": "U7", "team_id": OTHER}),
        slack_parts.click("qm.aside.v1", "1|en||digest weekly h100", user={"id": "U7", "team_id": OTHER}),
        slack_parts.interaction(
            "message_action", callback_id="price_this", channel={"id": CHANNEL}, message={"text": "8x h100"},
            user={"id": "U7", "team_id": OTHER},
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("told", [True, False])
async def test_where_other_companies_read_nobody_is_answered_if_so_set(
    state: State, core: Any, body: dict[str, Any], told: bool
) -> None:
    """Slack names the channel as shared once, by an event; a person of another company is one also
    where Slack does not say who they are."""
    async with fake_slack() as fake:
        made = SlackPlatform(
            Options(slack_api_url=fake.api, slack_connect="off"), core, state, clock=lambda: NOW
        )
        async with slack_parts.platform(made) as client:
            foreign = OTHER in json.dumps(body)
            if not foreign:
                fake.user = {"team_id": TEAM}
                await client.send(event(mention("hello"), is_ext_shared_channel=True))
                await made._turns.finish(10)
            elif not told:
                fake.script["users.info"] = [refusal("user_not_visible")] * 9
            else:
                fake.user = {"team_id": OTHER, "is_stranger": True}
            await client.send(body)
            await made._turns.finish(10)
            assert core.asked == []
            assert fake.of("chat.postMessage") == []


@pytest.mark.parametrize(
    ("roster", "member"),
    [
        ({"userRole": "user", "userPrincipalName": "a@x"}, "member"),
        ({"userRole": "user"}, "member"),
        ({"userRole": "owner", "tenantId": teams_parts.TENANT}, "member"),
        ({"userRole": "user", "userPrincipalName": "a_b.com#EXT#@x.onmicrosoft.com"}, "guest"),
        ({"userRole": "user", "userPrincipalName": "a_b.com#ext#@x"}, "guest"),
        ({"userRole": "user", "email": "a_b.com#EXT#@x"}, "guest"),
        ({"userRole": "guest", "userPrincipalName": "a@x"}, "guest"),
        ({"userRole": "Guest"}, "guest"),
        ({"userRole": "anonymous"}, "guest"),
        ({"userRole": "user", "tenantId": "another"}, "foreign"),
        ({"userRole": "user", "aadObjectId": "somebody-else"}, "unknown"),
        ({"userRole": "user", "objectId": "somebody-else"}, "unknown"),
        ({"userRole": "bot"}, "unknown"),
        ({"userRole": 7}, "unknown"),
        ({"userRole": "user", "userPrincipalName": 7}, "member"),
        ({"userPrincipalName": "a@x"}, "unknown"),
        ({}, "unknown"),
    ],
)  # fmt: skip
def test_who_the_roster_of_teams_vouches_for(roster: dict[str, Any], member: str) -> None:
    read = teams_incoming.read(teams_parts.activity("https://x"))
    assert read is not None
    assert member_of(roster, read) == member


@pytest.mark.parametrize(
    "conversation",
    [
        {"id": "19:meeting_x@thread.v2", "conversationType": "meeting"},
        {"id": "19:x@thread.v2", "conversationType": "groupChat"},
        {"id": "19:x@thread.v2"},
        {"id": "19:x@thread.tacv2;messageid=1"},
        {"id": "a:x", "isGroup": True},
        {"id": "a:x", "conversationType": "something new"},
        {"id": "a:x", "conversationType": 7},
    ],
)
def test_a_conversation_of_unknown_kind_is_nobodys_own_chat(conversation: dict[str, Any]) -> None:
    """Only what Teams calls personal is read by one person."""
    read = teams_incoming.read(teams_parts.activity("https://x", conversation=conversation))
    assert read is not None
    assert not read.direct


@pytest.mark.parametrize("user", [{}, {"team_id": OTHER}, {"is_restricted": True, "team_id": TEAM}, {"is_ultra_restricted": True}, {"is_stranger": True, "team_id": TEAM}, {"deleted": True, "team_id": TEAM}, {"is_bot": True, "team_id": TEAM}])  # fmt: skip
async def test_a_click_without_a_workspace_shows_no_contract(
    state: State, core: Any, user: dict[str, Any]
) -> None:
    """Whoever Slack does not vouch for, by the click or by the profile, sees public prices."""
    async with fake_slack() as fake:
        fake.user = user
        made = SlackPlatform(Options(slack_api_url=fake.api), core, state, clock=lambda: NOW)
        async with slack_parts.platform(made) as client:
            who = {"id": "U9", "username": "x"}
            for channel in (CHANNEL, "D0DANA0001"):
                await client.send(
                    slack_parts.click("qm.ask.v1.0", "1|en||cheapest h100", fake.hook, ephemeral=True, user=who, channel={"id": channel})
                )  # fmt: skip
            await made._turns.finish(10)
    assert len(core.asked) == 2
    assert not any(asker.may_see_contracts for _, asker in core.asked)


# -- who may change what ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["qm.aside.v1", "qm.ask.v1.1", "qm.more.v1"])
@pytest.mark.parametrize("words", ["digest stop", "unwatch 1", "digest now", "pause digest 1"])
async def test_a_foreign_click_changes_nothing(
    state: State, core: Any, name: str, words: str
) -> None:
    async with fake_slack() as fake:
        fake.script["users.info"] = [refusal("user_not_visible")] * 3
        made = SlackPlatform(Options(slack_api_url=fake.api), core, state, clock=lambda: NOW)
        async with slack_parts.platform(made) as client:
            body = slack_parts.click(
                name, f"1|en||{words}", fake.hook, user={"id": "U8", "team_id": OTHER}
            )
            if name == "qm.more.v1":
                body["actions"][0] = {
                    "type": "overflow",
                    "action_id": name,
                    "selected_option": {"value": f"1|en||{words}"},
                }
            await client.send(body)
            await made._turns.finish(10)
    assert core.asked == []


@pytest.mark.parametrize("kind", ["message", "click", "submit"])
async def test_only_admins_change_orders_where_so_set_on_teams(state: State, core: Any, kind: str) -> None:  # fmt: skip
    async with teams_parts.connector() as stub:
        stub.roster = {"userRole": "user"}
        options = replace(teams_parts.ANONYMOUS, orders_by="admins", teams_admins=("AAD-BOSS",))
        made = TeamsPlatform(options, core, state, clock=lambda: NOW)
        async with teams_parts.platform(made) as url:
            for at, aad in enumerate(("aad-ana", "aad-boss")):
                who = {"from": {"id": f"29:{aad}", "aadObjectId": aad}, "id": f"{kind}{at}"}
                data = {"v": 1, "q": "digest stop", "l": "en"}
                if kind == "message":
                    body = teams_parts.channel(
                        stub.url, "<at>Quartermaster</at> digest stop", **who
                    )
                else:
                    body = teams_parts.channel(stub.url, "", value=data, **who)
                if kind == "click":
                    body |= {"type": "invoke", "name": "adaptiveCard/action"}
                    body["value"] = {"action": {"verb": "ask", "data": data}}
                await teams_parts.post(url, body)
                await made._turns.finish(10)
    assert [asker.user.rpartition(":")[2] for _, asker in core.asked] == ["aad-boss"]


# -- costs ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["<at>" * 2000, "<at>x" * 1600 + "</at>", "<a" * 4000, "</at>" * 1600, "<at " * 2000 + ">", "&" * 8000, "<" * 8000,
     "<at>" * 1000 + "</at>" * 800, "<AT>" * 2000, "<at>x</a" * 1000],
)  # fmt: skip
def test_no_text_of_teams_takes_long_to_read(text: str) -> None:
    entities = [{"type": "mention", "text": "<at>a</at>", "mentioned": {"id": "x"}}] * 200
    best = float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        teams_incoming.words(text, entities)
        best = min(best, time.perf_counter() - begun)
    assert best < 0.005


# -- leaving ----------------------------------------------------------------------------------


def rows_that_name(state: State, name: str) -> dict[str, int]:
    """Table -> rows in which this name stands in any column."""
    found: dict[str, int] = {}
    with state.reading() as db:
        for table in tables.metadata.sorted_tables:
            for row in db.execute(sa.select(table)).all():
                if any(name in str(value) for value in row):
                    found[table.name] = found.get(table.name, 0) + 1
    return found


async def test_an_organisation_that_removes_us_leaves_nothing_on_slack(tmp_path: Path) -> None:
    """Also of workspaces where we were only asked by command, in private, or on the home tab."""
    state = State.open(f"sqlite:///{tmp_path / 's.db'}", clock=lambda: NOW)
    async with fake_slack() as fake, real(state, tmp_path) as ask:
        made = SlackPlatform(Options(slack_api_url=fake.api), ask, state, clock=lambda: NOW)
        async with slack_parts.platform(made) as client:
            for team in ("T0EAST0001", "T0WEST0001", "T0HOME0001"):
                fake.user = {
                    "team_id": team,
                    "enterprise_user": {"enterprise_id": "E0ORG00001", "teams": [team]},
                }
                org = {
                    "team_id": team,
                    "enterprise_id": "E0ORG00001",
                    "is_enterprise_install": "true",
                }
                if team != "T0HOME0001":
                    await client.send(
                        slack_parts.command("cheapest h100", user_id=f"U{team}", **org)
                    )
                await client.send(
                    slack_parts.interaction(
                        "block_actions", team=None, user={"id": f"U{team}", "team_id": team},
                        enterprise={"id": "E0ORG00001"}, is_enterprise_install=True, view={"team_id": team},
                        actions=[{"type": "static_select", "action_id": "qm.preference.v1.lang", "selected_option": {"value": "pt"}}],
                    )
                )  # fmt: skip
            await client.send(event(mention("watch h100 below 1", team="T0EAST0001"), team_id="T0EAST0001", enterprise_id="E0ORG00001"))  # fmt: skip
            await made._turns.finish(10)
            assert set(rows_that_name(state, "T0HOME0001")) >= {"preference"}
            gone = event({"type": "app_uninstalled"}, team_id=None, enterprise_id="E0ORG00001")
            gone.pop("authorizations")
            await client.send(gone)
            await made._turns.finish(10)
    for name in ("T0EAST0001", "T0WEST0001", "T0HOME0001", "E0ORG00001"):
        assert rows_that_name(state, name) == {}
    state.close()


async def test_the_last_conversation_that_removes_us_leaves_nothing_on_teams(tmp_path: Path) -> None:  # fmt: skip
    """A team is left as a whole, by its first channel's name; and what was asked a moment ago is not
    written after all was removed."""
    state = State.open(f"sqlite:///{tmp_path / 's.db'}", clock=lambda: NOW)
    async with teams_parts.connector() as stub, real(state, tmp_path) as ask:
        made = TeamsPlatform(teams_parts.ANONYMOUS, ask, state, clock=lambda: NOW)
        async with teams_parts.platform(made) as url:
            stub.roster = {"userRole": "user"}
            for at, room in enumerate(("19:general@thread.tacv2", "19:buying@thread.tacv2")):
                asked = teams_parts.channel(
                    stub.url,
                    "<at>Quartermaster</at> digest weekly h100",
                    root=f"9{at}",
                    id=f"9{at}",
                )
                asked["conversation"]["id"] = f"{room};messageid=9{at}"
                asked["channelData"]["channel"] = {"id": room}
                asked["channelData"]["team"] = {"id": "19:general@thread.tacv2"}
                await teams_parts.post(url, asked)
            await teams_parts.post(url, teams_parts.activity(stub.url, "cheapest h100", id="95"))
            await made._turns.finish(10)
            assert rows_that_name(state, teams_parts.TENANT)["subscription"] == 2
            left = {"type": "installationUpdate", "action": "remove"}
            team = teams_parts.channel(stub.url, "", **left)
            team["conversation"]["id"] = "19:general@thread.tacv2"
            team["channelData"] = {
                "tenant": {"id": teams_parts.TENANT},
                "team": {"id": "19:general@thread.tacv2"},
            }
            await teams_parts.post(url, team)
            await made._turns.finish(10)
            assert "subscription" not in rows_that_name(state, teams_parts.TENANT)
            await teams_parts.post(url, teams_parts.activity(stub.url, None, **left))
            await made._turns.finish(10)
    assert rows_that_name(state, teams_parts.TENANT) == {}
    state.close()


@asynccontextmanager
async def real(state: State, folder: Path) -> Any:
    """The service's own answering core, notes and all, over an empty price store."""
    store = Store(folder / "prices.db")
    async with slack_parts.real_core(state, store) as ask:
        yield ask
    store.close()


# -- what is limited --------------------------------------------------------------------------


async def test_reactions_reasons_settings_and_home_tabs_count_as_questions(
    state: State, core: Any
) -> None:
    """Whatever writes or asks a platform is within one person's allowance."""
    async with fake_slack() as fake:
        fake.user = {"team_id": TEAM}
        made = SlackPlatform(Options(slack_api_url=fake.api, commands_per_minute=6), core, state, clock=lambda: NOW)  # fmt: skip
        async with slack_parts.platform(made) as client:
            for n in range(30):
                await client.send(event({"type": "app_home_opened", "user": f"U{n % 2}", "channel": "D1", "tab": "home"}))  # fmt: skip
            await made._turns.finish(10)
            assert len(fake.of("views.publish")) <= 12
            for n in range(30):
                await client.send(slack_parts.submission("qm.reason.v1", {"reason": slack_parts.chosen("old")}, json.dumps({"ref": f"r{n}"})))  # fmt: skip
                await client.send(slack_parts.click("qm.verdict.v1", f"1|en||a{n}:good"))
            await made._turns.finish(10)
    with state.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(tables.feedback)) <= 6


async def test_reactions_on_teams_count_as_questions(state: State, core: Any) -> None:
    async with teams_parts.connector() as stub:
        made = TeamsPlatform(replace(teams_parts.ANONYMOUS, commands_per_minute=6), core, state, clock=lambda: NOW)  # fmt: skip
        async with teams_parts.platform(made) as url:
            for n in range(30):
                await teams_parts.post(url, teams_parts.activity(stub.url, None, type="messageReaction", reactionsAdded=[{"type": "like"}], replyToId=f"m{n}"))  # fmt: skip
                await teams_parts.post(url, teams_parts.invoke(stub.url, "message/submitAction", {"actionValue": {"reaction": "like"}}, replyToId=f"n{n}"))  # fmt: skip
            await made._turns.finish(10)
    with state.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(tables.feedback)) <= 6


# -- who is let in ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        slack_parts.command("h100"),
        event(mention("h100")),
        event(slack_parts.direct("h100")),
        event({"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"}),
        event({"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "messages"}),
        slack_parts.click("qm.ask.v1.0", "1|en||h100"),
        slack_parts.click("qm.share.v1", "1|en||h100"),
        slack_parts.click("qm.verdict.v1", "1|en||a:good"),
        slack_parts.click("qm.form.v1", "1|en||form"),
        slack_parts.click("qm.preference.v1.lang", "pt"),
        slack_parts.interaction("shortcut", callback_id="find_gpus"),
        slack_parts.interaction("shortcut", callback_id="older"),
        slack_parts.interaction("message_action", callback_id="price_this", channel={"id": CHANNEL}, message={"text": "8x h100"}),
        slack_parts.submission("qm.find.v1", {"card": slack_parts.chosen("H100")}),
        slack_parts.submission("qm.reason.v1", {"reason": slack_parts.chosen("old")}, '{"ref": "x"}'),
        slack_parts.interaction("block_suggestion", action_id="qm.card.v1", value="h"),
    ],
)  # fmt: skip
async def test_a_workspace_that_is_not_allowed_gets_nothing(
    state: State, core: Any, body: dict[str, Any]
) -> None:
    async with fake_slack() as fake:
        options = Options(slack_api_url=fake.api, slack_teams_allowed=("T0ALLOWED",))
        made = SlackPlatform(options, core, state, clock=lambda: NOW)
        async with slack_parts.platform(made) as client:
            _, answered = await client.send(body)
            await made._turns.finish(10)
    assert core.asked == []
    assert {call.method for call in fake.calls} <= {"auth.test", "users.info"}
    assert not (answered or {}).get("options") if isinstance(answered, dict) else answered == ""
    with state.reading() as db:
        for table in (tables.feedback, tables.preference, tables.place):
            assert db.execute(sa.select(table)).all() == []


@pytest.mark.parametrize("host", ["evil.com", "localhost.evil.com", "127.0.0.1.evil.com", "evil.com:3978", "[::2]", "0.0.0.0", "169.254.169.254", "evil.com@localhost"])  # fmt: skip
async def test_in_development_no_web_page_names_us_otherwise(
    state: State, core: Any, host: str
) -> None:
    async with teams_parts.connector() as stub:
        made = TeamsPlatform(teams_parts.ANONYMOUS, core, state, clock=lambda: NOW)
        async with teams_parts.platform(made) as url:
            body = teams_parts.activity(stub.url, deliveryMode="expectReplies")
            status, answer = await teams_parts.post(url, body, headers={"Host": host})
            assert (status, answer) == (403, None)
            for good in ("localhost:3978", "127.0.0.1"):
                assert (await teams_parts.post(url, body | {"id": good}, headers={"Host": good}))[0] == 200  # fmt: skip
    assert len(core.asked) == 2


# -- what Teams shows to one person alone ------------------------------------------------------


@pytest.mark.parametrize("who", ["member", "guest"])
@pytest.mark.parametrize("taken", [True, False])
async def test_a_slash_in_a_channel_is_answered_to_who_asked_alone(
    state: State, core: Any, who: str, taken: bool
) -> None:
    """With contract prices for a member; where the tenant takes no such message, in their own chat."""
    async with teams_parts.connector() as stub:
        stub.roster = {"userRole": "user" if who == "member" else "guest"}
        if not taken:
            stub.script = [(400, {}, {"error": {"code": "BadArgument"}})] * 2
        made = TeamsPlatform(teams_parts.ANONYMOUS, core, state, clock=lambda: NOW)
        async with teams_parts.platform(made) as url:
            body = teams_parts.channel(stub.url, "<at>Quartermaster</at> cheapest h100")
            body["recipient"] |= {"isTargeted": True}
            await teams_parts.post(url, body)
            await made._turns.finish(10)
    assert [asker.may_see_contracts for _, asker in core.asked] == [who == "member"]
    shown = [call for call in stub.calls if call.body.get("type") == "message"]
    assert all("isTargetedActivity=true" in call.path for call in shown[: 1 if taken else 2])
    if not taken:
        (opened,) = [call for call in stub.calls if call.path.endswith("/v3/conversations")]
        assert opened.body["members"] == [{"id": "29:ana"}], "the stand-in names one room for all"
    label = shown[-1].body.get("entities", [{}])[0].get("usageInfo", {}).get("name")
    assert label == ("Confidential" if who == "member" else None)


@pytest.mark.parametrize("who", ["member", "guest"])
@pytest.mark.parametrize("order", ["watch h100 below 2", "digest stop"])
async def test_a_slash_changes_no_more_than_a_mention(
    state: State, core: Any, who: str, order: str
) -> None:
    async with teams_parts.connector() as stub:
        stub.roster = {"userRole": "user" if who == "member" else "guest"}
        made = TeamsPlatform(teams_parts.ANONYMOUS, core, state, clock=lambda: NOW)
        async with teams_parts.platform(made) as url:
            body = teams_parts.channel(stub.url, f"<at>Quartermaster</at> {order}")
            body["recipient"] |= {"isTargeted": True}
            await teams_parts.post(url, body)
            await made._turns.finish(10)
    assert bool(core.asked) is (who == "member")
