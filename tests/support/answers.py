"""Answers made by chance: every slot, any text, sizes beyond what renderers show.

A whole number makes an Answer, always the same one: quick to make by the thousand, and a failing
test names the number.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

from hypothesis import strategies as st

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

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
_HOSTILE = (
    "", " ", "<at>Ana</at>", "**x**", "[a](javascript:b)", "\u202eabc", "1. x", "- y", "&amp;", "#", "`", "_", "\x00\x1b[31m",
    "<!channel>", "a_b_c", "\u200b", "🚀" * 9, "語" * 30, "\\", "]]>", "x" * 400, "https://evil.example/(a)", "{{DATE()}}",
)  # fmt: skip
_LETTERS = "abcdefgh ij klm nop  *_[]()<>&\\\n|~`#-+.1234é語🚀\u0301\u200d"
_URLS = (None, "https://prices.example/a(b) c", "http://x", "javascript:alert(1)", "https://[", "https://e.example/" + "a" * 600)  # fmt: skip


def answer_of(seed: int) -> Answer:
    """The Answer of this number."""
    by = Random(seed)

    def words(most: int = 40) -> str:
        if by.random() < 0.2:
            return by.choice(_HOSTILE)
        text = "".join(by.choices(_LETTERS, k=by.randrange(most)))
        return text * by.randrange(1, 40) if by.random() < 0.05 else text

    def some(most: int) -> range:
        return range(by.choice((0, 1, 2, by.randrange(most + 1), most)))

    def table() -> Table:
        columns = tuple(
            Column(words(20), by.choice(("left", "right")), None, by.random() < 0.6)
            for _ in range(by.randrange(1, 13))
        )
        rows = tuple(
            TableRow(tuple(words(30) for _ in columns), by.choice(_URLS), by.random() < 0.3)
            for _ in (range(150) if by.random() < 0.05 else some(16))
        )
        return Table(columns, rows, by.choice((None, words(200))))

    def chart() -> Chart:
        days = [date(2025, 1, 1) + timedelta(days=n) for n in range(by.choice((1, 2, 30, 400)))]
        series = tuple(
            Series(words(), tuple((day, by.choice((None, by.uniform(0.01, 500)))) for day in days))
            for _ in range(by.randrange(1, 9))
        )
        return Chart(words(90), words(), series, words(300), words(90))

    def evidence() -> Evidence:
        newest = NOW - timedelta(days=by.randrange(900))
        return Evidence(
            words(), by.choice(_URLS) or "", newest - timedelta(days=by.randrange(90)), newest
        )

    return Answer(
        words(400),
        lang=by.choice(("en", "pt")),
        tone=by.choice(("plain", "caution", "fault")),
        lines=tuple(words(300) for _ in some(16)),
        table=by.choice((None, table())),
        facts=tuple(Fact(words(), words(300), by.choice(_URLS)) for _ in some(40)),
        chart=by.choice((None, chart())),
        notes=tuple(Note(by.choice(("tip", "caution")), words(), words(300)) for _ in some(2)),
        evidence=tuple(evidence() for _ in some(9)),
        follow_ups=tuple(FollowUp(words(), words()) for _ in some(9)),
        private=by.random() < 0.1,
        now=NOW,
    )


answers = st.integers(0, 2**32 - 1).map(answer_of)
