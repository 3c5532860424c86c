"""Provider facts in Portuguese: every sentence of the table, and no other."""

from __future__ import annotations

import re

import pytest

from knowledge import bundled
from knowledge.providers import Provider, all_providers, translated

WORDS = ("summary", "risk_notes", "last_event", "egress_fee", "min_commitment")


@pytest.mark.parametrize("known", all_providers(), ids=lambda one: one.id)
def test_every_sentence_has_its_portuguese(known: Provider) -> None:
    """Filled where the English is filled, and only there."""
    ours = translated(known, "pt")
    for name in WORDS:
        assert bool(getattr(ours, name)) == bool(getattr(known, name)), name
    assert translated(known, "en") is known
    assert (ours.id, ours.source_url, ours.checked_on) == (
        known.id,
        known.source_url,
        known.checked_on,
    )


@pytest.mark.parametrize("known", all_providers(), ids=lambda one: one.id)
def test_figures_survive_translation(known: Provider) -> None:
    """Years and model numbers stand in both; amounts only change their separators."""
    ours = translated(known, "pt")
    for name in WORDS:
        english = re.sub(r"\b(20\d\d)-(\d\d)-(\d\d)\b", r"\3/\2/\1", getattr(known, name))
        swapped = english.translate(str.maketrans(",.", ".,"))
        wanted = {number.strip(".,") for number in re.findall(r"\d[\d.,]*", swapped)}
        given = {number.strip(".,") for number in re.findall(r"\d[\d.,]*", getattr(ours, name))}
        assert wanted == given, name


def test_no_translation_of_an_unknown_provider() -> None:
    """Rows belong to the table."""
    ids = {one.id for one in all_providers()}
    assert {row["id"] for row in bundled.rows("providers_pt")} <= ids
