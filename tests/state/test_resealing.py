"""A key is changed for good: everything sealed is sealed again, and a service runs meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from conftest import NOW
from cryptography.fernet import Fernet
from postgres import Server
from standing_parts import place
from state_parts import filled, opened

from bot.cli.main import cli
from bot.state import State, StateFault, resealing
from bot.state.resealing import reseal
from bot.state.seal import at
from bot.state.tables import metadata, slack_installations
from bot.state.tables import place as place_table

TOKEN = at("slack_installations", "bot_token", None, "T1")
OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))


def texts(state: State) -> Iterator[tuple[str, str]]:
    """(table, text) of every text in the database, whatever it is."""
    with state.reading() as db:
        for table in metadata.sorted_tables:
            for row in db.execute(sa.select(table)):
                yield from ((table.name, value) for value in row if isinstance(value, str))


def installed(state: State) -> None:
    """Slack's installer, as the installation store keeps one: some values empty, one unsealed."""
    with state.writing() as db:
        db.execute(
            sa.insert(slack_installations).values(
                client_id="1.2", app_id="A1", team_id="T1", user_id="U1",
                bot_token=state.seal.close("xoxb-secret", TOKEN), user_token="xoxp-plain",
                is_enterprise_install=False, installed_at=NOW.replace(tzinfo=None),
            )
        )  # fmt: skip


def test_the_old_key_may_go(state_url: str) -> None:
    """No sealed text anywhere in the database needs it; all of it says what it said."""
    before = filled(state_url, OLD)
    installed(before)
    before.people.remember_questions([("slack:T1:C1:1", "cheapest h100", None)], NOW)
    before.close()
    state = opened(state_url, NEW, OLD)
    counts = reseal(state)
    state.close()
    assert counts["place"] == 1200
    assert counts["contract"] == counts["slack_bots"] == counts["record"] == 1
    assert counts["slack_installations"] == 2
    state = opened(state_url, NEW)
    sealed = [(table, text) for table, text in texts(state) if text.startswith("b:")]
    assert all(opens(state, text) for _, text in sealed)
    assert len(sealed) == counts.total()
    clear = ("xoxb-secret", "xoxp-plain")  # a shorter word stands in long sealed texts by chance
    assert not any(word in text for _, text in texts(state) for word in clear)
    assert state.contracts.get("slack:T1", "deal") == [{"price": "1.10"}]
    assert state.records.get("slack-installation", "T1") == {"token": "xoxb-secret"}
    found = state.places.get(place("C7").id)
    assert found is not None
    assert found.conversation == {"ref": "secret 7"}
    assert reseal(state) == counts  # with the new key alone it ends well
    state.close()


def test_a_first_key_seals_what_was_in_clear(state_url: str) -> None:
    before = State.open(state_url)
    before.places.save(place("C1", conversation={"ref": "secret"}))
    before.close()
    state = opened(state_url, NEW)
    assert reseal(state) == {"place": 1}
    assert not any("secret" in text for _, text in texts(state))
    found = state.places.get(place("C1").id)
    assert found is not None
    assert found.conversation == {"ref": "secret"}
    state.close()


def test_a_missing_key_changes_nothing(state_url: str) -> None:
    """One value sealed with a key that nobody gave: the line says where, the rest stays."""
    before = opened(state_url, OLD)
    before.places.save(place("C1", conversation={"ref": "secret"}))
    before.close()
    strange = opened(state_url, OTHER)
    strange.contracts.save("slack:T1", "deal", [{"price": "1.10"}])
    strange.close()
    state = opened(state_url, NEW, OLD)
    was = sorted(texts(state))
    with pytest.raises(StateFault, match=r"Add the old key.* Nothing was changed.* contract\."):
        reseal(state)
    assert sorted(texts(state)) == was
    state.close()


def test_without_a_key_there_is_nothing_to_seal_with(state_url: str) -> None:
    state = State.open(state_url)
    with pytest.raises(StateFault, match="QUARTERMASTER_ENCRYPTION_KEYS is not set"):
        reseal(state)
    state.close()


def test_what_is_written_meanwhile_stays(state_url: str) -> None:
    """A service goes on writing while everything is sealed again: no newer value is lost."""
    state, service = filled(state_url, NEW, OLD), opened(state_url, NEW, OLD)
    writing = threading.Event()

    def write() -> None:
        for number in range(40):
            service.places.save(place(f"C{number * 30}", conversation={"ref": f"newer {number}"}))
            writing.set()

    writer = threading.Thread(target=write)
    writer.start()
    writing.wait(20)
    reseal(state)
    writer.join(60)
    for number in range(40):
        found = state.places.get(place(f"C{number * 30}").id)
        assert found is not None
        assert found.conversation == {"ref": f"newer {number}"}
    service.close()
    state.close()


def between_batches(
    state: State, monkeypatch: pytest.MonkeyPatch, then: Callable[[int], object]
) -> None:
    """Calls `then(n)` before the n-th transaction in which values are sealed."""
    begin, number = state.writing, iter(range(10_000))

    def writing() -> AbstractContextManager[sa.Connection]:
        then(next(number))
        return begin()

    monkeypatch.setattr(state, "writing", writing)


def test_a_service_is_let_in_every_few_hundred_rows(
    state_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No row is held for longer than its batch: rows sealed already and rows to come can be
    written in between, and stay as they were written."""
    state, service = filled(state_url, NEW, OLD), opened(state_url, NEW, OLD)
    written: list[int] = []

    def write(number: int) -> None:
        for name in ("C0", "C999"):
            service.places.save(place(name, conversation={"ref": f"{name} after {number}"}))
        written.append(number)

    between_batches(state, monkeypatch, write)
    assert reseal(state)["place"] == 1200
    assert len(written) > 1200 / 500
    for name in ("C0", "C999"):
        found = service.places.get(place(name).id)
        assert found is not None
        assert found.conversation == {"ref": f"{name} after {written[-1]}"}
    service.close()
    state.close()


def test_one_cut_short_is_run_again(state_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half is sealed with the new key, half with the old: both open, and the next run ends it."""
    filled(state_url, OLD).close()
    state = opened(state_url, NEW, OLD)
    with monkeypatch.context() as patch:

        def cut(number: int) -> None:
            if number == 2:
                raise KeyboardInterrupt

        between_batches(state, patch, cut)
        with pytest.raises(KeyboardInterrupt):
            reseal(state)
    assert len(state.places.below()) == 1200
    new = opened(state_url, NEW)
    sealed = [text for table, text in texts(state) if table == "place" and text.startswith("b:")]
    assert sum(opens(new, text) for text in sealed) == 1000
    assert reseal(state)["place"] == 1200
    assert len(new.places.below()) == 1200
    for one in (state, new):
        one.close()


def opens(state: State, text: str) -> bool:
    """Whether one of its keys does, wherever the text belongs."""
    try:
        state.seal.open(text, "elsewhere")
    except StateFault as fault:
        return "another row" in str(fault)
    return True


def test_a_service_that_holds_a_row_is_not_locked_out(
    postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds one row of a batch and wants another: nobody waits for whom they keep waiting."""
    url = postgres.database()
    state, service = filled(url, NEW, OLD), opened(url, NEW, OLD)
    refused, sleep = threading.Event(), time.sleep

    def pause(seconds: float) -> None:
        refused.set()
        sleep(seconds)

    monkeypatch.setattr(resealing.time, "sleep", pause)
    with service.writing() as db:
        hold(db, "C1100")
        resealed = threading.Thread(target=reseal, args=(state,))
        resealed.start()
        assert refused.wait(20)
        hold(db, "C0")
    resealed.join(60)
    new = opened(url, NEW)
    assert len(new.places.below()) == 1200
    assert {one.tz for one in new.places.below() if one.channel in {"C0", "C1100"}} == {
        "Asia/Tokyo"
    }
    for one in (state, service, new):
        one.close()


def hold(db: sa.Connection, name: str) -> None:
    """Changes a place in a transaction that stays open."""
    this = place_table.c.id == place(name).id
    db.execute(sa.update(place_table).where(this).values(tz="Asia/Tokyo"))


def test_the_command_says_what_it_did(state_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = opened(state_url, OLD)
    before.places.save(place("C1", conversation={"ref": "secret"}))
    before.contracts.save("slack:T1", "deal", [{"price": "1.10"}])
    before.close()
    monkeypatch.setenv("QUARTERMASTER_STATE_URL", state_url)
    for keys, status, says in (
        (f"{NEW},{OLD}", 0, "2 values sealed with the first key: contract 1, place 1."),
        (NEW, 0, "2 values sealed with the first key"),
        (OLD, 1, "Add the old key behind the new one. Nothing was changed"),
        ("", 1, "QUARTERMASTER_ENCRYPTION_KEYS is not set"),
        ("nonsense", 1, "key 1 is no Fernet key"),
    ):
        monkeypatch.setenv("QUARTERMASTER_ENCRYPTION_KEYS", keys)
        done = CliRunner().invoke(cli, ["state", "reseal"])
        assert (done.exit_code, says in done.output) == (status, True), done.output
        assert not any(key in done.output for key in (OLD, NEW))
