"""The fast way through a sheet judges every line as OfferRow does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.prices.csv_rows import OfferRow, RowFault, checked
from knowledge.prices.store import stored
from knowledge.refresh.importing import HEADER, OPTIONAL
from knowledge.refresh.sheet import stored_rows

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
MONTH = timedelta(days=30)
COLUMNS = (*HEADER, *OPTIONAL)
CELLS = {
    "provider": ("aws", " aws", "lambda", "No Name", ""),
    "instance_type": ("p4d.24xlarge", " padded ", "x" * 200, "x" * 201, "", "two words", "a\nb"),
    "accelerator": ("A100", "h100 sxm", "", "A1000", "NVIDIA L4"),
    "memory_gb": ("80", "40", "", "0", "nan", " 24 "),
    "count": ("8", "1", "0", "-1", "1.5", ""),
    "form_factor": ("SXM", "PCIe", "", "sxm"),
    "vcpus": ("96", "", "0", "-4", "0.5"),
    "ram_gb": ("1152", "", "x"),
    "region": ("us-east-1", "eu-west-1", "nowhere", ""),
    "country": ("US", "", "us", "IE"),
    "billing": ("on-demand", "spot", "reserved", "reserved-1y", "monthly"),
    "price_usd_per_hour": ("21.96", "0", "-1", "1e3", "1_0", " 2.5", "nan", "inf", "", "contact us", "٣", "007.50"),
    "as_of": ("2026-11-20", "2026-11-20T10:00:00Z", "20 Nov", "2026-11-20T10:00:00+02:00", ""),
    "source_url": ("https://aws.example/p4d", "ftp://x", "https://a b", ""),
    "term_months": ("", "12", "0", "500"),
    "host_included": ("", "yes", "no", "maybe"),
    "starting_at": ("", "true", "false"),
    "valid_until": ("", "2026-12-31", "soon"),
    "note": ("", "negotiated"),
}  # fmt: skip
# The first of each is a good one: most lines should be, or nothing but faults would be compared.
LINES = st.lists(
    st.tuples(*(st.sampled_from((CELLS[c][0],) * 12 + CELLS[c]) for c in COLUMNS)), max_size=12
)


def _slowly(lines: list[tuple[str, ...]]) -> list[tuple[object, ...]]:
    rows = checked("x.csv", (dict(zip(COLUMNS, line, strict=True)) for line in lines), OfferRow)
    return [
        stored(row.offer(source="s", fetched_at=NOW, good_for=MONTH, owner="o")) for row in rows
    ]


@given(lines=LINES)
def test_it_judges_as_offer_row_does(lines: list[tuple[str, ...]]) -> None:
    """The same rows, or the same faults on the same lines."""
    try:
        expected: object = _slowly(lines)
    except RowFault as fault:
        expected = str(fault)
    try:
        got: object = stored_rows(
            "x.csv", COLUMNS, lines, source="s", fetched_at=NOW, good_for=MONTH, owner="o"
        )
    except RowFault as fault:
        got = str(fault)
    assert got == expected


def test_a_known_group_is_not_judged_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand lines of one card cost one look by OfferRow."""
    good = tuple(CELLS[column][0] for column in COLUMNS)
    judged = []
    real = OfferRow.model_validate

    def counting(given: object) -> OfferRow:
        judged.append(given)
        return real(given)

    monkeypatch.setattr(OfferRow, "model_validate", counting)
    rows = stored_rows(
        "x.csv", COLUMNS, [good] * 1000, source="s", fetched_at=NOW, good_for=MONTH, owner=None
    )
    assert len(rows) == 1000
    assert len(judged) == 1
