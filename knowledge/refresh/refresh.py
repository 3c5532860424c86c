"""A refresh: ask every source at once, check what it brought, store it or keep the old prices.

One failing source delays and breaks no other. Reading and storing happen in a worker thread; a
service that must answer meanwhile runs the whole refresh in a process of its own
(`bot.service.refreshing`), because threads share one interpreter lock.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol, TypeVar

from knowledge.feeds.fetching import Fetcher, Limits, SourceHttp, Spent
from knowledge.feeds.source import FetchFault, ParseFault, Payload, RawOffer, Row, Source
from knowledge.prices import stock
from knowledge.prices.disagreeing import find_disagreements
from knowledge.prices.offer import Offer
from knowledge.prices.plausibility import Seen, provider_faults, seen, set_fault
from knowledge.prices.store import Replaced, RunRecord, SourceInfo, Store, StoreFault
from knowledge.refresh import rates as currency
from knowledge.refresh.normalising import Normalised, normalised
from knowledge.refresh.rates import Rates
from knowledge.sources import RATES, SOURCES

log = logging.getLogger(__name__)
T = TypeVar("T")
State = Literal["fetching", "reading", "storing", "done", "failed"]
FETCH_SECONDS = 1800
"""All of one source's requests together: Azure's regions, one by one, take twenty minutes."""
RATES_KEPT_FOR = timedelta(days=200)
"""Old rates are better than no European prices, and each price says the day of its rate; older
than this they are not."""
MARKET = timedelta(hours=1)
"""A source whose prices are good for no longer is a marketplace, asked more often."""


class RefreshFault(Exception):
    """The refresh cannot begin; the message is one line that says what to do."""


class Tell(Protocol):
    """What a progress display gets to hear."""

    def __call__(self, source: str, state: State, spent: Spent) -> None: ...


class SourceReport(NamedTuple):
    """How one source's refresh went."""

    source: str
    title: str
    offers: int = 0
    new: int = 0
    gone: int = 0
    changed: int = 0
    unknown: Mapping[str, int] = MappingProxyType({})
    """Raw names that were not understood and why, with how many rows each."""
    took_s: float = 0.0
    fault: str | None = None
    notes: tuple[str, ...] = ()
    requests: int = 0
    bytes: int = 0
    unchanged: int = 0
    """Bodies the server said we have already."""

    @property
    def ok(self) -> bool:
        return self.fault is None


class RefreshReport(NamedTuple):
    """How a refresh went, in the order of SOURCES."""

    sources: tuple[SourceReport, ...]
    rates: SourceReport | None
    """The currency rates, when anything was asked for."""
    off: Mapping[str, str]
    """Sources that were not asked, and why."""
    took_s: float

    @property
    def nothing_worked(self) -> bool:
        """True when every source failed, or none was there to ask."""
        return not any(source.ok for source in self.sources)


class Wanted(NamedTuple):
    """What to refresh and how; nothing here knows where it came from."""

    names: tuple[str, ...] = ()
    """Sources by name; empty: every one that is on."""
    opt_in: frozenset[str] = frozenset()
    """Restricted sources and providers the operator allows by name."""
    keys: Mapping[str, str] = MappingProxyType({})
    """Keys by the name of their variable (`Source.key_setting`)."""
    addresses: Mapping[str, str] = MappingProxyType({})
    """The operator's own base address of a source, by name."""
    contact: str = ""
    dry_run: bool = False
    """Fetch, read and check, but store nothing."""
    accept: bool = False
    """Store a set even when offers were lost or prices jumped: the operator looked at it."""
    limits: Limits = Limits()


class Due(NamedTuple):
    """How often the schedule asks; what was asked lately is left out."""

    every: timedelta
    markets_every: timedelta

    def of(self, source: Source) -> timedelta:
        wanted = self.markets_every if source.good_for <= MARKET else self.every
        return max(wanted, source.min_interval)


# -- which sources ---------------------------------------------------------------------------


def chosen(wanted: Wanted) -> tuple[list[Source], dict[str, str]]:
    """The sources to ask, and why each other one is not; raises RefreshFault for a wrong name."""
    strange = [name for name in wanted.names if name not in SOURCES]
    if strange:
        raise RefreshFault(_strange(strange))
    on: list[Source] = []
    off: dict[str, str] = {}
    for name in SOURCES:
        if wanted.names and name not in wanted.names:
            continue
        source = SOURCES[name]
        why = why_off(source, wanted.opt_in, wanted.keys)
        if why is None:
            on.append(source)
        else:
            off[name] = why
    return on, off


def why_off(source: Source, opt_in: Collection[str], keys: Mapping[str, str]) -> str | None:
    """Why a source is not asked, and what to set so that it is; None when it is on."""
    if source.opt_in is not None and source.name not in opt_in:
        return f"{source.opt_in}. To use it all the same, name it in QUARTERMASTER_SOURCES_OPT_IN"
    if source.key_setting is not None and not keys.get(source.key_setting):
        return f"needs a key: set {source.key_setting}"
    return None


def _strange(names: Sequence[str]) -> str:
    import difflib

    close = difflib.get_close_matches(names[0], list(SOURCES), 1)
    hint = f" Did you mean {close[0]}?" if close else ""
    return f"No source is called {', '.join(names)}.{hint} There are: {', '.join(SOURCES)}."


def _due(sources: Iterable[Source], store: Store, now: datetime, due: Due) -> list[Source]:
    """Those whose last good refresh is long enough ago (a little less counts as enough)."""
    last = {source.name: source.last_ok for source in store.sources(now)}
    return [
        source
        for source in sources
        if (asked := last.get(source.name)) is None or now - asked >= due.of(source) * 0.95
    ]


# -- the refresh -----------------------------------------------------------------------------


async def refresh(
    store: Store,
    wanted: Wanted,
    *,
    clock: Callable[[], datetime],
    due: Due | None = None,
    tell: Tell = lambda *_: None,
) -> RefreshReport:
    """Refreshes what is wanted. Raises RefreshFault or StoreFault only when nothing can begin."""
    begun = time.monotonic()
    sources, off = await asyncio.to_thread(chosen, wanted)
    if due is not None:
        sources = await asyncio.to_thread(_due, sources, store, clock(), due)
    if not wanted.dry_run and not store.writable:
        raise StoreFault(f"{store.path} is read-only; nothing can be refreshed.")
    folder = store.path.parent
    async with Fetcher(
        clock=clock,
        contact=wanted.contact,
        keep=folder / "feeds",
        environ=wanted.keys,
        addresses=wanted.addresses,
        limits=wanted.limits,
    ) as fetcher:
        work = _Refresh(store, wanted, fetcher, clock, tell, folder / "refused")
        rates = asyncio.create_task(work.get_rates()) if sources else None
        work.rates = rates
        try:
            reports = await asyncio.gather(*(work.one(source) for source in sources))
            rated = (await rates)[1] if rates is not None else None
        finally:
            if rates is not None:
                rates.cancel()
        if not wanted.dry_run and any(report.ok for report in reports):
            await asyncio.to_thread(find_disagreements, store)
    return RefreshReport(tuple(reports), rated, off, time.monotonic() - begun)


class _Refresh:
    """One refresh: what its sources share."""

    def __init__(
        self,
        store: Store,
        wanted: Wanted,
        fetcher: Fetcher,
        clock: Callable[[], datetime],
        tell: Tell,
        refused: Path,
    ) -> None:
        self.store = store
        self.wanted = wanted
        self.fetcher = fetcher
        self.clock = clock
        self.tell = tell
        self.refused = refused
        self.rates: asyncio.Task[tuple[Rates | None, SourceReport]] | None = None
        # One at a time: two large catalogues read side by side only need twice the memory, and
        # SQLite has one writer.
        self._bench = asyncio.Semaphore(1)

    async def one(self, source: Source) -> SourceReport:
        """One source from its first request to its run record; never raises for its faults."""
        begun = time.monotonic()
        started = self.clock()
        http = self.fetcher.http(source)
        found: Normalised | None = None
        done = Replaced(0, 0, 0, 0)
        fault: str | None = None
        notes: list[str] = []
        try:
            self.tell(source.name, "fetching", http.spent)
            payloads = await self._fetched(source, http)
            self.tell(source.name, "reading", http.spent)
            async with self._bench:
                with uncollected():
                    rows = await asyncio.to_thread(_parsed, source, payloads)
            rates = await self._rates_for(rows)  # nobody else waits for a slow central bank
            async with self._bench:
                self.tell(source.name, "storing", http.spent)
                with uncollected():
                    found = await asyncio.to_thread(
                        normalised, _drained(rows), source, payloads, now=started, rates=rates,
                        allowed=self.wanted.opt_in,
                    )  # fmt: skip
                    notes = _notes(found)
                    done = await asyncio.to_thread(
                        self._stored, source, found, started, begun, notes
                    )
            await http.keep()
        except (FetchFault, ParseFault, StoreFault, _Refused) as told:
            fault = str(told)
        except Exception as ours:
            log.exception("source %s: a fault of ours", source.name)
            fault = f"a fault of ours: {type(ours).__name__} (the log has the trace)"
        took = time.monotonic() - begun
        unknown = found.told if found is not None else {}
        if fault is not None:
            fault = " ".join(fault.split())[:400]
            await asyncio.to_thread(
                self._record, RunRecord(source.name, started, took, False, fault, unknown=unknown,
                                        notes=tuple(notes)), info(source),
            )  # fmt: skip
        self.tell(source.name, "failed" if fault else "done", http.spent)
        return SourceReport(
            source.name, source.title, done.offers, done.new, done.gone, done.changed, unknown,
            took, fault, tuple(notes), http.spent.requests, http.spent.bytes, http.spent.unchanged,
        )  # fmt: skip

    async def _fetched(self, source: Source, http: SourceHttp) -> list[Payload]:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                payloads = list(await self._moving(source, http))
        except TimeoutError:
            raise FetchFault(f"was not finished after {FETCH_SECONDS // 60} minutes") from None
        if not payloads:
            raise FetchFault("no answer to read")
        return payloads

    async def _moving(self, source: Source, http: SourceHttp) -> Sequence[Payload]:
        """What a source fetches, as long as something comes; FetchFault when nothing does."""
        loop, idle = asyncio.get_running_loop(), self.wanted.limits.idle_s
        http.spent.moved_at = loop.time()
        fetching = asyncio.ensure_future(source.fetch(http))
        try:
            while (left := http.spent.moved_at + idle - loop.time()) > 0:
                done, _ = await asyncio.wait({fetching}, timeout=left)
                if done:
                    return await fetching
        finally:
            fetching.cancel()
            await asyncio.wait({fetching})
        raise FetchFault(f"{http.spent.asking} nothing came for {idle:g} seconds; given up")

    async def _rates_for(self, rows: Sequence[Row]) -> Rates | None:
        """The currency rates, when one of the rows needs them."""
        foreign = any(isinstance(row, RawOffer) and row.price.currency != "USD" for row in rows)
        return (await self.rates)[0] if foreign and self.rates is not None else None

    def _stored(
        self,
        source: Source,
        found: Normalised,
        started: datetime,
        begun: float,
        notes: list[str],
    ) -> Replaced:
        """Checks the set against the one it replaces, then replaces it. In a worker thread."""
        before = self.store.held(source.name)
        kept = dict(found.broken)
        several = len({key.provider for key in before}) > 1
        if several and found.offers and not (self.wanted.accept or source.comes_and_goes):
            kept |= provider_faults(before, found.offers)
        kept = {name: why for name, why in kept.items() if any(k.provider == name for k in before)}
        offers = [offer for offer in found.offers if offer.provider not in kept]
        if kept and not offers:
            whole = " and ".join(f"{name}: {why}" for name, why in kept.items())
            only = next(iter(kept.values())) if len(kept) == 1 else whole
            raise _Refused(f"refused: {only}{self._aside(source, found)}")
        fault = set_fault(
            {key: usd for key, usd in before.items() if key.provider not in kept},
            offers,
            now=started,
            out_of_bounds=found.out_of_bounds,
            no_price=found.no_price,
            not_understood=sum(found.unknown.values()),
            comes_and_goes=source.comes_and_goes,
            trust_changes=self.wanted.accept,
        )
        if fault is not None:
            raise _Refused(f"refused: {fault}{self._aside(source, found)}")
        aside = self._aside(source, found) if kept else ""
        notes += [
            f"{name} refused, its old offers stay: {why}{aside}" for name, why in kept.items()
        ]
        for name in found.broken.keys() - kept.keys():
            notes.append(f"{name} cannot be read: {found.broken[name]}")
        if self.wanted.dry_run:
            return compared(before, offers, kept)
        run = RunRecord(
            source.name, started, time.monotonic() - begun, True,
            unknown=found.told, notes=tuple(notes),
        )  # fmt: skip
        before.clear()
        found.offers.clear()
        done = self.store.replace(
            source.name, _drained(offers), started, run=run, info=info(source), keep=kept.keys()
        )
        if found.stock:
            stock.observe(self.store, source.name, found.stock, started)
        if not kept:
            (self.refused / f"{source.name}.csv").unlink(missing_ok=True)
        return done

    def _aside(self, source: Source, found: Normalised) -> str:
        """Keeps a refused set where an operator can look at it."""
        from knowledge.refresh.importing import offer_row, write_csv

        if self.wanted.dry_run or not found.offers:
            return ""
        path = self.refused / f"{source.name}.csv"
        try:
            self.refused.mkdir(parents=True, exist_ok=True)
            building = path.with_suffix(".new")
            with building.open("w", encoding="utf-8", newline="") as file:
                write_csv(map(offer_row, found.offers), file)
            building.replace(path)
        except OSError:
            return ""  # no room: the reason is told all the same
        return (
            f". Kept aside in {path}; if it is right: quartermaster refresh {source.name} --accept"
        )

    def _record(self, run: RunRecord, about: SourceInfo) -> None:
        """A run that brought nothing; a store that cannot take the record is the run's own fault."""
        if self.wanted.dry_run:
            return
        try:
            self.store.record_run(run, about)
        except StoreFault as fault:
            log.warning("source %s: its run cannot be recorded: %s", run.source, fault)

    # -- currency rates ----------------------------------------------------------------------

    async def get_rates(self) -> tuple[Rates | None, SourceReport]:
        """Today's rates, else the last ones we had while they are believable."""
        begun, started = time.monotonic(), self.clock()
        source = currency.SOURCE
        http = self.fetcher.http(source)
        rates: Rates | None = None
        fault = None
        notes: tuple[str, ...] = ()
        try:
            self.tell(RATES, "fetching", http.spent)
            (payload,) = await self._moving(source, http)
            rates = await asyncio.to_thread(currency.read, payload)
            if rates.day > (started + timedelta(days=1)).date():
                raise ParseFault(f"rates of {rates.day.isoformat()}, a day in the future")  # noqa: TRY301
            await http.keep()
        except (FetchFault, ParseFault) as told:
            fault, rates = str(told), None
        except Exception as ours:
            log.exception("currency rates: a fault of ours")
            fault, rates = f"a fault of ours: {type(ours).__name__}", None
        if rates is None:
            rates = await asyncio.to_thread(self._last_rates, started)
            if rates is not None:
                notes = (f"the rates of {rates.day.isoformat()} are used meanwhile",)
        elif rates.is_old(started):
            notes = (f"the newest rates are of {rates.day.isoformat()}",)
        took = time.monotonic() - begun
        await asyncio.to_thread(self._keep_rates, rates if fault is None else None)
        await asyncio.to_thread(
            self._record,
            RunRecord(RATES, started, took, fault is None, fault, notes=notes),
            info(source),
        )
        self.tell(RATES, "failed" if fault else "done", http.spent)
        return rates, SourceReport(
            RATES, source.title, took_s=took, fault=fault, notes=notes,
            requests=http.spent.requests, bytes=http.spent.bytes, unchanged=http.spent.unchanged,
        )  # fmt: skip

    def _last_rates(self, now: datetime) -> Rates | None:
        """The newest we hold: those of the last refresh, else the bundled ones."""
        import json
        from datetime import date

        held = [currency.bundled()]
        text = self.store.noted("rates")
        try:
            known = json.loads(text) if text else None
            if known is not None:
                held.append(Rates(date.fromisoformat(known["day"]), known["per_euro"]))
        except (ValueError, KeyError, TypeError):
            pass  # kept by another version
        newest = max(held, key=attrgetter("day"))
        return newest if now.date() - newest.day <= RATES_KEPT_FOR else None

    def _keep_rates(self, rates: Rates | None) -> None:
        import json

        if rates is None or self.wanted.dry_run:
            return
        text = json.dumps({"day": rates.day.isoformat(), "per_euro": dict(rates.per_euro)})
        try:
            self.store.note("rates", text)
        except StoreFault as fault:
            log.warning("the currency rates cannot be kept: %s", fault)


@contextmanager
def uncollected() -> Iterator[None]:
    """No search for cycles meanwhile: a catalogue is a million small tuples without any, and
    walking them over and over takes as long as reading them."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class _Refused(Exception):
    """A set that cannot be believed."""


def _drained(items: list[T]) -> Iterator[T]:
    """Each of them, let go as it is taken: a catalogue is held once, not in each of its forms."""
    items.reverse()
    while items:
        yield items.pop()


def _parsed(source: Source, payloads: Sequence[Payload]) -> list[Row]:
    return list(source.parse(payloads))


def compared(
    before: Mapping[Seen, float], offers: Iterable[Offer], kept: Collection[str] = ()
) -> Replaced:
    """What a replace would change (for a dry run). `kept`: providers whose old offers stay."""
    stays = {key: usd for key, usd in before.items() if key.provider in kept}
    now = {seen(offer): offer.price_usd_per_hour for offer in offers} | stays
    changed = sum(abs(now[key] - before[key]) > 1e-9 for key in now.keys() & before.keys())
    return Replaced(
        len(now), len(now.keys() - before.keys()), len(before.keys() - now.keys()), changed
    )


def info(source: Source) -> SourceInfo:
    """What the store keeps of a source."""
    licence = "; ".join(part for part in (source.attribution, source.licence) if part)
    return SourceInfo(
        source.name,
        source.title,
        source.page,
        source.good_for,
        licence or None,
        source.first_party,
        source.complete,
    )


def _notes(found: Normalised) -> list[str]:
    """What an operator can act on, one line each."""
    notes = [
        f"{_rows(count)} of {name} left out: its terms need QUARTERMASTER_SOURCES_OPT_IN={name}"
        for name, count in found.not_allowed.items()
    ]
    if found.unknown_regions:
        notes.append(f"region codes without a country: {_most(found.unknown_regions)}")
    if found.unknown_providers:
        notes.append(f"providers we know nothing of: {_most(found.unknown_providers)}")
    if found.repeated:
        notes.append(f"{_rows(found.repeated)} said what another said; the best of each is kept")
    return notes


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _most(counter: Counter[str], limit: int = 5) -> str:
    names = ", ".join(name for name, _ in counter.most_common(limit))
    return names + (", ..." if len(counter) > limit else "")
