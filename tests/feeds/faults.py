"""Every kind of misbehaviour of a server against every source: `python tests/feeds/faults.py`.

    python tests/feeds/faults.py [KIND ...]

Every source has a server of its own with the payloads of this folder. A store is filled once; then,
for each kind, all servers (or half of them) misbehave and everything is refreshed, in a process of
its own. Printed for each kind: seconds, the most memory, how many sources said so. Ends with 1 when
a refresh takes more than 60 seconds or 500 MB, when an offer of before is gone or costs something
else, or when a fault is one of ours.
"""

from __future__ import annotations

import asyncio
import io
import json
import multiprocessing
import re
import resource
import sqlite3
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "support")]

from feeds.everyone import answering  # noqa: E402  the path comes first
from feeds.server import FeedServer, Reply, Request  # noqa: E402

from knowledge.prices.offer import OfferFilter  # noqa: E402
from knowledge.prices.store import Store  # noqa: E402
from knowledge.refresh.refresh import Wanted, refresh  # noqa: E402
from knowledge.sources import RATES, SOURCES  # noqa: E402

SECONDS, MEGABYTES = 60, 500
NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
Writing = Callable[[Request, asyncio.StreamWriter], Any]


# -- misbehaviour on the wire ----------------------------------------------------------------


async def _silent(_: Request, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(600)


async def _drip(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        writer.write(b"[")
        await writer.drain()
        await asyncio.sleep(0.5)


async def _endless(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
    while True:
        writer.write(b"1," * 100_000)
        await writer.drain()


@cache
def _packed_noughts() -> bytes:
    """Seven hundred megabytes, packed a piece at a time."""
    packing = zlib.compressobj(9, wbits=31)
    return b"".join((*(packing.compress(b"0" * 1_000_000) for _ in range(700)), packing.flush()))


async def _bomb(_: Request, writer: asyncio.StreamWriter) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
    body = _packed_noughts()
    writer.write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    await writer.drain()


async def _hang_up(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


WIRE: dict[str, Writing] = {
    "silent": _silent,
    "a byte a moment": _drip,
    "an endless body": _endless,
    "a bomb": _bomb,
    "a hang-up": _hang_up,
}


def _zip_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("aws", "azure", "gcp", "lambdalabs", "nebius", "oci", "runpod", "verda"):
            with archive.open(f"{name}.csv", "w") as member:
                for _ in range(300):
                    member.write(b"0" * 1_000_000)
    return packed.getvalue()


REPLIES: dict[str, Callable[[], Reply]] = {
    "500": lambda: Reply(b"oops", 500),
    "429": lambda: Reply(b"", 429, headers={"Retry-After": "3600"}),
    "429 for a moment": lambda: Reply(b"", 429, headers={"Retry-After": "30"}),
    "403": lambda: Reply(b"", 403),
    "404": lambda: Reply(b"", 404),
    "a redirect to a private address": lambda: Reply(
        b"", 302, headers={"Location": "http://169.254.169.254/latest/meta-data"}
    ),
    "a redirect to itself": lambda: Reply(b"", 302, headers={"Location": "/again"}),
    "a picture": lambda: Reply(b"\x89PNG\r\n", content_type="image/png"),
    "an empty body": Reply,
    "an empty list": lambda: Reply(b"[]"),
    "an empty object": lambda: Reply(b"{}"),
    "null": lambda: Reply(b"null"),
    "a page": lambda: Reply(b"<!doctype html><title>Just a moment</title>", content_type="text/html"),
    "a zip bomb": lambda: Reply(_zip_bomb(), content_type="application/zip"),
    "a deep nest": lambda: Reply(b"[" * 200_000),
}  # fmt: skip


# -- misbehaviour in what is sent ------------------------------------------------------------

_PRICE = re.compile(
    r"price|cost|usd|dph|bid|value|units|nanos|cents|rate|demand|hour|^month", re.IGNORECASE
)
_DOLLARS = re.compile(r"\$([\d.,]*\d)")
_CARD = re.compile(
    r"gpu|[^a-z](?:[abhlvtp]\d{1,3}|gb\d00|rtx|mi\d{3}|trn\d|inf\d|[pg]\d\w*\.|standard_n[cdv])",
    re.IGNORECASE,
)
Money = Callable[[float], float]


def _priced(data: Any, money: Money) -> Any:
    """JSON with every price changed."""
    if isinstance(data, list):
        return [_priced(one, money) for one in data]
    if not isinstance(data, dict):
        return data
    return {
        key: _figure(value, money) if _PRICE.search(key) else _priced(value, money)
        for key, value in data.items()
    }


def _figure(value: Any, money: Money) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return int(money(value))
    if isinstance(value, float):
        return money(value)
    if isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?", value):
        made = money(float(value))
        return f"{made:.8f}" if "." in value else str(int(made))
    return _priced(value, money)


def _cardless(data: Any) -> Any:
    """JSON without any record that names a card."""
    if isinstance(data, list):
        return [_cardless(one) for one in data if not _names_card(one)]
    if isinstance(data, dict):
        return {
            key: _cardless(value)
            for key, value in data.items()
            if not (isinstance(value, dict) and _names_card([key, value]))
        }
    return data


def _names_card(record: Any) -> bool:
    holds = isinstance(record, dict | list) and any(
        isinstance(one, dict | list) for one in (record.values() if isinstance(record, dict) else record)
    )  # fmt: skip
    leaf = not holds or len(json.dumps(record)) < 3000
    return leaf and _CARD.search(" " + json.dumps(record)) is not None


def _csv(text: str, change: Callable[[dict[str, str]], dict[str, str] | None]) -> str:
    import csv

    reader = csv.DictReader(io.StringIO(text))
    out = io.StringIO()
    writer = csv.DictWriter(out, reader.fieldnames or [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(row for one in reader if (row := change(one)) is not None)
    return out.getvalue()


def repriced(money: Money) -> Callable[[str], str]:
    def change(text: str) -> str:
        if text.lstrip()[:1] in "[{":
            return json.dumps(_priced(json.loads(text), money))
        if "<" in text or "$" in text:
            return _DOLLARS.sub(lambda m: f"${money(float(m[1].replace(',', ''))):.6f}", text)
        return _csv(
            text,
            lambda row: {k: _figure(v, money) if _PRICE.search(k) else v for k, v in row.items()},
        )

    return change


def without_cards(text: str) -> str:
    if text.lstrip()[:1] in "[{":
        return json.dumps(_cardless(json.loads(text)))
    if "<" in text or "|" in text:
        return "\n".join(line for line in text.split("\n") if "$" not in line)
    return _csv(text, lambda row: None if _CARD.search(" " + " ".join(row.values())) else row)


BODIES: dict[str, Callable[[str], str]] = {
    "half a body": lambda text: text[: len(text) // 2],
    "every price nought": repriced(lambda _: 0),
    "every price negative": repriced(lambda usd: -usd),
    "every price a hundredfold": repriced(lambda usd: usd * 100),
    "every price a hundredth": repriced(lambda usd: usd / 100),
    "no card left": without_cards,
    "no UTF-8": lambda text: text[:50] + "\udcff" + text[50:],
}


def changed(reply: Reply, change: Callable[[str], str]) -> Reply:
    """A good answer, its text (or each text of its archive) changed."""
    if reply.status != 200 or not reply.body or len(reply.body) < 40:
        return reply
    if reply.body[:2] != b"PK":
        text = change(reply.body.decode("utf-8-sig"))
        return replace(reply, body=text.encode("utf-8", "surrogateescape"))
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(reply.body)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            text = change(old.read(name).decode())
            new.writestr(name, text.encode("utf-8", "surrogateescape"))
    return replace(reply, body=packed.getvalue())


# -- refreshing ------------------------------------------------------------------------------


class Ran(NamedTuple):
    seconds: float
    megabytes: float
    faults: dict[str, str | None]


def refreshed(path: Path, addresses: Mapping[str, str]) -> Ran:
    """The refresh of every source, in a process of its own."""
    ways = multiprocessing.get_context("spawn")
    out: multiprocessing.Queue[Ran] = ways.Queue()
    child = ways.Process(target=_child, args=(path, dict(addresses), out))
    child.start()
    try:
        return out.get(timeout=1200)
    finally:
        child.join(60)


def _child(path: Path, addresses: dict[str, str], out: multiprocessing.Queue[Ran]) -> None:
    keys = {source.key_setting: "test-key" for source in SOURCES.values() if source.key_setting}
    store = Store.open(path, NOW)
    wanted = Wanted(
        addresses=addresses, keys=keys, opt_in=frozenset({"runpod", "vastai", "shadeform"})
    )
    begun = time.monotonic()
    report = asyncio.run(refresh(store, wanted, clock=lambda: NOW))
    took = time.monotonic() - begun
    store.close()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    out.put(Ran(took, most, {one.source: one.fault for one in report.sources}))


Held = dict[tuple[Any, ...], float]


def copied(good: Path, path: Path) -> None:
    """A store of its own, whole, whatever a log beside the first holds."""
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    with closing(sqlite3.connect(good)) as old, closing(sqlite3.connect(path)) as new:
        old.backup(new)


def held(path: Path) -> dict[str, Held]:
    """What each source is known to sell, hidden or not."""
    store = Store.open(path, NOW)
    with store.writing() as connection:
        connection.execute("UPDATE offers SET shown = 1")
    found: dict[str, Held] = {name: {} for name in SOURCES}
    for one in store.offers(OfferFilter()):
        if one.source in found and one.accelerator:
            key = (
                one.provider, one.instance_type, one.accelerator, one.memory_gb, one.count,
                one.billing, one.term_months, one.region, one.country,
            )  # fmt: skip
            found[one.source][key] = one.price_usd_per_hour
    store.close()
    return found


@contextmanager
def misbehaving(kind: str, every: int = 1) -> Iterator[dict[str, str]]:
    """A server for each source, every one (or every second) of them misbehaving."""
    with ExitStack() as stack:
        addresses = {}
        for place, name in enumerate([*SOURCES, RATES]):
            server = answering(name)
            if place % every == 0 and name != RATES:
                _spoil(server, kind)
            addresses[name] = stack.enter_context(server).url
        yield addresses


def _spoil(server: FeedServer, kind: str) -> None:
    good = server._default
    if kind in WIRE:
        server.otherwise_raw(WIRE[kind])
    elif kind in REPLIES:
        reply = REPLIES[kind]()
        server.otherwise(lambda _: reply)
    elif kind in BODIES:

        def spoilt(request: Request) -> Reply | None:
            reply = good(request)
            return changed(reply, BODIES[kind]) if reply is not None else None

        server.otherwise(spoilt)


HALF = "half of them silent"
KINDS = (*WIRE, HALF, *REPLIES, *BODIES)


def main(kinds: list[str]) -> int:
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        good = Path(folder) / "good.db"
        Store.open(good, NOW).close()
        with misbehaving("not at all") as addresses:
            first = refreshed(good, addresses)
        assert not any(first.faults.values()), first.faults
        before = held(good)
        print(f"filled in {first.seconds:.1f} s, {first.megabytes:.0f} MB")
        for kind in kinds or KINDS:
            path = Path(folder) / "prices.db"
            copied(good, path)
            with misbehaving(
                "silent" if kind == HALF else kind, 2 if kind == HALF else 1
            ) as addresses:
                ran = refreshed(path, addresses)
            after = held(path)
            odd = [
                f"{name}: {len(offers.keys() - after[name].keys())} offers are gone, "
                f"{sum(after[name].get(k, usd) != usd for k, usd in offers.items())} changed, "
                f"{len(after[name].keys() - offers.keys())} are new"
                for name, offers in before.items()
                if offers != after[name]
            ]
            odd += [f"{name}: {why}" for name, why in ran.faults.items() if why and "ours" in why]
            odd += [f"took {ran.seconds:.0f} s"] if ran.seconds > SECONDS else []
            odd += [f"took {ran.megabytes:.0f} MB"] if ran.megabytes > MEGABYTES else []
            bad += len(odd)
            said = sum(why is not None for why in ran.faults.values())
            print(
                f"{kind:32} {ran.seconds:5.1f} s {ran.megabytes:4.0f} MB, {said} of {len(ran.faults)} "
                f"sources said so{'' if not odd else '; ODD'}",
                flush=True,
            )
            for line in odd:
                print(f"    {line}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
