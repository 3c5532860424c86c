"""What recommendations take from the store: like offers, each provider once."""

from __future__ import annotations

from bot.desk import Desk
from bot.offers import gpu_hour, offer_filter, ranked
from bot.question import Question
from knowledge.offer import Best, OfferFilter

USUAL_CARD = "H100"
"""The card a general question is answered with, and said so."""


def like_offers(question: Question, desk: Desk, billing: str = "on-demand") -> list[Best]:
    """Each provider's best complete offer of the asked card, marketplaces left out."""
    asked = question if question.accelerators else question._replace(accelerators=(USUAL_CARD,))
    wanted = offer_filter(asked, desk)._replace(
        billing=billing,  # type: ignore[arg-type]
        exclude_billing=(),
        providers=(),
        tiers=(),
        max_price_usd_per_gpu_hour=None,
        count=None,
    )
    return [
        best
        for best in ranked(
            one for one in desk.store.market(wanted, desk.now) if one.tier != "marketplace"
        )
        if best.offer.host_included
    ]


def cheapest_cpu(desk: Desk, vcpus: int) -> Best | None:
    """The cheapest machine without accelerator that has at least so many vCPUs."""
    found = desk.store.offers(
        OfferFilter(without_accelerator=True, min_vcpus=vcpus, billing="on-demand"), 1
    )
    if not found:
        return None
    return Best(found[0], 1, "hyperscaler", found[0].is_stale(desk.now))


def lowest(bests: list[Best], tier: str, form_factor: str | None = None) -> Best | None:
    """The cheapest of a tier; of the given form factor where one of it is offered."""
    rows = [best for best in bests if best.tier == tier]
    alike = [best for best in rows if form_factor and best.offer.form_factor == form_factor]
    return min(alike or rows, key=lambda best: gpu_hour(best.offer), default=None)
