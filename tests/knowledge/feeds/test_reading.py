"""Readers of payloads: figures that are figures, tables by header, archives that do not explode."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from feed_payloads import FETCHED_AT
from hypothesis import given
from hypothesis import strategies as st

from knowledge.feeds.reading import (
    amount,
    csv_cells,
    csv_rows,
    moment,
    quantity,
    stamp_of,
    unzipped,
    whole,
)
from knowledge.feeds.source import ParseFault, Payload


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("55.0400000000", 55.04),
        (" $1,234.50 ", 1234.5),
        (r"\$2.15", 2.15),
        ("€0.95", 0.95),
        ("1e-3", 0.001),
        (3, 3.0),
        (0.5, 0.5),
        *(
            (bad, None)
            for bad in (0, -1, "0", "-3.2", "nan", "inf", float("nan"), float("inf"), 10**400)
        ),
        *(
            (bad, None)
            for bad in ("", " ", "N/A*", "contact us", "1_000", "1.2.3", "0x10", "$", "from 2")
        ),
        *((bad, None) for bad in (None, True, False, [], {}, object())),
    ],
)
def test_an_amount_is_a_positive_finite_number_or_nothing(value: Any, read: float | None) -> None:
    """Zero, negative and words are missing prices, never 0."""
    assert amount(value) == read


def test_quantities_may_carry_their_unit_and_counts_must_be_whole() -> None:
    """A third of a card is not a card."""
    assert quantity("2,048 GiB") == 2048
    assert quantity("NA") is None
    assert whole("8.0") == 8
    assert whole(8.0) == 8
    assert whole("0.333") is None
    assert whole("8x") is None


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.none(), st.booleans()))
def test_no_value_is_too_odd_to_be_no_amount(value: Any) -> None:
    """A positive number or None."""
    found = amount(value)
    assert found is None or 0 < found < float("inf")


CELL = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\n\x00"), max_size=8)


@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=8))
def test_both_readers_of_a_table_read_the_same(rows: list[tuple[str, str, str]]) -> None:
    """By name whatever the order; a column that may be missing is empty."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(("a", "b", "c"))
    writer.writerows(rows)
    text = out.getvalue()
    expected = [(row["c"], row["a"], "") for row in csv_rows(text, ("a", "c"), "t")]
    assert list(csv_cells(text, ("c", "a", "z"), "t", {"z"})) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "t: empty"),
        ("<html>", "HTML where CSV was due"),
        ("a,b\n1,2\n", "column 'c' is missing"),
        ("a,b,c\n1,2,3\n4,5", "line 3 has 2 cells where the header has 3; cut off"),
        ("a,b,c\n1,2,3,4\n", "line 2 has 4 cells"),
    ],
)
def test_what_is_no_table_is_a_fault_for_both(text: str, why: str) -> None:
    """One readable line, naming the line of the file."""
    with pytest.raises(ParseFault, match=why):
        list(csv_rows(text, ("a", "b", "c"), "t"))
    with pytest.raises(ParseFault, match=why):
        list(csv_cells(text, ("a", "b", "c"), "t"))


def _zip(**members: bytes) -> Payload:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return Payload("https://x/a.zip", packed.getvalue(), FETCHED_AT, tag="a.zip")


def test_an_archive_gives_the_member_that_was_asked_for() -> None:
    """With its byte-order mark taken off."""
    assert unzipped(_zip(a="\ufeffé".encode(), b=b"x"), "a") == "é"
    with pytest.raises(ParseFault, match="holds no c"):
        unzipped(_zip(a=b"1"), "c")
    with pytest.raises(ParseFault, match="not valid UTF-8"):
        unzipped(_zip(a=b"\xff\xff"), "a")


def test_a_bomb_is_a_fault_before_it_is_unpacked() -> None:
    """Fifty megabytes of nothing in fifty kilobytes."""
    with pytest.raises(ParseFault, match="zip bomb"):
        unzipped(_zip(a=b"0" * 50_000_000), "a")


@given(st.data())
def test_a_damaged_archive_is_a_fault_or_its_text(data: st.DataObject) -> None:
    """Offsets before the file, sizes that lie, methods nobody has."""
    payload = _zip(a=b"name,price\nx,1\n" * 20)
    body = bytearray(payload.body)
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        unzipped(Payload("u", bytes(body), FETCHED_AT), "a")
    except ParseFault as fault:
        told = str(fault)
    else:
        told = "read"
    assert "\n" not in told


def test_moments_are_aware_or_none() -> None:
    """UTC where no zone is named."""
    assert moment("2026-10-04T21:01:00.000Z") == datetime(2026, 10, 4, 21, 1, tzinfo=UTC)
    assert moment("2026-10-04") == datetime(2026, 10, 4, tzinfo=UTC)
    assert moment("2026-10-04T23:01:00+02:00") == datetime(
        2026, 10, 4, 23, 1, tzinfo=timezone(timedelta(hours=2))
    )
    for bad in ("yesterday", "", None, 5, "2026-13-40"):
        assert moment(bad) is None


def test_a_payload_is_as_old_as_it_says_or_as_our_reading() -> None:
    """The server's date counts before ours."""
    old = datetime(2024, 5, 13, tzinfo=UTC)
    assert stamp_of(Payload("u", b"", FETCHED_AT, last_modified=old)) == old
    assert stamp_of(Payload("u", b"", FETCHED_AT)) == FETCHED_AT
