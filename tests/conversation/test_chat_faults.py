"""Faults that are reported of other chat bots, in variants, on Slack and on Teams."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import slack_parts
import teams_parts
from slack_parts import CHANNEL, NOW, TEAM, Options, event, fake_slack, mention, refusal

from bot.slack.app import SlackPlatform
from bot.state import State
from bot.teams import incoming
from bot.teams.app import TeamsPlatform
from bot.understanding.understand import understand

# -- names are never words --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("<at>Quartermaster</at> cheapest h100 cc <at>Paris Martin</at>", [("Paris Martin", "29:p")]),
        ("<at>GPU Prices Europe</at> cheapest h100", [("GPU Prices Europe", teams_parts.BOT)]),
        ("<at>R&amp;D London</at> cheapest h100", [("", teams_parts.BOT)]),
        ('<at id="0">GPU Prices Europe</at> cheapest h100', [("GPU Prices Europe", teams_parts.BOT)]),
        ("cheapest h100 <at>Lambda Ops</at> <at>Azure Admins</at>", [("Lambda Ops", "29:l"), ("Azure Admins", "29:a")]),
        ("cheapest h100 Paris Martin", [("Paris Martin", "29:p")]),
        ("<AT>Spot Andersen</AT> cheapest h100", []),
        ("cheapest h100 <at>h100-deals and B200 <b>Working</b> Group</at>", []),
        ("<at>London&nbsp;Reed</at>&nbsp;cheapest h100", []),
        ("<p><at>Brazil ML</at> cheapest h100</p>", []),
    ],
)  # fmt: skip
def test_whoever_is_mentioned_on_teams_changes_no_question(
    text: str, entities: list[tuple[str, str]]
) -> None:
    given = [{"type": "mention", "text": f"<at>{name}</at>" if "<at" in text.lower() else name, "mentioned": {"id": who, "name": name}} for name, who in entities]  # fmt: skip
    question = understand(incoming.words(text, given))
    plain = understand("cheapest h100")
    assert question._replace(text="", unused=(), confidence=1) == plain._replace(
        text="", unused=(), confidence=1
    )


@pytest.mark.parametrize(
    "name",
    ["<#C0H1|h100-deals>", "<#C0H1|8x-h200-node>", "<#C0H1>", "<@U0P|Paris Martin>", "<@U0P>", "<!subteam^S1|@brazil-ml>", "<!here|here>", "<!subteam^S1>", "<#C0H1|spot-alerts> <@W1|lambda>"],
)  # fmt: skip
@pytest.mark.parametrize("order", ["cheapest a100", "watch a100 below 1", "digest daily a100"])
async def test_whatever_is_linked_on_slack_changes_no_question(
    state: State, core: Any, name: str, order: str
) -> None:
    async with fake_slack() as fake:
        fake.user = {"team_id": TEAM}
        made = SlackPlatform(Options(slack_api_url=fake.api), core, state, clock=lambda: NOW)
        async with slack_parts.platform(made) as client:
            await client.send(event(mention(f"{order} (see {name})")))
            await made._turns.finish(10)
    question = understand(core.asked[0][0])
    assert question.accelerators == ("A100",)
    assert (question.region, question.billing, question.count, question.providers) == (
        None,
        None,
        None,
        (),
    )


# -- what a message shows ---------------------------------------------------------------------

RICH = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
    {"type": "user", "user_id": "U1"}, {"type": "text", "text": " offers "}, {"type": "text", "text": "8x H100", "style": {"bold": True}},
    {"type": "text", "text": " SXM in Europe"}]}]}  # fmt: skip


@pytest.mark.parametrize(
    "message",
    [
        {"text": "8x H100 SXM in Europe"},
        {"text": "", "attachments": [{"fallback": "8x H100 SXM in Europe"}]},
        {"text": "", "attachments": [{"text": "8x H100 SXM in Europe", "fallback": "[no preview available]"}]},
        {"text": "", "attachments": [{"fields": [{"title": "Offer", "value": "8x H100 SXM in Europe"}]}]},
        {"text": "", "attachments": [{"pretext": "Offer:", "title": "8x H100 SXM", "footer": "Europe"}]},
        {"text": "", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "8x H100 SXM in Europe"}}]},
        {"text": "", "blocks": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "8x H100 SXM"}, {"type": "mrkdwn", "text": "Europe"}]}]},
        {"text": "", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "8x H100 SXM in Europe"}}]},
        {"text": "", "blocks": [{"type": "markdown", "text": "**8x H100 SXM** in Europe"}]},
        {"text": "", "blocks": [{"type": "context", "elements": [{"type": "mrkdwn", "text": "8x H100 SXM in Europe"}]}]},
        {"text": "This content can't be displayed.", "blocks": [RICH]},
        {"text": "", "blocks": [RICH]},
        {"text": "", "blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_list", "elements": RICH["elements"]}]}]},
        {"text": "", "blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": RICH["elements"][0]["elements"]}]}]},
        {"text": "", "blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "8x H100 SXM in Europe"}]}]}]},
        {"text": "", "blocks": [{"type": "table", "rows": [[{"type": "raw_text", "text": "8x H100 SXM"}, {"type": "raw_text", "text": "Europe"}]]}]},
        {"text": "", "blocks": [{"type": "data_table", "caption": "x", "rows": [[{"type": "raw_text", "text": "GPU"}], [{"type": "raw_text", "text": "8x H100 SXM in Europe"}]]}]},
        {"text": "", "blocks": [{"type": "container", "title": {"type": "plain_text", "text": "Offer"}, "child_blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "8x H100 SXM in Europe"}}]}]},
        {"text": "", "blocks": [{"type": "card", "title": {"type": "mrkdwn", "text": "8x H100 SXM"}, "body": {"type": "mrkdwn", "text": "in Europe"}}]},
        {"text": "", "attachments": [{"is_share": True, "message_blocks": [{"team": TEAM, "channel": CHANNEL, "message": {"blocks": [RICH]}}]}]},
        {"text": "", "attachments": [{"blocks": [RICH]}]},
        {"text": "", "files": [{"mode": "email", "subject": "Offer", "plain_text": "8x H100 SXM in Europe"}]},
        {"text": "", "files": [{"filetype": "text", "preview": "8x H100 SXM in Europe"}]},
        {"text": "", "attachments": [{"text": "<mailto:sales@x.io|sales@x.io>: 8x H100 SXM, Europe"}]},
    ],
)  # fmt: skip
async def test_price_this_reads_what_a_message_shows(
    state: State, core: Any, message: dict[str, Any]
) -> None:
    async with fake_slack() as fake:
        fake.user = {"team_id": TEAM}
        made = SlackPlatform(Options(slack_api_url=fake.api), core, state, clock=lambda: NOW)
        async with slack_parts.platform(made) as client:
            body = slack_parts.interaction(
                "message_action", callback_id="price_this", channel={"id": CHANNEL},
                message={"type": "message", "ts": "1795510800.000001", **message}, response_url=fake.hook,
            )  # fmt: skip
            await client.send(body)
            await made._turns.finish(10)
    question = understand(core.asked[0][0])
    assert question.accelerators == ("H100",)
    assert question.intent in ("price", "cheapest", "unclear", "quotes")


@pytest.mark.parametrize(
    "attachments",
    [
        [{"contentType": "forwardedMessageReference", "content": {"originalMessageContent": "<p>8x H100 in Europe</p>"}}],
        [{"contentType": "forwardedMessageReference", "content": json.dumps({"originalMessageContent": "8x H100 in Europe"})}],
        [{"contentType": "messageReference", "content": json.dumps({"messageId": "1", "messagePreview": "8x H100 in Europe"})}],
        [{"contentType": "text/html", "content": "<blockquote itemtype='http://schema.skype.com/Reply'><p>8x H100 in Europe</p></blockquote>"}],
        [{"contentType": "application/vnd.microsoft.card.adaptive", "content": {"type": "AdaptiveCard", "body": [{"type": "TextBlock", "text": "8x H100 in Europe"}]}}],
        [{"contentType": "application/vnd.microsoft.card.adaptive", "content": {"body": [{"type": "Table", "rows": [{"cells": [{"items": [{"type": "TextBlock", "text": "8x H100"}]}]}]}]}}],
        [{"contentType": "application/vnd.microsoft.card.adaptive", "content": {"body": [{"type": "FactSet", "facts": [{"title": "Offer", "value": "8x H100 in Europe"}]}]}}],
        [{"contentType": "application/vnd.microsoft.card.adaptive", "content": {"body": [{"type": "RichTextBlock", "inlines": ["8x H100 ", {"type": "TextRun", "text": "in Europe"}]}]}}],
        [{"contentType": "application/vnd.microsoft.card.hero", "content": {"title": "Offer", "text": "8x H100 in Europe"}}],
    ],
)  # fmt: skip
async def test_a_forward_on_teams_is_priced(
    state: State, core: Any, attachments: list[dict[str, Any]]
) -> None:
    async with teams_parts.connector() as stub:
        made = TeamsPlatform(teams_parts.ANONYMOUS, core, state, clock=lambda: NOW)
        async with teams_parts.platform(made) as url:
            await teams_parts.post(url, teams_parts.activity(stub.url, "", attachments=attachments))
            await made._turns.finish(10)
    assert "H100" in core.asked[0][0]


@pytest.mark.parametrize(
    "more",
    [{"text": 7}, {"text": {"a": 1}}, {"from": 3}, {"from": []}, {"conversation": "a:ana"}, {"entities": 7}, {"recipient": "28:x"}, {"channelData": [1]}, {"attachments": {"a": 1}}],
)  # fmt: skip
async def test_an_activity_of_wrong_types_is_malformed(
    state: State, core: Any, more: dict[str, Any]
) -> None:
    async with teams_parts.connector() as stub:
        made = TeamsPlatform(teams_parts.ANONYMOUS, core, state, clock=lambda: NOW)
        async with teams_parts.platform(made) as url:
            status, _ = await teams_parts.post(url, teams_parts.activity(stub.url, **{"text": "x", **more}))  # fmt: skip
    assert status == 400
    assert core.asked == []


# -- edits ------------------------------------------------------------------------------------


@pytest.mark.parametrize("age", [60, 3 * 3600, 3 * 86_400, 40 * 86_400])
@pytest.mark.parametrize("words", ["digest weekly monday 09:00 a100", "cheapest a100"])
async def test_an_edit_of_what_was_answered_is_never_answered_however_old(
    state: State, core: Any, age: int, words: str
) -> None:
    async with fake_slack() as fake:
        fake.user = {"team_id": TEAM}
        stamp = f"{NOW.timestamp() - age:.6f}"
        first = SlackPlatform(Options(slack_api_url=fake.api), core, state, clock=lambda: NOW)
        async with slack_parts.platform(first) as client:
            await client.send(event(mention(words, ts=stamp)))
            await first._turns.finish(10)
        asked = len(core.asked)
        assert asked
        state.tidy(NOW)
        second = SlackPlatform(Options(slack_api_url=fake.api), core, state, clock=lambda: NOW)
        async with slack_parts.platform(second) as client:
            await client.send(event(mention(f"{words} (stopped)", ts=stamp, edited={"user": "U1", "ts": "1"})))  # fmt: skip
            await second._turns.finish(10)
    assert len(core.asked) == asked


# -- where we may not write -------------------------------------------------------------------

REFUSALS = ("restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel", "msg_too_long", "fatal_error", "is_archived", "not_in_channel", "no_text", "something_new")  # fmt: skip


@pytest.mark.parametrize("code", REFUSALS)
@pytest.mark.parametrize("whisper", [True, False])
async def test_where_a_channel_refuses_on_slack_the_asker_hears(
    state: State, core: Any, code: str, whisper: bool
) -> None:
    async with fake_slack() as fake:
        fake.user = {"team_id": TEAM}
        fake.script["chat.postMessage"] = [refusal(code)]
        if not whisper:
            fake.script["chat.postEphemeral"] = [refusal(code)] * 3
        made = SlackPlatform(Options(slack_api_url=fake.api), core, state, clock=lambda: NOW)
        async with slack_parts.platform(made) as client:
            await client.send(event(mention("cheapest a100")))
            await made._turns.finish(10)
    way = fake.of("chat.postEphemeral")[0] if whisper else fake.of("chat.postMessage")[1]
    assert "I may not post this there" in json.dumps(way.fields)
    if not whisper:
        assert way["channel"] == slack_parts.USER


async def test_an_answer_too_long_even_for_the_asker_leaves_a_sentence(
    state: State, core: Any
) -> None:
    async with fake_slack() as fake:
        fake.user = {"team_id": TEAM}
        fake.script["chat.postMessage"] = [refusal("msg_too_long")] * 2
        fake.script["chat.postEphemeral"] = [refusal("msg_too_long")]
        made = SlackPlatform(Options(slack_api_url=fake.api), core, state, clock=lambda: NOW)
        async with slack_parts.platform(made) as client:
            await client.send(event(mention("cheapest a100")))
            await made._turns.finish(10)
    whispers = [str(call["text"]) for call in fake.of("chat.postEphemeral")]
    assert "I may not post" in whispers[1]


@pytest.mark.parametrize(
    "refused",
    [
        (403, {"error": {"code": "MessageWritesBlocked"}}), (403, {"error": {"code": "BotNotInConversationRoster"}}),
        (404, {"error": {"code": "ConversationNotFound"}}), (400, {}),
    ],
)  # fmt: skip
async def test_where_a_channel_refuses_on_teams_the_asker_hears(
    state: State, core: Any, refused: tuple[int, Any]
) -> None:
    async with teams_parts.connector() as stub:
        stub.script = [(refused[0], {}, refused[1])]
        made = TeamsPlatform(teams_parts.ANONYMOUS, core, state, clock=lambda: NOW)
        async with teams_parts.platform(made) as url:
            await teams_parts.post(
                url, teams_parts.channel(stub.url, "<at>Quartermaster</at> cheapest a100")
            )
            await made._turns.finish(10)
    assert "isTargeted" in stub.calls[1].path
    assert "I may not post this there" in json.dumps(stub.calls[1].body)


# -- organisations, expired buttons, greetings, refusals --------------------------------------


@pytest.mark.parametrize(
    "where",
    [
        {"team": None, "user": {"id": "U1", "team_id": TEAM}},
        {"team": None, "user": {"id": "U1"}, "view": {"team_id": TEAM, "type": "home", "callback_id": "x"}},
        {"team": {"id": TEAM}, "user": {"id": "U1"}},
        {"user": {"id": "U1", "team_id": TEAM}},
    ],
)  # fmt: skip
async def test_one_person_of_an_organisation_is_one(
    state: State, core: Any, where: dict[str, Any]
) -> None:
    """A setting chosen where a click names no workspace is used by the command that names it."""
    async with fake_slack() as fake:
        fake.user = {"team_id": TEAM, "locale": "en-US"}
        made = SlackPlatform(Options(slack_api_url=fake.api), core, state, clock=lambda: NOW)
        async with slack_parts.platform(made) as client:
            body = slack_parts.interaction(
                "block_actions", enterprise={"id": "E0ORG00001"}, is_enterprise_install=True,
                actions=[{"type": "static_select", "action_id": "qm.preference.v1.lang", "selected_option": {"value": "pt"}}],
            ) | where  # fmt: skip
            await client.send(body)
            await made._turns.finish(10)
            await client.send(slack_parts.command("h100", user_id="U1", enterprise_id="E0ORG00001"))
            await made._turns.finish(10)
    assert core.asked[-1][1].lang == "pt"


@pytest.mark.parametrize("action", ["qm.form.v1", "qm.refine.v1", "qm.verdict.v1"])
@pytest.mark.parametrize("code", ["expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "trigger_expired"])  # fmt: skip
async def test_a_button_pressed_too_late_says_so(
    state: State, core: Any, action: str, code: str
) -> None:
    async with fake_slack() as fake:
        fake.user = {"team_id": TEAM}
        fake.script["views.open"] = [refusal(code)]
        made = SlackPlatform(Options(slack_api_url=fake.api), core, state, clock=lambda: NOW)
        async with slack_parts.platform(made) as client:
            value = "1|en||abc:bad" if "verdict" in action else "1|en||cheapest h100"
            await client.send(slack_parts.click(action, value))
            await made._turns.finish(10)
    assert "press again" in str(fake.of("chat.postEphemeral")[-1]["text"])


@pytest.mark.parametrize("kind", ["installationUpdate", "conversationUpdate"])
@pytest.mark.parametrize("refused", [False, True])
async def test_a_team_is_greeted_in_the_channel_it_chose(
    state: State, core: Any, kind: str, refused: bool
) -> None:
    async with teams_parts.connector() as stub:
        if refused:
            stub.script = [(403, {}, {"error": {"code": "BotNotInConversationRoster"}})]
        made = TeamsPlatform(teams_parts.ANONYMOUS, core, state, clock=lambda: NOW)
        async with teams_parts.platform(made) as url:
            body = teams_parts.channel(stub.url, "", type=kind)
            body["conversation"]["id"] = "19:general@thread.tacv2"
            body["channelData"]["settings"] = {"selectedChannel": {"id": "19:gpu@thread.tacv2"}}
            body |= {"action": "add"} if kind == "installationUpdate" else {"membersAdded": [{"id": teams_parts.BOT}]}  # fmt: skip
            await teams_parts.post(url, body)
            await made._turns.finish(10)
    rooms = [call.path for call in stub.calls]
    assert "19%3Agpu" in rooms[0]
    assert len(rooms) == (2 if refused else 1), "General hears it where the other takes nothing"


@pytest.mark.parametrize("what", ["tenant", "address"])
async def test_who_is_refused_on_teams_leaves_one_line(
    state: State, core: Any, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    options = replace(teams_parts.ANONYMOUS, teams_tenants_allowed=("another",))
    async with teams_parts.connector() as stub:
        made = TeamsPlatform(options, core, state, clock=lambda: NOW)
        async with teams_parts.platform(made) as url:
            service = stub.url if what == "tenant" else "https://canary.botapi.skype.com/x"
            for n in range(3):
                status, _ = await teams_parts.post(url, teams_parts.activity(service, id=str(n)))
                assert status == 403
    lines = [one.getMessage() for one in caplog.records if "not among those allowed" in one.getMessage()]  # fmt: skip
    assert len(lines) == 1
    assert (teams_parts.TENANT if what == "tenant" else "canary.botapi.skype.com") in lines[0]
