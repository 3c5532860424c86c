"""Sixty questions, twenty a language, give equal facts in Slack, Teams, terminal, HTTP and MCP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from api_parts import api
from conftest import NOW
from mcp_parts import tool
from test_same_facts import slack, teams

from bot.core.answer import Answer
from bot.core.desk import Asker
from bot.core.text import clean
from bot.mcp.words import plain_data
from bot.render.answer_json import answer_json
from bot.reply.reply import reply
from bot.slack import blocks
from bot.teams import card

GOLDEN: dict[str, tuple[str, ...]] = {
    "en": (
        "cheapest A100", "cheapest 8x H100 in europe", "cheapest H100 spot", "cheapest L40S under $1",
        "price h200", "price h100 azure", "compare h100 aws vs coreweave", "compare a100 h100",
        "estimate 8xH100 for 72h", "budget $5000 a100", "fit llama 3 70b int4",
        "does mixtral 8x7b fit on 2x A100 40GB?", "do we need gpus for nightly embeddings?",
        "are we overpaying for h100 sxm at $4.10 on azure?", "provider coreweave",
        "history h100 90d", "cheapest H200 in Brazil", "cheapest H300", "sources", "b200 availability",
    ),
    "pt": (
        "A100 mais barata", "8 H100 mais baratas na Europa", "H100 spot mais barata",
        "L40S mais barata por menos de US$ 1", "preço da H200", "preço da H100 na Azure",
        "comparar H100 na AWS e na CoreWeave", "comparar A100 e H100", "estimar 8 H100 por 72 horas",
        "orçamento de US$ 5.000 para A100", "qual GPU pra rodar o Llama 3 70B em int4?",
        "o mixtral 8x7b cabe em 2x A100 40GB?", "preciso mesmo de GPU pra embeddings toda noite?",
        "estamos pagando caro na H100 a US$ 4,10 na Azure?", "fornecedor CoreWeave",
        "histórico da H100 em 90 dias", "H200 mais barata no Brasil", "H300 mais barata",
        "de onde vêm esses preços?", "tem B200 disponível?",
    ),
    "es": (
        "A100 más barata", "8 H100 más baratas en Europa", "H100 spot más barata",
        "L40S más barata por menos de 1 dólar", "precio de la H200", "precio de la H100 en Azure",
        "comparar H100 en AWS y CoreWeave", "comparar A100 y H100", "estimar 8 H100 por 72 horas",
        "presupuesto de 5000 dólares para A100", "¿qué GPU necesito para Llama 3 70B en int4?",
        "¿cabe mixtral 8x7b en 2x A100 40GB?", "¿necesito GPU para embeddings cada noche?",
        "¿estamos pagando de más por la H100 a 4,10 dólares en Azure?", "proveedor CoreWeave",
        "historial de la H100 en 90 días", "H200 más barata en Brasil", "H300 más barata",
        "¿de dónde vienen estos precios?", "¿hay B200 disponibles?",
    ),
}  # fmt: skip


def figures(document: Any) -> list[tuple[Any, ...]]:
    """Ids, figures and dates of the offers."""
    return [
        (one["id"], one["price_usd_per_hour"], one["price_usd_per_gpu_hour"], one["as_of"], one["stale"])
        for one in document["offers"]
    ]  # fmt: skip


def same_as_people_see(document: Any, answer: Answer) -> None:
    """Headline, rows, their links and facts of the document are those of blocks and card."""
    here, there = slack(blocks.render(answer)), teams(card.render(answer))
    said = document["answer"]
    for seen in (here, there):
        assert seen.headline == clean(said["headline"])
        assert seen.facts == {clean(one["label"]): clean(one["value"]) for one in said["facts"]}
        table = said["table"]
        if table is None:
            continue
        titles = [column["title"] for column in table["columns"]]
        for row, shown in zip(table["rows"], seen.rows, strict=False):
            cells = dict(zip(titles, row["cells"], strict=True))
            common = cells.keys() & shown.keys()
            assert len(common) >= 2
            for title in common:
                wanted = "" if cells[title] in ("-", "–") else clean(cells[title])
                assert shown[title].startswith(wanted), (title, shown)


@pytest.mark.parametrize("lang", GOLDEN)
async def test_twenty_questions_give_equal_facts_through_every_door(
    lang: Any, tmp_path: Path
) -> None:
    questions = GOLDEN[lang]
    assert len(questions) == len(set(questions)) == 20
    with_offers = 0
    async with api(tmp_path) as here:
        store = here.service.store_keeper.store
        for words in questions:
            answer = reply(words, Asker(lang=lang), NOW, store)
            assert answer.tone != "fault"
            document = json.loads(json.dumps(answer_json(answer)))
            asked = {"words": words, "lang": lang}
            http = (await here.post("/v1/ask", asked)).json
            mcp = (await tool(here, "ask", **asked))["structuredContent"]
            assert figures(document) == figures(http) == figures(mcp), words
            assert http == document, words
            assert mcp == plain_data(document), words
            same_as_people_see(document, answer)
            with_offers += bool(document["offers"])
    assert with_offers >= 10


@pytest.mark.parametrize("lang", GOLDEN)
async def test_the_question_of_an_answer_may_be_sent_back(lang: Any, tmp_path: Path) -> None:
    """Word for word as the document gives it, and its answer holds the same offers."""
    async with api(tmp_path) as here:
        for words in GOLDEN[lang]:
            first = (await here.post("/v1/ask", {"words": words, "lang": lang})).json
            again = await here.post("/v1/ask", {"question": first["question"], "lang": lang})
            assert again.status == 200, (words, again.json)
            assert figures(again.json) == figures(first), words
            assert again.json["answer"]["headline"] == first["answer"]["headline"], words
