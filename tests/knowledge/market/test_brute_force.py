"""Five hundred questions, answered once more by plain loops over the rows of the store.

Nothing of the market room or the store's queries is used here: the rules are written down again,
so that a mistake would have to be made twice.
"""

from __future__ import annotations

import math
import random
import sqlite3
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW

from bot.core.desk import Asker
from bot.core.question import Question
from bot.reply.reply import answer_question
from knowledge.facts.fabric import between
from knowledge.facts.footprint import countries, lists
from knowledge.facts.regions import geo_of
from knowledge.prices.store import Store

Row = dict[str, Any]
CARDS = (
    ("H100", (None, 80)), ("A100", (None, 40, 80)), ("H200", (None, 141)), ("L4", (None,)),
    ("L40S", (None,)), ("B200", (None,)), ("RTX4090", (None,)), ("T4", (None,)), ("A6000", (None,)),
)  # fmt: skip
REGIONS = (None, None, "eu", "us", "uk", "asia", "sa", "br", "de", "fr", "in")
QUESTIONS = 500


@pytest.fixture(scope="module")
def rows(seeded: Path) -> list[Row]:
    """Every public offer that is shown, as it lies in the file."""
    file = sqlite3.connect(seeded)
    file.row_factory = sqlite3.Row
    found = [
        dict(row)
        for row in file.execute("SELECT * FROM offers WHERE shown = 1 AND accelerator IS NOT NULL")
    ]
    file.close()
    for row in found:
        row["usd"] = row["price_usd_per_hour"] / row["count"]
        row["seen"] = datetime.fromisoformat(row["as_of"])
    return found


def asked(rng: random.Random) -> Question:
    card, sizes = rng.choice(CARDS)
    billing = rng.choice([None, "on-demand", "spot", "reserved"])
    intent = rng.choice(["cheapest", "estimate", "budget"])
    hours = rng.choice([None, 24.0, 730.0, 8760.0, 26280.0])
    return Question(
        intent=intent,
        accelerators=(card,),
        memory_gb=rng.choice(sizes),
        form_factor=rng.choice([None, None, "SXM", "PCIe"]) if card in ("H100", "A100") else None,
        count=rng.choice([None, 1, 2, 4, 8, 16, 64]),
        region=rng.choice(REGIONS),
        billing=billing,
        hours=hours or (168.0 if intent == "estimate" else None),
        tier=rng.choice([None, None, None, "microcloud", "hyperscaler"]),
        exclude_providers=rng.choice([(), (), ("aws",), ("runpod", "lambda")]),
        interconnect=rng.choice([None, None, "infiniband"]),
        budget_usd=50_000.0,
    )


def lies(row: Row, region: str | None) -> bool:
    def inside(country: str | None, geo: str | None) -> bool:
        return region in (geo, (country or "").lower())

    if region is None:
        return True
    if row["geo"] or row["country"]:
        return inside(row["country"], row["geo"])
    sites = [inside(country, geo_of(country)) for country in countries(row["provider"])]
    return any(sites) if row["region"] == "global" else bool(sites) and all(sites)


def listed_elsewhere(row: Row, region: str | None) -> bool:
    """A price without a place of a seller that lists the card in other places alone."""
    if region is None or row["geo"] or row["country"]:
        return False
    listed = lists(row["provider"], row["accelerator"])
    return bool(listed) and not any(
        region in (country.lower(), geo_of(country)) for country in listed
    )


def bar(rows: Iterable[Row]) -> float | None:
    """0.45 of the lower quartile of the sellers' lowest; what lies below does not count."""
    best: dict[str, float] = {}
    for row in rows:
        best[row["provider"]] = min(row["usd"], best.get(row["provider"], row["usd"]))
    prices = sorted(best.values())
    while len(prices) >= 5:
        bottom = 0.45 * prices[len(prices) // 4]
        if prices[0] >= bottom:
            return bottom
        prices = [price for price in prices if price >= bottom]
    return None


def believed(row: Row, alike: list[Row]) -> bool:
    """By the sellers of its tier, else of its memory, else of its billing; spot last by on demand."""

    def bottom(billing: str) -> float | None:
        kind = [one for one in alike if one["billing"] == billing]
        same = [one for one in kind if one["memory_gb"] == row["memory_gb"]]
        tier = [one for one in same if one["tier"] == row["tier"]]
        return next((found for group in (tier, same, kind) if (found := bar(group))), None)

    found = bottom(row["billing"])
    if found is None and row["billing"] == "spot" and (listed := bottom("on-demand")):
        found = listed / 0.45 * 0.15
    return found is None or row["usd"] >= found


def expected(question: Question, rows: list[Row]) -> tuple[str, float] | None:
    """(provider, USD per hour of everything rented) of the leading row; None where there is none."""
    billing = question.billing or "on-demand"
    card = [row for row in rows if row["accelerator"] == question.accelerators[0]]
    complete = [row for row in card if row["host_included"]]
    months = None
    if billing == "reserved" and question.hours and question.intent != "budget":
        months = 0 if question.hours < 700 else round(question.hours / 730)
    like = [
        row
        for row in card
        if row["billing"] == billing
        and question.memory_gb in (None, row["memory_gb"])
        and question.form_factor in (None, row["form_factor"])
        and row["provider"] not in question.exclude_providers
        and question.tier in (None, row["tier"])
        and lies(row, question.region)
        and believed(row, complete)
    ]
    there = [row for row in like if not listed_elsewhere(row, question.region)]
    pool = [row for row in there or like if months is None or row["term_months"] == months]
    if not pool:
        return None
    gpus = question.count or (None if question.intent == "cheapest" else 1)
    large = [row for row in like if row["count"] >= min(gpus or 1, 8)]
    newest = max(row["seen"] for row in large or like)
    sellers = [row for row in pool if row["tier"] != "marketplace"] or pool
    return _single(sellers, newest) if gpus is None else _together(sellers, gpus, newest, question)


def age(row: Row, newest: datetime) -> tuple[bool, int]:
    behind = (newest - row["seen"]).days
    return (row["fresh_until"] < NOW.isoformat(timespec="seconds"), (behind > 90) + (behind > 200))


def _single(sellers: list[Row], newest: datetime) -> tuple[str, float]:
    lead = min(sellers, key=lambda row: (not row["host_included"], *age(row, newest), row["usd"]))
    return lead["provider"], lead["usd"]


def _together(
    sellers: list[Row], gpus: int, newest: datetime, question: Question
) -> tuple[str, float] | None:
    """The machine, or the machines of one kind, that hold so many and lead."""
    whole = [row for row in sellers if row["host_included"]]
    one = [row for row in whole if row["count"] >= gpus]
    nodes = [row for row in whole if row["count"] >= 8] or [
        row for row in whole if row["count"] >= 4
    ]
    held: list[tuple[tuple[Any, ...], float, int, str]] = []  # order, whole price, GPUs, seller
    for row in one or nodes:
        machines = 1 if one else math.ceil(gpus / row["count"])
        joined = between(row["provider"], row["instance_type"], row["accelerator"], row["count"])
        if machines > 1 and question.interconnect and joined not in (None, "InfiniBand"):
            continue
        whole_price = machines * row["price_usd_per_hour"]
        order = (*age(row, newest), machines > 1 and joined is None, whole_price)
        held.append((order, whole_price, machines * row["count"], row["provider"]))
    if not held:
        return None
    best = min(held)
    # A machine of twice the size leads one that fits only where it costs less whole.
    if close := [one for one in held if one[2] < 2 * gpus]:
        best = min(one for one in held if one in close or one[1] <= min(close)[1])
    return best[3], best[1]


def test_five_hundred_questions_get_the_answer_of_plain_loops(
    seeded: Path, rows: list[Row]
) -> None:
    """The leading offer's price, or that there is none, for every generated question."""
    store = Store(seeded)
    rng = random.Random(19)
    wrong = []
    answered = 0
    for _ in range(QUESTIONS):
        question = asked(rng)
        answer = answer_question(question, Asker(), NOW, store)
        wanted = expected(question, rows)
        lead = answer.offers[0] if answer.offers and answer.tone == "plain" else None
        if wanted is None or lead is None:
            if (wanted is None) != (lead is None):
                wrong.append((question, wanted, lead))
            continue
        answered += 1
        total = lead.price_usd_per_hour
        if question.intent == "cheapest" and question.count is None:
            total /= lead.count
        else:
            total *= math.ceil((question.count or 1) / lead.count)
        if not math.isclose(total, wanted[1], rel_tol=1e-9):
            wrong.append((question, wanted, lead))
    store.close()
    assert answered > QUESTIONS / 3
    shown = [
        (
            {k: v for k, v in q._asdict().items() if v not in (None, (), "")},
            w,
            o and (o.provider, o.instance_type, o.price_usd_per_hour, o.count),
        )
        for q, w, o in wrong
    ]
    assert not shown, "\n".join(map(str, shown))


# -- ranges and comparisons --------------------------------------------------------------------


def _like(question: Question, rows: list[Row]) -> list[Row]:
    """What `expected` ranks for a question without a count, still unranked."""
    card = [row for row in rows if row["accelerator"] == question.accelerators[0]]
    complete = [row for row in card if row["host_included"]]
    like = [
        row
        for row in card
        if row["billing"] == (question.billing or "on-demand")
        and question.memory_gb in (None, row["memory_gb"])
        and question.form_factor in (None, row["form_factor"])
        and row["provider"] not in question.exclude_providers
        and question.tier in (None, row["tier"])
        and lies(row, question.region)
        and believed(row, complete)
    ]
    there = [row for row in like if not listed_elsewhere(row, question.region)] or like
    return [row for row in there if row["tier"] != "marketplace"] or there


def test_every_row_of_a_range_is_that_of_plain_loops(seeded: Path, rows: list[Row]) -> None:
    """Of each seller and variant the lowest, and the highest that is not much older."""
    store = Store(seeded)
    rng = random.Random(7)
    seen = 0
    for _ in range(150):
        question = asked(rng)._replace(
            intent="price", count=None, hours=None, interconnect=None, budget_usd=None
        )
        answer = answer_question(question, Asker(), NOW, store)
        like = [row for row in _like(question, rows) if row["host_included"]]
        assert bool(like) == bool(answer.offers), question
        if not like or answer.table is None:
            continue
        newest = max(row["seen"] for row in _like(question._replace(tier=None), rows))
        for offer, line in zip(answer.offers, answer.table.rows, strict=True):
            mine = [
                row
                for row in like
                if (row["provider"], row["memory_gb"], row["form_factor"])
                == (offer.provider, offer.memory_gb, offer.form_factor)
            ]
            youngest = min(age(row, newest) for row in mine)
            lowest = min(row["usd"] for row in mine if age(row, newest) == youngest)
            highest = max(row["usd"] for row in mine if (offer.as_of - row["seen"]).days <= 90)
            if offer.billing == "reserved":
                # Lengths are not mixed: a row is of one commitment.
                lowest = highest = offer.price_usd_per_hour / offer.count
            figures = [float(line.cells[place].replace(",", "")) for place in (2, 4)]
            assert figures == [
                pytest.approx(lowest, abs=0.006),
                pytest.approx(highest, abs=0.006),
            ], (question, offer)
            seen += 1
    store.close()
    assert seen > 200


def test_each_side_of_a_comparison_is_the_lead_of_its_own_ranking(
    seeded: Path, rows: list[Row]
) -> None:
    store = Store(seeded)
    rng = random.Random(11)
    sides = 0
    for _ in range(100):
        one = asked(rng)._replace(
            intent="compare", memory_gb=None, form_factor=None, count=None, hours=None,
            interconnect=None, budget_usd=None,
        )  # fmt: skip
        other = rng.choice([card for card, _ in CARDS if card != one.accelerators[0]])
        question = one._replace(accelerators=(*one.accelerators, other))
        answer = answer_question(question, Asker(), NOW, store)
        wanted = {
            card: expected(one._replace(intent="cheapest", accelerators=(card,)), rows)
            for card in question.accelerators
        }
        got = {
            str(offer.accelerator): offer.price_usd_per_hour / offer.count
            for offer in answer.offers
        }
        assert set(got) == {card for card, lead in wanted.items() if lead}, question
        for card, price in got.items():
            lead = wanted[card]
            assert lead is not None
            assert math.isclose(price, lead[1], rel_tol=1e-9), question
            sides += 1
    store.close()
    assert sides > 80
