"""Terms, charges, clusters, statements and machines: what readers make of the tables."""

from __future__ import annotations

from decimal import Decimal

import pytest

from knowledge.facts import charges, compliance, fabric, machines, terms
from knowledge.facts.charges import charge


@pytest.mark.parametrize(
    ("provider", "kind", "gb", "cost"),
    [
        ("aws", "egress", 50, "0"),  # inside the free part
        ("aws", "egress", 10_100, "900"),  # the first step, whole
        ("aws", "egress", 50_000, "4291.5"),  # two steps: 10,000 x 0.09 + 39,900 x 0.085
        ("aws", "egress", 150_100, "11300"),
        ("aws", "egress", 200_000, None),  # beyond what the source states
        ("runpod", "file", 5_000, "270"),  # 1,000 x 0.07 + 4,000 x 0.05
        ("runpod", "stopped", 100, "20"),
        ("coreweave", "egress", 50_000, "0"),
    ],
)
def test_charges_follow_their_steps(provider, kind, gb, cost) -> None:
    """Free part first, each step at its rate, and nothing made up beyond the last."""
    known = charge(provider, kind)
    assert known is not None
    assert known.cost(gb) == (None if cost is None else Decimal(cost))


def test_a_charge_that_nobody_stated_is_none() -> None:
    """Never zero: free and unknown are two things."""
    assert charge("lambda", "block") is None
    assert charges.storage("voltagepark") is None
    free = charge("lambda", "egress")
    assert free is not None
    assert free.is_free


def test_storage_is_the_disk_before_the_object_store() -> None:
    """CoreWeave lists files and objects: what a machine mounts is meant."""
    assert charges.storage("coreweave") == charge("coreweave", "file")
    assert charges.storage("aws") == charge("aws", "block")


def test_terms_are_found_by_topic() -> None:
    """What a stopped RunPod pod costs, in the source's words and with its date."""
    (one,) = terms.of("runpod", "stopped_instance")
    assert "0.20 USD/GB-month" in one.value
    assert one.source_date == "2026-08-20"
    assert len(terms.of("runpod")) > 5
    assert terms.of("nobody") == ()


def test_a_statement_in_progress_is_no_statement() -> None:
    """Nebius' SOC 2 is listed by a tracker; SecNumCloud of Scaleway is in progress only."""
    assert compliance.states("lambda", "SOC2")
    assert compliance.states("aws", "PCI")
    assert not compliance.states("scaleway", "SecNumCloud")
    assert not compliance.states("together", "HIPAA")


def test_clusters_say_their_fabric_and_smallest_block() -> None:
    """And what is not stated is empty, not guessed."""
    (lambda_,) = fabric.of("lambda")
    assert lambda_.is_offered
    assert lambda_.fabric.startswith("InfiniBand")
    assert lambda_.smallest_block == "16 GPUs"
    assert not any(one.is_offered for one in fabric.of("ovh"))


def test_a_slice_of_a_card_is_no_machine() -> None:
    """An eighth of an L4 must never be sold as an L4."""
    assert machines.machine("aws", "g6f.large") is None
    assert machines.slice_of("aws", "g6f.large") == ("L4", 0.125)
    assert machines.slice_of("aws", "g6.xlarge") is None
    whole = machines.machine("aws", "p5.48xlarge")
    assert whole is not None
    assert (whole.count, whole.fabric, whole.network_gbps) == (8, "EFA", 3200)
