"""Names: cards, providers, places and models resolve by alias or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.facts import accelerators, providers, regions
from knowledge.sizing import models


@pytest.mark.parametrize(
    ("spelling", "card", "memory", "form"),
    [
        ("A100", "A100", None, None),
        ("A100-SXM4-80GB", "A100", 80, "SXM"),
        ("NVIDIA A100-SXM4-80GB", "A100", 80, "SXM"),
        ("A100_80G", "A100", 80, None),
        ("NVIDIA H100 80GB HBM3", "H100", 80, None),
        ("H100_SXM5_80GB", "H100", 80, "SXM"),
        ("H100NVL", "H100", None, "NVL"),
        ("H200-SXM-141GB", "H200", 141, "SXM"),
        ("B300 288GB", "B300", 270, None),
        ("RTXA6000", "A6000", None, None),
        ("RTX6000-Ada", "RTX6000Ada", None, None),
        ("rtx pro 6000", "RTXPRO6000", None, None),
        ("V100-32GB-SXM", "V100", 32, "SXM"),
        ("L40S", "L40S", None, None),
        ("L40", "L40", None, None),
        ("tpu v5e", "TPU-v5e", None, None),
        ("trn2", "Trainium2", None, None),
        ("gaudi 3", "Gaudi3", None, None),
    ],
)
def test_a_feed_name_resolves_to_card_memory_and_form(
    spelling: str, card: str, memory: float | None, form: str | None
) -> None:
    """One canonical name, and a variant only where the spelling states one."""
    named = accelerators.resolve_feed_name(spelling)
    assert named == accelerators.Named(card, memory, form)


@pytest.mark.parametrize(
    "name", ["A1000", "RTX 4090 Ti", "H300", "B100", "A101", "L45", "MI400X", "GPU"]
)
def test_no_unknown_card_becomes_a_known_one(name: str) -> None:
    """What every fuzzy method got wrong: an unknown name is None, and only then suggested."""
    assert accelerators.resolve(name) is None
    assert accelerators.resolve_feed_name(name) is None


def test_suggestions_come_nearest_first() -> None:
    """ "Did you mean" offers what a typist may have meant."""
    assert accelerators.nearest("H300")[:2] == ["H100", "H200"]
    assert accelerators.nearest("zzzzzz") == []


@given(st.text(max_size=80))
@settings(max_examples=300, deadline=None)
def test_any_name_resolves_or_does_not(name: str) -> None:
    """Odd names are None, never an exception, and never a card with foreign memory."""
    named = accelerators.resolve_feed_name(name)
    if named is not None:
        assert accelerators.variants(named.canonical)


@pytest.mark.parametrize(
    ("spelling", "provider"),
    [
        ("Lambda Labs", "lambda"),
        ("vast.ai", "vastai"),
        ("DataCrunch", "verda"),
        ("OVHcloud", "ovh"),
        ("Amazon EC2", "aws"),
        ("Together AI", "together"),
    ],
)
def test_a_provider_is_known_by_its_names(spelling: str, provider: str) -> None:
    """Old names and long names lead to the one id."""
    assert providers.resolve(spelling) == provider


def test_every_provider_of_the_mission_has_its_row() -> None:
    """The seven systems the product is about, and each with a tier."""
    tiers = {
        name: providers.tier_of(name)
        for name in "coreweave lambda voltagepark together aws gcp azure".split()
    }
    assert set(tiers.values()) == {"microcloud", "hyperscaler"}
    assert tiers["aws"] == "hyperscaler"


def test_a_zone_stands_where_its_region_stands() -> None:
    """Zone letters are taken off; a code we do not know is None, not guessed."""
    assert regions.place("aws", "us-east-1a") == regions.place("aws", "us-east-1")
    assert regions.place("gcp", "europe-west4-b") == regions.place("gcp", "europe-west4")
    assert regions.place("aws", "moon-1") is None


def test_saudi_arabia_and_montenegro_are_not_groups() -> None:
    """`sa` and `me` are groups in a question; as countries they belong to one."""
    assert regions.geo_of("SA") == "me"
    assert regions.geo_of("ME") == "eu"
    assert regions.geo_of("XX") is None
    assert regions.country_named("USA") == regions.country_named("United States") == "US"
    assert regions.country_named("Atlantis") is None


def test_a_model_is_known_by_slug_and_by_repository_name() -> None:
    """The slug of a question and a hub name lead to one row."""
    by_slug = models.resolve("llama-3.1-8b")
    assert by_slug is not None
    assert by_slug is models.resolve("meta-llama/Llama-3.1-8B-Instruct")
    assert models.resolve("llama-99-1b") is None
