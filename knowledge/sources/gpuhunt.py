"""dstack's gpuhunt catalogue: hourly CSVs of nine clouds in a public bucket.

v3 holds one zip a provider, v2 one zip for all; v2 is written only when every provider worked, so
it may be days old and stands in only for providers that v3 does not give us.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from knowledge.facts.accelerators import resolve_feed_name
from knowledge.facts.machines import form_in, machine, sold_on_demand, tpu_slice
from knowledge.feeds.reading import (
    MemberMissing,
    amount,
    csv_cells,
    name_of,
    quantity,
    stamp_of,
    unzipped,
    whole,
)
from knowledge.feeds.rows import BY_REGION, uncontradicted
from knowledge.feeds.source import (
    FetchFault,
    Http,
    NotUnderstood,
    ParseFault,
    PartFault,
    Payload,
    PerInstance,
    RawOffer,
    Row,
    Source,
)
from knowledge.prices.plausibility import is_flex_start

_PROVIDERS = {
    "aws": "aws",
    "azure": "azure",
    "gcp": "gcp",
    "lambdalabs": "lambda",
    "nebius": "nebius",
    "oci": "oci",
    "runpod": "runpod",
    "verda": "verda",
    "cloudrift": "cloudrift",
}
"""The catalogue's name -> ours."""

_PAGE = "https://github.com/dstackai/gpuhunt"
_COLUMNS = (
    "location", "price", "spot",
    "instance_name", "cpu", "memory", "gpu_count", "gpu_name", "gpu_memory", "flags",
)  # fmt: skip
"""The place and what it costs there; then the machine."""
_EVERYWHERE = {"lambda", "oci"}
"""Clouds whose file multiplies one price list with every region: no row says where a card is sold."""
_OTHER_PRODUCTS = {
    "gcp-dws-calendar-mode",  # a reservation of days, priced apart, though its spot says False
    "gcp-g4-preview",  # a copy of every g4 row, for old clients
    "runpod-cluster",  # several machines at once
}
_ANYWHERE = "one price for all regions; the list does not say where it is sold"
_NOTES = {"oci-spot": "half of the on-demand price, by Oracle's rule for preemptible capacity"}


async def _fetch(http: Http) -> Sequence[Payload]:
    found: list[Payload] = []
    missing: dict[str, FetchFault] = {}
    for name in _PROVIDERS:
        try:
            version = await http.get(f"/v3/{name}/version", expect="text", tag=f"{name} version")
            path = f"/v3/{name}/{_version(version)}/catalog.zip"
            found.append(await http.get(path, expect="zip", tag=name))
        except FetchFault as fault:
            missing[name] = fault
    if missing:
        try:
            version = await http.get("/v2/version", expect="text", tag="v2 version")
            path = f"/v2/{_version(version)}/catalog.zip"
            # What v3 says it no longer has, v2 may lack as well.
            asked = (f"{name}?" if missing[name].status == 404 else name for name in missing)
            found.append(await http.get(path, expect="zip", tag=",".join(asked)))
        except FetchFault:
            # A provider that is no longer published is not a fault; one whose server fails today
            # keeps the prices it had.
            broken = {name: fault for name, fault in missing.items() if fault.status != 404}
            if not found:
                raise next(iter((broken or missing).values())) from None
            found += [
                Payload(_PAGE, b"", found[0].fetched_at, tag=name, fault=str(fault))
                for name, fault in broken.items()
            ]
    return found


_VERSION = re.compile(r"^[0-9]{8}-[0-9]+$")


def _version(payload: Payload) -> str:
    text = payload.body[:64].decode("ascii", "replace").strip()
    if not _VERSION.match(text):
        raise FetchFault(f"{name_of(payload)}: {text!r:.40} is no version")
    return text


def _parse(payloads: Sequence[Payload]) -> Iterable[Row]:
    if not payloads:
        raise ParseFault("gpuhunt: no catalogue")
    faults: list[PartFault] = []
    parts = 0
    for payload in payloads:
        for tag in payload.tag.split(","):
            parts += 1
            name = tag.removesuffix("?")
            if name not in _PROVIDERS:
                raise ParseFault(f"gpuhunt: {name!r:.40} is no provider of the catalogue")
            try:
                if payload.fault:
                    raise ParseFault(payload.fault)  # noqa: TRY301
                text = unzipped(payload, f"{name}.csv")
                rows = uncontradicted(_rows(text, name, _made(payload)))
            except MemberMissing as fault:
                if name == tag:  # of others it is no longer published
                    faults.append(PartFault(_PROVIDERS[name], str(fault)))
            except ParseFault as fault:
                faults.append(PartFault(_PROVIDERS[name], str(fault)))
            else:
                yield from rows
    if len(faults) == parts:
        raise ParseFault(faults[0].why)
    yield from faults


_DAY = re.compile(r"/v[23]/(?:[a-z]+/)?(\d{4})(\d\d)(\d\d)-\d+/")


def _made(payload: Payload) -> datetime:
    """The bucket says when; else the version's day does."""
    if payload.last_modified is None and (day := _DAY.search(payload.url)):
        try:
            return datetime(int(day[1]), int(day[2]), int(day[3]), tzinfo=UTC)
        except ValueError:
            pass  # a version that is no day: as old as our reading of it
    return stamp_of(payload)


def _rows(text: str, name: str, made: datetime) -> Iterator[Row]:
    provider = _PROVIDERS[name]
    google, runpod, everywhere = provider == "gcp", provider == "runpod", provider in _EVERYWHERE
    machines: dict[tuple[str, ...], RawOffer | NotUnderstood] = {}
    prices: dict[str, PerInstance | None] = {}
    zones: dict[tuple[object, ...], RawOffer] = {}
    for cells in csv_cells(text, _COLUMNS, f"{name}.csv", {"flags"}):
        place, figure, kind = cells[:3]
        spot = kind == "True"
        if not spot and kind != "False":
            raise ParseFault(f"gpuhunt: spot is {kind!r:.20}, neither True nor False")
        # A type stands there once a place: what it is made of, and what it costs, is read once.
        said = cells[3:]
        known = machines.get(said)
        if known is None:
            known = machines[said] = _machine(said, provider, made)
        if figure not in prices:
            dollars = amount(figure)
            prices[figure] = None if dollars is None else PerInstance(dollars)
        price = prices[figure]
        if price is None or known is _OTHER:
            continue
        if isinstance(known, NotUnderstood):
            yield known
            continue
        if not place and provider in BY_REGION:
            yield NotUnderstood(f"{provider} {known.instance_type}", "no region")
            continue
        if google and not spot and known.count:
            if not sold_on_demand(provider, known.instance_type):
                continue
            if _is_flex_start(known, price.amount):
                yield NotUnderstood(f"gcp {known.instance_type}", "far below Google's list price")
                continue
        # RunPod's community cloud knows countries only.
        only_country = runpod and len(place) == 2
        offer = known._replace(
            price=price,
            billing="spot" if spot else "on-demand",
            region=None
            if only_country or everywhere
            else _ZONE.sub("", place)
            if google
            else place or None,
            country=place if only_country else None,
        )
        if not google and not everywhere:
            yield offer
            continue
        # The zones of a region cost the same; one offer a region is what people compare.
        zone_of = (offer.instance_type, offer.region, spot)
        best = zones.get(zone_of)
        if best is None or price.amount < best.price.amount:
            zones[zone_of] = offer
    yield from zones.values()


def _is_flex_start(machine: RawOffer, usd: float) -> bool:
    """Their script takes whichever of Google's prices of a card comes last for the on-demand one."""
    named = resolve_feed_name(machine.accelerator_name or "")
    return (
        machine.host_included
        and named is not None
        and is_flex_start(named.canonical, machine.memory_gb, usd / machine.count)
    )


_ZONE = re.compile(r"-[a-z]$")
_OTHER = NotUnderstood("another product", "known, and not what we compare")


def _machine(cells: tuple[str, ...], provider: str, made: datetime) -> RawOffer | NotUnderstood:
    """What a row says of its machine; price and place are for the row."""
    instance, cpu, ram, cards, card, card_memory, flags = cells
    said = flags.split()
    if not _OTHER_PRODUCTS.isdisjoint(said):
        return _OTHER
    count = 0 if amount(cards) is None else whole(cards)
    if not instance or count is None or bool(card) != bool(count):
        return NotUnderstood(f"{provider} {card or instance}", f"{cards!r:.20} cards")
    memory, form = (amount(card_memory), form_in(instance)) if card else (None, None)
    listed = machine(provider, instance) if card else None
    if listed is not None and listed.count == count:
        memory, form = listed.memory_gb, listed.form_factor
    if provider == "gcp" and card and instance.startswith("n1-"):
        instance = f"{instance} + {count}x {card}"  # N1 machines take cards of several kinds
    elif provider == "gcp" and (chips := tpu_slice(card)) is not None:
        # A slice stands there as one card with the memory of all its chips.
        (card, count), memory = chips, None
    return RawOffer(
        provider=provider,
        instance_type=instance,
        accelerator_name=card or None,
        count=count,
        price=PerInstance(0),
        billing="on-demand",
        source_url=_PAGE,
        memory_gb=memory,
        form_factor=form,
        vcpus=quantity(cpu),
        ram_gb=quantity(ram),
        as_of=made,
        note=next((_NOTES[flag] for flag in said if flag in _NOTES), None)
        or (_ANYWHERE if provider in _EVERYWHERE else None),
    )


SOURCE = Source(
    name="gpuhunt",
    title="dstack gpuhunt catalogue",
    page=_PAGE,
    base_url="https://dstack-gpu-pricing.s3.eu-west-1.amazonaws.com",
    good_for=timedelta(hours=24),
    providers=tuple(_PROVIDERS.values()),
    fetch=_fetch,
    parse=_parse,
)
