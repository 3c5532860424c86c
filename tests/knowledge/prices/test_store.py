"""The price store: seeded whole, asked fast, replaced at once, and honest about its faults."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW, ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from make_offers import write
from offers import offer

from knowledge.facts import footprint
from knowledge.facts.providers import tier_of
from knowledge.facts.regions import geo_of
from knowledge.prices import history as past
from knowledge.prices.offer import Offer, OfferFilter
from knowledge.prices.store import BUNDLED, RunRecord, SourceInfo, Store, StoreFault

H100 = OfferFilter(accelerators=("H100",), billing="on-demand")


def test_first_use_seeds_the_bundled_prices(tmp_path: Path) -> None:
    """A fresh machine has dated prices without a network."""
    store = Store.open(tmp_path / "new" / "prices.db", NOW)
    status = store.sources(NOW)[0]
    assert (status.name, status.offers > 1000) == ("bundled", True)
    assert status.newest is not None
    assert store.cheapest(H100)
    store.close()


def test_two_processes_starting_at_once_both_come_up_right(tmp_path: Path) -> None:
    """Neither sees a half-made store, and nothing is left lying about."""
    code = (
        "import sys; from datetime import datetime, UTC; from pathlib import Path;"
        "from knowledge.prices.store import Store; from knowledge.prices.offer import OfferFilter;"
        "s = Store.open(Path(sys.argv[1]), datetime.now(UTC));"
        "print(sum(x.offers for x in s.sources(datetime.now(UTC))))"
    )
    path = tmp_path / "prices.db"
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    counts = {process.communicate(timeout=60)[0].strip() for process in both}
    assert len(counts) == 1
    assert int(counts.pop()) > 1000
    assert [file.name for file in tmp_path.iterdir() if "seeding" in file.name] == []


def test_a_replace_touches_one_source_only(store: Store) -> None:
    """The new set stands in the place of the old one; other sources keep theirs."""
    before = store.sources(NOW)[0].offers
    done = store.replace("feed", [offer(), offer(instance_type="b", price_usd_per_hour=30)], NOW)
    assert (done.offers, done.new, done.gone) == (2, 2, 0)
    done = store.replace("feed", [offer(price_usd_per_hour=20)], NOW)
    assert (done.offers, done.new, done.gone, done.changed) == (1, 0, 1, 1)
    by_name = {status.name: status.offers for status in store.sources(NOW)}
    assert by_name == {"bundled": before, "feed": 1}


def test_what_changed_becomes_history(store: Store) -> None:
    """A replaced price keeps the time it held; the day keeps its lowest."""
    earlier = NOW - timedelta(days=3)
    first = offer(accelerator="H200", memory_gb=141, as_of=earlier, provider="sfcompute")
    store.replace("feed", [first], earlier)
    store.replace(
        "feed",
        [offer(accelerator="H200", memory_gb=141, provider="sfcompute", price_usd_per_hour=16)],
        NOW,
    )
    days = store.history(("H200",), 141, "on-demand", ("sfcompute",), earlier.date(), NOW.date())
    assert [day.price_usd_per_gpu_hour for day in days] == [3.0, 3.0, 3.0, 2.0]
    with sqlite3.connect(store.path) as db:
        assert db.execute("SELECT price_usd_per_hour FROM past_prices").fetchall() == [(24.0,)]
    db.close()


def test_a_long_silence_is_a_gap(store: Store) -> None:
    """A price nobody looked at for over a month is not carried on as if known."""
    long_ago = NOW - timedelta(days=100)
    store.replace("feed", [offer(provider="akamai", as_of=long_ago)], long_ago)
    store.replace("feed", [offer(provider="akamai")], NOW)
    days = {
        day.day
        for day in store.history(
            ("H100",), 80, "on-demand", ("akamai",), long_ago.date(), NOW.date()
        )
    }
    assert (long_ago.date() + timedelta(days=30)).isoformat() in days
    assert (long_ago.date() + timedelta(days=60)).isoformat() not in days


def test_the_providers_own_feed_wins_over_a_third_party(store: Store) -> None:
    """One offer from two sources is shown once, the first party's."""
    store.register(
        SourceInfo("own", "Own", "https://own.example", timedelta(days=1), first_party=True)
    )
    store.replace("own", [offer(source="own", price_usd_per_hour=24)], NOW)
    store.replace("catalogue", [offer(source="catalogue", price_usd_per_hour=20, as_of=NOW)], NOW)
    shown = store.offers(
        OfferFilter(accelerators=("H100",), providers=("lambda",), count=8, geos=("us",))
    )
    live = [one for one in shown if one.source != BUNDLED]  # which has its price for any region
    assert [(one.source, one.price_usd_per_hour) for one in live] == [("own", 24)]


def test_a_provider_whose_own_feed_fell_silent_does_not_win(store: Store) -> None:
    """A fresh third party is worth more than a stale first."""
    store.register(
        SourceInfo("own", "Own", "https://own.example", timedelta(days=1), first_party=True)
    )
    long_ago = NOW - timedelta(days=9)
    old = offer(source="own", as_of=long_ago, fresh_until=long_ago + timedelta(days=1))
    store.replace("own", [old], long_ago)
    store.replace("catalogue", [offer(source="catalogue", price_usd_per_hour=20, as_of=NOW)], NOW)
    shown = store.offers(
        OfferFilter(accelerators=("H100",), providers=("lambda",), count=8, geos=("us",))
    )
    assert [one.source for one in shown if one.source != BUNDLED] == ["catalogue"]


@pytest.mark.parametrize("first", ["gpurentalprices", "own"])
def test_a_trackers_one_price_a_card_steps_back_for_the_providers_own(
    store: Store, first: str
) -> None:
    """Whichever comes first; another term, a fresher word or an import of ours stays."""
    store.register(
        SourceInfo("own", "Own", "https://own.example", timedelta(days=1), first_party=True)
    )
    yesterday = NOW - timedelta(days=1)

    def tracked(name: str, **changes: Any) -> Offer:
        return offer(
            source=name, region=None, as_of=yesterday, **{"instance_type": "h100", **changes}
        )

    sets = {
        "own": [offer(source="own")],
        "gpurentalprices": [
            tracked("gpurentalprices"),
            tracked("gpurentalprices", billing="reserved", term_months=12),
            tracked("gpurentalprices", accelerator="H200", memory_gb=141, instance_type="h200"),
        ],
        "quotes": [tracked("quotes", price_usd_per_hour=23.0)],
    }
    for name in (first, *(sets.keys() - {first})):
        store.replace(name, sets[name], NOW)
    shown = store.offers(OfferFilter(accelerators=("H100", "H200"), providers=("lambda",)))
    mine = {(one.source, one.accelerator, one.billing) for one in shown if one.source != "bundled"}
    assert mine == {
        ("own", "H100", "on-demand"),
        ("quotes", "H100", "on-demand"),
        ("gpurentalprices", "H100", "reserved"),
        ("gpurentalprices", "H200", "on-demand"),
    }


def bundled(**changes: Any) -> Offer:
    """A row of the hand-kept list, older than any live one."""
    old = NOW - timedelta(days=20)
    return offer(source=BUNDLED, as_of=old, fresh_until=old + timedelta(days=30), **changes)


HERE = {"region": "us-west-1", "country": "US", "geo": "us"}
THERE = {"region": "europe-central-1", "country": "DE", "geo": "eu"}
NOWHERE = {"region": None, "country": None, "geo": None}


@pytest.mark.parametrize("live_first", [True, False])
@pytest.mark.parametrize(
    ("live", "of_the_list", "steps_back"),
    [
        (HERE, HERE, True),
        (HERE, THERE, False),
        (HERE, {**HERE, "region": "us-east-9"}, False),
        (HERE, NOWHERE, False),
        (NOWHERE, HERE, False),
        (NOWHERE, NOWHERE, True),
        # The wider place holds the live one's.
        (HERE, {**HERE, "region": None}, True),
        ({**HERE, "region": None}, HERE, False),
        # The words of a country and of a group of countries may look alike.
        ({"region": "r1", "country": "SA", "geo": "me"}, {**NOWHERE, "geo": "sa"}, False),
        # The same place, another thing.
        (HERE | {"count": 4}, HERE, False),
        (HERE | {"form_factor": "PCIe"}, HERE, False),
        (HERE | {"memory_gb": 94.0}, HERE, False),
        (HERE | {"billing": "spot"}, HERE, False),
        (HERE | {"billing": "reserved", "term_months": 12}, HERE | {"billing": "reserved"}, False),
    ],
)
def test_bundled_prices_step_back_for_the_same_thing_in_the_same_place(
    store: Store, live: Any, of_the_list: Any, live_first: bool, steps_back: bool
) -> None:
    """A live row hides what it replaces and nothing else, whichever of the two comes first."""
    sets = {
        "feed": [offer(instance_type="another name", **live)],
        BUNDLED: [bundled(**of_the_list)],
    }
    for name in sorted(sets, reverse=live_first):
        store.replace(name, sets[name], NOW)
    shown = store.offers(OfferFilter(accelerators=("H100",), providers=("lambda",)))
    assert (BUNDLED not in {one.source for one in shown}) == steps_back


def test_a_providers_own_complete_list_speaks_for_every_place(store: Store) -> None:
    """What such a list no longer shows is not sold there."""
    store.replace(BUNDLED, [bundled(**THERE), bundled(**NOWHERE, instance_type="x")], NOW)
    own = SourceInfo(
        "own", "Own", "https://own.example", timedelta(days=1), first_party=True, complete=True
    )
    store.replace("own", [offer(source="own", **HERE)], NOW, info=own)
    shown = store.offers(OfferFilter(accelerators=("H100",), providers=("lambda",)))
    assert [one.source for one in shown] == ["own"]


def test_contract_prices_are_seen_by_their_owner_alone(store: Store) -> None:
    """A negotiated price is in no other workspace's answer."""
    store.replace(
        "import", [offer(price_usd_per_hour=8, owner="acme", source="import")], NOW, owner="acme"
    )
    cheap = OfferFilter(
        accelerators=("H100",),
        count=8,
        max_price_usd_per_gpu_hour=1.1,
        geos=("us",),
        billing="on-demand",
    )
    assert store.offers(cheap) == []
    own = OfferFilter(
        accelerators=("H100",),
        count=8,
        max_price_usd_per_gpu_hour=1.1,
        geos=("us",),
        billing="on-demand",
        owner="acme",
    )
    assert [one.owner for one in store.offers(own)] == ["acme"]


def test_the_market_holds_one_best_per_group(store: Store) -> None:
    """Every group's best is its cheapest, and the counts add up to all offers."""
    wanted = OfferFilter(accelerators=("A100",), billing="on-demand")
    everything = store.offers(wanted)
    newest = max(one.as_of for one in everything)
    market = store.market(wanted, NOW)
    assert sum(best.offers for best in market) == len(everything)
    for best in market:
        peers = [
            one.price_usd_per_gpu_hour
            for one in everything
            if (one.provider, one.host_included) == (best.offer.provider, best.offer.host_included)
            and ((newest - one.as_of).days > 90) == (best.age > 0)
        ]
        assert best.offer.price_usd_per_gpu_hour == min(peers)  # type: ignore[type-var]


_FILTERS = st.fixed_dictionaries(
    {
        "accelerators": st.sampled_from([(), ("A100",), ("H100", "H200")]),
        "memory_gb": st.sampled_from([None, 40.0, 80.0]),
        "count": st.sampled_from([None, 1, 8]),
        "geos": st.sampled_from([(), ("eu",), ("us", "ca")]),
        "countries": st.sampled_from([(), ("DE",)]),
        "exclude_geos": st.sampled_from([(), ("us",)]),
        "billing": st.sampled_from([None, "on-demand", "spot", "reserved"]),
        "exclude_providers": st.sampled_from([(), ("aws", "vastai")]),
        "tiers": st.sampled_from([(), ("microcloud",)]),
        "exclude_tiers": st.sampled_from([(), ("marketplace",)]),
        "max_price_usd_per_gpu_hour": st.sampled_from([None, 2.0]),
        "unplaced_only": st.booleans(),
    }
).map(lambda given: OfferFilter(**given))


def _matches(one: Offer, wanted: OfferFilter) -> bool:
    """The filter once more, as plain words."""
    checks = [
        one.count > 0,
        not wanted.accelerators or one.accelerator in wanted.accelerators,
        wanted.memory_gb is None
        or (
            one.memory_gb == wanted.memory_gb
            if wanted.accelerators
            else (one.memory_gb or 0) >= wanted.memory_gb
        ),
        wanted.count is None or one.count == wanted.count,
        wanted.billing is None or one.billing == wanted.billing,
        one.provider not in wanted.exclude_providers,
        not wanted.tiers or tier_of(one.provider) in wanted.tiers,
        tier_of(one.provider) not in wanted.exclude_tiers,
        wanted.max_price_usd_per_gpu_hour is None
        or (one.price_usd_per_gpu_hour or 0) <= wanted.max_price_usd_per_gpu_hour,
        _lies_there(one, wanted),
    ]
    return all(checks)


def _lies_there(one: Offer, wanted: OfferFilter) -> bool:
    """By its stated place, else by its provider's sites: one will do for a price for any region,
    all must lie there for a price without a word. What may or may not lie there is unplaced."""

    def inside(geo: str | None, country: str | None) -> bool:
        if wanted.exclude_geos and (geo is None or geo in wanted.exclude_geos):
            return False
        asked = wanted.geos or wanted.countries
        return not asked or geo in wanted.geos or country in wanted.countries

    if not (wanted.geos or wanted.countries or wanted.exclude_geos):
        return not wanted.unplaced_only
    if one.geo or one.country:
        return not wanted.unplaced_only and inside(one.geo, one.country)
    sites = [inside(geo_of(country), country) for country in footprint.countries(one.provider)]
    counts = bool(sites) and (all(sites) or (one.region == "global" and any(sites)))
    if wanted.unplaced_only:
        return not counts and (not sites or any(sites))
    return counts


@given(_FILTERS)
@settings(max_examples=150, deadline=None)
def test_a_filter_means_the_same_in_sql_and_in_words(seeded: Path, wanted: OfferFilter) -> None:
    """The store's condition selects exactly the offers that match, cheapest first."""
    reader = Store(seeded)
    everything = reader.offers(OfferFilter())
    got = [*reader.offers(wanted), *reader.doubtful(wanted, 1000)]
    got.sort(key=lambda one: one.price_usd_per_gpu_hour or 0)
    reader.close()
    key = [
        (one.provider, one.instance_type, one.region, one.billing, one.price_usd_per_hour)
        for one in got
    ]
    assert sorted(map(str, key)) == sorted(
        str((one.provider, one.instance_type, one.region, one.billing, one.price_usd_per_hour))
        for one in everything
        if _matches(one, wanted)
    )
    prices = [one.price_usd_per_gpu_hour for one in got]
    assert prices == sorted(prices)  # type: ignore[type-var]


def test_readers_never_see_a_half_set(store: Store) -> None:
    """While sets of 400 are swapped, every read finds all of one set or all of the other."""
    sets = [
        [
            offer(instance_type=f"{price}-{n}", provider="modal", price_usd_per_hour=price)
            for n in range(400)
        ]
        for price in (8.0, 16.0)
    ]
    store.replace("feed", sets[0], NOW)
    wanted = OfferFilter(providers=("modal",))
    seen: set[tuple[int, int]] = set()
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            found = store.offers(wanted)
            seen.add((len(found), len({one.price_usd_per_hour for one in found})))

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(12):
        store.replace("feed", sets[turn % 2], NOW)
    stop.set()
    reader.join()
    assert seen == {(400, 1)}


def test_a_swapped_file_is_noticed(store: Store, seeded: Path, tmp_path: Path) -> None:
    """Another version put in the file's place is what the next question reads."""
    store.replace("feed", [offer(provider="modal")], NOW)
    assert store.offers(OfferFilter(providers=("modal",)))
    newer = tmp_path / "newer.db"
    shutil.copy(seeded, newer)
    for side in ("-wal", "-shm"):
        Path(f"{store.path}{side}").unlink(missing_ok=True)
    newer.replace(store.path)
    assert store.offers(OfferFilter(providers=("modal",))) == []


def test_runs_are_recorded_with_their_faults(store: Store) -> None:
    """`sources` can say what went wrong and what was not understood."""
    store.record_run(RunRecord("feed", NOW, 1.5, ok=False, fault="HTTP 503", unknown={"H9000": 3}))
    status = next(one for one in store.sources(NOW) if one.name == "feed")
    assert (status.fault, status.unknown, status.last_ok) == ("HTTP 503", {"H9000": 3}, None)


def test_movers_and_news_are_found(store: Store) -> None:
    """The largest change in a week leads; what is new and what vanished is named."""
    week_ago = NOW - timedelta(days=7)
    old = [
        offer(provider="modal", as_of=week_ago),
        offer(provider="akamai", instance_type="x", as_of=week_ago),
    ]
    store.replace("feed", old, week_ago)
    store.replace(
        "feed",
        [
            offer(provider="modal", price_usd_per_hour=12),
            offer(provider="theta", accelerator="B300", memory_gb=270),
        ],
        NOW,
    )
    mover = store.movers(NOW)[0]
    assert (mover.provider, round(mover.change, 2)) == ("modal", -0.5)
    assert ("theta", "B300", 3.0) in store.appeared(NOW - timedelta(days=1))
    assert ("akamai", "H100") in [row[:2] for row in store.vanished(NOW - timedelta(days=1))]


def _told(store: Store) -> list[object]:
    """Everything that is told of the past."""
    since = NOW - timedelta(days=30)
    first = (NOW - timedelta(days=300)).date()
    return [
        store.history(("H100",), 80, "on-demand", ("modal",), first, NOW.date()),
        store.paths("H100", 80, "on-demand", first, NOW.date()),
        store.movers(NOW, 30, 100), store.appeared(since), store.vanished(since),
        store.sources(NOW), store.run_counts(),
    ]  # fmt: skip


def test_a_store_in_use_for_long_does_not_grow_and_tells_the_same(
    seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What no answer shows goes; days, changes, the last good refresh and their number stay."""
    stores = {}
    for name, kept in (("all", timedelta(days=9999)), ("pruned", past.KEPT)):
        path = tmp_path / f"{name}.db"
        shutil.copy(seeded, path)
        store = stores[name] = Store.open(path, NOW)
        with monkeypatch.context() as patch:
            patch.setattr(past, "KEPT", kept)
            for ago in range(300, -1, -5):
                at = NOW - timedelta(days=ago)
                offers = [offer(provider="modal", price_usd_per_hour=10 + ago / 100, as_of=at)]
                if ago in {15, 20}:
                    offers.append(offer(provider="akamai", accelerator="B300", as_of=at))
                store.replace("feed", offers, at, run=RunRecord("feed", at, 1.0, ok=True))
                well = ago > 200
                store.record_run(
                    RunRecord("silent", at, 1.0, ok=well, fault=None if well else "503")
                )
    assert _told(stores["pruned"]) == _told(stores["all"])
    assert dict(_rows(stores["pruned"], "SELECT source, count(*) FROM runs GROUP BY source")) == {
        "feed": 13,
        "silent": 14,  # the last that went well is older
    }
    oldest = (NOW - past.KEPT).isoformat()
    untils = [until for (until,) in _rows(stores["pruned"], "SELECT until FROM past_prices")]
    assert (len(untils), min(untils) >= oldest) == (14, True)
    assert len(_rows(stores["all"], "SELECT 1 FROM past_prices")) > 60
    for store in stores.values():
        store.close()


def _rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(store.path) as db:
        found = db.execute(sql).fetchall()
    db.close()
    return found


# -- faults ----------------------------------------------------------------------------------


def _fault(path: Path) -> str:
    with pytest.raises(StoreFault) as raised:
        Store.open(path, NOW).offers(H100)
    return str(raised.value)


def test_a_damaged_file_is_said_and_never_rebuilt(tmp_path: Path) -> None:
    """Imported prices may be in it: it is left as it is."""
    path = tmp_path / "prices.db"
    path.write_bytes(b"this is no database" * 100)
    before = path.read_bytes()
    assert "damaged" in _fault(path)
    assert path.read_bytes() == before


def test_a_torn_file_is_said(seeded: Path, tmp_path: Path) -> None:
    """A file cut off in the middle gives one clear line."""
    path = tmp_path / "prices.db"
    path.write_bytes(seeded.read_bytes()[: 40 * 4096])
    assert "damaged" in _fault(path)


def test_a_foreign_database_is_said(tmp_path: Path) -> None:
    """Somebody else's SQLite file is not ours to fill."""
    path = tmp_path / "prices.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE photos (id)")
    db.close()
    assert "not a price store" in _fault(path)


def test_a_newer_store_is_said(seeded: Path, tmp_path: Path) -> None:
    """A store of a later version asks for an upgrade."""
    path = tmp_path / "prices.db"
    shutil.copy(seeded, path)
    with sqlite3.connect(path) as db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('quartermaster-prices', 'm099_later', '2027')"
        )
    db.close()
    assert "newer version" in _fault(path)


def test_a_locked_store_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that holds on is waited for, then named."""
    monkeypatch.setattr("knowledge.prices.files.BUSY_SECONDS", 0.2)
    with sqlite3.connect(store.path, isolation_level=None) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreFault, match="locked"):
            store.replace("feed", [offer()], NOW)
        assert store.offers(H100)
        holder.execute("ROLLBACK")
    holder.close()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """A path below a file has no folder to be made in."""
    (tmp_path / "file").write_text("")
    assert "QUARTERMASTER_DATA_DIR" in _fault(tmp_path / "file" / "prices.db")


def test_a_full_disk_keeps_the_old_prices(store: Store) -> None:
    """No room for the new set: one line, and the old one still answers."""
    before = [one.price_usd_per_hour for one in store.offers(H100)]
    code = (
        "import resource, sys, signal; from datetime import datetime, UTC; from pathlib import Path;"
        "sys.path[:0] = ['tests', 'tests/support'];"
        "from knowledge.prices.store import Store, StoreFault; from offers import offer;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "s = Store(Path(sys.argv[1]));"
        "size = Path(sys.argv[1]).stat().st_size;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (size // 4, size // 4));"
        "\ntry: s.replace('feed', [offer(instance_type=str(n)) for n in range(20000)], datetime.now(UTC))"
        "\nexcept StoreFault as fault: print(fault)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(store.path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "disk space" in done.stdout
    assert [one.price_usd_per_hour for one in store.offers(H100)] == before


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="needs root and setpriv to become somebody without rights",
)
def test_a_store_that_may_only_be_read_still_answers(store: Store) -> None:
    """Read-only file system, container with a read-only volume: questions go on."""
    folder = store.path.parent
    store.close()
    for parent in folder.parents:
        if str(parent) != "/" and str(parent).startswith("/tmp/"):
            parent.chmod(0o755)
    folder.chmod(0o555)
    store.path.chmod(0o444)
    code = (
        "import sys; from datetime import datetime, UTC; from pathlib import Path;"
        "from knowledge.prices.store import Store, StoreFault; from knowledge.prices.offer import OfferFilter;"
        "now = datetime.now(UTC); s = Store.open(Path(sys.argv[1]), now);"
        "print(len(s.offers(OfferFilter(accelerators=('H100',)))));"
        "\ntry: s.replace('feed', [], now)"
        "\nexcept StoreFault as fault: print(fault)"
    )
    done = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-c", code, str(store.path)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    folder.chmod(0o755)
    if not done.stdout:
        pytest.skip(f"another user cannot run this interpreter: {done.stderr[-80:]}")
    count, fault = done.stdout.splitlines()
    assert int(count) > 50
    assert "read-only" in fault


@pytest.mark.slow
def test_a_killed_import_leaves_the_old_state_whole(store: Store, tmp_path: Path) -> None:
    """`kill -9` at twenty random moments of a real import: old set or new set, never between."""
    sheet = tmp_path / "offers.csv"
    write(6000, sheet)
    path = tmp_path / "data" / "prices.db"
    path.parent.mkdir()
    shutil.copy(store.path, path)
    environment = {**os.environ, "QUARTERMASTER_DATA_DIR": str(path.parent)}
    command = [sys.executable, "-m", "bot", "import", str(sheet), "--source", "sheet"]
    begun = time.monotonic()
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    whole = time.monotonic() - begun
    rng = random.Random(5)
    for _ in range(20):
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            process.wait(timeout=rng.uniform(0.2, 1.0) * whole)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        with sqlite3.connect(path) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert db.execute("SELECT count(*) FROM offers WHERE source = 'sheet'").fetchone() == (
                6000,
            )
        db.close()


def test_people_can_read_it_with_sqlite_utils(store: Store) -> None:
    """The views say what stands in the store in a person's words."""
    command = [sys.executable, "-m", "sqlite_utils", str(store.path)]
    query = "SELECT accelerator, usd_per_gpu_hour, provider, price_of FROM cheapest_by_accelerator WHERE accelerator = 'A100' AND billing = 'on-demand'"
    done = subprocess.run(
        [*command, query, "--table"], capture_output=True, text=True, timeout=60, check=True
    )
    assert "usd_per_gpu_hour" in done.stdout
    assert "A100" in done.stdout
    assert store.history(("A100",), None, "on-demand", (), date(2024, 1, 1), NOW.date())
