"""Slack blocks and Teams cards: every sample Answer, within the platform's limits, escaped."""

from __future__ import annotations

import json

import pytest
from gallery import GALLERY

from bot.slack import blocks
from bot.teams import card


@pytest.mark.parametrize("name", list(GALLERY))
def test_slack_takes_every_answer(name: str) -> None:
    """At most 50 blocks, and no broadcast mention or foreign link survives."""
    rendered = blocks.render(GALLERY[name])
    text = json.dumps(rendered)
    assert 0 < len(rendered) <= 50
    assert "<!channel>" not in text
    assert "<https://evil.example" not in text


@pytest.mark.parametrize("name", list(GALLERY))
def test_teams_takes_every_answer(name: str) -> None:
    """One Adaptive Card 1.5 of at most 25 kB, with text for hosts that draw none."""
    rendered = card.render(GALLERY[name])
    assert rendered["type"] == "AdaptiveCard"
    assert rendered["fallbackText"]
    assert card.weight(rendered) <= card.MAX_BYTES
