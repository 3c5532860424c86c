"""The Answer: what we say, with no platform and no markup in it.

Every renderer (terminal, Slack, Teams) renders every slot; `tests/support/gallery.py` proves it.
Strings here are plain text in the language of the question; each renderer escapes them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, NamedTuple

from bot.core.question import Lang, Question
from knowledge.prices.offer import Offer

Tone = Literal["plain", "caution", "fault"]


class Column(NamedTuple):
    title: str
    align: Literal["left", "right"] = "left"
    unit: str | None = None
    """What the numbers are, in words, for readers of a cell out of context."""
    essential: bool = True
    """False: a narrow renderer may leave this column out."""


class TableRow(NamedTuple):
    cells: tuple[str, ...]
    """Worded cells, one per column."""
    url: str | None = None
    """Where the row's price can be checked."""
    stale: bool = False


class Table(NamedTuple):
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]
    caption: str | None = None
    """What is shown of how much: "Showing 5 of 31 providers, 275 offers"."""


class Fact(NamedTuple):
    label: str
    value: str
    url: str | None = None


class Series(NamedTuple):
    name: str
    points: tuple[tuple[date | float, float | None], ...]
    """Dates ascending, or amounts where the chart says of what (`across`); None is a gap and is
    drawn as one."""


class Chart(NamedTuple):
    title: str
    unit: str
    """Axis unit in words ("USD per GPU-hour")."""
    series: tuple[Series, ...]
    finding: str
    """What the picture shows, in one sentence: the alt text."""
    source: str
    """Provenance and date range, printed in the picture."""
    across: str = ""
    """What the points stand over, in words with its unit; empty: days."""
    mark: tuple[float, float, str] | None = None
    """A place worth naming: where it lies across, its value, its name."""


class Note(NamedTuple):
    kind: Literal["tip", "caution"]
    rule: str
    """Id of the advice rule that speaks (knowledge/advice/advice.toml)."""
    text: str


class Evidence(NamedTuple):
    source: str
    """Publisher as a reader knows it, with its licence where attribution is due."""
    page: str
    as_of: datetime
    """Oldest price date from this source in the answer."""
    as_of_newest: datetime
    fetched_at: datetime | None = None


class FollowUp(NamedTuple):
    label: str
    """Short enough for a button."""
    question: str
    """The text the reader could have typed; a click is handled as if typed."""


class Answer(NamedTuple):
    headline: str
    """One sentence that stands alone; also the notification text."""
    lang: Lang = "en"
    locale: str | None = None
    """Whose formats its figures have ("es-MX"); None: the language's own."""
    tone: Tone = "plain"
    lines: tuple[str, ...] = ()
    """Sentences under the headline (a second-best, reasons each way): at most a handful."""
    table: Table | None = None
    facts: tuple[Fact, ...] = ()
    chart: Chart | None = None
    notes: tuple[Note, ...] = ()
    """Tips and cautions, at most two."""
    evidence: tuple[Evidence, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    offers: tuple[Offer, ...] = ()
    """The machine-readable rows behind the table, in the order shown."""
    figures: tuple[dict[str, float | str | None], ...] = ()
    """The numbers behind worked-out rows, for `ask --json`: names say the unit."""
    question: Question | None = None
    private: bool = False
    """True when it holds a workspace's contract prices: never shown outside that workspace."""
    read_as: str | None = None
    """How a text of more than a few words was read, in one small line."""
    reference: str | None = None
    """For faults: what to quote to the operator."""
    now: datetime | None = None
    """The moment it was made, for ages and stale marks."""
    declined: bool = False
    """True when the question was not looked at: too many came at once, or too many of this asker."""
