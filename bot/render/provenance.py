"""Whose prices an answer shows, and of when: the small print under it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.core.answer import Evidence, Table
from bot.core.text import clean
from bot.core.wording import Wording

MOST = 5
"""Publishers that are named; the others are counted."""


def provenance(
    evidence: Sequence[Evidence],
    say: Wording,
    link: Callable[[str, str], str],
    most: int | None = MOST,
) -> str:
    """ "Sources: A, B and 2 more · 22 Aug - 10 Oct 2026": publishers, and the span of price dates.
    `link` writes a publisher's name with its page."""
    pages: dict[str, str] = {}
    for item in evidence:
        pages.setdefault(clean(item.source), item.page)
    names = [link(name, page) for name, page in list(pages.items())[:most]]
    if len(pages) > len(names):
        names.append(say.tn("{n} more", "{n} more", len(pages) - len(names)))
    oldest = min(item.as_of for item in evidence)
    newest = max(item.as_of_newest for item in evidence)
    dates = say.date(newest)
    if oldest.date() != newest.date():
        dates = f"{say.date(oldest, newest)} - {dates}"
    return say.t("Sources: {names} · {dates}", names=", ".join(names), dates=dates)


def age_mark(table: Table, say: Wording) -> str | None:
    """What the mark behind a date means, where a table has one."""
    if not any(row.stale for row in table.rows):
        return None
    return say.t("~ old: its source has not confirmed this price lately.")
