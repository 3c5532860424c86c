"""The facts that advice rules may ask about, as far as a question and the offers shown say them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.core.desk import Desk
from bot.core.question import Question
from knowledge.advice.facts import Value
from knowledge.facts.charges import egress_usd
from knowledge.facts.providers import provider
from knowledge.facts.regions import GEOS, geo_of
from knowledge.facts.units import MONTH
from knowledge.market import tier_pair
from knowledge.prices.offer import Best

if TYPE_CHECKING:
    from knowledge.sizing.models import Model

Known = dict[str, Value | None]

LARGE = frozenset("A100 H100 H200 H800 GH200 B200 B300 GB200 GB300 MI300X MI325X MI355X".split())
"""Cards that clouds ration: the A100 class and above."""
_SIZE = re.compile(r"(?:^|-)(\d+(?:\.\d+)?)b$")


def facts_of(
    question: Question,
    desk: Desk,
    about: str,
    shown: Sequence[Best] = (),
    pool: Sequence[Best] = (),
) -> Known:
    """What is known; a fact nobody knows is left out or None.

    `shown` are the offers of the answer, the leading one first; `pool` is the market they stand in.
    """
    facts: Known = {"about": about}
    facts.update(_asked(question))
    if shown:
        facts.update(_leader(shown, question, desk))
    if pool and not question.tier and not question.providers:
        pair = tier_pair(pool)
        facts["tier_gap_pct"] = 100 * pair.gap if pair else None
    return facts


def _asked(question: Question) -> Known:
    """What the words state."""
    size = billions(question)
    model = model_of(question)
    count = question.count
    hours = question.hours
    flags = question.circumstances
    region = question.region or (question.regions[0] if len(question.regions) == 1 else None)
    return {
        "workload": question.workload,
        "urgency": question.urgency,
        "billing": question.billing,
        "geo": region if region in GEOS else geo_of(region.upper()) if region else None,
        "compliance": question.compliance or None,
        "data_sensitivity": question.data_sensitivity,
        "residency": _flag("residency", flags),
        "can_checkpoint": False if "no-checkpoint" in flags else None,
        "moving": _flag("moving", flags),
        "asks_future": _flag("future", flags),
        "prepaid": _flag("prepaid", flags),
        "method": next(
            (name for flag, name in _METHODS if flag in flags),
            None,
        ),
        "months": hours / MONTH if hours else None,
        "days": hours / 24 if hours else None,
        "hours_per_month": min(hours, MONTH) * (question.utilisation or 1) if hours else None,
        "utilisation": question.utilisation * 100 if question.utilisation else None,
        "gpu_count": count,
        "nodes": -(-count // 8) if count else None,
        "budget_usd": question.budget_usd,
        "egress_tb": question.egress_tb,
        "precision": question.precision,
        "params_b": size,
        "active_params_b": model.active_params_b if model else size,
        "context": question.context_tokens,
        "concurrency": question.concurrency,
    }


_METHODS = (("full-tuning", "full"), ("qlora", "qlora"), ("lora", "lora"))


def _flag(name: str, flags: Sequence[str]) -> bool | None:
    return True if name in flags else None


def _leader(shown: Sequence[Best], question: Question, desk: Desk) -> Known:
    """What the offer that leads the answer brings with it."""
    offer = shown[0].offer
    newest = max(best.offer.as_of for best in shown)
    facts: Known = {
        "tier": shown[0].tier,
        "large_gpu": offer.accelerator in LARGE,
        "price_age_days": max(0, (desk.now - newest).days),
        "price_date": desk.say.date(newest),
        "provider": desk.say.provider(offer.provider),
        "provider_id": offer.provider,
    }
    facts.update(seller_facts(offer.provider))
    if question.egress_tb:
        facts["egress_cost"] = egress_usd(offer.provider, question.egress_tb * 1000)
    return facts


def seller_facts(provider_id: str) -> Known:
    """Ownership and age of a provider, as far as they are confirmed."""
    known = provider(provider_id)
    if known is None:
        return {}
    year = known.founded[:4]
    return {
        "ownership": known.ownership or None,
        "founded": int(year) if year.isdigit() else None,
        "last_event_date": known.last_event_date or None,
        "pending_deal": re.search(r"\bpending\b", known.risk_notes.lower()) is not None or None,
    }


def model_of(question: Question) -> Model | None:
    if question.model is None:
        return None
    from knowledge.sizing.models import resolve  # most questions name no model

    return resolve(question.model)


def billions(question: Question) -> float | None:
    """Parameters of the named model or stated size, in billions."""
    if question.model is None:
        return None
    known = model_of(question)
    if known:
        return known.params_b
    size = _SIZE.search(question.model)
    return float(size.group(1)) if size else None
