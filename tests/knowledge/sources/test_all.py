"""Every source of the list, held to the same: it reads its payloads, and closes on what it is not."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from feed_payloads import PAYLOADS, fetched
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.facts import accelerators, providers
from knowledge.feeds.source import NotUnderstood, ParseFault, Payload, RawOffer, Row
from knowledge.sources import SOURCES

NAMES = [name for name in SOURCES if (PAYLOADS / name).is_dir()]
"""A source is held to its payloads from the day it has some."""
ENDING = [
    name
    for name in NAMES
    if any(path.suffix in {".json", ".html"} for path in (PAYLOADS / name).iterdir())
]
"""Sources whose bodies say where they end. Lines of text do not: the length the server states and
the share of offers that went tell of those."""
FIXED = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
JUNK = ('null true "" "contact-us" "NaN" "Infinity" -1 0 1e308 41 2.5 [] {} ["x"] {"x":1}').split()
"""Values as JSON, so that each example gets its own."""


def _checked(rows: Sequence[Row]) -> list[RawOffer]:
    """The offers among the rows, each one that could be stored."""
    offers = [row for row in rows if isinstance(row, RawOffer)]
    for row in rows:
        if isinstance(row, NotUnderstood):
            assert row.name.strip()
            assert row.why.strip()
    for offer in offers:
        assert math.isfinite(offer.price.amount)
        assert offer.price.amount > 0
        assert (offer.count == 0) == (offer.accelerator_name is None)
        assert offer.count >= 0
        assert offer.provider
        assert offer.instance_type
        assert offer.source_url.startswith("https://")
        assert offer.billing in {"on-demand", "spot", "reserved"}
        assert offer.billing == "reserved" or offer.term_months is None
        assert offer.term_months is None or offer.term_months > 0
        assert offer.memory_gb is None or offer.memory_gb > 0
        assert offer.country is None or (len(offer.country) == 2 and offer.country.isupper())
    return offers


def _parse(name: str, payloads: Sequence[Payload]) -> list[RawOffer]:
    return _checked(list(SOURCES[name].parse(payloads)))


@pytest.mark.parametrize("name", NAMES)
def test_a_source_reads_its_payloads(name: str) -> None:
    """Offers come out, and the file says of itself what the list says of it."""
    source = SOURCES[name]
    assert source.name == name
    assert source.page.startswith("https://")
    assert source.base_url.startswith("https://")
    offers = _parse(name, fetched(name))
    assert offers
    for offer in offers:
        ident = providers.resolve(offer.provider)
        assert ident in source.providers, offer.provider


@pytest.mark.parametrize("name", NAMES)
def test_documented_cards_resolve(name: str) -> None:
    """A spelling that a feed documents is a card we know; X900 stands for one nobody knows."""
    for offer in _parse(name, fetched(name)):
        card = offer.accelerator_name
        if card is not None and "X900" not in card.upper():
            assert accelerators.resolve_feed_name(card), card


@pytest.mark.parametrize("name", NAMES)
def test_a_key_or_an_opt_in_says_how(name: str) -> None:
    """A keyed source names its variable as the others do; an opt-in says why in one line."""
    source = SOURCES[name]
    if source.key_setting is not None:
        assert source.key_setting == f"QUARTERMASTER_SOURCE_KEY_{name.upper()}"
    if source.opt_in is not None:
        assert "terms" in source.opt_in
        assert "\n" not in source.opt_in


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"{}",
        b"[]",
        b'{"error": "busy"}',
        b"<html><body><h1>Service unavailable</h1></body></html>",
        b"\xff\xfe\x00",
        b"a,b\n1,2\n",
        b"[" * 100_000,
    ],
    ids=["empty", "null", "object", "list", "error", "html", "no UTF-8", "other CSV", "nested"],
)
def test_a_body_of_another_kind_is_a_fault(name: str, body: bytes) -> None:
    """Whatever came instead of the feed, no price is made of it."""
    payloads = [replace(payload, body=body) for payload in fetched(name)]
    with pytest.raises(ParseFault) as raised:
        list(SOURCES[name].parse(payloads))
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize("name", ENDING)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_body_cut_off_is_a_fault(name: str, share: float) -> None:
    """Half a feed is no feed."""
    cut = [
        replace(one, body=one.body.rstrip()[: int(len(one.body.rstrip()) * share)])
        for one in fetched(name)
    ]
    with pytest.raises(ParseFault):
        list(SOURCES[name].parse(cut))


@pytest.mark.parametrize("name", NAMES)
@FIXED
@given(data=st.data())
def test_a_body_changed_anywhere_is_read_or_refused(name: str, data: st.DataObject) -> None:
    """Keys gone, values of another type, names changed: ParseFault or sound rows, nothing else."""
    payloads = list(fetched(name))
    at = data.draw(st.integers(0, len(payloads) - 1))
    payloads[at] = replace(payloads[at], body=_changed(payloads[at].body, data))
    with contextlib.suppress(ParseFault):
        _parse(name, payloads)


def _changed(body: bytes, data: st.DataObject) -> bytes:
    try:
        tree = json.loads(body)
    except ValueError:
        return _garbled(body, data)
    for _ in range(data.draw(st.integers(1, 4))):
        _replace_one(tree, data)
    return json.dumps(tree).encode()


def _replace_one(tree: Any, data: st.DataObject) -> None:
    """Somewhere in a tree: a value replaced, a key taken out or renamed, an item doubled."""
    node = tree
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        inner = node[key]
        if isinstance(inner, dict | list) and inner and data.draw(st.integers(0, 3)):
            node = inner
            continue
        kind = data.draw(st.sampled_from(["junk", "gone", "renamed", "text"]))
        if kind == "junk":
            node[key] = json.loads(data.draw(st.sampled_from(JUNK)))
        elif kind == "text":
            node[key] = data.draw(st.text(max_size=12))
        elif kind == "gone" or isinstance(node, list):
            del node[key]
        else:
            node[f"{key}_new"] = node.pop(key)
        return


def _garbled(body: bytes, data: st.DataObject) -> bytes:
    """A body with a piece taken out, doubled or replaced."""
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 400)))
    piece = data.draw(
        st.sampled_from([b"", body[start:end] * 2, b"|", b'"', b"<td>", b"$9.99", b"\n#### X\n"])
    )
    return body[:start] + piece + body[end:]
