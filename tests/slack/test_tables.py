"""Long tables that sort themselves where Slack takes them, and the plain one where it does not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from slack_parts import TEAM, Core, FakeSlack, command, event, mention, refusal

from bot.core.answer import Answer, Column, Table, TableRow
from bot.core.question import Question
from bot.slack import blocks
from bot.slack.table import sorted_tables


def answer(rows: int) -> Answer:
    columns = (Column("Offer"), Column("$/GPU-h", align="right"), Column("Date", align="right"))
    made = tuple(
        TableRow((f"Provider {n}", f"{9.5 + n / 4:.2f}", "22 Aug"), url="https://x.example")
        for n in range(rows)
    )
    return Answer("Cheapest H100: 9.50", table=Table(columns, made), question=Question(intent="cheapest", text="h100"))  # fmt: skip


def kinds(call: Any) -> list[str]:
    return [one["type"] for one in call["blocks"]]


def test_a_long_table_has_a_caption_numbers_and_rows_of_one_length() -> None:
    message = sorted_tables(blocks.message(answer(30)))
    assert message is not None
    (table,) = [one for one in message["blocks"] if one["type"] == "data_table"]
    assert table["caption"].startswith("Cheapest H100")
    assert len({len(row) for row in table["rows"]}) == 1
    assert {cell["type"] for cell in table["rows"][0]} == {"raw_text"}
    price = table["rows"][3][1]
    assert price == {"type": "raw_number", "value": 10.0, "text": "10.00"}
    assert table["rows"][3][2]["type"] == "raw_text", "a date is no number"
    assert 2 <= len(table["rows"]) <= 101
    assert table["page_size"] <= 100
    assert len(json.dumps(table["rows"], ensure_ascii=False)) <= 20_000


def test_a_short_one_stays_as_it_is() -> None:
    assert sorted_tables(blocks.message(answer(5))) is None
    assert sorted_tables({"text": "words"}) is None


@pytest.mark.parametrize("taken", [True, False])
async def test_a_workspace_that_refuses_it_is_asked_once(
    slack: Any, fake: FakeSlack, core: Core, taken: bool
) -> None:
    core.answer = answer(30)
    fake.user = {"team_id": TEAM}
    if not taken:
        fake.script["chat.postMessage"] = [refusal("invalid_blocks")]
    for _ in range(2):
        await slack.send(event(mention("h100")))
        await slack.platform._turns.finish(10)
    shown = ["data_table" if "data_table" in kinds(call) else "table" for call in fake.of("chat.postMessage")]  # fmt: skip
    assert shown == (["data_table"] * 2 if taken else ["data_table", "table", "table"])


async def test_an_acknowledgement_which_cannot_be_sent_again_has_the_plain_one(
    slack: Any, core: Core
) -> None:
    core.answer = answer(30)
    _, said = await slack.send(command("h100"))
    assert "table" in [one["type"] for one in said["blocks"]]
