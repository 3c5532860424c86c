"""Google's machines from gcloud-compute.com: whole machines, months, and cards that went missing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from feed_payloads import FETCHED_AT, altered, not_understood, offers, parse, unresolved

from knowledge.feeds.source import NotUnderstood, ParseFault, Payload, RawOffer, Row

HEADER = "name,region,hour,hourSpot,spot,month,month1yCud,month3yCud,vCpus,memoryGB,acceleratorCount,acceleratorType"


def _read(*lines: str, header: str = HEADER) -> list[Row]:
    body = "\n".join((header, *lines, "")).encode()
    return parse("gcp", [Payload("https://x/machine-types-regions.csv", body, FETCHED_AT)])


def _kinds(instance: str, region: str) -> dict[tuple[str, int | None], float]:
    return {
        (row.billing, row.term_months): row.price.amount
        for row in offers("gcp")
        if (row.instance_type, row.region) == (instance, region)
    }


def test_a_machine_with_cards_is_priced_whole_and_a_commitment_by_the_month() -> None:
    """730 hours a month."""
    found = _kinds("a3-highgpu-8g", "us-central1")
    assert found["on-demand", None] == 87.83
    assert found["spot", None] == 52.57
    assert found["reserved", 12] == pytest.approx(44400 / 730)
    assert found["reserved", 36] == pytest.approx(28080 / 730)


def test_a_commitment_that_repeats_the_month_is_none() -> None:
    """Also where the month is already cheaper than its hours."""
    assert _kinds("a2-ultragpu-1g", "us-central1").keys() == {("on-demand", None), ("spot", None)}
    (hour,) = _read("n1-standard-8,us-east1,0.38,0,1,194.18,194.18,194.18,8,30,0,")
    assert isinstance(hour, RawOffer)
    assert hour.billing == "on-demand"


def test_spot_is_an_offer_only_where_it_is_sold() -> None:
    """The spot column says 0."""
    assert ("spot", None) not in _kinds("g2-standard-8", "us-east4")
    assert ("spot", None) in _kinds("g2-standard-4", "us-central1")


def test_no_price_makes_no_offer() -> None:
    """Zeros all along the line."""
    assert _kinds("g2-standard-12", "us-east4") == {}
    for bad in ("", "-1", "nan", "n/a"):
        assert (
            _read(f"g2-standard-12,us-east4,{bad},{bad},1,{bad},{bad},{bad},12,48,1,nvidia-l4")
            == []
        )


def test_forty_gigabytes_are_the_tesla_and_eighty_say_so() -> None:
    """ "nvidia-tesla-a100" has no size in its name."""
    sizes = {
        row.instance_type: row.memory_gb for row in offers("gcp") if row.accelerator_name == "A100"
    }
    assert sizes == {"a2-highgpu-1g": 40, "a2-ultragpu-1g": 80}


def test_a_machine_that_lost_its_cards_does_not_sell_an_h100_for_a_dollar() -> None:
    """Ours keeps them; a new family without any is named; a wrong count is named."""
    (whole,) = _read("a3-highgpu-8g,us-east4,88.0,0,0,64240,64240,64240,208,1872,0,")
    assert isinstance(whole, RawOffer)
    assert (whole.accelerator_name, whole.count) == ("H100", 8)
    assert {name for name, _ in not_understood("gcp")} == {"gcp a8-megagpu-8g", "gcp a2-highgpu-8g"}
    (odd,) = _read("a2-highgpu-1g,us-east4,3.6,0,0,2628,2628,2628,12,85,1,")
    assert isinstance(odd, NotUnderstood)


def test_what_cannot_be_rented_on_demand_is_not_offered_so() -> None:
    """a3-highgpu-1g is spot or a reservation."""
    found = _read("a3-highgpu-1g,us-east4,10.98,6.1,1,8015,8015,8015,26,234,1,nvidia-h100-80gb")
    assert [row.billing for row in found if isinstance(row, RawOffer)] == ["spot"]


def test_an_n1_is_a_machine_without_cards() -> None:
    """Its price is the VM alone."""
    (n1,) = {row.accelerator_name for row in offers("gcp") if row.instance_type == "n1-standard-4"}
    assert n1 is None


def test_names_places_and_age() -> None:
    """Except the card that is new on purpose; as old as the file."""
    assert unresolved(offers("gcp")) == ({"nvidia-x900"}, set())
    assert {row.as_of for row in offers("gcp")} == {datetime(2026, 11, 24, 4, 10, tzinfo=UTC)}


def test_columns_are_read_by_name_and_one_less_is_a_fault() -> None:
    """New ones do no harm, optional ones may go."""
    rows = _read(
        "x,1,nvidia-l4,0.7,us-east4,g2-standard-4",
        header="new,acceleratorCount,acceleratorType,hour,region,name",
    )
    assert [row.billing for row in rows if isinstance(row, RawOffer)] == ["on-demand"]
    with pytest.raises(ParseFault, match="'hour' is missing"):
        _read(header=HEADER.replace("hour,", "hourly,"))


def test_a_cut_file_is_a_fault() -> None:
    """In the middle of a line."""
    with pytest.raises(ParseFault, match="cut off"):
        parse("gcp", altered("gcp", lambda body: body[:-40]))
