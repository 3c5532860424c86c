"""Answer -> text for a terminal, and the plain text every platform needs as a fallback.

Pure: `lines` yields styled lines, `plain` joins them; only `show` touches a terminal, and only
there is rich imported.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import IO, Literal, NamedTuple

from bot.core.answer import Answer, Table
from bot.core.text import clean
from bot.core.wording import wording
from bot.render.provenance import provenance

WIDTH = 80
STALE_MARK = "~"
GAP = "  "
Style = Literal["headline", "caution", "fault", "head", "dim", "plain"]

RICH_STYLES: dict[Style, str] = {
    "headline": "bold",
    "caution": "yellow",
    "fault": "bold red",
    "head": "dim bold",
    "dim": "dim",
    "plain": "",
}


class Line(NamedTuple):
    text: str
    style: Style = "plain"
    url: str | None = None


def plain(answer: Answer, width: int = WIDTH) -> str:
    """The whole answer as plain text, no line longer than `width` where words allow."""
    return "\n".join(line.text for line in lines(answer, width))


def lines(answer: Answer, width: int = WIDTH) -> Iterator[Line]:
    """Every slot in reading order: answer, table, cautions, then provenance in small print."""
    say = wording(answer.lang, answer.locale)
    head: Style = "fault" if answer.tone == "fault" else "headline"
    yield from _wrapped(clean(answer.headline), width, head)
    for sentence in answer.lines:
        yield from _wrapped(clean(sentence), width)
    if answer.table is not None and answer.table.rows:
        yield Line("")
        yield from _table(answer.table, width)
    if answer.facts:
        yield Line("")
        yield from _facts(answer, width)
    if answer.chart is not None:
        from bot.render.plot import terminal_plot

        yield Line("")
        for text in terminal_plot(answer.chart, width).splitlines():
            yield Line(text)
        yield from _wrapped(clean(answer.chart.source), width, "dim")
    if answer.notes or answer.read_as or answer.evidence or answer.follow_ups:
        yield Line("")
    for note in answer.notes:
        mark, style = ("! ", "caution") if note.kind == "caution" else ("> ", "plain")
        yield from _wrapped(mark + clean(note.text), width, style, indent="  ")  # type: ignore[arg-type]
    if answer.read_as:
        yield from _wrapped(clean(answer.read_as), width, "dim")
    if answer.evidence:
        yield from _wrapped(
            provenance(answer.evidence, say, lambda name, _: name, most=None), width, "dim"
        )
    # "Why?" is a button elsewhere; in words it would name a rule, which no reader knows.
    rules = [note.rule for note in answer.notes]
    listed = [
        item.question
        for item in answer.follow_ups
        if not any(rule in item.question for rule in rules)
    ]
    if listed:
        questions = " · ".join(map(clean, listed))
        yield from _wrapped(say.t("Next: {questions}", questions=questions), width, "dim")


def _wrapped(text: str, width: int, style: Style = "plain", indent: str = "") -> Iterator[Line]:
    for part in textwrap.wrap(
        text, width, subsequent_indent=indent, break_long_words=True, break_on_hyphens=False
    ):
        yield Line(part, style)


def _facts(answer: Answer, width: int) -> Iterator[Line]:
    """Labels in a column; a label too long for it stands above its value."""
    labels = [clean(fact.label) for fact in answer.facts]
    longest = width // 2
    column = max((len(label) for label in labels if len(label) <= longest), default=2)
    for label, fact in zip(labels, answer.facts, strict=True):
        lead, indent = label.ljust(column), column + len(GAP)
        if len(label) > longest:
            yield from _wrapped(label, width)
            lead, indent = "", len(GAP)
        for part in textwrap.wrap(clean(fact.value), max(20, width - indent)) or [""]:
            yield Line(f"{lead.ljust(indent - len(GAP))}{GAP}{part}".rstrip(), url=fact.url)
            lead = ""


def _table(table: Table, width: int) -> Iterator[Line]:
    """A table that fits: first the columns nobody misses go, then the widest words are cut."""
    keep = list(range(len(table.columns)))
    cells = [[clean(column.title) for column in table.columns]] + [
        [clean(cell) for cell in row.cells] for row in table.rows
    ]

    def widths() -> list[int]:
        return [max(len(row[index]) for row in cells) for index in keep]

    def total() -> int:
        return sum(widths()) + len(GAP) * (len(keep) - 1) + len(STALE_MARK)

    for index in reversed(range(len(table.columns))):
        if total() > width and not table.columns[index].essential:
            keep.remove(index)
    while total() > width:
        size = widths()
        widest = keep[max(range(len(keep)), key=size.__getitem__)]
        longest = max(len(row[widest]) for row in cells)
        if longest <= 6:
            break
        for row in cells:
            if len(row[widest]) == longest:
                row[widest] = row[widest][: longest - 2] + "…"
    size = widths()
    for number, row in enumerate(cells):
        parts = [
            row[index].rjust(size[place])
            if table.columns[index].align == "right"
            else row[index].ljust(size[place])
            for place, index in enumerate(keep)
        ]
        text = GAP.join(parts).rstrip()
        if number == 0:
            yield Line(text, "head")
        else:
            source = table.rows[number - 1]
            yield Line(f"{text} {STALE_MARK}" if source.stale else text, url=source.url)
    if table.caption:
        yield from _wrapped(clean(table.caption), width, "dim")


def show(answer: Answer, out: IO[str], *, width: int | None = None) -> None:
    """Prints to a terminal with colour and links; NO_COLOR and TERM=dumb are honoured by rich."""
    if not out.isatty():
        out.write(plain(answer) + "\n")
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(file=out, highlight=False, markup=False, emoji=False)
    for line in lines(answer, min(width or console.width, 120)):
        style = RICH_STYLES[line.style]
        text = Text(line.text, style=style)
        if line.url:
            text.stylize(f"link {line.url}")
        console.print(text, soft_wrap=True)
