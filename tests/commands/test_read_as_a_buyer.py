"""Answers as a sceptical buyer reads them: the headline answers, and unlike stands not beside unlike."""

from __future__ import annotations

import re

import pytest
from conftest import NOW

from bot.core.answer import Answer
from bot.core.desk import TERMINAL
from bot.core.phrase import read_as
from bot.core.question import Question
from bot.core.wording import wording
from bot.reply.reply import answer_question
from knowledge.facts.compliance import stated, states
from knowledge.facts.regions import geo_of
from knowledge.prices.store import Store


def _ask(store: Store, intent: str, *cards: str, **fields: object) -> Answer:
    question = Question(intent, accelerators=cards, **fields)  # type: ignore[arg-type]
    return answer_question(question, TERMINAL, NOW, store)


def _all(answer: Answer) -> str:
    facts = [f"{fact.label} {fact.value}" for fact in answer.facts]
    return "\n".join([answer.headline, *answer.lines, *facts])


# -- quotes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("months", [None, 12])
def test_a_price_at_the_aim_is_not_told_to_aim_for_itself(store: Store, months: int | None) -> None:
    hours = months and months * 730.0
    billing = "reserved" if months else "on-demand"
    low = _ask(
        store, "advise", "H100", topic="quote", form_factor="SXM", paid_price=2.1, hours=hours,
        billing=billing,
    )  # fmt: skip
    assert "Aim for" not in _all(low)
    assert "haggle over" in _all(low)
    high = _ask(
        store, "advise", "H100", topic="quote", form_factor="SXM", paid_price=4.5, hours=hours,
        billing=billing,
    )  # fmt: skip
    assert "Aim for" in _all(high)


def test_a_price_of_one_gpu_is_said_back_by_the_hour_and_the_month(store: Store) -> None:
    """It may have been stated by the minute."""
    answer = _ask(store, "advise", "A100", topic="quote", memory_gb=80.0, paid_price=3.3)
    assert "Read as $3.30 per GPU-hour, $2,409 a month" in _all(answer)


def test_a_seller_with_a_lower_list_for_another_form_is_said(store: Store) -> None:
    asked = {"topic": "quote", "memory_gb": 80.0, "paid_price": 1.6, "providers": ("hyperstack",)}
    assert "A100 80 GB PCIe it lists" in _ask(store, "advise", "A100", **asked).headline
    named = _ask(store, "advise", "A100", **asked, form_factor="SXM")
    assert "PCIe" not in named.headline


def test_hours_a_day_are_a_share_of_use(store: Store) -> None:
    """No commitment lasts nine hours."""
    answer = _ask(store, "advise", "H200", topic="billing", count=8, hours=9.0)
    assert "38%" in answer.headline


# -- reports ------------------------------------------------------------------------------------


@pytest.mark.parametrize("report", ["SOC2", "ISO27001", "HIPAA"])
def test_ranking_verdict_and_card_agree_on_who_states_a_report(store: Store, report: str) -> None:
    verdict = _ask(store, "advise", "H100", topic="tier", compliance=(report,))
    assert "no GPU cloud" not in verdict.headline
    clouds = [offer for offer in verdict.offers if offer.provider not in ("aws", "azure", "gcp")]
    assert clouds
    assert all(states(offer.provider, report) for offer in clouds)
    ranking = _ask(store, "cheapest", "H100", compliance=(report,))
    assert all(states(offer.provider, report) for offer in ranking.offers)
    card = _ask(store, "provider", providers=(clouds[0].provider,), compliance=(report,))
    assert "states" in card.headline
    shown = next(fact.value for fact in card.facts if fact.label == "Audit reports")
    assert all(name in shown for name in stated(clouds[0].provider))


def test_guarded_data_on_a_marketplace_is_answered_in_the_headline(store: Store) -> None:
    answer = _ask(store, "provider", providers=("vastai",), data_sensitivity="personal")
    assert "not on its ordinary hosts" in answer.headline


@pytest.mark.parametrize(
    ("name", "says"),
    [("crusoe", "secure whatever you pay ahead"), ("aws", "sound counterparty"), ("coreweave", "cash and debt"), ("vastai", "host")],
)  # fmt: skip
def test_a_providers_headline_says_whether_to_lean_on_it(
    store: Store, name: str, says: str
) -> None:
    assert says in _ask(store, "provider", providers=(name,)).headline


def test_a_second_source_rents_machines_of_that_size(store: Store) -> None:
    """Whoever rents nodes of eight is not sent to single cards."""
    answer = _ask(store, "provider", providers=("coreweave",))
    second = next(fact.value for fact in answer.facts if fact.label == "Exit plan")
    name = re.search(r"such as (.+?) \(", second)
    assert name is not None
    nodes = _ask(store, "cheapest", "H100", form_factor="SXM", count=8, limit=50)
    sellers = {wording("en").provider(offer.provider) for offer in nodes.offers}
    assert name[1] in sellers


# -- comparisons --------------------------------------------------------------------------------


def test_forms_of_one_card_stand_side_by_side(store: Store) -> None:
    answer = _ask(store, "compare", "H100")
    assert {offer.form_factor for offer in answer.offers} >= {"SXM", "PCIe"}
    assert "Median: H100 80 GB SXM" in _all(answer)


def test_cards_are_set_beside_each_other_at_one_seller_first(store: Store) -> None:
    """Two sellers on two days say little about two cards."""
    answer = _ask(store, "compare", "MI300X", "H200")
    assert "at RunPod, which has both: " in answer.headline
    assert "33% below" in answer.headline


@pytest.mark.parametrize("cards", [("H100", "H200", "B200"), ("L40S", "A100"), ("MI300X", "H100")])
def test_value_is_the_lowest_cost_of_work_and_of_memory(store: Store, cards: tuple[str]) -> None:
    answer = _ask(store, "compare", *cards)
    assert answer.table is not None
    said = re.search(r"\(\$(.+) per 1,000 TFLOPS\).*\(\$(.+) per 100 GB\)", _all(answer))
    assert said is not None
    names = [column.title for column in answer.table.columns]
    for figure, column in zip(said.groups(), ("$/PFLOP-h", "$/100 GB-h"), strict=True):
        place = names.index(column)
        assert float(figure) == min(float(row.cells[place]) for row in answer.table.rows)


def test_a_seller_by_the_gpu_is_no_seller_without_an_offer(store: Store) -> None:
    answer = _ask(store, "compare", "H100", count=8, providers=("runpod", "lambda"))
    assert "RunPod lists only a price per GPU" in _all(answer)


# -- sums --------------------------------------------------------------------------------------


def test_no_time_is_a_month_and_said(store: Store) -> None:
    answer = _ask(store, "estimate", "B200", count=8)
    assert "1 month" in answer.headline
    assert "No time was named" in answer.lines[0]


@pytest.mark.parametrize(("gpu_hours", "days"), [(500.0, "20.8 days"), (24.0, "1 day")])
def test_gpu_hours_within_a_month_are_days_of_one_gpu(
    store: Store, gpu_hours: float, days: str
) -> None:
    answer = _ask(store, "estimate", "A100", memory_gb=80.0, gpu_hours=gpu_hours)
    assert f"1 GPU around the clock for {days}." in _all(answer)


def test_traffic_alone_needs_no_card(store: Store) -> None:
    answer = _ask(store, "estimate", providers=("azure",), egress_tb=30.0, hours=730.0)
    assert answer.headline.startswith("Traffic out, 30 TB a month: Azure $")


def test_sellers_by_the_gpu_are_said_as_a_sum_to_ask_for_and_never_lead(store: Store) -> None:
    """Where their price is far below the machine's; over a cluster nothing is added up."""
    answer = _ask(store, "estimate", "H100", count=8, form_factor="PCIe", hours=100.0)
    assert all(offer.count >= 8 for offer in answer.offers)
    eight = _ask(store, "estimate", "B200", count=8, hours=730.0)
    asked = next(line for line in eight.lines if line.startswith("Only a price per GPU"))
    said = re.search(r"\w+ \$([\d.]+), .* 8 would be \$([\d,]+)\.", asked)
    assert said is not None
    assert float(said[2].replace(",", "")) == pytest.approx(float(said[1]) * 8 * 730, abs=1)
    cluster = _ask(store, "estimate", "B200", count=64, hours=730.0)
    assert "would be" not in _all(cluster)


def test_a_commitment_by_the_gpu_stands_beside_the_sum(store: Store) -> None:
    answer = _ask(store, "estimate", "H100", count=8, hours=8760.0)
    assert "A commitment per GPU is listed by DigitalOcean: $3.26 (1 year), $228,461" in _all(
        answer
    )


def test_a_machine_nobody_lists_is_said_by_the_card(store: Store) -> None:
    answer = _ask(store, "cheapest", "L40S", count=2, regions=("de", "nl"))
    assert answer.headline.startswith("No machine of 2x L40S")
    assert "$0.79 per GPU-hour at RunPod" in answer.headline


def test_a_sum_at_spot_prices_says_what_it_leaves_out(store: Store) -> None:
    answer = _ask(store, "budget", "H100", billing="spot", budget_usd=3000.0)
    assert "interruptions" in _all(answer)


def test_a_set_for_a_model_lies_where_it_is_asked(store: Store) -> None:
    answer = _ask(store, "fit", model="llama-3.1-8b", region="br")
    assert answer.offers
    assert all(offer.country == "BR" for offer in answer.offers if offer.country)
    europe = _ask(store, "fit", model="llama-3.1-70b", region="eu")
    assert {geo_of(offer.country) for offer in europe.offers if offer.country} <= {"eu"}
    assert "in Europe" in europe.headline


def test_a_held_cache_is_in_the_total_that_the_headline_names(store: Store) -> None:
    answer = _ask(store, "fit", "H200", model="deepseek-v3", count=8)
    need = re.search(r"needs (\S+) GB", answer.headline)
    assert need is not None
    totals = [fact.value for fact in answer.facts if fact.label.startswith("Total")]
    assert f"{need[1]} GB" in totals


# -- clusters, slices, ranges ---------------------------------------------------------------------


@pytest.mark.parametrize("intent", ["cheapest", "estimate", "price"])
def test_a_cluster_far_cheaper_of_unknown_fabric_is_in_the_headline(
    store: Store, intent: str
) -> None:
    """It is ranked behind those whose fabric is known, and not hidden there."""
    answer = _ask(store, intent, "H100", form_factor="SXM", count=64, region="eu", hours=1008.0)
    assert "InfiniBand" in _all(answer) or answer.offers[0].provider == "azure"
    assert "at Lambda, if its fabric will do: nobody states it." in answer.headline
    assert "Nebius $4.50 (InfiniBand)" in _all(answer)


def test_sizes_of_a_slice_are_no_comparison(store: Store) -> None:
    """ "H100 MIG 3g.40gb": no H100 has 3 or 40 GB."""
    answer = _ask(store, "cheapest", "H100", variants=(3.0, 40.0))
    assert answer.offers == ()
    assert "40 GB of H100 are a slice" in _all(answer)
    whole = _ask(store, "cheapest", "A100", variants=(40.0, 80.0))
    assert whole.offers


def test_every_form_of_a_headline_is_in_the_table(store: Store) -> None:
    answer = _ask(store, "price", "A100", memory_gb=80.0, region="es")
    assert answer.table is not None
    forms = re.findall(r"A100 80 GB (SXM|PCIe)", _all(answer))
    assert {row.cells[1].split()[-1] for row in answer.table.rows} == set(forms)


@pytest.mark.parametrize("narrow", [{"form_factor": "SXM"}, {"region": "eu"}])
def test_the_past_of_all_forms_and_places_is_not_called_that_of_one(
    store: Store, narrow: dict[str, str]
) -> None:
    answer = _ask(store, "history", "H100", period_days=180, **narrow)
    assert answer.headline.startswith("H100, on demand")
    assert "no forms and no places" in answer.lines[0]


# -- words -------------------------------------------------------------------------------------


def test_what_rounds_to_nothing_has_no_sign() -> None:
    for lang in ("en", "pt", "es"):
        assert not wording(lang).percent(-0.001).startswith("-")
        assert wording(lang).percent(-0.02).startswith("-")


def test_nothing_is_read_back_twice() -> None:
    asked = Question("advise", topic="buy", accelerators=("H100",), hours=26_280.0, years=3.0)
    parts = read_as(asked).removeprefix("Read as: ").split(" · ")
    assert len(parts) == len(set(parts))


# -- a seller's own list, terms, and cards set against each other ---------------------------------


def test_more_than_the_sellers_own_list_is_no_good_price(store: Store) -> None:
    """However many others charge more."""
    answer = _ask(store, "advise", "H200", topic="quote", paid_price=3.99, providers=("runpod",))
    assert answer.headline.startswith("More than the seller's own list")
    assert "Walk away above $3.59" in _all(answer)


def test_the_list_of_a_named_machine_is_its_own(store: Store) -> None:
    """Azure sells eight H100 without InfiniBand for less: another machine."""
    answer = _ask(
        store, "advise", "H100", topic="quote", paid_price=12.29, count=8, providers=("azure",),
        instance_types=("Standard_ND96isr_H100_v5",),
    )  # fmt: skip
    assert "It is Azure's list price." in answer.headline


@pytest.mark.parametrize(("months", "nearest"), [(12, "3 years"), (24, "3 years")])
def test_a_length_nobody_publishes_is_named_with_the_nearest(
    store: Store, months: int, nearest: str
) -> None:
    answer = _ask(store, "cheapest", "H200", count=8, billing="reserved", hours=months * 730.0)
    assert answer.headline.startswith("No price for ")
    assert f"the nearest commitment is {nearest}: $" in answer.headline
    assert answer.tone == "caution"


def test_cards_set_against_each_other_for_a_model_are_both_in_the_headline(store: Store) -> None:
    answer = _ask(store, "fit", "MI325X", "B200", model="llama-3.1-405b")
    assert "MI325X 256 GB $" in answer.headline
    assert "B200 180 GB $" in answer.headline


def test_a_gpu_without_its_host_stands_beside_no_whole_machine(store: Store) -> None:
    """Google's T4 is billed without the machine that it needs."""
    answer = _ask(store, "compare", "T4", "L4")
    row = re.search(r"at (.+?), which has both", answer.headline)
    assert row is not None
    assert all(offer.host_included for offer in answer.offers)
    assert "T4 16 GB PCIe $0.35" not in answer.headline


def test_the_card_to_be_replaced_has_the_size_that_was_named(store: Store) -> None:
    answer = _ask(store, "advise", "A100", topic="alternatives", memory_gb=40.0)
    replaced = [offer for offer in answer.offers if offer.accelerator == "A100"]
    assert {offer.memory_gb for offer in replaced} == {40.0}


def test_a_seller_of_another_fabric_is_not_asked_for_this_one(store: Store) -> None:
    answer = _ask(
        store, "cheapest", "A100", memory_gb=80.0, count=16, region="us", interconnect="infiniband"
    )
    asked = next(line for line in answer.lines if line.startswith("Only a price per GPU"))
    assert "AWS" not in asked
    assert "EFA" not in asked


def test_a_long_sum_is_said_by_the_month(store: Store) -> None:
    answer = _ask(store, "estimate", "H200", count=8, billing="reserved", hours=26_280.0)
    sum_, month = (
        float(found.replace(",", ""))
        for found in re.findall(r"\$([\d,]+)(?:,| a month)", _all(answer))[:2]
    )
    assert month == pytest.approx(sum_ / 36, rel=0.001)


# -- fleets, laws, money ---------------------------------------------------------------------------


@pytest.mark.parametrize("count", [8, 64])
def test_a_second_source_of_a_fleet_sells_machines(store: Store, count: int) -> None:
    answer = _ask(store, "advise", "H100", topic="concentration", count=count, hours=8760.0)
    assert len(answer.offers) == 2
    assert all(offer.count >= 8 for offer in answer.offers)


def test_a_law_is_no_certificate_of_a_seller(store: Store) -> None:
    law = _ask(store, "provider", providers=("nebius",), compliance=("GDPR",))
    assert "a law you keep, not a certificate" in law.headline
    report = _ask(store, "provider", providers=("nebius",), compliance=("HIPAA",))
    assert "states HIPAA" in report.headline


def test_what_money_costs_is_said_beside_owning(store: Store) -> None:
    """At ten percent a year, on what is bound on average."""
    answer = _ask(store, "advise", "H100", topic="buy", count=64)
    plain = float(answer.headline.split("$")[1].split(" ")[0])
    said = re.search(r"at 10% a year \(our default\) owning comes to \$([\d.]+)\.", _all(answer))
    assert said is not None
    bound = 325_000 * 1.12 * (1 + 0.30) / 2
    assert float(said[1]) - plain == pytest.approx(bound * 0.10 / (8 * 8760) / 0.7, abs=0.011)


def test_a_range_of_marketplaces_alone_says_so(store: Store) -> None:
    answer = _ask(store, "price", "H100", region="mx")
    assert {offer.provider for offer in answer.offers} == {"vastai"}
    assert "Only marketplaces list it" in answer.lines[0]


def test_gpu_hours_have_no_month_of_their_own(store: Store) -> None:
    """Nobody runs one card for seven months to get five thousand hours."""
    answer = _ask(store, "estimate", "A100", gpu_hours=5000.0)
    assert "a month." not in _all(answer)


def test_another_billing_of_a_far_bigger_machine_says_its_size(store: Store) -> None:
    answer = _ask(store, "estimate", "B200", count=2, hours=240.0)
    line = next(line for line in answer.lines if line.startswith("Otherwise:"))
    assert "Vultr, 8 GPUs" in line


def test_a_seller_stands_once_a_form_in_a_range(store: Store) -> None:
    answer = _ask(store, "price", "H200", count=8, providers=("coreweave",))
    assert [offer.form_factor for offer in answer.offers] == ["SXM"]


def test_where_a_seller_lists_a_card_is_said_whole_or_counted(store: Store) -> None:
    """ "Only in three countries" of a seller that lists it in fourteen is false."""
    answer = _ask(store, "cheapest", "H100", region="br")
    line = next(line for line in answer.lines if line.startswith("Google Cloud"))
    assert "and 10 others" in line


def test_commitments_of_other_lengths_make_no_range(store: Store) -> None:
    """Azure's three years are no part of what its one year costs."""
    answer = _ask(store, "price", "H100", billing="reserved", hours=8760.0)
    assert answer.headline.startswith("H100 80 GB SXM, reserved, 1 year: $3.26 to $7.87")
    assert answer.table is not None
    assert all(row.cells[2] == row.cells[3] == row.cells[4] for row in answer.table.rows)


@pytest.mark.parametrize(
    ("terabytes", "usd"),
    [(5, 441.00), (20, 1741.50), (100, 7793.00)],  # the first 100 GB are free, then step by step
)
def test_traffic_is_reckoned_step_by_step_wherever_it_is_said(
    store: Store, terabytes: float, usd: float
) -> None:
    asked = _ask(store, "provider", providers=("aws",), egress_tb=float(terabytes))
    assert f"AWS ${usd:,.2f}" in asked.headline
    beside = _ask(
        store, "advise", "H100", topic="tier", providers=("aws",), egress_tb=float(terabytes)
    )
    assert f"AWS ${round(usd):,}" in _all(beside)
