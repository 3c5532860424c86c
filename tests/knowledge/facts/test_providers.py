"""Provider facts in other languages: every sentence of the table, and no other."""

from __future__ import annotations

import re

import pytest

from bot.language import LANGS
from knowledge.facts import bundled
from knowledge.facts.providers import WORDED, Provider, all_providers, translated

WORDS = ("summary", "risk_notes", "last_event", "egress_fee", "min_commitment")


@pytest.mark.parametrize("lang", WORDED)
@pytest.mark.parametrize("known", all_providers(), ids=lambda one: one.id)
def test_every_sentence_has_its_translation(known: Provider, lang: str) -> None:
    """Filled where the English is filled, and only there."""
    ours = translated(known, lang)
    for name in WORDS:
        assert bool(getattr(ours, name)) == bool(getattr(known, name)), name
    assert translated(known, "en") == known
    assert (ours.id, ours.source_url, ours.checked_on) == (
        known.id,
        known.source_url,
        known.checked_on,
    )


def _figures(text: str) -> set[str]:
    """The digits that count: "1.17 billion" and "1170 millones" are the same figure."""
    dated = re.sub(r"\b(20\d\d)-(\d\d)-(\d\d)\b", r"\3/\2/\1", text)
    numbers = (re.sub("[.,]", "", found) for found in re.findall(r"\d[\d.,]*", dated))
    return {number.strip("0") or "0" for number in numbers}


@pytest.mark.parametrize("lang", WORDED)
@pytest.mark.parametrize("known", all_providers(), ids=lambda one: one.id)
def test_figures_survive_translation(known: Provider, lang: str) -> None:
    """Years, model numbers and amounts stand in both, however each language writes them."""
    ours = translated(known, lang)
    for name in WORDS:
        assert _figures(getattr(known, name)) == _figures(getattr(ours, name)), name


@pytest.mark.parametrize("lang", WORDED)
def test_no_translation_of_an_unknown_provider(lang: str) -> None:
    """Rows belong to the table."""
    ids = {one.id for one in all_providers()}
    assert {row["id"] for row in bundled.rows(f"providers_{lang}")} <= ids


def test_every_language_has_its_sentences() -> None:
    """The table is in the first language, each other one has a file."""
    assert (*LANGS[1:],) == WORDED
