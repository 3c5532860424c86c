"""Named sample Answers: every slot, both languages, and the strings that break renderers.

Every renderer renders every one of them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from bot.answer import (
    Answer,
    Chart,
    Column,
    Evidence,
    Fact,
    FollowUp,
    Note,
    Series,
    Table,
    TableRow,
)

DAY = datetime(2026, 11, 24, tzinfo=UTC)
_COLUMNS = (
    Column("#", "right", essential=False),
    Column("Provider"),
    Column("Card"),
    Column("GPUs", "right"),
    Column("$/GPU-h", "right", unit="US dollars per GPU-hour"),
    Column("Region", essential=False),
    Column("Price of"),
)
NASTY = "<!channel> *bold* & <https://evil.example|free> `x` \x1b[31mred\u202eesrever | a"


def _rows(count: int) -> tuple[TableRow, ...]:
    return tuple(
        TableRow(
            (
                str(n + 1),
                f"Provider {n}",
                "A100 80 GB SXM",
                "8",
                f"{1 + n / 10:.2f}",
                "eu-west-4",
                "22 Aug",
            ),
            url=f"https://prices.example/{n}",
            stale=n % 2 == 1,
        )
        for n in range(count)
    )


def _days(count: int) -> tuple[tuple[date, float | None], ...]:
    start = date(2026, 8, 1)
    return tuple(
        (start + timedelta(days=n), None if 20 < n < 30 else 2 + n / 50) for n in range(count)
    )


GALLERY: dict[str, Answer] = {
    "headline alone": Answer("Cheapest A100: $0.89 per GPU-hour."),
    "table": Answer(
        "Cheapest A100, on demand: $0.89 per GPU-hour at JarvisLabs (40 GB SXM).",
        lines=("Marketplaces go lower: $0.27 at Vast.ai.", "Spot from $0.13 (Vast.ai)."),
        table=Table(_COLUMNS, _rows(5), "Showing 5 of 31 providers, 275 offers."),
        notes=(Note("caution", "stale-prices", "No price here is newer than 10 Oct 2026."),),
        evidence=(Evidence("gpurentalprices.com (CC BY 4.0)", "https://gpurentalprices.com", DAY - timedelta(days=90), DAY),),
        follow_ups=(FollowUp("Spot", "cheapest A100 spot"), FollowUp("History", "history A100 90d")),
        now=DAY,
    ),
    "forty rows": Answer("Forty providers.", table=Table(_COLUMNS, _rows(40))),
    "facts": Answer("Voltage Park has changed hands.", facts=(Fact("To weigh", "Check which entity signs. " * 6), Fact("A label that is longer than half of a narrow terminal is", "short"))),
    "chart": Answer("H100: up 12 %.", chart=Chart("H100", "USD per GPU-hour", (Series("Lowest", _days(60)), Series("Hyperscaler", _days(40))), "Up 12 % since August.", "example · Aug - Oct 2026")),
    "chart of one day": Answer("One price.", chart=Chart("H100", "USD", (Series("Lowest", _days(1)),), "One.", "example")),
    "caution": Answer('I know no "H300". Did you mean H100?', tone="caution", follow_ups=(FollowUp("H100", "cheapest H100"),)),
    "fault": Answer("Sorry, something broke on our side. Quote reference ab12cd34.", tone="fault", reference="ab12cd34"),
    "portuguese": Answer("A opção mais barata de A100 sai a US$ 0,89 por GPU-hora.", lang="pt", table=Table(_COLUMNS, _rows(2)), evidence=(Evidence("gcosts", "https://x.example", DAY, DAY),)),
    "nasty": Answer(NASTY, lines=(NASTY,), table=Table(_COLUMNS, (TableRow((NASTY,) * 7),), NASTY), facts=(Fact(NASTY, NASTY),), notes=(Note("tip", "x", NASTY),), evidence=(Evidence(NASTY, "https://x.example", DAY, DAY),), follow_ups=(FollowUp(NASTY, NASTY),)),
    "long": Answer("word " * 600, lines=("unbroken" * 200,)),
    "private": Answer("Your contract: $1.10.", private=True),
    "no rows": Answer("Nothing.", table=Table(_COLUMNS, ())),
}  # fmt: skip
