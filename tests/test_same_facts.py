"""Thirty questions give equal facts in Slack and in Teams, read back out of blocks and cards."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from bot.core.answer import Answer
from bot.slack import blocks
from bot.teams import card

QUESTIONS = (
    "cheapest A100", "A100 mais barata",
    "cheapest 8x H100 in europe", "8 H100 mais baratas na Europa",
    "cheapest A100 80GB spot", "A100 80GB spot mais barata",
    "price h200", "preço da H200",
    "price l40s on aws", "preço da L4 na AWS",
    "compare h100 aws vs coreweave", "comparar H100 na AWS e na CoreWeave",
    "compare a100 h100", "comparar A100 e H100",
    "estimate 8xH100 for 72h", "estimar 8 H100 por 72 horas",
    "what can I get for $500 a month", "o que consigo com US$ 500 por mês",
    "fit llama 3 70b int4", "qual GPU pra rodar o Llama 3 70B?",
    "do we need gpus for nightly embeddings?", "preciso mesmo de GPU pra embeddings?",
    "provider coreweave", "fornecedor CoreWeave",
    "history h100 90d", "histórico da H100 nos últimos 90 dias",
    "cheapest H200 in Brazil", "H300 mais barata",
    "sources", "de onde vêm esses preços?",
)  # fmt: skip


class Said(NamedTuple):
    """What a reader of either platform can learn."""

    headline: str
    lines: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    links: tuple[str, ...]
    """Where the prices of the rows can be checked."""
    facts: dict[str, str]
    notes: tuple[str, ...]
    sources: frozenset[str]
    buttons: dict[str, str]
    """Label -> the question it asks."""


# -- Slack ----------------------------------------------------------------------------------


def _plain_slack(text: str) -> str:
    text = re.sub(r"<[^|>]*\|([^>]*)>", r"\1", re.sub(r"^\*([^*\n]+)\*", r"\1", text.strip()))
    return html.unescape(re.sub(r"<([^>]*)>", r"\1", text)).replace("\u200b", "").strip()


def _slack_cell(cell: dict[str, Any]) -> tuple[str, str]:
    if cell["type"] == "raw_text":
        return cell["text"], ""
    piece = cell["elements"][0]["elements"][0]
    return piece["text"], piece.get("url", "")


def slack(made: list[dict[str, Any]]) -> Said:
    headline, rest = "", []
    rows: list[dict[str, str]] = []
    links: list[str] = []
    facts: dict[str, str] = {}
    buttons: dict[str, str] = {}
    for block in made:
        texts: list[str] = []
        if block["type"] == "header":
            texts = [block["text"]["text"]]
        elif block["type"] == "section":
            texts = [block["text"]["text"]] if "text" in block else []
            for field in block.get("fields", []):
                label, _, value = field["text"].partition("\n")
                facts[_plain_slack(label)] = _plain_slack(value)
        elif block["type"] == "context":
            texts = [one["text"] for one in block["elements"]]
        elif block["type"] == "table":
            head, *body = [[_slack_cell(cell) for cell in row] for row in block["rows"]]
            for row in body:
                rows.append({title: text for (title, _), (text, _) in zip(head, row, strict=True)})
                links += [url for _, url in row if url]
        elif block["type"] == "actions":
            for one in block["elements"]:
                if not one["action_id"].startswith(("qm.ask.", "qm.more.")):
                    continue  # a form, which Teams has not
                for button in one.get("options", [one]):
                    buttons[button["text"]["text"]] = button["value"].split("|", 3)[3]
        for text in texts:
            if not headline:
                headline = _plain_slack(text)
                continue
            for one in text.split("\n"):
                if found := re.match(r"\*([^*]+)\*  (.*)", one):
                    facts[_plain_slack(found[1])] = _plain_slack(found[2])
                else:
                    rest.append(_plain_slack(one))
    return _sorted_out(headline, rest, rows, links, facts, buttons)


# -- Teams ----------------------------------------------------------------------------------


def _plain_teams(text: str) -> str:
    text = re.sub(r"(?<!\\)\[((?:\\.|[^\]\\])*)\]\([^)]*\)", r"\1", text).replace("**", "")
    return html.unescape(re.sub(r"\\([\\*_\[\]`~#>+.\-()])", r"\1", text)).strip()


def _elements(body: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for one in body:
        if one["type"] == "Container":
            yield from _elements(one["items"])
        elif one.get("targetWidth") != "atMost:Standard":
            yield one


def teams(made: dict[str, Any]) -> Said:
    headline, rest = "", []
    rows: list[dict[str, str]] = []
    links: list[str] = []
    facts: dict[str, str] = {}
    for one in _elements(made["body"]):
        if one["type"] == "TextBlock":
            if not headline:
                headline = _plain_teams(one["text"])
            else:
                rest.append(_plain_teams(one["text"]))
        elif one["type"] == "FactSet":
            facts |= {
                _plain_teams(fact["title"]): _plain_teams(fact["value"]) for fact in one["facts"]
            }
        elif one["type"] == "Table":
            head, *body = [
                [cell["items"][0]["text"] for cell in row["cells"]] for row in one["rows"]
            ]
            for row in body:
                rows.append(
                    {
                        _plain_teams(title): _plain_teams(text)
                        for title, text in zip(head, row, strict=True)
                    }
                )
                links += [url for text in row for url in re.findall(r"\]\(([^)]*)\)", text)]
        elif one["type"].startswith("Chart."):
            rest += _chart_lines(one)
    buttons = {one["title"]: one["data"]["q"] for one in made.get("actions", [])}
    return _sorted_out(headline, rest, rows, links, facts, buttons)


def _chart_lines(chart: dict[str, Any]) -> list[str]:
    """What a host without charts reads: the finding, and a line a series as Slack writes it."""
    text, facts = chart["fallback"]["items"]
    return [
        _plain_teams(text["text"]),
        *(f"{_plain_teams(one['title'])}: {_plain_teams(one['value'])}" for one in facts["facts"]),
    ]


# -- both -----------------------------------------------------------------------------------

# Slack's chart shows days without a price as a gap; the one of Teams joins over them and says so.
_GAPS = re.compile(
    r"No price is known for \d+ of these days|Não há preço conhecido em \d+ desses dias"
)
_SOURCES = re.compile(r"^(Sources|Fontes): (.*)$")
# Slack sets a rule behind its note, and what the mark of age means behind the caption.
_SENTENCES = re.compile(r" (?=\((?:Rule|Regra): |~ )")
_RULE = re.compile(r"^\(?(?:Rule|Regra): ([^)]*)\)?$")


def _sorted_out(
    headline: str, rest: list[str], rows: list[dict[str, str]], links: list[str], facts: dict[str, str], buttons: dict[str, str],
) -> Said:  # fmt: skip
    """Sorts the sentences: notes with their rules, sources, and whatever else is said."""
    lines: list[str] = []
    notes: list[str] = []
    sources: frozenset[str] = frozenset()
    for text in (part.strip() for one in rest for part in _SENTENCES.split(one)):
        if found := _SOURCES.match(text):
            sources = frozenset(re.split(r", | · ", found[2]))
        elif (found := _RULE.match(text)) or re.match(
            r"(Caution|Tip|Atenção|Dica|Atención|Consejo): ", text
        ):
            notes.append(found[1] if found else text)
        elif text and text not in (*lines, headline) and not _GAPS.match(text):
            lines.append(text)
    blank = [
        {title: "" if text in ("-", "–") else text for title, text in row.items()} for row in rows
    ]
    return Said(
        headline, tuple(lines), tuple(blank), tuple(links), facts, tuple(notes), sources, buttons
    )


@pytest.mark.parametrize("words", QUESTIONS)
def test_both_say_the_same(words: str, ask: Callable[..., Answer]) -> None:
    """Headline, sentences, rows, where to check them, facts, notes, sources and buttons."""
    answer = ask(words)
    assert answer.tone != "fault"
    here, there = slack(blocks.render(answer)), teams(card.render(answer))
    assert here.headline == there.headline
    assert set(here.lines) == set(there.lines)
    assert here.facts == there.facts
    assert here.notes == there.notes
    assert here.sources == there.sources
    assert here.links == there.links
    assert here.buttons == there.buttons
    assert len(here.rows) == len(there.rows)
    for ours, theirs in zip(here.rows, there.rows, strict=True):
        common = ours.keys() & theirs.keys()
        # A running number is not shown in Slack; everything else is, unless a table is wide.
        assert len(common) >= min(len(ours), len(theirs)) - 1
        assert {title: ours[title] for title in common} == {
            title: theirs[title] for title in common
        }


def test_the_thirty_hold_something_to_compare(ask: Callable[..., Answer]) -> None:
    """The table of questions reaches every slot, in both languages: no empty agreement."""
    assert len(QUESTIONS) == 30
    answers = [ask(words) for words in QUESTIONS]
    assert {answer.lang for answer in answers} >= {"en", "pt"}
    for slot in ("lines", "table", "facts", "chart", "notes", "evidence", "follow_ups"):
        assert sum(bool(getattr(answer, slot)) for answer in answers) >= 2, slot
