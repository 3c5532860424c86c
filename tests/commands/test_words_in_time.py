"""Patterns over a question's words take no longer for what nobody would write."""

from __future__ import annotations

import time

import pytest

from bot.core.question import Question
from bot.economics import bounds, serverless
from bot.economics.meant import meant

LONG = 10_000
SOON = 1.0
"""Seconds for ten thousand characters, on a machine that does much else; seconds, where it was half a minute."""


@pytest.mark.parametrize(
    "piece",
    ["0", "1 ", "1,", "1.", "1,000 ", "mil ", "1 a b ", "in 1 ", "tokens ", "1k tokens of ", "- ", "5%",
     " ", "use 0 ", "10 TB out ", "1 hours de ", "fine-tun", "claude-", "9h ", "8%use"],
)  # fmt: skip
def test_ten_thousand_characters_are_read_at_once(piece: str) -> None:
    """Of digits alone it took 26 seconds."""
    text = (piece * LONG)[:LONG] + " tokens"
    begun = time.process_time()
    for workload in (None, "training"):
        for intent in ("token_cost", "estimate", "advise"):
            meant(Question(intent, text=text, workload=workload))
    bounds._USE.search(text)
    bounds._NOTHING.search(text)
    serverless._HOURS_A_DAY.search(text)
    assert time.process_time() - begun < SOON
