"""Asks after a refresh, and holds the answers against a second reading of the payloads.

    python tests/feeds/questions.py FOLDER [SOURCE ...]

FOLDER holds real payloads as `compare.py` wants them. Each source refreshes into a store of its own,
without the bundled list; then it is asked for the cheapest of each card, on demand, on the spot and
by term, in the regions below, by words. The second reading (`compare.DUE`) says what is right: the
lowest price a GPU-hour of the rows that lie there, or none. Ends with 1 when an answer differs.
"""

from __future__ import annotations

import asyncio
import random
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

if __name__ == "__main__":
    root = Path(__file__).parent.parent.parent
    sys.path[:0] = [str(root), str(root / "tests"), str(root / "tests" / "support")]

from feeds.compare import DUE, Row, answering

from bot.core.desk import Asker
from bot.reply.reply import reply
from knowledge.prices.store import Store
from knowledge.refresh.refresh import Wanted, refresh
from knowledge.sources import SOURCES

WHERE = {
    "": r".*",
    "in the US": r"\bus\b|us(?:\d|$)|us[ -]|.*usa|nyc|atl|ord|sea$|ewr|.*(?:east|west|central|south|north)us\d?$",
    "in Europe": r"(?:.*(?:europe|finland|iceland)|germany|france|sweden|norway|switzerland|italy|poland|spain|eu-|fr-|nl-|fin-|ice-|de$|fi$|ro$|gr$|it-|bg-|ch-|north-eu)",
    "in Germany": r"germany|europe-west3|eu-central-1|de$",
    "in Brazil": r"brazil|southamerica-east1|sa-east-1",
    "in Japan": r"japan|asia-northeast[12]$|jp$",
    "in India": r"(?:.*india|asia-south[12]$|in\d?$)",
}
"""What is asked -> codes that lie there, by rules of this file's own."""
_NOT = {"in Europe": r"uk|europe-west2$", "in the US": r".*(?:gov|australia)"}
NAMES = {"a100": "A100", "h100": "H100", "h200": "H200", "l4": "L4", "l40s": "L40S", "b200": "B200",
         "a10": "A10", "t4": "T4", "v100": "V100", "b300": "B300", "a6000": "RTX A6000", "mi300x": "MI300X",
         "gh200": "GH200", "rtx4090": "RTX 4090", "rtx5090": "RTX 5090", "rtxpro6000": "RTX PRO 6000"}  # fmt: skip
ALONE = {("gcp", "t4"), ("gcp", "v100")}
"""Cards that are priced without their host: they do not lead a ranking."""
EACH = 12
"""Questions for each source."""


class Asked(NamedTuple):
    words: str
    due: float | None
    """USD per GPU-hour; None where nothing is sold so."""


def lies(where: str, place: str) -> bool:
    excluded = where in _NOT and re.match(_NOT[where], place) is not None
    return re.match(WHERE[where], place) is not None and not excluded


def questions(name: str, folder: Path) -> Iterator[Asked]:
    prices: dict[tuple[str, str, str, int | None], list[tuple[str, float]]] = defaultdict(list)
    for row, usd in DUE[name](folder):
        found: Row = row
        if found.card in NAMES and (found.provider, found.card) not in ALONE:
            key = (found.provider, found.card, found.billing, found.months)
            prices[key].append((found.place.lower(), usd / found.count))
    for (provider, kind, billing, months), rows in sorted(prices.items(), key=str):
        if billing == "reserved" and months is None:
            continue
        how = {"on-demand": "", "spot": " spot", "reserved": f" reserved for {months} months"}
        for where in WHERE:
            if where and any(place == "global" for place, _ in rows):
                continue  # one price for all sites of the seller, and its sites are another's list
            here = [usd for place, usd in rows if lies(where, place)]
            if not where or here or any(place for place, _ in rows):
                words = f"cheapest {NAMES[kind]}{how[billing]} on {provider} {where}".strip()
                yield Asked(words, min(here, default=None))


async def filled(name: str, folder: Path, path: Path) -> Store:
    """A store with this source's offers alone."""
    store = Store.open(path, datetime.now(UTC))
    with store.writing() as connection:
        connection.execute("DELETE FROM offers")
    source = SOURCES[name]
    with answering(name, folder) as server:
        wanted = Wanted(
            names=(name,),
            addresses={name: server.url, "ecb": server.url},
            keys={source.key_setting: "key"} if source.key_setting else {},
            opt_in=frozenset({"runpod", "shadeform", "vastai"}),
        )
        report = await refresh(store, wanted, clock=lambda: datetime.now(UTC))
    assert report.sources[0].ok, report.sources[0].fault
    return store


def answered(words: str, store: Store) -> float | None:
    """The lowest price a GPU-hour of the answer, in US dollars."""
    answer = reply(words, Asker(), datetime.now(UTC), store)
    question = answer.question
    asked = (question.billing if question else None) or "on-demand"
    found = [
        one.price_usd_per_hour / one.count
        for one in answer.offers
        if one.count and one.billing == asked
    ]
    return min(found, default=None)


def main(folder: Path, names: list[str]) -> int:
    bad = tried = 0
    with tempfile.TemporaryDirectory() as at:
        for name in names or sorted(n for n in DUE if (folder / n).is_dir()):
            asked = list(questions(name, folder / name))
            asked = random.Random(name).sample(asked, min(EACH, len(asked)))
            store = asyncio.run(filled(name, folder / name, Path(at) / f"{name}.db"))
            for one in asked:
                tried += 1
                said = answered(one.words, store)
                right = (
                    said is None
                    if one.due is None
                    else said is not None and abs(said / one.due - 1) < 1e-3
                )
                bad += not right
                if not right:
                    print(f"{name}: {one.words}: due {one.due}, answered {said}")
            store.close()
    print(f"{tried} questions, {bad} answered otherwise than the payloads say")
    return 1 if bad else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
