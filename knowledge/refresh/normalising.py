"""Rows of feeds -> offers: names, places and money resolved; what is not understood is counted.

Pure. Nothing is guessed: a card, a memory size or a currency that the tables do not know leaves
the row out, under its raw name; a region code they do not know leaves the offer without a country.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from knowledge.facts import footprint, providers
from knowledge.facts.accelerators import is_partition, resolve_feed_name, settled_memory, variants
from knowledge.facts.machines import is_fraction, slice_of
from knowledge.facts.machines import machine as listed_machine
from knowledge.facts.regions import Geo, geo_of, home_region, place
from knowledge.feeds.source import (
    NotUnderstood,
    PartFault,
    Payload,
    PerAccelerator,
    RawOffer,
    Row,
    Source,
)
from knowledge.prices.offer import Offer, Stock
from knowledge.prices.plausibility import CLOCKS_APART, out_of_bounds, own_bounds, price_bounds
from knowledge.refresh.rates import Rates, in_usd

if TYPE_CHECKING:
    from knowledge.prices.rows import StoredOffer

RESTRICTED = frozenset({"vastai", "runpod", "shadeform"})
"""Providers whose terms restrict automated comparison: their rows need the operator's word,
wherever they come from."""
MOST_ACCELERATORS = 1024
"""More than this in "one instance" is a cluster quote or a broken row."""
BILLINGS = frozenset({"on-demand", "spot", "reserved"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]+")


class Card(NamedTuple):
    """A card of the table, as far as the feed says which variant."""

    canonical: str | None
    memory_gb: float | None
    form_factor: str | None


_NO_CARD = Card(None, None, None)


class NotKnown(NamedTuple):
    """What a row is counted under when it is left out."""

    name: str
    why: str


@dataclass
class Normalised:
    """One source's rows, resolved."""

    offers: list[Offer] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    """Raw names that were not understood, with how many rows each."""
    reasons: dict[str, str] = field(default_factory=dict)
    """Why the first row of each was not."""
    unknown_regions: Counter[str] = field(default_factory=Counter)
    """Region codes without a country ("aws mx-central-9"); their offers are kept."""
    unknown_providers: Counter[str] = field(default_factory=Counter)
    """Providers without a row in the table; their offers are kept."""
    not_allowed: Counter[str] = field(default_factory=Counter)
    """Rows left out because the provider's terms need the operator's opt-in, by provider."""
    out_of_bounds: int = 0
    """Rows, among the unknown, whose price no machine of that kind can have."""
    no_price: int = 0
    """Rows, among the unknown, whose price is none though something stands there."""
    broken: dict[str, str] = field(default_factory=dict)
    """Providers whose part of a catalogue could not be read, and why."""
    stock: list[tuple[Offer, Stock]] = field(default_factory=list)
    """What the source says of stock, with the machine it says it of."""
    repeated: int = 0
    """Rows that said what another row of the source said already."""

    @property
    def told(self) -> dict[str, int]:
        """What was not understood, each name with its reason, as a run records it."""
        return {
            f"{name}: {self.reasons[name]}"[:120].rstrip(": "): count
            for name, count in self.unknown.most_common()
        }

    def missed(self, name: str, why: str) -> None:
        shown = _clean(name, 80) or "?"
        self.unknown[shown] += 1
        self.reasons.setdefault(shown, why)


def normalised(
    rows: Iterable[Row],
    source: Source,
    payloads: Sequence[Payload],
    *,
    now: datetime,
    rates: Rates | None = None,
    allowed: Collection[str] = (),
) -> Normalised:
    """Every row as an Offer, or counted. `allowed`: restricted providers the operator opted in."""
    out = Normalised()
    stamp = _stamp(source, payloads, now)
    fetched_at = max((payload.fetched_at for payload in payloads), default=now)
    best: dict[tuple[Any, ...], Offer] = {}
    for row in rows:
        if isinstance(row, NotUnderstood):
            out.missed(row.name, row.why)
            out.no_price += row.no_price
            continue
        if isinstance(row, PartFault):
            out.broken.setdefault(row.provider, row.why)
            continue
        if row.provider in RESTRICTED or row.via is not None:
            if (refused := restricted(row, allowed)) is not None:
                out.not_allowed[refused] += 1
                continue
        offer = _offer(row, source, stamp, fetched_at, rates, out)
        if isinstance(offer, NotKnown):
            out.missed(offer.name, offer.why)
            continue
        if row.stock is not None:
            out.stock.append((offer, row.stock))
        key = (
            offer.provider, offer.instance_type, offer.region, offer.accelerator, offer.memory_gb,
            offer.count, offer.form_factor, offer.billing, offer.term_months,
        )  # fmt: skip
        known = best.get(key)
        if known is None:
            best[key] = offer
            continue
        out.repeated += 1
        # Zones of one region differ: an offer is the best a region has, complete ones first.
        if (not offer.host_included, offer.price_usd_per_hour) < (
            not known.host_included,
            known.price_usd_per_hour,
        ):
            best[key] = offer
    out.offers = _without_broken_sizes(best.values(), out)
    return out


_HOSTS = frozenset({"vastai", "lium"})
"""Markets of single hosts: two hosts of different sizes may ask the same by chance."""
_FIGURES = re.compile(r"\d+")


def size_family(offer: Offer | StoredOffer) -> tuple[Any, ...]:
    """What the sizes of one machine have in common: all but the figures of its name."""
    return (
        offer.provider, _FIGURES.sub("#", offer.instance_type), offer.region, offer.country,
        offer.accelerator, offer.memory_gb, offer.form_factor, offer.billing, offer.term_months,
    )  # fmt: skip


def broken_sizes(offers: Iterable[Offer | StoredOffer]) -> dict[tuple[Any, ...], list[int]]:
    """Families whose sizes cost the same to the cent, with their counts: a price per card was
    taken for one of the machine, or the other way round."""
    prices: dict[tuple[Any, ...], dict[int, set[float]]] = {}
    for offer in offers:
        if offer.count and offer.provider not in _HOSTS:
            sizes = prices.setdefault(size_family(offer), {})
            sizes.setdefault(offer.count, set()).add(round(offer.price_usd_per_hour, 2))
    return {
        family: sorted(sizes)
        for family, sizes in prices.items()
        if len(sizes) > 1 and len(set().union(*sizes.values())) * 2 <= len(sizes)
    }


def _without_broken_sizes(offers: Collection[Offer], out: Normalised) -> list[Offer]:
    broken = broken_sizes(offers)
    if not broken:
        return list(offers)
    kept = []
    for offer in offers:
        sizes = broken.get(size_family(offer)) if offer.count else None
        if sizes is None:
            kept.append(offer)
            continue
        words = " and ".join(f"{size}x" for size in sizes)
        out.missed(
            f"{offer.provider} {offer.accelerator}",
            f"{words} cost the same USD {offer.price_usd_per_hour:,.4g}: for a card, or for all?",
        )
    return kept


def restricted(row: RawOffer, allowed: Collection[str]) -> str | None:
    """The provider or reseller whose terms keep this row out, when the operator did not opt in."""
    for name in (row.provider, row.via):
        if name in RESTRICTED and name not in allowed:
            return name
    return None


def _stamp(source: Source, payloads: Sequence[Payload], now: datetime) -> datetime:
    """When a row without a stamp of its own was shown.

    The provider's own feed shows a price when it is asked; a third party's file is as old as it
    says it is, the oldest of several.
    """
    fetched_at = min((payload.fetched_at for payload in payloads), default=now)
    if source.first_party:
        return fetched_at
    return min(
        (payload.last_modified or payload.fetched_at for payload in payloads), default=fetched_at
    )


def _offer(
    row: RawOffer,
    source: Source,
    stamp: datetime,
    fetched_at: datetime,
    rates: Rates | None,
    out: Normalised,
) -> Offer | NotKnown:
    machine = _machine(
        row.provider, row.instance_type, row.accelerator_name, row.memory_gb, row.form_factor, row.count,
        row.vcpus, row.ram_gb,
    )  # fmt: skip
    if isinstance(machine, NotKnown):
        return machine
    name, called, card, vcpus, ram_gb, low, high = machine
    if not row.source_url.startswith(("https://", "http://")):
        return NotKnown(called, "no page to check it on")
    if row.billing not in BILLINGS or (row.term_months is not None and row.billing != "reserved"):
        return NotKnown(called, "billing and term contradict each other")
    price = _price(row, called, rates)
    if isinstance(price, NotKnown):
        return price
    usd, fx = price
    where = _where(row.provider, row.region, row.country)
    if isinstance(where, NotKnown):
        return where
    if card.canonical is not None and row.host_included:
        low, high = _narrowed(
            where.provider, card.canonical, row.count, row.billing, vcpus, ram_gb, low, high
        )
    if not low <= usd <= high:
        out.out_of_bounds += 1
        return NotKnown(called, out_of_bounds(card.canonical, usd, row.count, low, high))
    if not where.known_provider:
        out.unknown_providers[where.provider] += 1
    if where.geo is None and where.region is not None and where.region != "global":
        out.unknown_regions[f"{where.provider} {where.region}"] += 1
    as_of = row.as_of or stamp
    if as_of.tzinfo is None:
        as_of = as_of.replace(tzinfo=UTC)
    if as_of > fetched_at and as_of <= fetched_at + CLOCKS_APART:
        as_of = fetched_at  # their clock is ahead of ours; further ahead is refused as a whole
    return Offer(
        where.provider,
        name,
        card.canonical,
        card.memory_gb,
        row.count,
        card.form_factor,
        vcpus,
        ram_gb,
        where.region,
        where.country,
        where.geo,
        row.billing,
        row.term_months,
        usd,
        as_of,
        source.name,
        row.source_url,
        fetched_at,
        as_of + source.good_for,
        row.host_included,
        row.starting_at,
        fx,
        None,
        (_clean(row.note, 200) or None) if row.note else None,
    )


class Machine(NamedTuple):
    """What of a row does not depend on its place and price."""

    name: str
    called: str
    """What its faults are counted under."""
    card: Card
    vcpus: float | None
    ram_gb: float | None
    low: float
    """The lowest and highest believable USD per hour."""
    high: float


@lru_cache(maxsize=1 << 15)
def _machine(
    provider: str,
    instance_type: str,
    raw: str | None,
    memory_gb: float | None,
    form: str | None,
    count: int,
    vcpus: float | None,
    ram_gb: float | None,
) -> Machine | NotKnown:
    """A catalogue says each machine once a region and billing kind: it is judged once."""
    name = _clean(instance_type, 200)
    called = raw or name or "?"
    if not name:
        return NotKnown(called, "no name of the machine")
    if not isinstance(count, int) or not 0 <= count <= MOST_ACCELERATORS:
        return NotKnown(called, f"{count!r} accelerators in a machine")
    if (raw is None) != (count == 0):
        return NotKnown(called, "a card and their number go together")
    card = card_of(raw, memory_gb, form) if raw is not None else _NO_CARD
    if isinstance(card, NotKnown):
        return card
    if (why := contradiction(provider, name, card.canonical, count)) is not None:
        return NotKnown(f"{provider} {name}", why)
    vcpus, ram_gb = _size(vcpus), _size(ram_gb)
    return Machine(
        name, called, card, vcpus, ram_gb, *price_bounds(card.canonical, count, vcpus, ram_gb)
    )


@lru_cache(maxsize=1 << 15)
def contradiction(provider: str, instance: str, card: str | None, count: int) -> str | None:
    """Why a machine cannot hold these cards, by its name and by machines.csv; None when it can."""
    if provider == "aws" and instance.startswith("ml."):
        return "a machine of SageMaker's, which costs more than the plain one"
    part = is_fraction(provider, instance) or slice_of(provider, instance) is not None
    if part or is_partition(instance):
        return "a part of a card, which is no card"
    listed = listed_machine(provider, instance.removesuffix("_Promo"))
    if listed is None or card is None or (listed.count, listed.accelerator) == (count, card):
        return None
    return f"said to hold {count}x {card}; it holds {listed.count}x {listed.accelerator}"


@lru_cache(maxsize=8192)
def _narrowed(
    provider: str,
    card: str,
    count: int,
    billing: str,
    vcpus: float | None,
    ram_gb: float | None,
    low: float,
    high: float,
) -> tuple[float, float]:
    own = own_bounds(provider, card, count, billing, vcpus, ram_gb)
    return (low, high) if own is None else (max(low, own[0]), min(high, own[1]))


class Where(NamedTuple):
    provider: str
    known_provider: bool
    region: str | None
    country: str | None
    geo: Geo | None


@lru_cache(maxsize=1 << 13)
def _where(raw: str, code: str | None, stated: str | None) -> Where | NotKnown:
    """Provider, region (a zone's region) and country, as the tables know them."""
    provider = providers.resolve(raw) or providers.normalised(raw)[:60]
    if not provider:
        return NotKnown(raw or "?", "a provider's name that is none")
    text = _clean(code, 80) if code else ""
    region = home_region(provider, text) if text else None
    known = place(provider, text) if text else None
    country = (known.country if known else None) or (stated or "").strip().upper()
    geo = geo_of(country) if len(country) == 2 else None
    if region is None and geo is None:
        return Where(provider, providers.provider(provider) is not None, None, *home(provider))
    return Where(
        provider,
        providers.provider(provider) is not None,
        region,
        country if geo else None,
        geo or (known.geo if known else None),
    )


@lru_cache(maxsize=512)
def home(provider: str) -> tuple[str | None, Geo | None]:
    """Country and group of a provider all of whose sites lie in one: where a row without a place
    of its own must stand. None where they lie apart, or are not known."""
    known = footprint.countries(provider)
    groups = {geo_of(country) for country in known}
    if len(groups) != 1:
        return None, None
    return known[0] if len(known) == 1 else None, groups.pop()


def _price(row: RawOffer, called: str, rates: Rates | None) -> tuple[float, str | None] | NotKnown:
    """USD per hour for the whole machine, and how it became that."""
    amount = row.price.amount
    if not isinstance(amount, int | float) or not math.isfinite(amount) or amount <= 0:
        return NotKnown(called, "no price")
    if isinstance(row.price, PerAccelerator):
        if not row.count:
            return NotKnown(called, "a price for each of no cards")
        amount *= row.count
    if row.price.currency == "USD":
        return float(amount), None
    converted = in_usd(amount, row.price.currency, rates)
    if converted is None:
        return NotKnown(called, f"no rate for {_clean(row.price.currency, 8)}")
    return converted


@lru_cache(maxsize=8192)
def card_of(raw: str, memory_gb: float | None, form_factor: str | None) -> Card | NotKnown:
    """The card a feed's spelling, memory and form factor name together, or why none."""
    if is_partition(raw):
        return NotKnown(raw, "a part of a card, which is no card")
    named = resolve_feed_name(raw)
    if named is None:
        return NotKnown(raw, "a name the table does not know")
    rows = variants(named.canonical)
    sizes = {row.memory_gb for row in rows if row.memory_gb}
    form = form_factor or named.form_factor
    memory = settled_memory(named.canonical, memory_gb) if memory_gb else named.memory_gb
    if memory is None:
        made = {row.memory_gb for row in rows if form is None or row.form_factor == form}
        memory = made.pop() if len(made) == 1 else None  # the card is made in one size
    if memory is not None and sizes and memory not in sizes:
        return NotKnown(raw, f"no {named.canonical} has {memory:g} GB")
    if named.memory_gb is not None and memory != named.memory_gb:
        return NotKnown(raw, f"says {named.memory_gb:g} GB in its name and {memory:g} GB beside it")
    forms = {row.form_factor for row in rows if row.memory_gb == memory or memory is None}
    if form is None and len(forms) == 1:
        form = next(iter(forms))  # this size is made in one form
    return Card(named.canonical, memory, form)


def _size(value: float | None) -> float | None:
    """vCPUs and gigabytes; nonsense is not stated."""
    return value if value is not None and math.isfinite(value) and value > 0 else None


@lru_cache(maxsize=65536)
def _clean(text: str, most: int) -> str:
    """One line without control characters: feeds' texts end up in chats and terminals."""
    return " ".join(_CONTROL.sub(" ", text).split())[:most]
