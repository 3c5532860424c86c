"""One price, for one machine, at one place, at one time.

Named tuples: they cost a cold question a third of what dataclasses do, and a stored row is one.
Rows from outside are validated with pydantic in `knowledge.prices.csv_rows`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from knowledge.facts.providers import Tier
from knowledge.facts.regions import Geo

Billing = Literal["on-demand", "spot", "reserved"]


class Offer(NamedTuple):
    """One instance type of one provider in one region under one billing kind.

    A price without evidence cannot be constructed: `source`, `source_url` and `as_of` have no
    default.
    """

    provider: str
    instance_type: str
    accelerator: str | None
    """Canonical name without memory or form factor; None for a CPU-only machine."""
    memory_gb: float | None
    """Memory of one accelerator, GB."""
    count: int  # type: ignore[assignment]  # a field, not tuple.count
    """Accelerators in the instance; 0 for a CPU-only machine."""
    form_factor: str | None
    vcpus: float | None
    ram_gb: float | None
    region: str | None
    """The provider's own region code; None when the source did not say."""
    country: str | None
    """ISO 3166 alpha-2, upper case."""
    geo: Geo | None
    billing: Billing
    term_months: int | None
    """Length of the commitment; only for reserved, None when the source did not say."""
    price_usd_per_hour: float
    """USD per hour for the whole instance, host included unless `host_included` is false."""
    as_of: datetime
    """When the seller showed this price (aware, UTC). Midnight when only a day is known."""
    source: str
    """Name of the source that brought it (a file in knowledge/sources/, `bundled`, an import)."""
    source_url: str
    fetched_at: datetime
    """When we read it (aware, UTC)."""
    fresh_until: datetime
    """`as_of` plus how long the source declares its prices good for; stale afterwards."""
    host_included: bool = True
    """False when vCPU and RAM are billed on top: such an offer ranks below complete ones."""
    starting_at: bool = False
    """True for a "from" price: the seller may ask more."""
    fx: str | None = None
    """How a foreign price became USD, e.g. "EUR 1 = USD 1.0821, ECB 2026-10-09"."""
    owner: str | None = None
    """Workspace that negotiated this price; None for public prices."""
    note: str | None = None

    @property
    def price_usd_per_gpu_hour(self) -> float | None:
        """The one figure that ranks; None for a CPU-only machine."""
        return self.price_usd_per_hour / self.count if self.count else None

    def is_stale(self, now: datetime) -> bool:
        return self.fresh_until < now


class OfferFilter(NamedTuple):
    """What a question asks of the store; every field narrows, empty means no narrowing."""

    accelerators: tuple[str, ...] = ()
    memory_gb: float | None = None
    """Exact variant when accelerators are named, else the least memory wanted."""
    form_factor: str | None = None
    count: int | None = None  # type: ignore[assignment]  # a field, not tuple.count
    """Exactly this many accelerators in one instance."""
    min_count: int | None = None
    max_count: int | None = None
    geos: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    """ISO alpha-2, upper case. Geos and countries are alternatives: either matches."""
    exclude_geos: tuple[str, ...] = ()
    exclude_countries: tuple[str, ...] = ()
    billing: Billing | None = None
    exclude_billing: tuple[Billing, ...] = ()
    providers: tuple[str, ...] = ()
    exclude_providers: tuple[str, ...] = ()
    tiers: tuple[Tier, ...] = ()
    exclude_tiers: tuple[Tier, ...] = ()
    max_price_usd_per_gpu_hour: float | None = None
    owner: str | None = None
    """Workspace whose contract prices may be seen beside the public ones."""
    unplaced_only: bool = False
    """Only offers that may or may not lie in the wanted place: no region stated, and a provider
    that is not known to be elsewhere. They are left out of region questions."""
    doubtful_only: bool = False
    """Only prices that are too far below every other seller's to be believed."""
    without_accelerator: bool = False
    """True asks for CPU-only machines."""
    fresh_at: datetime | None = None
    """Only prices still good at this moment."""
    seen_since: datetime | None = None
    """Only prices that the seller showed at this moment or later."""
    min_vcpus: float | None = None
    min_ram_gb: float | None = None


class Best(NamedTuple):
    """The best offer of one group of like offers, and how many stand behind it."""

    offer: Offer
    offers: int
    """Number of offers in the group."""
    tier: Tier
    stale: bool
    age: int = 0
    """How much older it is than the newest like price: 0 not much, 1 beyond 90 days, 2 beyond 200."""


class Priced(NamedTuple):
    """What a range of prices needs of an offer."""

    provider: str
    owner: str | None
    accelerator: str | None
    memory_gb: float | None
    form_factor: str | None
    usd_per_gpu_hour: float
    source_url: str
    as_of: str
    """As the store writes moments: comparable as text."""


class DayPrice(NamedTuple):
    """Lowest price of one day."""

    day: str
    """ISO date."""
    price_usd_per_gpu_hour: float
    provider: str
    source_url: str


class Stock(NamedTuple):
    """What a feed says of how many of a machine can be had, at one place and hour."""

    state: Literal["available", "scarce", "sold_out", "unknown"]
    """`unknown` where the feed does not tell: never counted as sold out."""
    units: int | None = None
    """How many of this very machine, where the feed counts them."""
    at_least: bool = False
    """`units` is a lower bound ("10+")."""
    planned: tuple[tuple[int, int, bool], ...] = ()
    """(within days, units more, at least) that the seller announces."""
    lead_days: float | None = None
    """Days from order to use, where the feed states them."""
