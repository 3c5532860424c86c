"""Payloads broken in a hundred places each: no wrong price, no fault that is not readable.

`tests/feeds/mutating.py` tries every place; here is a sample of each source's.
"""

from __future__ import annotations

import random

import pytest
from feeds.mutating import changes, looked_at, payloads_of, read

from knowledge.sources import SOURCES

SAMPLE = 40


@pytest.mark.parametrize("name", SOURCES)
def test_a_broken_payload_brings_no_wrong_price(name: str) -> None:
    source, payloads = SOURCES[name], payloads_of(name, None)
    before = read(source, payloads)
    assert before
    tried = list(changes(payloads, name))
    for label, made in random.Random(name).sample(tried, min(SAMPLE, len(tried))):
        wrong = [one for one in looked_at(source, before, label, made) if one.what != "new"]
        assert not wrong, wrong[0]
