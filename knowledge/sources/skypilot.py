"""SkyPilot's hosted catalogue: one CSV a cloud, whose columns differ and are read by header.

The bucket is asked first because it says when a file was made; the repository serves the same
files without a date. Clouds whose file nobody updates any more are not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from knowledge.facts import providers, regions
from knowledge.facts.machines import (
    Machine,
    form_in,
    is_accelerated,
    machine,
    sold_on_demand,
    tpu_slice,
)
from knowledge.feeds.reading import (
    amount,
    csv_rows,
    is_no_price,
    quantity,
    stamp_of,
    text_of,
    whole,
)
from knowledge.feeds.rows import BY_REGION
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
from knowledge.prices.plausibility import FLEX_SHARE, is_flex_start

_CLOUDS = {
    "aws": "aws",
    "azure": "azure",
    "gcp": "gcp",
    "lambda": "lambda",
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

Not read: nebius (prices of early 2026 under a new stamp), primeintellect, hyperstack, hyperbolic, spheron and daytona, whose files froze, and
mithril, whose file holds the floor of an auction (a dollar a GPU) where a price was due.
"""
_EVERYWHERE = {"lambda", "oci"}
"""Clouds whose file multiplies one price list with every region: no row says where a card is sold."""
_RESOLD = ("crusoe", "hyperstack", "massedcompute", "paperspace", "scaleway", "denvr", "vultr")
"""Sellers seen in Shadeform's file beside those above."""

_PAGE = "https://github.com/skypilot-org/skypilot-catalog"
_REPOSITORY = "https://raw.githubusercontent.com"
_COLUMNS = ("InstanceType", "AcceleratorName", "AcceleratorCount", "Price", "Region")


async def _fetch(http: Http) -> Sequence[Payload]:
    found: list[Payload] = []
    faults: dict[str, FetchFault] = {}
    for cloud in _CLOUDS:
        try:
            found.append(await _one(http, cloud))
        except FetchFault as fault:
            faults[cloud] = fault
    if not found:
        raise next(iter(faults.values()))
    # A cloud they dropped is gone; one that failed today keeps the prices it had.
    return [
        *found,
        *(
            Payload(_PAGE, b"", found[0].fetched_at, tag=cloud, fault=str(fault))
            for cloud, fault in faults.items()
            if fault.status != 404
        ),
    ]


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
    faults: list[PartFault] = []
    for payload in payloads:
        if payload.tag not in _CLOUDS:
            raise ParseFault(f"skypilot: {payload.tag!r:.40} is no cloud of the catalogue")
        try:
            if payload.fault:
                raise ParseFault(payload.fault)  # noqa: TRY301
            rows = list(_cloud(payload))
        except ParseFault as fault:
            faults.append(PartFault(_CLOUDS[payload.tag], str(fault)))
        else:
            yield from rows
    if len(faults) == len(payloads):
        raise ParseFault(faults[0].why)
    yield from faults


def _cloud(payload: Payload) -> Iterator[Row]:
    rows = list(csv_rows(text_of(payload), _COLUMNS, f"{payload.tag}/vms.csv"))
    cards = [row for row in rows if row["AcceleratorName"]]
    if any(amount(row.get("SpotPrice")) for row in cards) and not any(
        amount(row["Price"]) for row in cards
    ):
        # Which spot price is a copy of the other one can no longer be told.
        raise ParseFault(f"{payload.tag}/vms.csv: not one on-demand price")
    if payload.tag == "gcp":
        found = _google(rows, stamp_of(payload))
    else:
        found = _whole_machines(rows, payload.tag, stamp_of(payload))
    return _one_a_size(found)


def _one_a_size(rows: Iterable[Row]) -> Iterator[Row]:
    """Machines without accelerators once each, at the cheapest region: there are a hundred
    thousand of them, and nobody buys one here."""
    cheapest: dict[tuple[str, str, str], RawOffer] = {}
    for row in rows:
        if not isinstance(row, RawOffer) or row.count:
            yield row
            continue
        key = (row.provider, row.instance_type, row.billing)
        known = cheapest.get(key)
        if known is None or row.price.amount < known.price.amount:
            cheapest[key] = row
    yield from cheapest.values()


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


def _broken(row: dict[str, str]) -> bool:
    return is_no_price(row["Price"]) or is_no_price(row.get("SpotPrice"))


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


def _whole_machines(rows: Sequence[dict[str, str]], cloud: str, made: datetime) -> Iterator[Row]:
    """Clouds whose rows price a machine with everything in it."""
    best = _Regions()

    def build(row: dict[str, str]) -> RawOffer | NotUnderstood:
        return _machine_of(row, cloud, made)

    everywhere = cloud in _EVERYWHERE or _is_cross_product(rows)
    for row in rows:
        if row["AcceleratorName"] and _broken(row):
            yield NotUnderstood(f"{cloud} {row['InstanceType']}", "no price", no_price=True)
        if everywhere:
            row["Region"] = ""
        # A zone of runpod's is a place of its own.
        apart = row.get("AvailabilityZone", "") if cloud == "runpod" else ""
        best.add(row, _Prices.of(row), build, apart=apart)
    notes = [note for note in (_ANYWHERE if everywhere else None, _BILLED.get(cloud)) if note]
    for read in best.rows():
        yield read._replace(note="; ".join(notes) or None) if isinstance(read, RawOffer) else read


_ANYWHERE = "one price for all regions; the list does not say where it is sold"
_BILLED = {"seeweb": "the list names no currency, and the seller bills in euro: check"}
"""What a file leaves open about its prices; taken as dollars, as its documentation has it."""
_FEWEST = 3
"""Types and regions from which a full grid at one price a type is no chance."""


def _is_cross_product(rows: Sequence[dict[str, str]]) -> bool:
    """Whether every type with a card stands in every region, each at one and the same price."""
    prices: dict[tuple[str, str], set[str]] = {}
    places: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        if row["AcceleratorName"]:
            key = (row["InstanceType"], row["AcceleratorName"])
            prices.setdefault(key, set()).add(row["Price"])
            places.setdefault(key, set()).add(row["Region"])
    all_places = set().union(*places.values()) if places else set()
    return (
        len(places) >= _FEWEST
        and len(all_places) >= _FEWEST
        and all(len(found) == 1 for found in prices.values())
        and all(found == all_places for found in places.values())
    )


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
    if provider in BY_REGION and not row["Region"]:
        return NotUnderstood(f"{cloud} {instance}", "no region")
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
_NAMED_APART = {"aws", "azure", "gcp", "lambda", "oci"}
"""Clouds at which the catalogue's bare name of a card of two sizes means the smaller one."""


def _memory(row: dict[str, str], card: str, cloud: str, count: int) -> float | None:
    """Gigabytes of one card. "SizeInMiB" holds gigabytes at some clouds, all cards' at vast."""
    if _SAYS_MEMORY.search(card):
        return None
    found = _SIZE.search(row.get("GpuInfo", ""))
    size = amount(found[1]) if found else None
    if size is None:
        return _SMALLER.get(card) if cloud in _NAMED_APART else None
    size = size if size < 1000 else size / 1024
    return round(size / count if cloud == "vast" else size, 1)


_VAST = re.compile(r"^\d+x-(.+)-\d+-\d+$")

_COUNTRY_LAST = re.compile(r"^(?:.*?, ?)?([A-Z]{2})(?:, (?:NA|SA|EU|AS|AF|OC))?$")
_COUNTRY_FIRST = re.compile(r"^([a-z]{2})(?=-|\d)", re.IGNORECASE)


def _place(row: dict[str, str], cloud: str) -> tuple[str | None, str | None]:
    """The provider's own code, and the country where the text itself names one."""
    region = row["Region"]
    if cloud == "shadeform":
        return region or None, regions.city_country(region)
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


def _google(rows: Sequence[dict[str, str]], made: datetime) -> Iterator[Row]:
    best = _Regions()
    hosts: list[tuple[str, int, dict[str, str], _Prices]] = []
    cards: dict[tuple[str, int, str], _Prices] = {}
    unknown: dict[str, str] = {}
    builds = _Google(made)
    flex = _FlexStart(rows)
    for row in rows:
        prices, name, instance = flex.prices(row), row["AcceleratorName"], row["InstanceType"]
        if name and _broken(row):
            yield NotUnderstood(f"gcp {name}", "no price", no_price=True)
        zone = row.get("AvailabilityZone") or row["Region"]
        if not row["Region"]:
            unknown[name or instance] = "no region"
            continue
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
        if not sold_on_demand("gcp", row["InstanceType"]) or _below_list(row, total.on_demand):
            total = _Prices(None, total.spot)
        best.add(row, total, builds.vm)
    yield from best.rows()
    for name, why in unknown.items():
        yield NotUnderstood(f"gcp {name}", why)


_NEAR_LIST = {"V100": 2.604, "P100": 1.533, "P4": 0.63}
"""Flex-start prices of a card that are close to the on-demand one (Cloud Billing, 2025-06-17)."""


class _FlexStart:
    """Tells the flex-start (DWS) prices that stand in the on-demand column of cards.

    Such a price is about half of the card's own in other zones, or no higher than the spot price.
    What it is once, it is in every zone that shows the same figure.
    """

    def __init__(self, rows: Iterable[dict[str, str]]) -> None:
        shown: dict[str, list[float]] = {}
        self._suspect: set[tuple[str, float]] = set()
        for row in rows:
            name, each = row["AcceleratorName"], _each(row)
            if not name or each is None or tpu_slice(name) is not None:
                continue
            shown.setdefault(name, []).append(each)
            spot = amount(row.get("SpotPrice"))
            if spot is not None and spot >= (amount(row["Price"]) or 0):
                self._suspect.add((name, each))
        # The upper quarter: in some files most zones of a card show the wrong price.
        self._least = {
            name: FLEX_SHARE * sorted(known)[len(known) * 3 // 4] for name, known in shown.items()
        }

    def prices(self, row: dict[str, str]) -> _Prices:
        """On-demand and spot of a row, without an on-demand price that is another product's."""
        name, each = row["AcceleratorName"], _each(row)
        if name not in self._least or each is None:
            return _Prices.of(row)
        if (
            each < self._least[name]
            or (name, each) in self._suspect
            or each == _NEAR_LIST.get(name)
        ):
            return _Prices(None, amount(row.get("SpotPrice")))
        return _Prices.of(row)


def _each(row: dict[str, str]) -> float | None:
    """The on-demand price of one card of a row."""
    price, count = amount(row["Price"]), whole(row["AcceleratorCount"])
    return round(price / count, 3) if price is not None and count else None


def _below_list(row: dict[str, str], on_demand: float | None) -> bool:
    """Whether a machine's sum is far below what the bundled list knows of Google's card."""
    listed = machine("gcp", row["InstanceType"].removesuffix("-nolssd"))
    return (
        on_demand is not None
        and listed is not None
        and is_flex_start(listed.accelerator, listed.memory_gb, on_demand / listed.count)
    )


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
