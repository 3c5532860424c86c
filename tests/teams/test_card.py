"""Cards: what the published schema says of them, what they weigh, what a reader is promised."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from answers import answer_of
from gallery import GALLERY
from teams_schema import CHARTS, faults, walk

from bot.core.answer import Answer, Column, Fact, FollowUp, Table, TableRow
from bot.teams import card, picture
from bot.teams.chart import MAX_IMAGE_BYTES
from bot.teams.table import NARROW_COLUMNS

GOLDEN = Path(__file__).parent / "golden"


def rendered(answer: Answer) -> dict[str, Any]:
    return card.render(answer, image=picture.of(answer))


def promises(answer: Answer, made: dict[str, Any]) -> None:
    """What holds for every card, whatever the Answer."""
    assert card.weight(made) <= card.MAX_BYTES
    assert (made["type"], made["version"]) == ("AdaptiveCard", "1.5")
    assert made["fallbackText"].strip()
    assert made["lang"] == answer.lang
    assert len(made.get("actions", [])) <= card.MAX_ACTIONS
    assert (
        made["body"][0].get("style") == "heading"
        or made["body"][0]["items"][0]["style"] == "heading"
    )
    for one in walk(made):
        if one["type"] == "TextBlock":
            assert one["text"].strip() or one["text"] == " "
            assert one["wrap"] is True
            assert "<" not in one["text"], "markup or a mention of somebody"
        if one["type"] == "Image":
            assert one["altText"].strip()
        if one["type"] in CHARTS:
            assert one["fallback"]["type"] in ("Image", "Container")
        if one["type"] == "Table" and one.get("targetWidth") != "Wide":
            assert len(one["columns"]) <= NARROW_COLUMNS
        if one["type"] == "Table":
            assert {len(row["cells"]) for row in one["rows"]} == {len(one["columns"])}
        if one["type"] == "Action.Execute":
            assert one["title"].strip()
            assert one["fallback"]["type"] == "Action.Submit"
            assert one["fallback"]["data"]["q"] == one["data"]["q"]
    # Themes choose the colours; a colour of ours would vanish in one of them.
    assert not re.search(r'"#[0-9a-fA-F]{6}"', json.dumps(made))


@pytest.mark.parametrize("name", list(GALLERY))
def test_every_sample_passes_the_published_schema(name: str) -> None:
    """Adaptive Card 1.5 as published, with what Teams adds; the fallbacks too."""
    made = rendered(GALLERY[name])
    assert faults(made) == []
    promises(GALLERY[name], made)


@pytest.mark.parametrize("hundred", range(10))
def test_a_thousand_answers_pass_it_too(hundred: int) -> None:
    """Any text, any size: valid, at most 25 kB, and every promise kept."""
    for seed in range(hundred * 100, hundred * 100 + 100):
        answer = answer_of(seed)
        made = card.render(answer, image=(None, b"x" * 5000, b"x" * 9001)[seed % 3])
        assert faults(made, most=2) == [], f"answer_of({seed})"
        promises(answer, made)


@pytest.mark.parametrize("name", list(GALLERY))
def test_samples_are_drawn_as_before(name: str) -> None:
    """Golden files: a change of a card is a change somebody looked at.

    `GOLDEN=1 pytest tests/teams/test_card.py` writes them anew.
    """
    file = GOLDEN / f"{name.replace(' ', '-')}.json"
    made = json.dumps(card.render(GALLERY[name]), ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(made, "utf-8")
    assert file.exists(), "a new sample: look at its card, then run with GOLDEN=1"
    assert file.read_text("utf-8") == made


def test_no_golden_file_is_left_over() -> None:
    """A sample that went took its file along."""
    assert {file.stem for file in GOLDEN.glob("*.json")} == {
        name.replace(" ", "-") for name in GALLERY
    }


def test_what_is_cut_is_said() -> None:
    """Rows that do not fit are counted, and the count is true."""
    table = Table(
        (Column("Provider"), Column("Price", "right")),
        tuple(TableRow((f"P{n} " + "x" * 100, "1")) for n in range(300)),
    )
    made = card.render(Answer("Many.", table=table))
    shown = len(next(one for one in walk(made) if one["type"] == "Table")["rows"]) - 1
    assert f"{shown} of 300 rows" in json.dumps(made)


def test_nothing_essential_is_lost_on_a_telephone() -> None:
    """Every essential cell of the wide table stands in the narrow one."""
    made = card.render(GALLERY["table"])
    wide, narrow = (one for one in walk(made) if one["type"] == "Table")
    text = json.dumps(narrow, ensure_ascii=False)
    assert wide["targetWidth"] == "Wide"
    assert narrow["targetWidth"] == "atMost:Standard"
    for row in GALLERY["table"].table.rows:  # type: ignore[union-attr]
        assert [cell for cell in row.cells[1:] if cell not in text] == []


def test_an_old_price_says_so_in_words() -> None:
    """Not by colour alone: a stale row carries the word, in the reader's language."""
    made = json.dumps(card.render(GALLERY["portuguese whole"]), ensure_ascii=False)
    assert "22 ago \\\\~" in made
    assert "~ antigo" in made.replace("\\\\", "")


def test_links_go_to_the_web_only() -> None:
    """A link is made for http and https; nothing ends it early."""
    facts = (
        Fact("a", "x", "javascript:alert(1)"),
        Fact("b", "y", "https://e.example/a) [b](https://evil.example"),
    )
    values = [
        fact["value"]
        for one in walk(card.render(Answer("x", facts=facts)))
        if one["type"] == "FactSet"
        for fact in one["facts"]
    ]
    assert values == ["x", "[y](https://e.example/a%29%20[b]%28https://evil.example)"]


def test_a_button_asks_what_it_says_and_comes_back() -> None:
    """Execute and Submit carry the same words, a version, the language, and nothing else."""
    made = card.render(
        Answer("x", lang="pt", follow_ups=(FollowUp("Spot", "A100 spot"),)), back="A100"
    )
    spot, back = made["actions"]
    assert spot["data"] == {"v": card.DATA_VERSION, "q": "A100 spot", "l": "pt"}
    assert (back["title"], back["data"]["q"]) == ("Voltar", "A100")


def test_a_picture_fits_the_card() -> None:
    """The largest sample chart as PNG stays inside its share of the card."""
    for answer in GALLERY.values():
        image = picture.of(answer)
        assert (image is None) == (answer.chart is None)
        if image is not None:
            assert image.startswith(b"\x89PNG")
            assert len(image) <= MAX_IMAGE_BYTES


def test_the_check_itself_finds_faults() -> None:
    """Cards that would blank on a telephone are refused: an image without url, an unknown element."""
    bad: tuple[dict[str, Any], ...] = (
        {"type": "Image"},
        {"type": "Textblock", "text": "x"},
        {"type": "TextBlock", "text": 7},
        {"type": "TextBlock", "text": "x", "colour": "good"},
        {"type": "Chart.Line", "data": [{"legend": "x", "values": [{"x": "a", "y": "1"}]}], "fallback": {"type": "TextBlock", "text": "x"}},
        {"type": "Chart.Line", "data": [{"legend": "x", "values": [{"x": "a", "y": 1}]}], "fallback": {"type": "Image"}},
        {"type": "Table", "rows": [{"type": "TableRow", "cells": [{"type": "TableCell"}]}]},
    )  # fmt: skip
    for one in bad:
        assert faults({"type": "AdaptiveCard", "version": "1.5", "body": [one]}), one
