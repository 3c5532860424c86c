"""Which offers may stand beside each other: the one room that selects.

A Subject goes in; comparable offers come out, ranked, with the reason for everything left out.
Commands and advice filter and rank nothing themselves. Its rules, each with a test of its own:

- A price for any region counts wherever its provider has GPUs; one without a place where all of
  the provider's sites lie (`knowledge.prices.conditions`).
- A price too far below every other seller is shown apart, never first (`knowledge.prices.belief`).
- An offer that is much older than the newest like one never leads it (`selection.rank`).
- A commitment answers for its own length only (`selection.of_term`).
- Several GPUs are one machine, more than a machine whole machines of one kind; single cards are
  never added up (`holding`).
- Over time every seller stands beside itself alone (`index`).
- SXM, PCIe, NVL and memory sizes keep their own figures (`selection.variants`).
"""

from knowledge.market.holding import Holding, Plan, holding
from knowledge.market.index import THIN, Index, Move, matched
from knowledge.market.selection import (
    Group,
    Selection,
    Subject,
    asked_prices,
    doubtful,
    gpu_hour,
    of_like_age,
    of_term,
    of_type,
    one_a_seller,
    rank,
    select,
    unplaced,
    variants,
)
from knowledge.market.sets import host, machines
from knowledge.market.stats import (
    TierPair,
    best_prices,
    median,
    percentile,
    quartile,
    tier_pair,
)

__all__ = (
    "THIN", "Group", "Holding", "Index", "Move", "Plan", "Selection", "Subject", "TierPair", "asked_prices", "best_prices", "doubtful", "gpu_hour",
    "holding", "host", "machines", "matched", "median", "of_like_age", "of_term", "of_type", "one_a_seller", "percentile", "quartile", "rank", "select", "tier_pair", "unplaced",
    "variants",
)  # fmt: skip
