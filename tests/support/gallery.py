"""Named sample Answers: every slot, both languages, and the strings that break renderers.

Every renderer renders every one of them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from bot.core.answer import (
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
        notes=(Note("caution", "verify-before-you-sign", "No price here is newer than 10 Oct 2026."),),
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
    "empty result": Answer("No H200 in Brazil among 55 providers.", tone="caution", lines=("Nearest: 4x in the US at $3.50 per GPU-hour (Hyperstack).",), follow_ups=(FollowUp("Anywhere", "cheapest H200"), FollowUp("H100 in Brazil", "cheapest H100 in Brazil")), now=DAY),
    "advice": Answer(
        "Probably not. Nightly embeddings are patient work and small models: try CPUs first.",
        lines=("For: it can wait till morning.", "Against: above about 5 million texts a night the CPU run no longer ends by morning.", "What would change this: how many texts, how long each, by when?"),
        facts=(Fact("16-core machine", "$0.40 per hour", "https://prices.example/cpu"), Fact("L4", "$0.55 per GPU-hour")),
        notes=(Note("tip", "most-with-least", "Start with the smallest machine that meets the deadline."), Note("caution", "spot-unfit", "Spot machines can be taken away within minutes.")),
        evidence=(Evidence("aws", "https://aws.example", DAY, DAY, DAY), Evidence("gcosts", "https://gcosts.example", DAY - timedelta(days=400), DAY)),
        follow_ups=tuple(FollowUp(label, label) for label in ("5 million texts by 7am", "cheapest L4", "cheapest T4", "why?", "estimate L4 for 8h", "help")),
        now=DAY,
    ),
    "private table": Answer("Your contract is the cheapest H100: $1.85 per GPU-hour at Lambda.", table=Table(_COLUMNS, (TableRow(("1", "Lambda (your contract)", "H100 80 GB SXM", "8", "1.85", "us-east-1", "1 Nov")), *_rows(2))), evidence=(Evidence("your import", "https://contracts.example", DAY, DAY),), private=True, now=DAY),
    "chart with a table": Answer("H100: flat.", table=Table(_COLUMNS, _rows(3)), chart=Chart("H100 SXM, on demand, lowest price of each day", "USD per GPU-hour", (Series("Lowest of all providers", _days(12)),), "Flat at about two dollars since August.", "bundled · Aug 2026"), evidence=(Evidence("gcosts", "https://gcosts.example", DAY, DAY),), now=DAY),
    "chart of gaps": Answer("No price is known for these days.", chart=Chart("H100", "USD", (Series("Lowest", tuple((day, None) for day, _ in _days(5))),), "Nothing known.", "example")),
    "chart of many": Answer("Nine lines.", chart=Chart("Nine providers", "USD per GPU-hour", tuple(Series(f"Provider with a long name {n}", _days(8)) for n in range(9)), "They move together.", "example")),
    "portuguese whole": Answer(
        "A100 mais barata na Europa, sob demanda: US$ 3,54 por GPU-hora no Google Cloud.",
        lang="pt",
        lines=("17 ofertas não informam a região e ficaram de fora (a menor: US$ 0,89, JarvisLabs).",),
        table=Table((Column("Fornecedor"), Column("Placa"), Column("US$/GPU-h", "right"), Column("Preço de")), (TableRow(("Google Cloud", "A100 40 GB SXM", "3,54", "10 out")), TableRow(("Azure", "A100 80 GB SXM", "4,10", "22 ago"), stale=True)), "Mostrando 2 de 9 fornecedores."),
        facts=(Fact("Para uma só GPU", "US$ 3,75"),),
        notes=(Note("caution", "verify-before-you-sign", "Confirme com o fornecedor antes de assinar."),),
        evidence=(Evidence("gcosts", "https://gcosts.example", DAY, DAY),),
        follow_ups=(FollowUp("Incluir sem região", "A100 mais barata sob demanda"), FollowUp("Histórico", "histórico da A100 90 dias")),
        now=DAY,
    ),
    "digest": Answer(
        "GPU prices, week of 16 Nov: A100 80 GB SXM down 4 % to $1.09 per GPU-hour.",
        lines=("Moves: Nebius H100 80 GB +31 % · Thunder Compute A100 80 GB -4 % · Azure H200 141 GB spot -12 %", "New: B300 at Verda $6.90", "Gone: L40S at Crusoe (was $1.40)", "Below the cheapest hyperscaler: A100 80 GB SXM 73 % · H100 80 GB SXM 64 %", "Silent sources, with their last good day: Oracle price list (17 Nov)"),
        table=Table(
            (Column("Card"), Column("$/GPU-h", "right", unit="US dollars per GPU-hour"), Column("Week", "right"), Column("Provider"), Column("4 weeks", essential=False), Column("Spot", "right", unit="US dollars per GPU-hour", essential=False), Column("Price of")),
            (
                TableRow(("A100 80 GB SXM", "1.09", "▼ 4 %", "Thunder Compute", "▆▆▆▆▆▆▆▃", "0.64", "23 Nov"), url="https://prices.example/1"),
                TableRow(("H100 80 GB SXM", "2.49", "=", "Voltage Park", "▄▄▄▄▄▄▄▄", "1.55", "23 Nov"), url="https://prices.example/2"),
                TableRow(("H200 141 GB SXM", "3.53", "▲ 6 %", "Hyperstack", "▂▃▄▄▅▆▆▇", "-", "23 Nov"), url="https://prices.example/3"),
            ),
            "Cheapest on demand, marketplaces left out.",
        ),
        chart=Chart("Lowest on-demand price, four weeks", "USD per GPU-hour", (Series("A100 80 GB SXM", _days(28)), Series("H100 80 GB SXM", _days(28))), "A100 80 GB SXM $1.14 → $1.09", "prices.example · 19 Oct - 23 Nov 2026"),
        notes=(Note("tip", "custom-silicon-pressure", "A100 80 GB SXM got cheaper: prefer short terms, or ask for a price review in a long one."),),
        evidence=(Evidence("prices.example", "https://prices.example", DAY, DAY),),
        follow_ups=(FollowUp("Details", "compare A100 H100 H200"), FollowUp("Edit", "change digest #3"), FollowUp("Stop", "digest stop #3")),
        now=DAY,
    ),
    "digest of a quiet week, delayed": Answer("Nada mudou (semana de 16 nov): A100 80 GB SXM US$ 1,14 e H100 80 GB SXM US$ 2,49 por GPU-hora, preços de 23 nov ou mais recentes.", lang="pt", lines=("Atrasado: era para 23 nov 09:00.",), evidence=(Evidence("prices.example", "https://prices.example", DAY, DAY),), follow_ups=(FollowUp("Detalhes", "comparar A100 H100"), FollowUp("Parar", "cancelar o resumo #3")), now=DAY),
    "watch that fired": Answer(
        "H100 fell below $2.00: $1.95 per GPU-hour. Lambda, 80 GB SXM, 8 GPUs, us-east-1.",
        lines=("Was $2.10 since 3 Nov.",),
        facts=(Fact("Offer", "Lambda gpu_8x_h100_sxm5", "https://prices.example/h100"), Fact("Price of", "24 Nov")),
        evidence=(Evidence("prices.example", "https://prices.example/h100", DAY, DAY, DAY),),
        follow_ups=(FollowUp("Snooze 7 d", "watch snooze #7 7d"), FollowUp("Stop", "unwatch #7")),
        now=DAY,
    ),
    "wide": Answer("Twelve columns.", table=Table(tuple(Column(f"Column {n}", "right" if n % 2 else "left", essential=n < 4) for n in range(12)), tuple(TableRow(tuple(f"{n}-{m} " + "wide " * 20 for m in range(12))) for n in range(12)))),
    "facts galore": Answer("Everything known.", facts=tuple(Fact(f"Fact {n}", f"Value {n} " * 10, f"https://facts.example/{n}" if n % 3 == 0 else None) for n in range(40))),
    "unwell strings": Answer("", lines=("", " ", "\u200b"), table=Table((Column(""), Column("Price", "right")), (TableRow(("", "")), TableRow(("\n\t", "`$1`"), url="javascript:alert(1)"))), facts=(Fact("", ""),), follow_ups=(FollowUp("", "help"), FollowUp("x" * 200, "y" * 5000))),
    "pings": Answer("<!here> <@U0123456> <#C0123456|general> <!subteam^S1|@buyers> @everyone", table=Table((Column("<!everyone>"),), (TableRow(("<mailto:a@b.c|a@b.c>",), "https://x.example/a|b>c d"),)), facts=(Fact("*bold*", "~gone~ _it_ ```code```"),), follow_ups=(FollowUp("<!channel>", "<!channel>"),)),
    "right to left": Answer("\u202eelpmaxe\u202c \u2066$1\u2069 שלום 1.10", lines=("مرحبا $2.00",)),
}  # fmt: skip
