"""Side by side: what a length of time comes to says the same as the headline."""

from __future__ import annotations

from offers import offer

from bot.commands.compare import _totals
from bot.core.question import Question
from bot.core.wording import wording


def test_a_gpu_whose_host_is_billed_apart_is_no_total() -> None:
    """A seller's whole machine is summed, though its GPU alone is cheaper."""
    machine = offer(provider="coreweave", count=8, price_usd_per_hour=49.2)
    gpu_only = offer(provider="coreweave", count=1, price_usd_per_hour=4.25, host_included=False)
    other = offer(provider="nebius", count=1, price_usd_per_hour=4.5)
    question = Question("compare", accelerators=("H100",), hours=100)
    (line,) = _totals((gpu_only, machine, other), question, wording("en"))
    assert "$615.00" in line
    assert "$450.00" in line
    assert "$425.00" not in line
