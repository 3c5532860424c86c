"""Who says that it is in stock and when, who sold out, who does not tell, and what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import offers as made
import pytest

from bot.core.desk import Asker
from bot.core.question import Question
from bot.reply.reply import answer_question
from knowledge.facts import leads
from knowledge.prices import stock
from knowledge.prices.offer import Stock
from knowledge.prices.store import Store

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ASKED = Question("availability", accelerators=("B200",), count=8, region="eu")


def machine(provider: str = "lambda", count: int = 8, country: str = "DE", **changes):
    fields = {"region": f"{country.lower()}-1", "geo": "eu", **changes}
    return made.offer(
        provider=provider, instance_type=f"{count}x b200", accelerator="B200", memory_gb=180.0,
        count=count, form_factor="SXM", country=country, **fields,
    )  # fmt: skip


def see(store: Store, hours: float, offer, word: Stock) -> None:
    stock.observe(store, offer.provider, [(offer, word)], NOW - hours * HOUR)


def ask(store: Store, question: Question = ASKED):
    return answer_question(question, Asker(), NOW, store)


def cells(answer) -> dict[str, tuple[str, ...]]:
    return {row.cells[0]: row.cells for row in answer.table.rows}


def test_who_has_it_who_sold_out_and_who_does_not_tell(store: Store) -> None:
    """Three states that are never mixed, each with the hour of its word."""
    see(store, 1, machine(), Stock("available", 3, at_least=True))
    see(store, 2, machine("hyperstack", country="NO"), Stock("sold_out"))
    answer = ask(store)
    assert answer.headline.startswith("8x B200 in Europe: in stock at Lambda (de-1, seen ")
    rows = cells(answer)
    assert rows["Lambda"][1] == "in stock (3+)"
    assert rows["Hyperstack"][1] == "sold out"
    assert rows["CoreWeave"][1] == "not told"
    silent = next(line for line in answer.lines if line.startswith("Do not tell"))
    assert "CoreWeave" in silent
    assert "Hyperstack" not in silent
    assert answer.tone == "plain"


def test_without_a_word_from_any_feed_stock_is_unknown_and_said_first(store: Store) -> None:
    """Never "sold out"; sellers, quota facts with their pages, and what to do."""
    answer = ask(store)
    assert "stock not known" in answer.headline
    assert "sold out" not in answer.headline + "".join(answer.lines)
    assert answer.tone == "caution"
    told = {fact.label: fact.value for fact in answer.facts}
    assert told["CoreWeave"] == leads.of("coreweave").says
    # Nebius lists the card outside Europe alone: left out, and said so.
    assert any(line.startswith("Nebius was left out") for line in answer.lines)
    assert all(fact.url for fact in answer.facts)
    assert any(line.startswith("What to do:") for line in answer.lines)


def test_an_old_word_is_not_how_it_is_now(store: Store) -> None:
    """Seen in stock two days ago: not known now, and no headline."""
    see(store, 48, machine(), Stock("available"))
    answer = ask(store)
    assert "stock not known" in answer.headline
    assert cells(answer)["Lambda"][1] == "not known now"


def test_smaller_machines_are_not_added_up(store: Store) -> None:
    """Forty single cards are said, and are no answer for a machine of eight."""
    see(store, 1, machine(count=1), Stock("available", 40))
    answer = ask(store)
    assert "in stock at" not in answer.headline
    assert any("Smaller machines are free at Lambda (1x)" in line for line in answer.lines)


def test_several_machines_are_not_one_fabric(store: Store) -> None:
    """Sixteen are two machines of eight."""
    see(store, 1, machine(), Stock("available", 2))
    answer = ask(store, ASKED._replace(count=16))
    assert "in stock at Lambda" in answer.headline
    assert any("2 machines of 8" in line for line in answer.lines)


def test_what_a_seller_announces_is_said(store: Store) -> None:
    """Within how many days, how many more, and a bound as a bound."""
    word = Stock("sold_out", planned=((7, 8, False), (30, 0, False), (100, 64, True)), lead_days=3)
    see(store, 1, machine("hyperstack"), word)
    lines = ask(store).lines
    assert "Hyperstack announces 8 more within 7 days and 64+ more within 100 days." in lines
    assert "Hyperstack states 3 days from order to use." in lines


def test_the_share_of_observed_hours_stands_with_its_checks(store: Store) -> None:
    """In stock for 40 of 60 hours, by 60 checks."""
    for hour in range(60, 0, -1):
        see(store, hour, machine(), Stock("available" if hour > 20 else "sold_out"))
    assert any("Lambda 67% (60 checks)" in line for line in ask(store).lines)
    # So does it under the past prices, for the size and place that were asked for.
    past = ask(store, Question("history", accelerators=("B200",), count=8, region="eu"))
    assert any("Lambda 67% (60 checks)" in line for line in past.lines)
    elsewhere = ask(store, Question("history", accelerators=("B200",), count=8, region="us"))
    assert not any("checks" in line for line in elsewhere.lines)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"region": "us"}, False),
        ({"region": "de"}, True),
        ({"exclude_providers": ("lambda",)}, False),
        ({"exclude_tiers": ("microcloud",)}, False),
        ({"tier": "microcloud"}, True),
        ({"form_factor": "PCIe"}, False),
        ({"billing": "spot"}, False),
    ],
)
def test_the_question_narrows_what_is_looked_at(store: Store, changes, found) -> None:
    """Place, seller, kind of seller, form and billing."""
    see(store, 1, machine(), Stock("available"))
    assert ("in stock at" in ask(store, ASKED._replace(**changes)).headline) is found


@pytest.mark.parametrize(
    ("lang", "words", "quota"),
    [("en", "in stock at", "quota"), ("pt", "em estoque em", "cota"), ("es", "existencias en", "cuota")],
)  # fmt: skip
def test_it_reads_in_three_languages(store: Store, lang, words, quota) -> None:
    """Headline, table and quota facts."""
    see(store, 1, machine(), Stock("available"))
    answer = ask(store, ASKED._replace(lang=lang))
    assert words in answer.headline
    assert quota in leads.of("azure", lang).says
    assert not any("Do not tell" in line for line in answer.lines) or lang == "en"


def test_a_card_is_asked_for_when_none_is_named(store: Store) -> None:
    """And a card that nobody knows is not replaced."""
    assert "Which GPU" in ask(store, Question("availability")).headline
    assert "H900" in ask(store, Question("availability", unknown=("H900",))).headline


def test_the_price_can_be_shown_in_another_currency(store: Store) -> None:
    """The column beside the dollars."""
    see(store, 1, machine(), Stock("available"))
    titles = [column.title for column in ask(store, ASKED._replace(currency="EUR")).table.columns]
    assert "€/GPU-h" in titles
