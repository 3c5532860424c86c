"""What stands in a hyperscaler's machine: the table agrees with the cards, names are not guessed from."""

from __future__ import annotations

import pytest

from knowledge.facts import accelerators, bundled, machines


def test_every_row_is_one_machine_with_a_variant_we_know() -> None:
    """Card, memory and form factor have a row in the table of cards; no type stands there twice."""
    rows = list(bundled.rows("machines"))
    assert len({(row["provider"], row["instance_type"].lower()) for row in rows}) == len(rows)
    for row in rows:
        variants = accelerators.variants(row["accelerator"])
        assert float(row["memory_gb"]) in {card.memory_gb for card in variants}, row
        forms = {card.form_factor or "" for card in variants}
        assert row["form_factor"] in {*forms, ""}, row


@pytest.mark.parametrize(
    "row", list(bundled.rows("machines")), ids=lambda row: row["instance_type"]
)
def test_a_listed_machine_is_recognised_as_accelerated(row: dict[str, str]) -> None:
    """Else a new size of its family would pass for a CPU machine."""
    name = row["provider"], row["instance_type"]
    assert machines.is_accelerated(*name) or machines.slice_of(*name)


@pytest.mark.parametrize(
    ("provider", "instance"),
    [
        ("aws", "m7i.large"),
        ("aws", "c8g.16xlarge"),
        ("aws", "mac2.metal"),
        ("aws", "hpc7g.16xlarge"),
        ("aws", "u-24tb1.112xlarge"),
        ("aws", "i7i.24xlarge"),
        ("aws", "x2gd.metal"),
        ("azure", "Standard_D8s_v6"),
        ("gcp", "n1-standard-4"),
        ("gcp", "c4a-standard-8"),
        ("gcp", "e2-standard-4"),
    ],
)
def test_a_machine_without_cards_is_not(provider: str, instance: str) -> None:
    """Graviton's g ends a family's name, it does not begin one."""
    assert not machines.is_accelerated(provider, instance)


def test_a_size_that_is_not_listed_is_not_guessed() -> None:
    """Of one family some sizes hold one card, some eight."""
    assert machines.machine("aws", "p5.48xlarge") is not None
    assert machines.machine("aws", "P5.48XLARGE") is not None
    assert machines.machine("aws", "p5.24xlarge") is None


@pytest.mark.parametrize(
    ("name", "chips"),
    [
        ("v2-8", ("tpu-v2", 4)),
        ("tpu-v3-32", ("tpu-v3", 16)),
        ("tpu-v4-8", ("tpu-v4", 4)),
        ("v5p-8", ("tpu-v5p", 4)),
        ("v5litepod-8", ("tpu-v5litepod", 8)),
        ("tpu-v6e-1", ("tpu-v6e", 1)),
        ("v5p-7", None),
        ("v6e-0", None),
        ("v9-8", None),
        ("H100", None),
        ("", None),
    ],
)
def test_a_tpu_slice_is_its_chips(name: str, chips: tuple[str, int] | None) -> None:
    """Named after cores or chips, by generation; the chip's name is one we know."""
    assert machines.tpu_slice(name) == chips
    if chips is not None:
        assert accelerators.resolve_feed_name(chips[0]) is not None


@pytest.mark.parametrize(
    ("instance", "form"),
    [
        ("gpu_8x_h100_sxm5", "SXM"),
        ("gpu-h200-sxm 1gpu-16vcpu-200gb", "SXM"),
        ("1x-H100_NVL-32-65536", "NVL"),
        ("A100-PCIE", "PCIe"),
        ("GB200 NVL72", None),
        ("gpu_1x_a10", None),
        ("1H100.80S.30V", None),
    ],
)
def test_a_form_factor_is_taken_from_a_name_that_states_one(
    instance: str, form: str | None
) -> None:
    """NVL72 is a rack, not a bridge."""
    assert machines.form_in(instance) == form


def test_what_cannot_be_rented_on_demand_is_known() -> None:
    """By machine type, for Google."""
    sold = {name: machines.sold_on_demand("gcp", name) for name in ("a4-highgpu-8g", "a3-highgpu-1g", "a3-highgpu-8g", "a2-highgpu-1g")}  # fmt: skip
    assert list(sold.values()) == [False, False, True, True]
    assert machines.sold_on_demand("aws", "p5.48xlarge")
