"""The list of sources: each is whole, tested, attributed, and fails closed on whatever it is sent."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace

import pytest
from conftest import ROOT
from feed_payloads import PAYLOADS, Routes, fetched, parse, parsed
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import bundled, providers, rates
from knowledge.source import NotUnderstood, ParseFault, Payload, RawOffer
from knowledge.sources import RATES, SOURCES

NAMES = list(SOURCES)
FOLDER = ROOT / "knowledge" / "sources"
TESTS = ROOT / "tests" / "knowledge" / "sources"
MISSION = "coreweave lambda voltagepark together aws gcp azure".split()
RESTRICTED = {"vastai", "runpod", "shadeform"}


def test_every_file_is_listed_and_every_listed_source_has_its_file() -> None:
    """SOURCES is the one list."""
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    assert set(NAMES) == files
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_source_is_whole(name: str) -> None:
    """Its name is its file's, it says where a person can look, and whom it covers."""
    source = SOURCES[name]
    assert source.name == name
    assert source.title
    assert source.page.startswith("https://")
    assert source.base_url.startswith("https://")
    assert not source.base_url.endswith("/")
    assert source.good_for.total_seconds() >= 3600
    assert source.providers
    assert all(providers.provider(one) for one in source.providers), source.providers
    assert source.attribution or source.first_party, "whose prices these are must be shown"
    assert (PAYLOADS / name / "routes.toml").is_file()
    assert (TESTS / f"test_{name}.py").is_file()
    if source.key_setting:
        assert source.key_setting == f"QUARTERMASTER_SOURCE_KEY_{name.upper()}"


def test_what_a_licence_asks_for_is_shown() -> None:
    """CC BY wants the name beside the prices."""
    assert SOURCES["gpurentalprices"].licence == "CC BY 4.0"
    assert "gpurentalprices.com" in (SOURCES["gpurentalprices"].attribution or "")


def test_restricted_sellers_own_feeds_are_off_until_named() -> None:
    """Their terms forbid automated comparison; the source says so."""
    for name in RESTRICTED & set(NAMES):
        assert SOURCES[name].opt_in, name


def test_the_rates_are_a_feed_too() -> None:
    """It sells nothing and is not in the list."""
    assert rates.SOURCE.name == RATES
    assert RATES not in SOURCES
    assert (PAYLOADS / RATES / "routes.toml").is_file()


def test_the_missions_providers_are_reached_by_two_routes() -> None:
    """Each of the seven has two sources that need no opt-in; the bundled dated list counts as one."""
    routes: defaultdict[str, set[str]] = defaultdict(set)
    for name in NAMES:
        if SOURCES[name].opt_in is None:
            for row in parsed(name):
                if isinstance(row, RawOffer) and row.accelerator_name and row.via is None:
                    routes[row.provider].add(name)
    for row in bundled.rows("offers"):
        routes[row["provider"]].add("bundled")
    for provider in MISSION:
        assert len(routes[provider]) >= 2, (provider, routes[provider])


@pytest.mark.parametrize("name", NAMES)
def test_what_a_source_reads_is_an_offer_or_named(name: str) -> None:
    """Positive finite prices, whole counts, cards and counts together, terms with reserved only."""
    source = SOURCES[name]
    rows = parsed(name)
    assert sum(isinstance(row, RawOffer) for row in rows) >= 2
    for row in rows:
        if isinstance(row, NotUnderstood):
            assert row.name
            assert row.why
            continue
        assert math.isfinite(row.price.amount)
        assert row.price.amount > 0
        assert (row.accelerator_name is None) == (row.count == 0), row
        assert isinstance(row.count, int)
        assert row.provider in source.providers, row.provider
        assert row.instance_type
        assert row.source_url.startswith("https://")
        assert row.term_months is None or row.billing == "reserved"
        assert row.as_of is None or row.as_of.tzinfo is not None


@pytest.mark.parametrize("name", NAMES)
def test_nothing_at_all_is_no_empty_success(name: str) -> None:
    """No payload is a fault, and so is an empty body."""
    payloads = fetched(name)
    for bad in (b"", b"   ", b"\xff\xfe\x00", b"<!doctype html><html><body>Sign in</body></html>"):
        with pytest.raises(ParseFault) as raised:
            parse(name, [replace(one, body=bad) for one in payloads])
        assert "\n" not in str(raised.value)
        assert len(str(raised.value)) < 300


_FETCHED = {name: tuple(fetched(name)) for name in NAMES}


def _damaged(body: bytes, data: st.DataObject) -> bytes:
    at = data.draw(st.integers(0, max(0, len(body) - 1)))
    kind = data.draw(st.sampled_from(("cut", "byte", "word", "swap")))
    if kind == "cut":
        return body[:at]
    if kind == "byte":
        return body[:at] + data.draw(st.binary(min_size=1, max_size=3)) + body[at + 1 :]
    if kind == "swap":
        word = data.draw(
            st.sampled_from((b"null", b"[]", b"{}", b'""', b"-1", b"1e999", b"NaN", b"true", b"0"))
        )
        end = min((body.find(mark, at + 1) for mark in (b",", b"}", b"]", b"\n") if body.find(mark, at + 1) > 0), default=at + 1)  # fmt: skip
        start = max(body.rfind(mark, 0, at + 1) for mark in (b":", b",", b"[", b"\n")) + 1
        return body[:start] + word + body[end:]
    noise = data.draw(st.sampled_from((b'"', b",", b"\n", b"{", b"<b>", b"\x00", "é".encode())))
    return body[:at] + noise + body[at:]


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_it_is_sent_a_source_reads_it_or_says_why_not(
    name: str, data: st.DataObject
) -> None:
    """Damaged payloads give rows or a ParseFault of one line, nothing else."""
    payloads: list[Payload] = list(_FETCHED[name])
    which = data.draw(st.integers(0, len(payloads) - 1))
    body = payloads[which].body
    payloads[which] = replace(payloads[which], body=_damaged(body, data))
    try:
        rows = parse(name, payloads)
    except ParseFault:
        return
    for row in rows:
        if isinstance(row, RawOffer):
            assert row.price.amount > 0
            assert row.count >= 0


@pytest.mark.parametrize("name", NAMES)
def test_every_payload_is_asked_for(name: str) -> None:
    """No body lies in the folder that nothing serves."""
    routes = Routes.of(name)
    served = {route.file for route in routes.routes} | {
        file for route in routes.routes for file in route.zip.values()
    }
    files = {path.name for path in routes.folder.iterdir()} - {"routes.toml", "README.md"}
    assert files <= served
