"""SkyPilot's hosted catalogue: one CSV a cloud, whose columns differ and are read by header.

The bucket is asked first because it says when a file was made; the repository serves the same
files without a date. Clouds whose file nobody updates any more are not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from knowledge import providers, regions
from knowledge.machines import (
    Machine,
    form_in,
    is_accelerated,
    machine,
    sold_on_demand,
    tpu_slice,
)
from knowledge.reading import amount, csv_rows, quantity, stamp_of, text_of, whole
from knowledge.source import (
    FetchFault,
    Http,
    NotUnderstood,
    ParseFault,
    Payload,
    PerInstance,
    RawOffer,
    Row,
    Source,
)

_CLOUDS = {
    "aws": "aws",
    "azure": "azure",
    "gcp": "gcp",
    "lambda": "lambda",
    "nebius": "nebius",
    "verda": "verda",
    "seeweb": "seeweb",
    "cudo": "cudo",
    "jarvislabs": "jarvislabs",
    "oci": "oci",
    "yotta": "yottalabs",
    "runpod": "runpod",
    "vast": "vastai",
    "shadeform": "shadeform",
}
"""The catalogue's name -> ours.

Not read: primeintellect, hyperstack, hyperbolic, spheron and daytona, whose files froze, and
mithril, whose file holds the floor of an auction (a dollar a GPU) where a price was due.
"""
_RESOLD = ("crusoe", "hyperstack", "massedcompute", "paperspace", "scaleway", "denvr", "vultr")
"""Sellers seen in Shadeform's file beside those above."""

_PAGE = "https://github.com/skypilot-org/skypilot-catalog"
_REPOSITORY = "https://raw.githubusercontent.com"
_COLUMNS = ("InstanceType", "AcceleratorName", "AcceleratorCount", "Price", "Region")


async def _fetch(http: Http) -> Sequence[Payload]:
    found: list[Payload] = []
    gone: FetchFault | None = None
    for cloud in _CLOUDS:
        try:
            found.append(await _one(http, cloud))
        except FetchFault as fault:
            if fault.status != 404:
                raise
            gone = fault  # a cloud they dropped; the others stand
    if not found:
        raise gone or FetchFault("skypilot: no cloud answered")
    return found


async def _one(http: Http, cloud: str) -> Payload:
    path = f"/catalogs/v8/{cloud}/vms.csv"
    try:
        return await http.get(path, expect="csv", tag=cloud)
    except FetchFault as fault:
        path = f"/skypilot-org/skypilot-catalog/master{path}"
        try:
            return await http.get(path, expect="csv", tag=cloud, base=_REPOSITORY)
        except FetchFault as second:
            # "Not here" counts only when both say so.
            raise (fault if second.status == 404 else second) from None


def _parse(payloads: Sequence[Payload]) -> Iterable[Row]:
    if not payloads:
        raise ParseFault("skypilot: no catalogue")
    for payload in payloads:
        if payload.tag not in _CLOUDS:
            raise ParseFault(f"skypilot: {payload.tag!r:.40} is no cloud of the catalogue")
        rows = csv_rows(text_of(payload), _COLUMNS, f"{payload.tag}/vms.csv")
        if payload.tag == "gcp":
            yield from _google(rows, stamp_of(payload))
        else:
            yield from _whole_machines(rows, payload.tag, stamp_of(payload))


class _Prices(NamedTuple):
    """On-demand and spot; zero is missing, and so is a spot price that copies the other one."""

    on_demand: float | None
    spot: float | None

    @classmethod
    def of(cls, row: dict[str, str]) -> _Prices:
        return _real(amount(row["Price"]), amount(row.get("SpotPrice")))

    def plus(self, other: _Prices) -> _Prices:
        """A part without a price leaves the whole without one."""
        on_demand, spot = (
            None if a is None or b is None else a + b for a, b in zip(self, other, strict=True)
        )
        return _real(on_demand, spot)

    def or_lower(self, other: _Prices) -> _Prices:
        """The lower of each kind: the cheapest zone of a region."""
        return _Prices(_lower(self.on_demand, other.on_demand), _lower(self.spot, other.spot))

    def on(self, offer: RawOffer) -> Iterator[RawOffer]:
        """The offer at each price."""
        if self.on_demand is not None:
            yield offer._replace(price=PerInstance(self.on_demand))
        if self.spot is not None:
            yield offer._replace(price=PerInstance(self.spot), billing="spot")


_NONE = _Prices(None, None)


def _real(on_demand: float | None, spot: float | None) -> _Prices:
    copied = spot is not None and on_demand is not None and spot >= on_demand
    return _Prices(on_demand, None if copied else spot)


def _lower(a: float | None, b: float | None) -> float | None:
    if a is None or b is None:
        return b if a is None else a
    return min(a, b)


_Build = Callable[[dict[str, str]], RawOffer | NotUnderstood]


class _Regions:
    """One offer a machine and region, at the price of the cheapest zone; built once, at the end."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, ...], tuple[_Prices, dict[str, str], _Build]] = {}

    def add(self, row: dict[str, str], prices: _Prices, build: _Build, *, apart: str = "") -> None:
        """`apart`: what tells machines of one region apart beside the row's own names."""
        if prices == _NONE:
            return
        key = (row["InstanceType"], row["AcceleratorName"], row["AcceleratorCount"], row["Region"], apart)  # fmt: skip
        known = self._found.get(key)
        if known is None:
            self._found[key] = (prices, row, build)
        elif (lower := known[0].or_lower(prices)) != known[0]:
            self._found[key] = (lower, *known[1:])

    def rows(self) -> Iterator[Row]:
        for prices, row, build in self._found.values():
            read = build(row)
            if isinstance(read, NotUnderstood):
                yield read
            else:
                yield from prices.on(read)


def _whole_machines(rows: Iterable[dict[str, str]], cloud: str, made: datetime) -> Iterator[Row]:
    """Clouds whose rows price a machine with everything in it."""
    best = _Regions()

    def build(row: dict[str, str]) -> RawOffer | NotUnderstood:
        return _machine_of(row, cloud, made)

    for row in rows:
        # A zone of runpod's is a place of its own.
        apart = row.get("AvailabilityZone", "") if cloud == "runpod" else ""
        best.add(row, _Prices.of(row), build, apart=apart)
    yield from best.rows()


def _machine_of(row: dict[str, str], cloud: str, made: datetime) -> RawOffer | NotUnderstood:
    """One row without its prices."""
    provider, instance, via = _CLOUDS[cloud], row["InstanceType"], None
    if cloud == "shadeform":
        seller, _, name = instance.partition("_")
        known, via = providers.resolve(seller), "shadeform"
        if known is None:
            return NotUnderstood(f"shadeform {seller}", "no such provider in providers.csv")
        # Shadeform's own name, not to be taken for one of the seller's.
        provider, instance = known, f"shadeform:{seller}_{name.replace('-', '_')}"
    card = row["AcceleratorName"] or None
    count = whole(row["AcceleratorCount"]) if card else 0
    if count is None or not instance:
        return NotUnderstood(
            f"{cloud} {instance or card}", f"{row['AcceleratorCount']!r:.20} cards"
        )
    memory, form = (_memory(row, card, cloud, count), form_in(instance)) if card else (None, None)
    listed = machine(provider, instance)
    if card and listed is not None and listed.count == count:
        # "Trainium" and "A100" say less than the table knows.
        card, memory, form = listed.accelerator, listed.memory_gb, listed.form_factor
    if card and cloud == "vast" and (said := _VAST.match(instance)):
        card = said[1].replace("_", " ")  # its other column calls a "4060 Ti" a 4060
    region, country = _place(row, cloud)
    return RawOffer(
        provider=provider,
        instance_type=instance,
        accelerator_name=card,
        count=count,
        price=PerInstance(0),
        billing="on-demand",
        source_url=_PAGE,
        memory_gb=memory,
        form_factor=form,
        # What stands there for RunPod's hosts is a guess of the catalogue's script.
        vcpus=quantity(row.get("vCPUs")) if cloud != "runpod" else None,
        ram_gb=quantity(row.get("MemoryGiB")) if cloud != "runpod" else None,
        region=region,
        country=country,
        as_of=made,
        via=via,
    )


_SIZE = re.compile(r"['\"]SizeInMiB['\"]\s*:\s*([\d.]+)")
_SAYS_MEMORY = re.compile(r"\d+ ?GB?$", re.IGNORECASE)
_SMALLER = {"V100": 16.0, "A100": 40.0}
"""Cards of two sizes: the catalogue's bare name means the smaller one."""


def _memory(row: dict[str, str], card: str, cloud: str, count: int) -> float | None:
    """Gigabytes of one card. "SizeInMiB" holds gigabytes at some clouds, all cards' at vast."""
    if _SAYS_MEMORY.search(card):
        return None
    found = _SIZE.search(row.get("GpuInfo", ""))
    size = amount(found[1]) if found else None
    if size is None:
        return _SMALLER.get(card)
    size = size if size < 1000 else size / 1024
    return round(size / count if cloud == "vast" else size, 1)


_VAST = re.compile(r"^\d+x-(.+)-\d+-\d+$")

# As Shadeform writes places: "saltlakecity-usa-1", "paris-france-5".
_CITY = re.compile(r"^[a-z]+-([a-z]+)-\d+$")
_COUNTRY_LAST = re.compile(r"^(?:.*?, ?)?([A-Z]{2})(?:, (?:NA|SA|EU|AS|AF|OC))?$")
_COUNTRY_FIRST = re.compile(r"^([a-z]{2})(?=-|\d)", re.IGNORECASE)


def _place(row: dict[str, str], cloud: str) -> tuple[str | None, str | None]:
    """The provider's own code, and the country where the text itself names one."""
    region = row["Region"]
    if cloud == "shadeform" and (found := _CITY.match(region)):
        return region, regions.country_named(found[1])
    if cloud in ("runpod", "vast") and (found := _COUNTRY_LAST.match(region)):
        return row.get("AvailabilityZone") or None, found[1]  # "CA", "Utah, US", "France, FR, EU"
    if cloud in ("seeweb", "cudo", "yotta", "jarvislabs") and (
        found := _COUNTRY_FIRST.match(region)
    ):
        country = found[1].upper()  # "it-fr2", "se-stockholm-1", "IN2"
        return region, country if regions.geo_of(country) else None
    return region or None, None


# Google prices the VM and its cards in rows of their own: a VM's row alone would advertise an
# H100 for a dollar. They are added up zone by zone.

_CARDS_OF = {
    "a2-highgpu": "A100",
    "a2-megagpu": "A100",
    "a2-ultragpu": "A10080GB",
    "a3-highgpu": "H100",
    "a3-edgegpu": "H100",
    "a3-megagpu": "H100MEGA",
    "a3-ultragpu": "H200",
    "g2-standard": "L4",
    "g4-standard": "RTXPRO6000",
}
"""Machine family -> the card's row, dashes left out."""
_ATTACHED = {"T4", "V100", "P100", "P4", "K80"}
"""Cards that go into an N1 machine of one's choice, which costs extra."""
_NO_PRICE_V6E = 700.0
"""What stands where a TPU v6e has no price."""


def _google(rows: Iterable[dict[str, str]], made: datetime) -> Iterator[Row]:
    best = _Regions()
    hosts: list[tuple[str, int, dict[str, str], _Prices]] = []
    cards: dict[tuple[str, int, str], _Prices] = {}
    unknown: dict[str, str] = {}
    builds = _Google(made)
    for row in rows:
        prices, name, instance = _Prices.of(row), row["AcceleratorName"], row["InstanceType"]
        zone = row.get("AvailabilityZone") or row["Region"]
        if not name:
            listed = machine("gcp", instance.removesuffix("-nolssd"))
            if listed is not None:
                family = _CARDS_OF.get(listed.instance_type.rpartition("-")[0])
                if family is not None:
                    hosts.append((family, listed.count, row, prices))
            elif is_accelerated("gcp", instance):
                unknown[instance] = "no such machine in machines.csv"
            else:
                best.add(row, prices, builds.vm)
            continue
        card, count = name.replace("-", "").upper(), whole(row["AcceleratorCount"])
        if tpu_slice(name) is not None:
            best.add(row, _without_sentinel(name, prices), builds.tpu)
        elif count is None:
            unknown[name] = f"{row['AcceleratorCount']!r:.20} cards"
        elif card == "B200" and count == 8:
            best.add(row, _Prices(None, prices.spot), builds.a4)
        elif card in _ATTACHED:
            best.add(row, prices, builds.card_alone)
        elif card in _CARDS_OF.values():
            cards[card, count, zone] = prices
        else:
            unknown[name] = "no machine in machines.csv carries this card"
    for family, count, row, prices in hosts:
        zone = row.get("AvailabilityZone") or row["Region"]
        total = prices.plus(cards.get((family, count, zone), _NONE))
        if not sold_on_demand("gcp", row["InstanceType"]):
            total = _Prices(None, total.spot)
        best.add(row, total, builds.vm)
    yield from best.rows()
    for name, why in unknown.items():
        yield NotUnderstood(f"gcp {name}", why)


def _without_sentinel(name: str, prices: _Prices) -> _Prices:
    if not name.lower().startswith("tpu-v6e"):
        return prices
    return _Prices(*(None if price == _NO_PRICE_V6E else price for price in prices))


class _Google:
    """Rows of Google's file as offers, prices aside."""

    def __init__(self, made: datetime) -> None:
        self._made = made

    def vm(self, row: dict[str, str]) -> RawOffer | NotUnderstood:
        """A machine, with the cards that come with it."""
        read = _machine_of(row, "gcp", self._made)
        listed = machine("gcp", row["InstanceType"].removesuffix("-nolssd"))
        if listed is None or isinstance(read, NotUnderstood):
            return read
        return _with_cards(read, listed)

    def a4(self, row: dict[str, str]) -> RawOffer | NotUnderstood:
        """B200 is sold by the slice: the card's row carries the machine, whose own row says 0."""
        listed = machine("gcp", "a4-highgpu-8g")
        if listed is None:
            return NotUnderstood("gcp a4-highgpu-8g", "not in machines.csv")
        host = self._offer(row, listed.instance_type)
        return _with_cards(host._replace(vcpus=listed.vcpus, ram_gb=listed.ram_gb), listed)

    def card_alone(self, row: dict[str, str]) -> RawOffer | NotUnderstood:
        """A card that goes into an N1, without it."""
        name, count = row["AcceleratorName"], whole(row["AcceleratorCount"]) or 1
        return self._offer(row, f"n1 + {count}x {name}")._replace(
            accelerator_name=name,
            count=count,
            memory_gb=_memory(row, name, "gcp", count),
            host_included=False,
        )

    def tpu(self, row: dict[str, str]) -> RawOffer | NotUnderstood:
        """A slice of chips, host included."""
        name = row["AcceleratorName"]
        card, count = tpu_slice(name) or (name, 1)
        offer = self._offer(row, name.removeprefix("tpu-"))
        return offer._replace(accelerator_name=card, count=count)

    def _offer(self, row: dict[str, str], instance: str) -> RawOffer:
        return RawOffer(
            provider="gcp",
            instance_type=instance,
            accelerator_name=None,
            count=0,
            price=PerInstance(0),
            billing="on-demand",
            source_url=_PAGE,
            region=row["Region"] or None,
            as_of=self._made,
        )


def _with_cards(host: RawOffer, listed: Machine) -> RawOffer:
    return host._replace(
        accelerator_name=listed.accelerator,
        count=listed.count,
        memory_gb=listed.memory_gb,
        form_factor=listed.form_factor,
    )


SOURCE = Source(
    name="skypilot",
    title="SkyPilot catalogue",
    page=_PAGE,
    base_url="https://skypilot-catalog.s3.us-east-1.amazonaws.com",
    good_for=timedelta(hours=48),
    providers=(*_CLOUDS.values(), *_RESOLD),
    fetch=_fetch,
    parse=_parse,
    extra_hosts=("raw.githubusercontent.com",),
)
