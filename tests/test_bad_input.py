"""Every way a feed can go wrong, tried for real over HTTP through `quartermaster refresh`.

In each: the old offers stay, the reason is recorded in one readable line, the exit status tells,
and the source beside it does not suffer.
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from feeds.everyone import answering, everyone
from feeds.server import FeedServer, Reply, Request

from bot.cli.main import cli
from bot.core.paths import prices_path
from bot.service import refreshing
from knowledge.feeds.fetching import Limits
from knowledge.prices.store import Store

QUICK = Limits(
    connect_s=2, read_s=4, total_s=2.5, tries=2, backoff_s=0.01, patience_s=1,
    body_bytes=3_000_000, source_bytes=20_000_000,
)  # fmt: skip
BESIDE = "nebius"
"""A good feed that is asked in the same refresh."""
JSON, CSV, ZIP, HTML = "verda", "gcp", "gpuhunt", "coreweave"
"""One real source of each shape."""


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch, seeded: Path) -> None:
    prices_path().parent.mkdir(parents=True)
    shutil.copy(seeded, prices_path())
    wanted = refreshing.wanted
    monkeypatch.setattr(
        refreshing, "wanted", lambda *a, **k: wanted(*a, **k)._replace(limits=QUICK)
    )


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with everyone([BESIDE]) as feeds:
        for name, value in feeds.environ.items():
            monkeypatch.setenv(name, value)
        yield


def refresh(*words: str) -> Result:
    return CliRunner().invoke(cli, ["refresh", *words], catch_exceptions=False)


def held(name: str) -> dict[Any, float]:
    store = Store.open(prices_path(), datetime.now(UTC))
    try:
        return dict(store.held(name))
    finally:
        store.close()


class Bench:
    """One source's feed, good at first; what a case does to it is done to every answer."""

    def __init__(self, name: str, server: FeedServer) -> None:
        self.name = name
        self.server = server
        self._good = server._default

    def spoil(self, change: Callable[[Request, Reply], Reply]) -> None:
        def answer(request: Request) -> Reply | None:
            reply = self._good(request)
            # What the feed does not have stays "not there".
            return change(request, reply) if reply and reply.status == 200 else reply

        self.server.otherwise(answer)

    def hijack(self, writing: Any) -> None:
        self.server.otherwise_raw(writing)


@pytest.fixture
def bench(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    name = request.param
    with answering(name) as server:
        monkeypatch.setenv(f"QUARTERMASTER_SOURCE_URL_{name.upper()}", server.url)
        yield Bench(name, server)


def fails(bench: Bench, words: str) -> None:
    """The spoilt feed of a source that was good before."""
    before = held(bench.name)
    done = refresh(bench.name, BESIDE, "--json")
    assert done.exit_code == 0, done.output  # the one beside it went well
    report = {one["source"]: one for one in json.loads(done.stdout)["sources"]}
    assert report[BESIDE]["fault"] is None
    assert report[BESIDE]["offers"] == len(held(BESIDE))
    fault = report[bench.name]["fault"]
    assert fault is not None, report[bench.name]
    assert words in fault
    assert "\n" not in fault
    assert "fault of ours" not in fault
    assert held(bench.name) == before
    told = CliRunner().invoke(cli, ["ask", "--json", "sources"], catch_exceptions=False)
    facts = {fact["label"]: fact["value"] for fact in json.loads(told.stdout)["answer"]["facts"]}
    assert any(fault[:60] in value for value in facts.values())


def good(bench: Bench) -> None:
    done = refresh(bench.name, BESIDE)
    assert done.exit_code == 0, done.output
    assert len(held(bench.name)) >= 5, done.output


# -- what every source has in common: the way here -------------------------------------------


def _always(reply: Reply) -> Callable[[Request, Reply], Reply]:
    return lambda _request, _reply: reply


def _body(change: Callable[[bytes], bytes]) -> Callable[[Request, Reply], Reply]:
    return lambda _, reply: Reply(
        change(reply.body), reply.status, reply.content_type, reply.headers
    )


BOMB = gzip.compress(b" " * 10_000_000, 1)
PAGE = b"<!DOCTYPE html><html><title>Just a moment...</title><p>Checking your browser</html>"
ON_THE_WAY: dict[str, tuple[Callable[[Request, Reply], Reply], str]] = {
    "truncated": (_body(lambda body: body[: len(body) // 2]), ""),
    "empty": (_body(lambda _: b""), "empty body"),
    "HTML instead": (_always(Reply(PAGE, content_type="text/html")), "HTML"),
    "HTML that calls itself something else": (_body(lambda _: PAGE), "HTML"),
    "gzip lies": (
        lambda _, reply: Reply(
            reply.body, content_type=reply.content_type, headers={"Content-Encoding": "gzip"}
        ),
        "says gzip and is not",
    ),
    "gzip cut off": (
        lambda _, reply: Reply(
            gzip.compress(reply.body)[:-20], content_type=reply.content_type,
            headers={"Content-Encoding": "gzip"},
        ),
        "cut off",
    ),
    "gzip bomb": (
        lambda _, reply: Reply(
            BOMB, content_type=reply.content_type,
            headers={"Content-Encoding": "gzip"},
        ),
        "larger than 3 MB",
    ),
    "redirect to another host": (
        _always(Reply(b"", 302, headers={"Location": "https://evil.example/x"})),
        "not one of its hosts; refused",
    ),
    "redirect to a private address": (
        _always(Reply(b"", 302, headers={"Location": "http://10.0.0.1/x"})),
        "not one of its hosts; refused",
    ),
    "redirect loop": (
        lambda request, _: Reply(b"", 302, headers={"Location": request.target}),
        "redirects in a loop",
    ),
    "wrong content type": (
        lambda _, reply: Reply(reply.body, content_type="video/mp4"),
        "sent video/mp4",
    ),
    **{
        str(status): (_always(Reply(b"{}", status)), f"answered {status}")
        for status in (401, 403, 429, 500, 503)
    },
}  # fmt: skip


OTHER_SHAPES = [
    (CSV, "truncated"), (CSV, "HTML instead"), (CSV, "wrong content type"),
    (ZIP, "truncated"), (ZIP, "HTML that calls itself something else"), (ZIP, "gzip cut off"),
    (HTML, "truncated"), (HTML, "HTML instead"), (HTML, "500"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("bench", "case"), [*((JSON, case) for case in ON_THE_WAY), *OTHER_SHAPES], indirect=["bench"]
)
def test_a_feed_that_breaks_on_the_way(bench: Bench, beside: None, case: str) -> None:
    good(bench)
    change, words = ON_THE_WAY[case]
    if bench.name == HTML and case.startswith(("truncated", "HTML")):
        words = ""  # it is HTML that was due: the price table is what is missed
    bench.spoil(change)
    fails(bench, words)


@pytest.mark.parametrize("bench", [JSON, CSV, ZIP, HTML], indirect=True)
def test_a_feed_that_is_gone(bench: Bench, beside: None) -> None:
    """404 everywhere; alone, it is the exit status that tells."""
    good(bench)
    bench.server.otherwise(lambda _: Reply(b"", 404))
    fails(bench, "")
    done = refresh(bench.name)
    assert done.exit_code == 1
    assert "failed" in done.stdout


async def _endless(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    while True:
        writer.write(b"[1, " * 20_000)
        await writer.drain()


async def _one_byte(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n[")
    while True:
        await asyncio.sleep(0.05)
        writer.write(b"1")
        await writer.drain()


async def _hang_up(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


@pytest.mark.parametrize("bench", [JSON], indirect=True)
@pytest.mark.parametrize(
    ("writing", "words"),
    [
        (_endless, "larger than 3 MB"),
        (_one_byte, "was not finished after 2.5 seconds"),
        (_hang_up, "broke off"),
    ],
    ids=["a body that never ends", "a byte a moment", "a hang-up"],
)
def test_a_feed_that_never_ends(bench: Bench, beside: None, writing: Any, words: str) -> None:
    good(bench)
    bench.hijack(writing)
    fails(bench, words)


# -- what is inside --------------------------------------------------------------------------

Machine = dict[str, Any]


def _machines(change: Callable[[Machine], Machine | None]) -> Callable[[Request, Reply], Reply]:
    """Changes every machine of the JSON feed; None leaves it out."""

    def spoilt(request: Request, reply: Reply) -> Reply:
        data = json.loads(reply.body)
        if not request.path.endswith("/instance-types"):
            return reply
        changed = [new for one in data if (new := change(dict(one))) is not None]
        return Reply(json.dumps(changed).encode())

    return spoilt


PRICES = ("price_per_hour", "spot_price", "serverless_price", "serverless_spot_price")


def _priced(price: Callable[[str], Any]) -> Callable[[Request, Reply], Reply]:
    return _machines(
        lambda one: {
            name: price(value) if name in PRICES and value not in (None, "") else value
            for name, value in one.items()
        }
    )


def _times(factor: float) -> Callable[[str], Any]:
    def scaled(value: str) -> Any:
        try:
            return str(float(value) * factor)
        except (TypeError, ValueError):
            return value

    return scaled


def _every(nth: int) -> Callable[[Request, Reply], Reply]:
    counted = iter(range(10_000))
    return _machines(lambda one: None if next(counted) % 5 < nth else one)


INSIDE: dict[str, tuple[Callable[[Request, Reply], Reply], str]] = {
    "negative prices": (_priced(lambda value: f"-{value}"), ""),
    "zero prices": (_priced(lambda _: "0"), ""),
    "NaN": (_priced(lambda _: float("nan")), ""),
    "contact us": (_priced(lambda _: "Contact us"), ""),
    "prices in cents": (_priced(_times(100)), ""),
    "prices for a year": (_priced(_times(8760)), ""),
    "missing columns": (
        _machines(lambda one: {k: v for k, v in one.items() if not k.startswith("price")}),
        "",
    ),
    "no machine at all": (_machines(lambda _: None), ""),
    "40 % gone": (_every(2), "are gone"),
    "invalid UTF-8": (_body(lambda body: body.replace(b'"', b'"\xff', 9)), "UTF-8"),
}


@pytest.mark.parametrize("bench", [JSON], indirect=True)
@pytest.mark.parametrize("case", INSIDE)
def test_a_feed_whose_prices_are_wrong(bench: Bench, beside: None, case: str) -> None:
    good(bench)
    change, words = INSIDE[case]
    bench.spoil(change)
    fails(bench, words)


def _renamed(one: Machine) -> Machine:
    text = json.dumps(one)
    for card in ("H100", "A100", "H200", "B200", "B300", "L40S", "A6000", "V100", "GB300", "RTX"):
        text = text.replace(card, f"Zorg{card[::-1]}")
    return dict(json.loads(text))


@pytest.mark.parametrize("bench", [JSON], indirect=True)
def test_renamed_cards(bench: Bench, beside: None) -> None:
    """Names nobody knows are no offers: the set shrank, and the names are told."""
    good(bench)
    bench.spoil(_machines(_renamed))
    fails(bench, "")


@pytest.mark.parametrize("bench", [JSON], indirect=True)
@pytest.mark.parametrize(
    "change",
    [
        _machines(lambda one: {**one, "new_column": {"a": [1]}}),
        lambda _, reply: Reply(json.dumps(json.loads(reply.body) * 2).encode()),
    ],
    ids=["new columns", "duplicated rows"],
)
def test_what_does_no_harm(bench: Bench, beside: None, change: Any) -> None:
    """More columns and repeated rows: the same offers as before."""
    good(bench)
    before = held(bench.name)
    bench.spoil(change)
    done = refresh(bench.name, "--json")
    (one,) = json.loads(done.stdout)["sources"]
    assert (one["fault"], one["new"], one["gone"], one["changed"]) == (None, 0, 0, 0)
    assert held(bench.name) == before


# -- archives, tables, clocks ----------------------------------------------------------------


def _zipped(change: Callable[[bytes], bytes]) -> Callable[[Request, Reply], Reply]:
    def spoilt(_: Request, reply: Reply) -> Reply:
        if not reply.body.startswith(b"PK"):
            return reply
        out = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(reply.body)) as old,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
        ):
            for name in old.namelist():
                new.writestr(name, change(old.read(name)))
        return Reply(out.getvalue(), content_type="application/zip", headers=reply.headers)

    return spoilt


def _columns(change: Callable[[dict[str, str]], dict[str, str] | None]) -> Callable[[bytes], bytes]:
    def spoilt(body: bytes) -> bytes:
        rows = list(csv.DictReader(io.StringIO(body.decode(), newline="")))
        changed = [new for row in rows if (new := change(row)) is not None]
        out = io.StringIO()
        writer = csv.DictWriter(out, list(changed[0]) if changed else list(rows[0]))
        writer.writeheader()
        writer.writerows(changed)
        return out.getvalue().encode()

    return spoilt


def _future(_: Request, reply: Reply) -> Reply:
    stamp = format_datetime(datetime.now(UTC) + timedelta(days=400), usegmt=True)
    return Reply(reply.body, 200, reply.content_type, {**reply.headers, "Last-Modified": stamp})


ARCHIVES: dict[str, tuple[Callable[[Request, Reply], Reply], str]] = {
    "a zip bomb": (_zipped(lambda _: b"0" * 20_000_000), "zip bomb"),
    "a table cut off": (_zipped(lambda body: body[: len(body) // 2]), ""),
    "a column less": (
        _zipped(_columns(lambda row: {k: v for k, v in row.items() if k != "price"})),
        "'price' is missing",
    ),
    "prices x100": (
        _zipped(_columns(lambda row: {**row, "price": str(float(row["price"] or 0) * 100)})),
        "",
    ),
    "invalid UTF-8": (_zipped(lambda body: body + b"\xff\xfe"), "UTF-8"),
    "no such file inside": (
        lambda _, reply: Reply(reply.body.replace(b".csv", b".txt"), 200, reply.content_type),
        "",
    ),
    "a clock in the future": (_future, "in the future"),
}


@pytest.mark.parametrize("bench", [ZIP], indirect=True)
@pytest.mark.parametrize("case", ARCHIVES)
def test_an_archive_that_is_wrong_inside(bench: Bench, beside: None, case: str) -> None:
    good(bench)
    change, words = ARCHIVES[case]
    bench.spoil(change)
    fails(bench, words)


def test_nothing_of_a_feed_is_left_behind(bench_folder: Path) -> None:
    """What was refused lies in a folder of its own; nothing else is written."""
    assert {path.name for path in bench_folder.iterdir()} <= {
        "prices.db", "prices.db-wal", "prices.db-shm", "feeds", "refused",
    }  # fmt: skip


@pytest.fixture
def bench_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with answering(JSON) as server:
        monkeypatch.setenv(f"QUARTERMASTER_SOURCE_URL_{JSON.upper()}", server.url)
        bench = Bench(JSON, server)
        refresh(JSON)
        bench.spoil(_every(2))
        refresh(JSON)
        yield prices_path().parent
