"""The refresh as the command line shows it and as the service runs it: in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import IO, TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from bot.core.settings import Settings
    from knowledge.feeds.fetching import Spent
    from knowledge.refresh.refresh import Due, RefreshReport, SourceReport, State, Wanted

STOP_SECONDS = 10
"""Between asking a refresh to end and ending it; its store is whole either way."""


def wanted(
    settings: Settings, names: Sequence[str] = (), *, dry_run: bool = False, accept: bool = False
) -> Wanted:
    """What the settings and the command line ask for together."""
    from bot.core.settings import PER_SOURCE
    from knowledge.refresh.refresh import Wanted

    return Wanted(
        names=tuple(names) or settings.sources,
        opt_in=frozenset(settings.sources_opt_in),
        keys={
            PER_SOURCE["source_keys"] + name.upper(): key.get_secret_value()
            for name, key in settings.source_keys.items()
        },
        addresses=settings.source_urls,
        contact=settings.contact,
        dry_run=dry_run,
        accept=accept,
    )


def due(settings: Settings) -> Due | None:
    """How often the schedule asks; None when the settings say never."""
    from knowledge.refresh.refresh import Due

    if not settings.refresh_every_hours:
        return None
    every = timedelta(hours=settings.refresh_every_hours)
    markets = timedelta(hours=settings.marketplaces_every_hours)
    return Due(every, markets or every)


NICENESS = 10
"""A scheduled refresh gets the time that answers leave: it is in no hurry, people are."""


class RefreshFailed(Exception):
    """The refresh could not begin, or every source failed; the message is one line."""


async def refresh_apart() -> dict[str, Any]:
    """Refreshes what is due in a process of its own, so that answers keep their speed meanwhile.

    The report as `refresh --json` prints it. Raises RefreshFailed. Cancelling ends the process.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "refresh", "--due", "--json",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    with suppress(OSError):  # already over, or a system without priorities
        os.setpriority(os.PRIO_PROCESS, child.pid, NICENESS)
    try:
        out, told = await child.communicate()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            child.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await child.wait()
        except TimeoutError:
            child.kill()
            await child.wait()
        raise
    try:
        report: dict[str, Any] = json.loads(out)
    except ValueError:
        lines = told.decode("utf-8", "replace").strip().splitlines()
        raise RefreshFailed(lines[-1][:300] if lines else "the refresh ended early") from None
    if child.returncode:
        faults = [source["fault"] for source in report["sources"] if source["fault"]]
        raise RefreshFailed(
            f"every source failed, the first with: {faults[0]}" if faults else "no source is on"
        )
    return report


# -- on a terminal ---------------------------------------------------------------------------


_WORDS: dict[State, str] = {
    "fetching": "asking",
    "reading": "reading",
    "storing": "storing",
    "done": "[green]done",
    "failed": "[red]failed",
}


class Display:
    """A line for each source while it is asked. Use as a context manager; silent off a terminal."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        if self._out.isatty():
            from rich.console import Console
            from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            self._progress = Progress(
                SpinnerColumn(finished_text=" "),
                TextColumn("{task.description:<18}"),
                TextColumn("{task.fields[state]:<8}"),
                TextColumn("{task.fields[spent]}", style="dim"),
                TimeElapsedColumn(),
                console=Console(file=self._out),
                transient=True,
            )
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def tell(self, source: str, state: State, spent: Spent) -> None:
        """What `knowledge.refresh` reports of one source."""
        progress = self._progress
        if progress is None:
            return
        if source not in self._tasks:
            self._tasks[source] = progress.add_task(source, total=1, state="", spent="")
        words = f"{spent.requests} requests, {spent.bytes / 1e6:.1f} MB" if spent.requests else ""
        progress.update(
            self._tasks[source],
            state=_WORDS[state],
            spent=words,
            completed=state in {"done", "failed"},
        )


def show(report: RefreshReport, out: IO[str], *, dry_run: bool) -> None:
    """The summary: a row a source, then what went wrong and what an operator can act on."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(file=out, soft_wrap=True, highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("source")
    for name in ("offers", "new", "gone", "changed", "unknown"):
        table.add_column(name, justify="right")
    table.add_column("took", justify="right")
    table.add_column("")
    shown = [*report.sources, *([report.rates] if report.rates and report.rates.fault else [])]
    for source in shown:
        counts = [f"{n:,}" for n in (source.offers, source.new, source.gone, source.changed)]
        table.add_row(
            source.source,
            *(counts if source.ok else ["-"] * 4),
            f"{sum(source.unknown.values()):,}",
            f"{source.took_s:.1f} s",
            "[green]ok[/]" if source.ok else "[red]failed[/]",
        )
    if shown:
        console.print(table)
    for source in shown:
        for line in _lines(source):
            console.print(f"[bold]{source.source}[/]: {escape(line)}")
    if report.sources and report.off:
        names = ", ".join(report.off)
        console.print(f"[dim]Off: {names}. `quartermaster ask sources` says what each needs.[/]")
    elif report.off:  # named, and none of them is on
        for name, why in report.off.items():
            console.print(f"[bold]{name}[/] is off: {escape(why)}.")
    console.print(_total(report, dry_run=dry_run))


def _lines(source: SourceReport) -> list[str]:
    lines = [source.fault] if source.fault else []
    if source.unknown:
        names = sorted(source.unknown, key=lambda name: -source.unknown[name])
        more = "; ..." if len(names) > 3 else ""
        lines.append(f"left out: {'; '.join(names[:3])}{more}")
    return [*lines, *source.notes]


def _total(report: RefreshReport, *, dry_run: bool) -> str:
    good = [source for source in report.sources if source.ok]
    offers = sum(source.offers for source in good)
    words = f"{offers:,} offers from {len(good)} of {len(report.sources)} sources in {report.took_s:.1f} s."
    if not report.sources:
        return "No source was asked."
    return f"{words} Nothing was stored (--dry-run)." if dry_run else words


def as_json(report: RefreshReport) -> str:
    """The report as one JSON object."""
    return json.dumps(
        {
            "sources": [_plain(source) for source in report.sources],
            "rates": _plain(report.rates) if report.rates else None,
            "off": dict(report.off),
            "took_s": report.took_s,
        },
        ensure_ascii=False,
    )


def _plain(source: SourceReport) -> dict[str, Any]:
    return {**source._asdict(), "unknown": dict(source.unknown)}
