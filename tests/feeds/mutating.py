"""Breaks payloads in every place and looks whether a wrong price comes out.

    python tests/feeds/mutating.py [--new] [FOLDER] [SOURCE ...]

FOLDER holds real payloads as `compare.py` wants them; without it, the payloads of this folder are
taken. Every key of a JSON payload, every column of a CSV one and every word of a page is taken
away, emptied, turned into another type or renamed, in one record and in all of them. What is read
afterwards must be prices that were there before: a machine that costs something else is printed
with what was done, and so is anything but a readable refusal; with `--new` also machines that were
not there before, to be looked at one by one (a name or a place that was changed is one). Ends with
1 when a price is wrong or something broke.
"""

from __future__ import annotations

import asyncio
import copy
import csv
import io
import json
import re
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

if __name__ == "__main__":
    root = Path(__file__).parent.parent.parent
    sys.path[:0] = [str(root), str(root / "tests"), str(root / "tests" / "support")]

from feed_payloads import Wire
from feeds.compare import DUE, routes

from knowledge.feeds.source import FetchFault, ParseFault, Payload, Source
from knowledge.prices.offer import Offer
from knowledge.refresh.normalising import normalised
from knowledge.refresh.rates import Rates
from knowledge.sources import SOURCES

NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
RATES = Rates(date(2026, 11, 24), {"EUR": 1.0, "USD": 1.15, "GBP": 0.87})
OPTED_IN = frozenset({"runpod", "vastai", "shadeform"})


class Key(NamedTuple):
    """Which machine an offer is of."""

    provider: str
    instance: str
    card: str | None
    memory: float | None
    count: int  # type: ignore[assignment]  # a field, not tuple.count
    form: str | None
    billing: str
    months: int | None
    place: str | None


def key_of(offer: Offer) -> Key:
    place = offer.region or offer.country
    return Key(
        offer.provider, offer.instance_type, offer.accelerator, offer.memory_gb, offer.count,
        offer.form_factor, offer.billing, offer.term_months, place,
    )  # fmt: skip


def read(source: Source, payloads: Sequence[Payload]) -> dict[Key, float]:
    """USD per hour of each machine with a card; raises ParseFault for a payload that is refused."""
    found = normalised(
        list(source.parse(payloads)), source, payloads, now=NOW, rates=RATES, allowed=OPTED_IN
    )
    return {key_of(one): one.price_usd_per_hour for one in found.offers if one.accelerator}


# -- payloads --------------------------------------------------------------------------------


@dataclass
class Served:
    """An `Http` that answers from a folder of real payloads."""

    bodies: Mapping[str, bytes]

    async def get(
        self, path: str, *, params: Mapping[str, str] | None = None, tag: str = "", **_: Any
    ) -> Payload:
        target = path + "?" + "&".join(f"&{k}={v}" for k, v in (params or {}).items())
        for route, body in self.bodies.items():
            bare, _, query = route.partition("?")
            if bare == path.split("?", maxsplit=1)[0] and query in target:
                return Payload(f"https://feed.example{path}", body, NOW, NOW, tag)
        raise FetchFault("HTTP 404", 404)

    async def post(self, path: str, *, json: Any, tag: str = "", **_: Any) -> Payload:
        return await self.get(path, tag=tag)

    def key(self) -> str:
        return "key"


def payloads_of(name: str, folder: Path | None) -> Sequence[Payload]:
    source = SOURCES[name]
    wire: Any = Wire(source) if folder is None else Served(routes(name, folder / name))
    return asyncio.run(source.fetch(wire))


# -- what is broken --------------------------------------------------------------------------

Change = Callable[[Any], Any]
GONE = object()
VALUES: dict[str, Change] = {
    "taken away": lambda _: GONE,
    "null": lambda _: None,
    "empty": lambda value: [] if isinstance(value, list) else {} if isinstance(value, dict) else "",
    "as text": lambda value: value if isinstance(value, str | dict | list) else str(value),
    "a word": lambda _: "abc",
    "a sentence": lambda _: "Contact us",
    "nan": lambda _: float("nan"),
    "negative": lambda _: -1,
    "nought": lambda _: 0,
    "true": lambda _: True,
    "in a list": lambda value: [value],
    "in an object": lambda value: {"value": value},
    "list as object": lambda value: (
        {str(at): one for at, one in enumerate(value)} if isinstance(value, list)
        else list(value.values()) if isinstance(value, dict) else value
    ),
    "a million digits": lambda _: 10**400,
}  # fmt: skip


def places(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything in a JSON body."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield (*at, key)
            yield from places(value, (*at, key))
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield (*at, place)
            yield from places(value, (*at, place))


def shape(path: tuple[Any, ...], named: set[str]) -> str:
    """A path with its counters, and keys that are names of machines, left open."""
    return ".".join(str(p) if isinstance(p, str) and p in named else "*" for p in path)


def changed(data: Any, paths: Sequence[tuple[Any, ...]], change: Change) -> Any:
    made = copy.deepcopy(data)
    for path in reversed(paths):
        holder = made
        for step in path[:-1]:
            holder = holder[step]
        value = change(holder[path[-1]])
        if value is GONE:
            del holder[path[-1]]
        else:
            holder[path[-1]] = value
    return made


def json_changes(body: bytes) -> Iterator[tuple[str, bytes]]:
    data = json.loads(body)
    found = list(places(data))
    keys = Counter(p for path in found for p in path[-1:] if isinstance(p, str))
    most = max(keys.values(), default=1)
    named = {k for k, count in keys.items() if count * 3 >= min(most, 12) or count > 3} | set(
        data if isinstance(data, dict) else ()
    )
    groups: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for path in found:
        groups[shape(path, named)].append(path)
    for label, paths in groups.items():
        for word, change in VALUES.items():
            if word == "nought" and paths[0][-1] in {"units", "nanos"}:
                continue  # there it is a figure like another
            yield f"{label}: {word} in one", json.dumps(changed(data, paths[:1], change)).encode()
            if len(paths) > 1:
                yield f"{label}: {word} in all", json.dumps(changed(data, paths, change)).encode()
        if all(isinstance(p[-1], str) for p in paths):
            made = copy.deepcopy(data)
            for path in paths[:1]:
                holder = made
                for step in path[:-1]:
                    holder = holder[step]
                holder[f"new_{path[-1]}"] = holder.pop(path[-1])
            yield f"{label}: renamed in one", json.dumps(made).encode()
    for label, paths in groups.items():
        lists = [p for p in paths if isinstance(_at(data, p), list)]
        if lists:
            for word, odd in {
                "null": None,
                "a number": 7,
                "a text": "x",
                "an object": {},
                "a list": [],
            }.items():
                made = copy.deepcopy(data)
                _at(made, lists[0]).append(odd)
                yield f"{label}: {word} at its end", json.dumps(made).encode()
            made = copy.deepcopy(data)
            _at(made, lists[0]).reverse()
            yield f"{label}: turned round", json.dumps(made).encode()


def _at(data: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


_A_PRICE = re.compile(r"price|hour|month", re.IGNORECASE)


def csv_changes(text: str) -> Iterator[tuple[str, str]]:
    header, *lines = csv.reader(io.StringIO(text))

    def out(head: list[str], body: list[list[str]]) -> str:
        made = io.StringIO()
        csv.writer(made, lineterminator="\n").writerows([head, *body])
        return made.getvalue()

    for at, column in enumerate(header):
        yield (
            f"{column}: column taken away",
            out(header[:at] + header[at + 1 :], [c[:at] + c[at + 1 :] for c in lines]),
        )
        yield (
            f"{column}: column renamed",
            out([*header[:at], f"new_{column}", *header[at + 1 :]], lines),
        )
        yield f"{column}: column twice", out([*header, column], [[*c, ""] for c in lines])
        words = ["", "abc", "-1", "0", "nan", "1e400", "None"]
        if not _A_PRICE.search(column):
            words.append("0.5")  # in a price it is another price
        for word in words:
            yield (
                f"{column}: {word!r} in all",
                out(header, [[*c[:at], word, *c[at + 1 :]] for c in lines]),
            )
            yield (
                f"{column}: {word!r} in one",
                out(
                    header,
                    [
                        [*c[:at], word, *c[at + 1 :]] if n == len(lines) // 2 else c
                        for n, c in enumerate(lines)
                    ],
                ),
            )
    yield "a new column first", out(["New", *header], [["x", *c] for c in lines])
    yield "columns turned round", out(header[::-1], [c[::-1] for c in lines])
    yield "the last line cut", text[: len(text.rstrip()) - 5]
    yield "lines turned round", out(header, lines[::-1])


def text_changes(text: str) -> Iterator[tuple[str, str]]:
    """Every line, every tag's words and every figure of a page once."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if line.strip():
            yield (
                f"line {at + 1} taken away {line.strip()[:50]!r}",
                "\n".join(lines[:at] + lines[at + 1 :]),
            )
    for found in list(re.finditer(r">([^<>]*\w[^<>]*)<", text)):
        start, end = found.span(1)
        for word in ("", "abc", "Contact us", "0", "from " + found[1]):
            yield (
                f"{found[1].strip()[:40]!r} at {start}: {word[:12]!r}",
                text[:start] + word + text[end:],
            )
    for at in range(0, len(text), max(1, len(text) // 40)):
        yield f"cut at {at}", text[:at]


def bodies(payload: Payload, name: str) -> Iterator[tuple[str, bytes]]:
    body = payload.body
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = {m: archive.read(m) for m in archive.namelist()}
        for member, held in members.items():
            for label, text in csv_changes(held.decode()):
                packed = io.BytesIO()
                with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                    for other, content in members.items():
                        archive.writestr(other, text if other == member else content)
                yield label, packed.getvalue()
    elif body.lstrip()[:1] in (b"{", b"["):
        yield from json_changes(body)
    elif body.lstrip()[:1] == b"<" or name == "nebius":
        for label, text in text_changes(body.decode()):
            yield label, text.encode()
    else:
        for label, text in csv_changes(body.decode()):
            yield label, text.encode()


# -- looking ---------------------------------------------------------------------------------


class Odd(NamedTuple):
    what: str
    """ "price", "new" or "crash"."""
    change: str
    example: str


def changes(payloads: Sequence[Payload], name: str) -> Iterator[tuple[str, list[Payload]]]:
    """What was done, and the payloads with it done."""
    for at, payload in enumerate(payloads):
        for label, body in bodies(payload, name):
            broken = replace(payload, body=body)
            yield f"{payload.tag} {label}", [*payloads[:at], broken, *payloads[at + 1 :]]


def looked_at(
    source: Source, before: Mapping[Key, float], label: str, made: Sequence[Payload]
) -> Iterator[Odd]:
    """What is wrong with what is read of broken payloads."""
    try:
        after = read(source, made)
    except ParseFault:
        return
    except Exception as fault:  # noqa: BLE001  that is what is looked for
        yield Odd("crash", label, repr(fault)[:200])
        return
    for key, usd in after.items():
        if key not in before:
            yield Odd("new", label, f"{tuple(key)} {usd:g}")
        elif abs(usd / before[key] - 1) > 1e-4:
            yield Odd("price", label, f"{tuple(key)} {before[key]:g} -> {usd:g}")


def campaign(name: str, folder: Path | None) -> tuple[int, list[Odd]]:
    """How many changes were tried, and the first odd thing of each kind that each brought."""
    source, payloads = SOURCES[name], payloads_of(name, folder)
    before = read(source, payloads)
    tried, odd = 0, []
    for label, made in changes(payloads, name):
        tried += 1
        first: dict[str, Odd] = {}
        for one in looked_at(source, before, label, made):
            first.setdefault(one.what, one)
        odd += first.values()
    return tried, odd


def main(arguments: list[str]) -> int:
    new = "--new" in arguments
    arguments = [one for one in arguments if one != "--new"]
    folder = Path(arguments.pop(0)) if arguments and Path(arguments[0]).is_dir() else None
    names = list(SOURCES) if folder is None else sorted(n for n in DUE if (folder / n).is_dir())
    bad = 0
    for name in arguments or names:
        tried, odd = campaign(name, folder)
        shown = [one for one in odd if new or one.what != "new"]
        bad += sum(one.what != "new" for one in odd)
        print(f"{name:16} {tried:6} changes, {len(shown)} odd", flush=True)
        for one in shown:
            print(f"   {one.what:6} {one.change:.110} | {one.example}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
