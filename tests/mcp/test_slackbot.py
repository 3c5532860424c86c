"""Slack's own assistant: its signature vouches for who asks, and for nothing more."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from api_parts import CONTRACT, Api, Reply, api
from conftest import NOW
from mcp_parts import headers, message
from slack_parts import SIGNING, TEAM, TOKEN, fake_slack, signed

from knowledge.refresh.importing import import_csv

CALL = {"name": "cheapest", "arguments": {"gpu": "h100", "count": 8, "limit": 20}}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Api]:
    async with (
        fake_slack() as slack,
        api(
            tmp_path / "data", SLACK_BOT_TOKEN=TOKEN, SLACK_SIGNING_SECRET=SIGNING,
            QUARTERMASTER_SLACK_API_URL=slack.api,
        ) as running,
    ):  # fmt: skip
        file = tmp_path / "contract.csv"
        file.write_text(CONTRACT)
        import_csv(file, running.service.store_keeper.store, source="ours", owner=f"slack:{TEAM}", now=NOW)  # fmt: skip
        yield running


async def ask(here: Api, who: Any, method: str = "tools/call", *, sign: bool = True, changed: bytes = b"", **more: Any) -> Reply:  # fmt: skip
    sent = message(method, **(more or CALL))
    if who is not None:
        sent["params"]["_meta"]["slack"] = who
    body = json.dumps(sent).encode()
    given = headers(sent) | (signed(body, "application/json") if sign else {})
    given["Content-Type"] = "application/json"
    return await here.ask("POST", "/mcp/slack", key=None, data=body + changed, headers=given)


async def test_a_signed_person_of_our_workspace_is_answered(here: Api) -> None:
    reply = await ask(here, {"team_id": TEAM, "user_id": "U1"})
    assert reply.status == 200, reply.body
    offers = reply.json["result"]["structuredContent"]["offers"]
    assert offers
    assert b"hunter2contract" not in reply.body  # nobody says who will read it


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (None, 401),
        ({}, 401),
        ({"team_id": None, "user_id": "U1"}, 401),
        ({"team_id": TEAM, "user_id": None}, 401),
        ({"team_id": TEAM}, 401),
        ({"team_id": [TEAM], "user_id": "U1"}, 401),
        ({"team_id": f"{TEAM}:C1", "user_id": "U1"}, 401),
        (TEAM, 401),
        ({"team_id": "T9", "user_id": "U1"}, 403),
    ],
)
async def test_who_is_not_named_or_not_ours_is_refused(who: Any, status: int, here: Api) -> None:
    assert (await ask(here, who)).status == status


async def test_what_slack_did_not_sign_is_refused(here: Api) -> None:
    who = {"team_id": TEAM, "user_id": "U1"}
    assert (await ask(here, who, sign=False)).status == 401
    assert (await ask(here, who, changed=b" ")).status == 401
    with_key = await here.ask("POST", "/mcp/slack", json=message("tools/list"))
    assert with_key.status == 401


async def test_lists_need_nobody_and_set_nothing_up(here: Api) -> None:
    reply = await ask(here, None, "tools/list", cursor=None)
    names = [one["name"] for one in reply.json["result"]["tools"]]
    assert "cheapest" in names
    assert not any(name.startswith("create_") for name in names)


def test_the_manifest_names_the_server_when_asked() -> None:
    from bot.slack.manifest import manifest

    made = manifest("https://gpu.example.com", socket_mode=False, assistant=True)
    assert made["mcp_servers"]["quartermaster"] == {
        "url": "https://gpu.example.com/mcp/slack",
        "auth_type": "slack_identity_auth",
    }
    assert "mcp_servers" not in manifest("https://gpu.example.com", socket_mode=False)
