"""Nebius' pricing document: Markdown, per GPU-hour, with the dates from which a price holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from knowledge.facts.accelerators import resolve_feed_name
from knowledge.feeds.pages import collapsed, dollars
from knowledge.feeds.reading import name_of, text_of
from knowledge.feeds.rows import offered, places, uncontradicted
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

PAGE = "https://docs.nebius.com/compute/resources/pricing"
_HEADING = re.compile(r"^#{2,6}\s+(.+)$")
_TAB = re.compile(r"<Tab\s+title=\"([^\"]*)\"")
_PIPE = re.compile(r"(?<!\\)\|")
_ITEM = re.compile(r"^item\b(?:\s*[—–-]+\s*(from|before)\s+(.+))?$", re.IGNORECASE)
_REGION = re.compile(r"`([a-z]{2}-[a-z]+\d+)`")
_PLATFORM = re.compile(r"\bgpu-[a-z0-9-]+")
_HOST_APART = {"L40S"}
"""Cards whose vCPUs and memory are billed on top, also where the section does not repeat it."""


@dataclass
class _Section:
    """What stands under one heading."""

    title: str
    prose: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    """The prose before its first price: what follows may be of a heading that went missing."""
    gpu: list[tuple[str, str]] = field(default_factory=list)
    """(item, price cell) per GPU-hour, of the prices that hold now."""
    host: list[str] = field(default_factory=list)
    """Items per vCPU-hour and GiB-hour."""
    other: list[NotUnderstood] = field(default_factory=list)


async def fetch(http: Http) -> Sequence[Payload]:
    """One document."""
    return [await http.get("/compute/resources/pricing.md", expect="text", tag="pricing.md")]


def parse(payloads: Sequence[Payload]) -> list[Row]:
    """The USD prices that hold on the day the document was read."""
    rows: list[Row] = []
    for payload in payloads:
        text = text_of(payload)
        if "<html" in text[:2000].lower():
            raise ParseFault(f"{name_of(payload)}: HTML where Markdown was due")
        if text.count("<Tabs") != text.count("</Tabs>"):
            raise ParseFault(f"{name_of(payload)}: the document is cut off")
        for section in _sections(text, payload.fetched_at.date()):
            rows += _offers(section)
    return offered(uncontradicted(rows), "nebius")


def _sections(text: str, today: date) -> Iterator[_Section]:
    section = _Section("")
    tab: str | None = None
    columns: tuple[int, int] | None = None
    holds: bool | None = None
    for line in map(str.strip, text.splitlines()):
        if found := _HEADING.match(line):
            yield section
            section, tab, columns = _Section(_plain(found.group(1))), None, None
        elif found := _TAB.search(line):
            tab, columns = found.group(1), None
        elif line.startswith("</Tab>"):
            tab = None
        elif not line.startswith("|"):
            columns = None  # a table ends here: what follows has a header of its own
            section.prose.append(line)
            if not section.gpu:
                section.before.append(line)
        elif not line.endswith("|"):
            raise ParseFault(f"pricing.md: a row is cut off: {line!r:.60}")
        elif tab in (None, "USD"):
            cells = [_plain(cell) for cell in _PIPE.split(line.strip("|"))]
            if found := _ITEM.match(cells[0]):
                columns, holds = _columns(cells), _in_force(found.group(1), found.group(2), today)
            elif set(cells[0]) - set("-: "):
                _row(section, cells, columns, holds=holds)
    yield section


def _plain(cell: str) -> str:
    return collapsed(re.sub(r"[®™*]|\[|\]\([^)]*\)", "", cell))


def _columns(header: list[str]) -> tuple[int, int] | None:
    """Where price and unit stand."""
    names = [cell.lower() for cell in header]
    price = next((at for at, cell in enumerate(names) if cell.startswith("price")), None)
    unit = next((at for at, cell in enumerate(names) if cell.startswith(("per", "unit"))), None)
    return None if price is None or unit is None else (price, unit)


def _in_force(when: str | None, day: str | None, today: date) -> bool | None:
    """Whether a table's prices hold today; None for a date that cannot be read."""
    if when is None or day is None:
        return True
    try:
        turns = datetime.strptime(day.strip(), "%B %d, %Y").replace(tzinfo=UTC).date()
    except ValueError:
        return None
    return today >= turns if when.lower() == "from" else today < turns


def _row(
    section: _Section, cells: list[str], columns: tuple[int, int] | None, *, holds: bool | None
) -> None:
    if columns is None or len(cells) <= max(columns):
        if "gpu hour" in " ".join(cells).lower():
            section.other.append(NotUnderstood(cells[0] or section.title, "a row without a header"))
        return
    price, unit = cells[columns[0]], cells[columns[1]].lower()
    if holds is None and unit == "1 gpu hour":
        section.other.append(NotUnderstood(cells[0], "its table holds from a date not understood"))
    elif holds and unit == "1 gpu hour":
        section.gpu.append((cells[0], price))
    elif holds and ("cpu" in unit or "gib hour" in unit):
        section.host.append(f"{cells[0]} {price}")
    elif holds and "gpu" in unit:
        section.other.append(NotUnderstood(cells[0], f"priced per {unit!r}"))


def _offers(section: _Section) -> Iterator[Row]:
    yield from section.other
    prose = " ".join(section.prose)
    regions = list(dict.fromkeys(_REGION.findall(" ".join(section.before))))
    platform = _PLATFORM.search(f"{section.title} {prose}")
    card = re.split(r",| with |\(", section.title)[0].strip()
    apart = bool(section.host) or any(name in card.upper().split() for name in _HOST_APART)
    notes = []
    if apart:
        notes.append("vCPUs and memory are billed on top")
    if "private" in prose.lower():
        notes.append("a private region")
    for item, cell in section.gpu:
        price = dollars(cell)
        spot = item.lower().startswith("preemptible")
        named = item[len("preemptible") :].strip() if spot else item
        # A heading that went missing must not lend its rows to the one above: an item says its
        # card again, or no more than "GPU" under a heading that names one.
        plain = named.lower() in {"gpu", "gpus"} and resolve_feed_name(card) is not None
        if not card or not named or not (plain or named.lower() in section.title.lower()):
            why = f"does not name the card of its heading {card!r:.40}"
            yield NotUnderstood(item or "a row without an item", why)
            continue
        if price.amount is None:
            yield NotUnderstood(item, price.why)
            continue
        for region in places(regions):
            yield RawOffer(
                provider="nebius",
                instance_type=platform.group(0) if platform else card,
                accelerator_name=card,
                count=1,
                price=PerAccelerator(price.amount),
                billing="spot" if spot else "on-demand",
                form_factor="SXM" if platform and "sxm" in platform.group(0) else None,
                region=region,
                source_url=PAGE,
                host_included=not apart,
                starting_at=price.starting_at,
                note="; ".join(notes) or None,
            )


SOURCE = Source(
    name="nebius",
    title="Nebius pricing document",
    page=PAGE,
    base_url="https://docs.nebius.com",
    good_for=timedelta(hours=48),
    providers=("nebius",),
    fetch=fetch,
    parse=parse,
    first_party=True,
    complete=True,
    min_interval=timedelta(hours=6),
)
