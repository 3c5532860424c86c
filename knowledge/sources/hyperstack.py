"""Hyperstack's API: a price book per GPU-hour, joined with the machines (flavors) it prices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from knowledge.feeds.asking import if_there
from knowledge.feeds.reading import amount, json_of, list_at, moment, name_of, quantity, whole
from knowledge.feeds.rows import dig, items, label, offered, unpriced, word
from knowledge.feeds.source import (
    Http,
    NotUnderstood,
    ParseFault,
    Payload,
    PerAccelerator,
    RawOffer,
    Row,
    Source,
)
from knowledge.prices.offer import Stock

PAGE = "https://www.hyperstack.cloud/gpu-pricing"
_SPOT = "-spot"
_NO_MACHINE = re.compile(
    r"cpu|ram|ip\b|storage|volume|disk|snapshot|bucket|object|egress|/|\((?:in|out)put\)",
    re.IGNORECASE,
)
"""Lines of the book that price parts of a machine or services beside it."""


async def fetch(http: Http) -> Sequence[Payload]:
    """The book, the flavors, and the stock while it is there; each needs the key."""
    headers = {"api_key": http.key()}
    return [
        await http.get("/v1/pricebook", headers=headers, tag="pricebook"),
        await http.get("/v1/core/flavors", headers=headers, tag="flavors"),
        *await if_there(http.get("/v1/core/stocks", headers=headers, tag="stocks")),
    ]


def parse(payloads: Sequence[Payload]) -> list[Row]:
    """A flavor costs its GPUs; vCPUs and memory are in their price."""
    found = {name_of(payload): payload for payload in payloads}
    if missing := {"pricebook", "flavors"} - found.keys():
        raise ParseFault(f"hyperstack: no {' and no '.join(sorted(missing))}")
    rows: list[Row] = []
    book: _Book = {}
    lines = list_at(json_of(found["pricebook"]), name="pricebook")
    for place, line in enumerate(lines):
        rows += _line(line, place, found["pricebook"].fetched_at, book)
    stocks = _stocks(json_of(found["stocks"])) if "stocks" in found else {}
    groups = list_at(json_of(found["flavors"]), "data", name="flavors")
    sold = set()
    for place, group in enumerate(groups):
        for flavor in items(dig(group, "flavors")):
            sold.add(word(dig(flavor, "gpu")))
            rows += _flavor(flavor, place, book, stocks)
    rows += [
        NotUnderstood(name, "no machine is sold with it")
        for name in book
        if name not in sold and not _NO_MACHINE.search(name)
    ]
    return offered(rows, "hyperstack")


_Book = dict[str, tuple[float | None, datetime]]
"""USD per GPU-hour of each line, None where it contradicts itself, and since when."""
_ALWAYS = datetime.min.replace(tzinfo=UTC)


def _line(line: Any, place: int, now: datetime, book: _Book) -> Iterator[NotUnderstood]:
    """Puts one line in the book, or says why not."""
    name = label(dig(line, "name"), f"line {place}")
    # `value` may be what this account negotiated: only the list price is for everyone.
    price = amount(dig(line, "original_value")) or (
        None if dig(line, "discount_applied") else amount(dig(line, "value"))
    )
    if not _holds(dig(line, "start_time"), dig(line, "end_time"), now):
        return  # a price of another time
    if price is None:
        if not _NO_MACHINE.search(name):
            yield unpriced(name, dig(line, "value"))
        return
    since = moment(dig(line, "start_time")) or _ALWAYS
    known, known_since = book.get(name, (price, since))
    if since == known_since and known != price:
        yield NotUnderstood(name, "two prices at one time; neither is trusted")
        book[name] = None, since
    elif since >= known_since:
        book[name] = price, since  # a later price replaces one that nobody ended


def _holds(start: Any, end: Any, now: datetime) -> bool:
    begins, ends = moment(start), moment(end)
    return (begins is None or begins <= now) and (ends is None or ends > now)


_SIZE = re.compile(r"^(\d+)x$", re.IGNORECASE)
_AHEAD = (7, 30, 100)
"""Days within which more is announced."""


class _Model(NamedTuple):
    """Stock of one card in one region: machines free by size, and what is announced."""

    free: Mapping[int, int]
    planned: tuple[tuple[int, int, bool], ...]


def _stocks(data: Any) -> dict[tuple[str, str], _Model]:
    """(region, card) -> stock. What is not understood is left out: then nothing is told."""
    found: dict[tuple[str, str], _Model] = {}
    for stock in items(dig(data, "stocks")):
        region = word(dig(stock, "region"))
        for model in items(dig(stock, "models")):
            card = word(dig(model, "model"))
            sizes = dig(model, "configurations") or dig(model, "configuration")
            if region is None or card is None:
                continue
            free = {
                int(size[1]): number
                for name, number in (sizes.items() if isinstance(sizes, dict) else ())
                if (size := _SIZE.match(str(name))) and isinstance(number, int)
            }
            planned = [
                (days, *more)
                for days in _AHEAD
                if (more := _units(dig(model, f"planned_{days}_days"))) is not None
            ]
            found[region, card] = _Model(free, tuple(planned))
    return found


def _units(text: Any) -> tuple[int, bool] | None:
    """ "10+" as ten or more; None for what is no number."""
    said = str(text).strip() if isinstance(text, str | int) else ""
    return (int(said.rstrip("+")), said.endswith("+")) if said.rstrip("+").isdecimal() else None


def _stock(flavor: Any, gpu: str, count: int, stocks: Mapping[tuple[str, str], _Model]) -> Stock:
    """The flavor's own word, with the count of this size and what is announced."""
    free = dig(flavor, "stock_available")
    model = stocks.get((word(dig(flavor, "region_name")) or "", gpu))
    units = model.free.get(count) if model else None
    if free is None and units is not None:
        free = units > 0
    state = "available" if free is True else "sold_out" if free is False else "unknown"
    return Stock(
        state,  # type: ignore[arg-type]  # one of three words
        units=units if free is True else None,
        planned=model.planned if model else (),
    )


def _flavor(
    flavor: Any,
    place: int,
    book: _Book,
    stocks: Mapping[tuple[str, str], _Model],
) -> Iterator[Row]:
    name, gpu = word(dig(flavor, "name")), word(dig(flavor, "gpu"))
    if gpu is None:
        return  # a machine without GPU is priced by its parts
    count = whole(dig(flavor, "gpu_count"))
    price, _ = book.get(gpu, (None, None))
    if name is None or count is None or price is None:
        why = "not in the book" if name and count else "no name or GPU count"
        yield NotUnderstood(gpu, f"{name or f'a flavor of group {place}'}: {why}")
        return
    free = dig(flavor, "stock_available")
    yield RawOffer(
        provider="hyperstack",
        instance_type=name,
        accelerator_name=gpu.removesuffix(_SPOT),
        count=count,
        price=PerAccelerator(price),
        billing="spot" if gpu.endswith(_SPOT) else "on-demand",
        vcpus=quantity(dig(flavor, "cpu")),
        ram_gb=quantity(dig(flavor, "ram")),
        region=word(dig(flavor, "region_name")),
        source_url=PAGE,
        note="none free when read" if free is False else None,
        stock=_stock(flavor, gpu, count, stocks),
    )


SOURCE = Source(
    name="hyperstack",
    title="Hyperstack API",
    page=PAGE,
    base_url="https://infrahub-api.nexgencloud.com",
    good_for=timedelta(hours=24),
    providers=("hyperstack",),
    fetch=fetch,
    parse=parse,
    first_party=True,
    complete=True,
    key_setting="QUARTERMASTER_SOURCE_KEY_HYPERSTACK",
)
