"""GPU-hours out of a FOCUS billing file (1.0 to 1.4, CSV, also gzipped): only sums are kept.

Rules of https://focus.finops.org: purchases are no usage, the hours of a commitment left idle are
rows of their own, corrections stand apart. Instance hours are multiplied by the machine's GPUs.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from bot.quotes import spans

MOST_BYTES = 64 * 2**20
MOST_UNPACKED = 500 * 2**20
MOST_ROWS = 3_000_000
_RATIO = 100
"""Times its size that a file may unpack to; real ones reach thirty."""
_NUMBER = re.compile(r"^-?\d{1,30}(?:\.\d{1,40})?(?:[eE][-+]?\d{1,2})?$")
_NEEDS = ("chargecategory", "chargeperiodstart")


class UsageFault(Exception):
    """The file is no usable FOCUS file; the message is a code."""


def is_focus(head: bytes) -> bool:
    """Whether a file's first bytes (plain or gzipped) are the header of a FOCUS file."""
    if head[:2] == b"\x1f\x8b":
        try:
            head = zlib.decompressobj(31).decompress(head, 65536)
        except zlib.error:
            return False
    line = head.lstrip(b"\xef\xbb\xbf").split(b"\n", 1)[0].lower()
    return all(name.encode() in line for name in _NEEDS)


def usage(body: bytes) -> dict[str, Any]:
    """GPU-hours by month (UTC) and card, and what could not be counted; raises UsageFault."""
    sums: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    skipped: dict[str, int] = defaultdict(int)
    commitments = False
    last: datetime | None = None
    for cells in _rows(body):
        one = _Cells(cells)
        if (
            one["commitmentdiscountid"]
            or one["commitmentdiscountstatus"]
            or one["contractapplied"]
            or one["capacityreservationstatus"]
        ):
            commitments = True
        if one["chargecategory"].lower() != "usage":
            continue
        what = _machine(one.described())
        if what is None:
            continue  # no GPU in it: storage, network, processors
        card, gpus = what
        counted = _hours(one, gpus)
        if counted is None:
            skipped[f"unit {one['consumedunit'] or one['pricingunit'] or 'blank'}"] += 1
            continue
        kind, hours = counted
        begin, end = _moment(one["chargeperiodstart"]), _moment(one["chargeperiodend"])
        if begin is None:
            skipped["date"] += 1
            continue
        end = end if end and end > begin else begin + timedelta(hours=1)
        last = max(last or end, end)
        for month, share in _months(begin, end):
            sums[month, card][kind] += hours * share
    out = []
    for (month, card), part in sorted(sums.items()):
        used_committed, on_demand, unused = part["committed"], part["on_demand"], part["unused"]
        out.append(
            {
                "month": month, "card": card, "used": float(used_committed + on_demand),
                "used_committed": float(used_committed), "on_demand": float(on_demand), "unused": float(unused),
                "committed": float(used_committed + unused) if commitments else None,
                "correction": float(part["correction"]),
            }
        )  # fmt: skip
    return {
        "status": "usage", "quotes": [], "usage": out, "not_counted": dict(skipped),
        "until": last.isoformat() if last else None,
    }  # fmt: skip


class _Cells:
    def __init__(self, cells: dict[str, str]) -> None:
        self._cells = cells

    def __getitem__(self, name: str) -> str:
        value = self._cells.get(name, "")
        return "" if value.lower() in {"null", "none", "nan", "\\n"} else value.strip()

    def described(self) -> str:
        """Where the clouds name the machine or the card, the surest first."""
        details = self["skupricedetails"] or self["x_skudetails"]
        found = []
        if details.startswith("{"):
            try:
                made = json.loads(details)
            except ValueError:
                made = {}
            found += [
                f"{name}={value}"
                for name, value in made.items()
                if isinstance(value, str | int | float)
            ]
        names = (
            "x_instancetype", "instancetype", "x_skuinstancetype", "x_skumetername", "x_skumetersubcategory", "skumeter", "x_skudescription", "x_sku_description",
            "skuid", "skupriceid", "resourcetype", "chargedescription", "x_usagetype", "x_operation", "x_servicecode",
        )  # fmt: skip
        found += [self[name] for name in names if self[name]]
        return " \x1f ".join(found)


_OTHER = re.compile(
    r"\b(?:storage|ssd|disks?|egress|bandwidth|data transfer|ip address|licen[cs]es?|support|snapshots?|backups?|core|ram|vcpus?)\b",
    re.IGNORECASE,
)
"""What is billed beside the cards, also on rows that name the machine."""
_CARD_ITSELF = re.compile(
    r"\b(?:GPU|accelerator)s?\b(?!\s(?:nodes?|servers?|instances?|VMs?|machines?|clusters?))",
    re.IGNORECASE,
)


@lru_cache(maxsize=20_000)
def _machine(described: str) -> tuple[str, int] | None:
    """The card that a row is about and the GPUs of its machine (1 where it is sold by the card)."""
    if _OTHER.search(described) and not _CARD_ITSELF.search(described):
        return None
    spaced = re.sub(
        r"\b(N[CDV]\d+\w*)[ _]((?:[A-Z]+\d+\w*[ _])?v\d)\b",
        lambda m: "Standard_" + m.group(0).replace(" ", "_"),
        described,
    )
    cards = [card for part in spaced.split("\x1f") for card in spans.cards_in(part)]
    named = next((card for card in cards if card.gpus), None)
    if named:
        return named.card, named.gpus or 1
    stated = re.search(
        r"\b(?:x_)?(?:gpu_?count|gpus|accelerator_?count|numberofgpus)=(\d{1,3})\b",
        described,
        re.IGNORECASE,
    )
    packed = re.search(
        r"(?<![\w.])(?:\w{1,4}-)?(\d{1,2})x-?((?:h|a|b|l|gb|gh|mi|v|t)\d{1,3}\w?)",
        described,
        re.IGNORECASE,
    )
    if not cards and packed:
        cards = spans.cards_in(packed[2].upper()[:5]) or spans.cards_in(
            re.sub(r"ib$", "", packed[2], flags=re.IGNORECASE).upper()
        )
    if not cards:
        glued = re.search(
            r"(?<![a-z0-9])(?:gpu|nvidia)?[-_]?(h100|h200|a100|b200|b300|gb200|gb300|l40s|l40|l4|t4|v100|mi300x|gh200)",
            described.replace("_", " ").replace("-", " "),
            re.IGNORECASE,
        )
        cards = spans.cards_in(glued[1].upper()) if glued else []
    if not cards:
        return None
    if stated:
        return cards[0].card, int(stated[1])
    if packed:
        return cards[0].card, int(packed[1])
    bare_metal = re.search(
        r"\bBM\.GPU\.?\w*\.(\d{1,2})\b|\b(?:h100|h200|a100|b200|l40s|mi300x)\.(\d{1,2})\b",
        described,
        re.IGNORECASE,
    )
    if bare_metal:
        return cards[0].card, int(bare_metal[1] or bare_metal[2])
    return cards[0].card, 1


def _hours(one: _Cells, gpus: int) -> tuple[str, Decimal] | None:
    """What a row counts as, and its GPU-hours."""
    status = one["commitmentdiscountstatus"].lower()
    idle = status == "unused" or (
        not status and one["capacityreservationstatus"].lower() == "unused"
    )
    if one["chargeclass"].lower() == "correction":
        value = _gpu_hours(one["consumedquantity"], one["consumedunit"], gpus) or _gpu_hours(
            one["pricingquantity"], one["pricingunit"], gpus
        )
        return ("correction", value or Decimal(0))
    if idle:
        for quantity, unit in (
            ("commitmentdiscountquantity", "commitmentdiscountunit"),
            ("pricingquantity", "pricingunit"),
            ("consumedquantity", "consumedunit"),
        ):
            value = _gpu_hours(one[quantity], one[unit], gpus)
            if value is not None:
                return ("unused", value)
        return None
    value = _gpu_hours(one["consumedquantity"], one["consumedunit"], gpus)
    if value is None:
        value = _gpu_hours(one["pricingquantity"], one["pricingunit"], gpus)
    if value is None:
        return None
    committed = (
        status == "used" or bool(one["commitmentdiscountid"]) or _applied(one["contractapplied"])
    )
    return ("committed" if committed else "on_demand", value)


def _applied(cell: str) -> bool:
    return bool(re.search(r"ContractCommitmentI[dD]", cell))


def _gpu_hours(quantity: str, unit: str, gpus: int) -> Decimal | None:
    if not quantity or not _NUMBER.match(quantity):
        return None
    value = Decimal(quantity)
    low = unit.lower().strip()
    match = re.match(r"^(?:(\d{1,4})\s+)?(.*)$", low)
    assert match is not None  # noqa: S101  matches everything
    if match[1]:
        value *= int(match[1])
    name = re.sub(r"[\s_-]+", " ", match[2])
    times = {"h": 1, "m": 60, "s": 3600}
    found = _TIME_UNIT.fullmatch(name)
    if not found:
        return None
    of_cards = bool(re.search(r"\b(?:gpu|accelerator|card|chip)", name))
    return value * (1 if of_cards else gpus) / times[found["time"][0]]


_TIME_UNIT = re.compile(
    r"(?:(?:one|gpus?|accelerators?|cards?|chips?|instances?|nodes?|vms?|machines?|servers?|compute|usage|hosts?|per) ?)*(?P<time>hours?|hrs?|h|minutes?|mins?|seconds?|secs?|s)(?: (?:used|gpus?|per gpu|of gpu))?"
)
"""Units of time with what runs in it: "GPU-Hours", "GPU Per Hour", "Instance Hours", "ONE HOUR GPU"."""


def _moment(text: str) -> datetime | None:
    """A moment in UTC; one second to the full is rounded up, as some exports end at 23:59:59."""
    clean = re.sub(r"(\.\d{6})\d+", r"\1", text.strip().replace(" UTC", "+00:00"))
    try:
        made = datetime.fromisoformat(clean)
    except ValueError:
        return None
    made = made.replace(tzinfo=UTC) if made.tzinfo is None else made.astimezone(UTC)
    if made.second == 59:
        made = made.replace(microsecond=0) + timedelta(seconds=1)
    return made


def _months(begin: datetime, end: datetime) -> Iterator[tuple[str, Decimal]]:
    """The calendar months that a period lies in, each with its share of the period's seconds."""
    whole = Decimal(int((end - begin).total_seconds())) or Decimal(1)
    at = begin
    while at < end:
        after = at.replace(
            year=at.year + at.month // 12,
            month=at.month % 12 + 1,
            day=1,
            hour=0,
            minute=0,
            second=0,
            microsecond=0,
        )
        upto = min(after, end)
        yield f"{at:%Y-%m}", Decimal(int((upto - at).total_seconds())) / whole
        at = upto


def _rows(body: bytes) -> Iterator[dict[str, str]]:
    csv.field_size_limit(2**20)
    stream = io.TextIOWrapper(_bounded(body), encoding="utf-8-sig", errors="replace", newline="")
    first = stream.readline()
    sign = max((",", ";", "\t", "|"), key=first.count)
    names = [
        re.sub(r"[\s\"]", "", cell).lower() for cell in next(csv.reader([first], delimiter=sign))
    ]
    if len(names) > 200 or any(name not in names for name in _NEEDS):
        raise UsageFault("no_focus")
    try:
        for number, cells in enumerate(csv.reader(stream, delimiter=sign)):
            if number > MOST_ROWS:
                raise UsageFault("too_large")
            if cells:
                yield dict(zip(names, cells, strict=False))
    except (csv.Error, OSError, EOFError, zlib.error) as fault:
        raise UsageFault("broken") from fault


def _bounded(body: bytes) -> io.BytesIO | gzip.GzipFile:
    """The file unpacked as it is read; a bomb is found by unpacking once, before anything is read."""
    if body[:2] != b"\x1f\x8b":
        return io.BytesIO(body)
    left = min(MOST_UNPACKED, max(_RATIO * len(body), 2**20))
    with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
        try:
            while block := packed.read(1 << 20):
                left -= len(block)
                if left < 0:
                    raise UsageFault("bomb")
        except (OSError, EOFError, zlib.error) as fault:
            raise UsageFault("broken") from fault
    return gzip.GzipFile(fileobj=io.BytesIO(body))
