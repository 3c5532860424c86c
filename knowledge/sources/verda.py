"""Verda (formerly DataCrunch): its public instance types, and the discounts of its long terms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from knowledge.feeds.asking import if_there
from knowledge.feeds.reading import amount, json_of, list_at, quantity, whole
from knowledge.feeds.rows import dig, label, offered, unpriced, word, words
from knowledge.feeds.source import Http, NotUnderstood, Payload, PerInstance, RawOffer, Row, Source
from knowledge.prices.offer import Stock

PAGE = "https://verda.com/pricing"
_COUNTED = re.compile(r"^\d+\s*x\s+", re.IGNORECASE)
_STOCK = "availability"
_MONTHS = {"month": 1, "year": 12}


async def fetch(http: Http) -> Sequence[Payload]:
    """The types in USD (the default currency is not documented), and the terms."""
    types = await http.get("/v1/instance-types", params={"currency": "usd"}, tag="types")
    return [
        types,
        *await if_there(http.get("/v1/long-term/periods", tag="periods")),
        # Asks for an account's token: without one the server says no, and no stock is told.
        *await if_there(http.get("/v1/instance-availability", tag=_STOCK)),
    ]


def parse(payloads: Sequence[Payload]) -> list[Row]:
    """One machine is an on-demand, a spot and, for each term on sale, a reserved offer."""
    rows: list[Row] = []
    terms: list[tuple[int, float]] = []
    free = _free(payloads)
    for payload in payloads:
        if payload.tag == "periods":
            for row in _terms(list_at(json_of(payload), name="periods")):
                if isinstance(row, NotUnderstood):
                    rows.append(row)
                else:
                    terms.append(row)
    for payload in payloads:
        if payload.tag not in ("periods", _STOCK):
            machines = list_at(json_of(payload), name="types")
            # Dollars were asked for: one row in another currency among them is a mistake.
            mixed = len({_currency(machine) for machine in machines}) > 1
            for place, machine in enumerate(machines):
                if mixed and _currency(machine) != "USD":
                    name = label(dig(machine, "instance_type"), f"type {place}")
                    rows.append(NotUnderstood(name, f"in {_currency(machine)}, the others in USD"))
                else:
                    rows += _machine(machine, place, terms, free)
    return offered(rows, "verda")


def _free(payloads: Sequence[Payload]) -> frozenset[str] | None:
    """Types that can be had at some location; None when the server does not tell us."""
    bodies = [json_of(payload) for payload in payloads if payload.tag == _STOCK]
    if not bodies or not isinstance(bodies[0], list):
        return None
    return frozenset(name for place in bodies[0] for name in words(dig(place, "availabilities")))


def _terms(periods: list[Any]) -> Iterator[tuple[int, float] | NotUnderstood]:
    """(months, share of the list price that is left) of each term on sale."""
    for place, period in enumerate(periods):
        if dig(period, "is_enabled") is False:
            continue
        unit = _MONTHS.get(word(dig(period, "unit_name")) or "")
        length = whole(dig(period, "unit_value"))
        percent = amount(dig(period, "discount_percentage"))
        if unit is None or length is None or percent is None or percent >= 90:
            yield NotUnderstood(
                label(dig(period, "code"), f"period {place}"), "term not understood"
            )
        else:
            yield unit * length, 1 - percent / 100


def _currency(machine: Any) -> str:
    return (word(dig(machine, "currency")) or "usd").upper()


def _machine(
    machine: Any, place: int, terms: list[tuple[int, float]], free: frozenset[str] | None
) -> Iterator[Row]:
    name = word(dig(machine, "instance_type"))
    gpus = dig(machine, "gpu", "number_of_gpus")
    count = 0 if gpus == 0 else whole(gpus)
    if name is None or count is None:
        yield NotUnderstood(label(name, f"type {place}"), "no name or GPU count")
        return
    currency = _currency(machine)
    if currency not in {"USD", "EUR"}:
        yield NotUnderstood(name, f"priced in {currency}")
        return
    card = _COUNTED.sub("", word(dig(machine, "gpu", "description")) or "") or None
    if count and card is None:
        yield NotUnderstood(name, "no GPU name")
        return
    # The total of all cards.
    memory = quantity(dig(machine, "gpu_memory", "size_in_gigabytes"))

    def offer(billing: str, price: float, months: int | None, note: str | None) -> RawOffer:
        return RawOffer(
            provider="verda",
            instance_type=name,
            accelerator_name=card if count else None,
            count=count,
            price=PerInstance(price, currency),
            billing=billing,  # type: ignore[arg-type]  # one of the three words below
            term_months=months,
            memory_gb=memory / count if memory and count else None,
            vcpus=quantity(dig(machine, "cpu", "number_of_cores")),
            ram_gb=quantity(dig(machine, "memory", "size_in_gigabytes")),
            source_url=PAGE,
            note=note,
            stock=None
            if free is None or billing != "on-demand"
            else Stock("available" if name in free else "sold_out"),
        )

    twin = "confidential computing" if ".CC" in name.upper() else None
    listed = amount(dig(machine, "price_per_hour"))
    if listed is None:
        yield unpriced(name, dig(machine, "price_per_hour"), "no on-demand price")
    else:
        yield offer("on-demand", listed, None, twin)
        for months, left in terms:
            note = (
                f"list price less the {months} months' discount of {round(100 - 100 * left, 1):g} %"
            )
            yield offer(
                "reserved", round(listed * left, 6), months, f"{twin}; {note}" if twin else note
            )
    spot = amount(dig(machine, "spot_price"))
    if spot is not None:
        yield offer("spot", spot, None, twin)


SOURCE = Source(
    name="verda",
    title="Verda",
    page=PAGE,
    base_url="https://api.verda.com",
    good_for=timedelta(hours=24),
    providers=("verda",),
    fetch=fetch,
    parse=parse,
    first_party=True,
    complete=True,
)
