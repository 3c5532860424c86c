"""Traffic, storage, stopped machines, billing and tax: figures with their pages, gaps named."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.answers import extras
from bot.core.desk import Asker, Desk
from bot.core.question import Question
from bot.core.wording import wording
from bot.reply.reply import answer_question
from knowledge.facts import billing, bundled, charges
from knowledge.prices.store import Store

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
WITH = "estimate 8x h100 for 3 months with 10 TB out and 5 TB kept"


def ask(store: Store, question: Question):
    return answer_question(question, Asker(), NOW, store)


def estimate(provider: str, hours: float = 2190.0, **more) -> Question:
    return Question(
        "estimate", text=WITH, accelerators=("H100",), count=8, hours=hours, egress_tb=10.0,
        providers=(provider,), **more,
    )  # fmt: skip


def money(text: str) -> Decimal:
    found = re.search(r"\$([\d,]+\.\d\d)", text)
    assert found, text
    return Decimal(found[1].replace(",", ""))


@pytest.mark.parametrize("provider", ["aws", "coreweave", "azure"])
@pytest.mark.parametrize("hours", [72.0, 730.0, 2190.0, 1000.0])
def test_the_lines_of_a_bill_add_up_to_the_cent(store: Store, provider: str, hours: float) -> None:
    """Machines, traffic and storage; the total is their sum as printed."""
    facts = ask(store, estimate(provider, hours)).facts
    assert len(facts) == 4
    *lines, total = [money(fact.value) for fact in facts]
    assert sum(lines) == total


def test_the_figures_are_those_of_the_table(store: Store) -> None:
    """AWS, three months: 3 x 9,900 GB x 0.09; 5,000 GB x 3 x EUR 0.0865 at 1.1172."""
    facts = {fact.label: fact for fact in ask(store, estimate("aws")).facts}
    assert money(facts["Traffic out, 10 TB"].value) == Decimal("2673.00")
    assert money(facts["Storage, 5 TB"].value) == Decimal("1449.57")
    assert facts["Traffic out, 10 TB"].url
    assert "14 Aug 2026" in facts["Traffic out, 10 TB"].value


def test_what_nobody_states_is_named_and_not_counted_as_nothing(store: Store) -> None:
    """Lambda states free traffic and no storage price."""
    answer = ask(store, estimate("lambda"))
    facts = {fact.label: fact.value for fact in answer.facts}
    assert facts["Storage, 5 TB"] == "not stated: ask"
    assert "Storage, 5 TB" in facts["Total"]
    assert any("+" in line for line in answer.lines if line.startswith("With traffic"))


def test_an_estimate_without_extras_says_what_is_left_out(store: Store) -> None:
    """And has no bill."""
    plain = Question("estimate", accelerators=("H100",), count=8, hours=730.0)
    answer = ask(store, plain)
    assert [fact.label for fact in answer.facts] == ["Power of the cards"]
    assert "Not in these sums: storage, egress and tax." in answer.lines


def test_traffic_of_two_clouds_is_set_side_by_side(store: Store) -> None:
    """Fifty terabytes: 4,291.50 against nothing, each with its page."""
    asked = Question(
        "compare", text="egress aws vs coreweave 50 tb", providers=("aws", "coreweave")
    )
    answer = ask(store, asked)
    assert "AWS $4,291.50" in answer.headline
    assert "CoreWeave $0.00" in answer.headline
    assert all(row.url for row in answer.table.rows)


def test_a_provider_without_a_figure_is_shown_as_such(store: Store) -> None:
    """Not as free."""
    asked = Question("provider", topic="storage", text="storage at lambda", providers=("lambda",))
    answer = ask(store, asked)
    assert "not stated: ask" in answer.table.rows[0].cells
    assert not answer.evidence


def test_a_stopped_machine_is_answered_with_its_disk(store: Store) -> None:
    """RunPod charges the volume, and no GPU."""
    asked = Question("provider", topic="billing", text="pod stopped", providers=("runpod",))
    answer = ask(store, asked)
    told = " ".join(fact.value for fact in answer.facts)
    assert "$0.20 per GB and month" in told
    assert "volume disk" in answer.headline


def test_payment_in_brazil_names_the_range_and_the_accountant(store: Store) -> None:
    """No tax is computed."""
    asked = Question("provider", "pt", topic="payment", text="nota fiscal no Brasil", providers=("aws",))  # fmt: skip
    answer = ask(store, asked)
    text = " ".join(answer.lines)
    assert "14%" in text
    assert "contador" in text
    assert any("empresa brasileira" in fact.value for fact in answer.facts)


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        (Question("provider", text="provider aws", providers=("aws",)), None),
        (Question("price", text="price h100", accelerators=("H100",)), None),
        (Question("cheapest", text="cheapest h100 with 2 TB storage", accelerators=("H100",)), None),
        (Question("out_of_scope", text="do I pay for the volume while the pod is stopped?"), "billing"),
        (Question("out_of_scope", text="what is the weather"), None),
        (Question("advise", text="should we use spot for training?", topic="billing"), None),
        (Question("advise", "pt", text="IOF sobre GPU no exterior", topic="payment"), "payment"),
        (Question("compare", text="egress aws vs gcp", providers=("aws", "gcp")), "egress"),
        (Question("price", "es", text="precio de almacenamiento en nebius", providers=("nebius",)), "storage"),
    ],
)  # fmt: skip
def test_only_questions_about_charges_are_taken(question: Question, topic: str | None) -> None:
    """A provider's card, prices and nonsense keep their own answers."""
    assert extras.topic_of(question) == topic


@pytest.mark.parametrize("lang", ["en", "pt", "es"])
def test_the_card_of_a_provider_says_them_in_each_language(store: Store, lang) -> None:
    """Traffic, storage, billing, stopped machines and payment of RunPod."""
    answer = ask(store, Question("provider", lang, providers=("runpod",)))
    labels = {fact.label for fact in answer.facts}
    say = wording(lang)
    for label in ("Traffic out", "Storage", "Billing", "Stopped machines", "Payment"):
        assert say.t(label) in labels


@pytest.mark.parametrize("lang", ["en", "pt", "es"])
def test_every_code_and_every_charge_has_words(store: Store, lang) -> None:
    """A new row of the tables cannot break an answer."""
    say = wording(lang)
    for row in bundled.rows("billing"):
        assert extras.code_words(row["code"], say)
    for row in bundled.rows("charges"):
        known = charges.charge(row["provider"], row["kind"])
        assert known is not None
        assert extras.rate_words(known, say)
    assert {row["country"] for row in bundled.rows("taxes")} == {"BR", "MX", "ES"}
    assert all(billing.tax(code, lang).lang == lang for code in ("BR", "MX", "ES"))


@pytest.mark.parametrize(
    ("text", "gb"),
    [
        ("5 TB kept", 5000), ("500 GB of storage", 500), ("2,5 TB de armazenamento", 2500),
        ("1 TB almacenados", 1000), ("80 GB of memory", None), ("10 TB out", None),
    ],
)  # fmt: skip
def test_what_is_kept_is_read_from_the_words(text: str, gb: float | None) -> None:
    """Card memory and traffic are neither."""
    assert extras.stored_gb(Question("estimate", text=text)) == gb


def test_a_bill_needs_no_store_of_rates(store: Store) -> None:
    """Euro charges are turned into dollars at the bundled rate."""
    desk = Desk(store, NOW, wording("en"))
    (line,) = extras.bill(Question("estimate", text="1 TB stored"), "scaleway", 730.0, desk)
    assert line.usd == Decimal("89.38")  # 1,000 x EUR 0.08 x 1.1172


@pytest.mark.parametrize(
    ("text", "out", "kept"),
    [
        ("8x h100 on aws for 1 month incl. 10 TB egress and 5 TB storage", 10.0, 5.0),
        ("4x A100 80GB na AWS com 20 TB de saída por mês e 10 TB de armazenamento", 20.0, 10.0),
        ("2x H200 con 30 TB de almacenamiento y salida de 5 TB al mes", 5.0, 30.0),
        ("almacenamiento 3 TB, tráfico 1,5 TB", 1.5, 3.0),
        ("a100 80gb 2 TB storage 5 TB egress", 5.0, 2.0),
        ("500 GB of data going out, 2 PB kept on disk", 0.5, 2000.0),
    ],
)
def test_each_size_belongs_to_the_words_beside_it(text: str, out: float, kept: float) -> None:
    """Whatever was taken for the traffic before: here both stand, so they can be told apart."""
    asked = Question("estimate", text=text, egress_tb=999.0)
    assert extras.moved_gb(asked) == out * 1000
    assert extras.stored_gb(asked) == kept * 1000


def test_a_bill_holds_the_traffic_that_was_said(store: Store) -> None:
    """10 TB at AWS: 9,900 x 0.09; and the answer says how it was read."""
    asked = Question(
        "estimate", text="8x h100 on aws, 10 TB egress and 5 TB storage",
        accelerators=("H100",), count=8, hours=730.0, providers=("aws",), egress_tb=5.0,
    )  # fmt: skip
    answer = ask(store, asked)
    assert any(
        fact.label == "Traffic out, 10 TB" and "$891.00" in fact.value for fact in answer.facts
    )
    assert answer.question.egress_tb == 10.0


def test_cards_that_are_sold_singly_have_a_sum_that_says_so(store: Store) -> None:
    """Nebius lists the H200 by the card: sixteen for a quarter, with 100 TB kept."""
    asked = Question(
        "estimate", text="16x h200 for 3 months at nebius with 100 TB of storage",
        accelerators=("H200",), count=16, hours=2190.0, providers=("nebius",),
    )  # fmt: skip
    answer = ask(store, asked)
    assert "by the card only" in answer.headline
    offer = answer.offers[0]
    machines = offer.price_usd_per_hour / (offer.count or 1) * 16 * 2190
    assert f"${machines:,.2f}" in next(
        fact.value for fact in answer.facts if "Machines" in fact.label
    )
    assert any(fact.label == "Storage, 100 TB" for fact in answer.facts)


@pytest.mark.parametrize("lang", ["en", "pt", "es"])
def test_storage_of_a_seller_says_what_a_stopped_machine_costs(store: Store, lang: str) -> None:
    """Who asks for the volume of a stopped pod gets both."""
    answer = ask(store, Question("provider", lang, topic="storage", providers=("runpod",)))
    (fact,) = answer.facts
    assert "RunPod" in fact.label
    assert "0.20" in fact.value.replace(",", ".")
    assert fact.url is not None
    assert answer.headline.rstrip(".").split()[-1] in ("charges", "RunPod")
