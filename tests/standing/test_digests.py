"""What a digest says: the cheapest now and then, what moved, who fell silent; or one line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from offers import offer

from bot.core.answer import Answer
from bot.core.desk import Asker, Desk
from bot.core.question import Lang, Question
from bot.core.wording import wording
from bot.standing import digest_words, digests
from knowledge.prices.history import KEPT
from knowledge.prices.offer import Offer
from knowledge.prices.store import RunRecord, SourceInfo, Store

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
# (provider, card, GB) -> USD per GPU-hour, before and after
MOVED = {
    ("lambda", "H100", 80): (3.29, 3.29),
    ("nebius", "H100", 80): (2.95, 3.86),
    ("voltagepark", "H100", 80): (2.49, 2.49),
    ("aws", "H100", 80): (6.88, 6.88),
    ("thundercompute", "A100", 80): (1.14, 1.09),
    ("vastai", "H100", 80): (1.90, 0.90),
}


def row(provider: str, card: str, memory: int, price: float, at: datetime, **more: object) -> Offer:
    plain = offer(
        provider=provider, accelerator=card, memory_gb=memory, count=1, source="feed", as_of=at,
        instance_type=f"{provider}-{card}", price_usd_per_hour=price, fetched_at=at,
        fresh_until=at + timedelta(days=2), source_url=f"https://prices.example/{provider}",
    )  # fmt: skip
    return plain._replace(**more)  # type: ignore[arg-type]


class Past:
    """A store with four weeks behind it; the prices change three days ago."""

    def __init__(self, path: Path) -> None:
        self.store = Store.open(path, NOW - timedelta(days=400))
        self.store.replace("bundled", (), NOW - timedelta(days=400))
        with self.store.writing() as db:
            db.execute("DELETE FROM daily")

    def fill(self, prices: dict[tuple[str, str, int], tuple[float, float]], extra: bool = False) -> None:  # fmt: skip
        for days in range(28, -1, -1):
            at = NOW - timedelta(days=days, hours=3)
            rows = [row(*key, pair[days <= 3], at) for key, pair in prices.items()]
            rows += [
                one._replace(billing="spot", price_usd_per_hour=one.price_usd_per_hour * 0.4)
                for one in rows
                if one.provider == "aws"
            ]
            if extra and days <= 2:
                rows.append(row("verda", "B300", 270, 6.90, at))
            if extra and days > 4:
                rows.append(row("crusoe", "L40S", 48, 1.40, at))
            self.store.replace("feed", rows, at)

    def digest(self, lang: Lang = "en", **question: object) -> Answer:
        asker = Asker("standing", lang=lang, tz="America/New_York", may_see_contracts=False)
        desk = Desk(store=self.store, now=NOW, say=wording(lang), asker=asker)
        wanted = Question("digest", lang=lang, accelerators=("A100", "H100"))
        return digests.answer(wanted._replace(**question), desk)


@pytest.fixture
def past(tmp_path: Path) -> Past:
    return Past(tmp_path / "prices.db")


def test_a_week_that_moved(past: Past) -> None:
    """Every part of it, in ten lines; marketplaces neither lead nor move.

    Of four H100 sellers one asks 31% more: 1.31 to the power of a quarter is 1.07.
    """
    past.fill(MOVED, extra=True)
    store = past.store
    store.register(SourceInfo("oci", "Oracle price list", "https://o.example", timedelta(days=1)))
    store.record_run(RunRecord("oci", NOW - timedelta(days=6), 1.0, ok=True))
    store.record_run(RunRecord("oci", NOW - timedelta(days=1), 1.0, ok=False, fault="HTTP 503"))
    answer = past.digest()
    told = (
        "GPU prices, week of 16 Nov: H100 80 GB SXM up 7% like for like, from $2.49 per GPU-hour."
    )
    assert answer.headline.replace("\u00a0", " ") == told
    lines = "\n".join(answer.lines).replace("\u00a0", " ")
    assert "Moves: Nebius H100 80 GB +31% · Thunder Compute A100 80 GB -4%" in lines
    assert "New: B300 at Verda $6.90" in lines
    assert "Gone: L40S at Crusoe (was $1.40)" in lines
    assert "Below the cheapest hyperscaler: H100 80 GB SXM 64%" in lines
    assert "Oracle price list (17 Nov)" in lines
    assert "Vast" not in lines
    assert answer.table is not None
    cells = [tuple(cell.replace("\u00a0", " ") for cell in one.cells) for one in answer.table.rows]
    assert [one[:4] for one in cells] == [
        ("A100 80 GB SXM", "1.09", "▼ 4%", "Thunder Compute"),
        ("H100 80 GB SXM", "2.49", "▲ 7%", "Voltage Park"),
    ]
    assert cells[1][4:6] == ("23 Nov", "2.75")
    (note,) = answer.notes
    assert note.rule == "price-rose"
    assert "H100 80 GB SXM is up 7%" in note.text.replace("\u00a0", " ")
    assert answer.chart is not None
    finding = answer.chart.finding.replace("\u00a0", " ")
    assert finding == "At the lowest of four weeks: A100 80 GB SXM."
    assert len(answer.lines) <= 6


def test_in_the_places_language(past: Past) -> None:
    past.fill(MOVED)
    answer = past.digest("pt")
    assert answer.lang == "pt"
    assert "US$ 2,49" in answer.headline.replace("\u00a0", " ")


def test_nothing_moved_is_one_line(past: Past) -> None:
    past.fill({key: (then, then) for key, (then, _) in MOVED.items()})
    answer = past.digest()
    assert answer.headline.startswith("Nothing moved (week of 16 Nov): A100 80 GB SXM $1.14")
    assert (answer.lines, answer.table, answer.chart, answer.notes) == ((), None, None, ())


@pytest.mark.parametrize(
    ("h100", "l40s", "rules"),
    [
        (2.74, 1.86, ["price-rose"]),
        (2.19, 1.86, ["price-fell"]),
        (2.52, 2.30, ["hyperscaler-list-prices-move"]),  # it was not asked about, but it moved
        (2.52, 1.86, []),
    ],
)
def test_the_advice_fits_what_moved(past: Past, h100: float, l40s: float, rules: list[str]) -> None:
    """One piece, from a rule; none where no rule fits."""
    past.fill({("voltagepark", "H100", 80): (2.49, h100), ("aws", "L40S", 48): (1.86, l40s)})
    assert [one.rule for one in past.digest().notes] == rules
    assert [one.rule for one in past.digest("pt").notes] == rules


def test_a_seller_nobody_hears_of_any_more_makes_no_rise(past: Past) -> None:
    """Its old, lower price left today's ranking for its age: the market did not get dearer."""
    past.fill({key: (then, then) for key, (then, _) in MOVED.items()})
    old = NOW - timedelta(days=20)
    past.store.replace("other", [row("crusoe", "H100", 80, 1.50, old, source="other")], old)
    answer = past.digest()
    assert answer.table is None or "=" in answer.table.rows[1].cells[2]


def test_a_region_has_no_change(past: Past) -> None:
    """History knows no regions: a change anywhere is not the change there."""
    past.fill(MOVED)
    answer = past.digest(region="us")
    assert answer.table is not None
    assert {one.cells[2] for one in answer.table.rows} == {"-"}


def test_nothing_on_offer_is_said(past: Past) -> None:
    assert past.digest().tone == "caution"


def test_small_changes_look_small() -> None:
    """Four per cent is no cliff; flat is flat."""
    from knowledge.prices.offer import DayPrice

    def trend(*prices: float) -> list[DayPrice]:
        return [
            DayPrice(f"2026-11-{n + 1:02d}", price, "x", "https://x")
            for n, price in enumerate(prices)
        ]

    assert set(digest_words.sparkline(trend(*[2.0] * 8))) == {"▅"}
    assert "▁" not in digest_words.sparkline(trend(*[1.14] * 7, 1.09))
    assert digest_words.sparkline(trend(1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.2, 2.4))[0] == "▁"
    assert digest_words.sparkline(trend(2.0)) == ""


def test_what_is_gone_is_kept_for_longer_than_any_digest_tells_of_it() -> None:
    """Beside a margin for a service that stood still."""
    assert 2 * timedelta(days=max(digests.DAYS.values())) <= KEPT
