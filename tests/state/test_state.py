"""What people entrusted to us, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet, MultiFernet

from bot.state import Place, State, StateFault
from bot.state.rows import Rule, Watch
from bot.state.seal import keyring
from bot.state.upgrading import HEAD
from bot.state.watches import Scope

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HERE = Place(
    "slack:T1:C1", "slack", "slack:T1", "T1", "C1", conversation={"ref": "secret-reference"}
)


@pytest.fixture
def state(state_url: str) -> Iterator[State]:
    opened = State.open(state_url, key=keyring([Fernet.generate_key().decode()]))
    yield opened
    opened.close()


def test_a_database_is_made_once_however_many_open_it(state_url: str) -> None:
    """Replicas that start together all come up on one schema."""
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: State.open(state_url), range(4)))
    for one in opened:
        one.ping()
        one.close()
    again = State.open(state_url)
    with again.reading() as db:
        assert db.scalar(sa.text("SELECT version_num FROM alembic_version")) == HEAD
    again.close()


def test_the_newest_migration_is_the_one_we_look_for() -> None:
    """The numbers of the files are the revisions that the tool finds in them, in its order."""
    from alembic.script import ScriptDirectory

    from bot.state import upgrading

    script = ScriptDirectory(str(upgrading.FOLDER))
    assert script.get_current_head() == HEAD
    assert {one.revision for one in script.walk_revisions()} == upgrading.KNOWN


def test_the_migrations_make_what_the_tables_say(state: State) -> None:
    """Nobody changed a table and forgot its migration."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from bot.state.tables import metadata

    with state.reading() as db:
        assert compare_metadata(MigrationContext.configure(db), metadata) == []


def ordered(state: State, words: str) -> tuple[int, int]:
    """The numbers of a new digest and a new watch."""
    digest = state.digests.add(HERE.id, None, Rule(), {"accelerators": [words]}, "en")
    watch = Watch(0, HERE.id, None, "en", words, words, "price", "below", 2.0)
    return digest.id, state.watches.add(watch, Scope(words, "{}", "price", 0)).id


def test_a_number_is_given_once(state: State) -> None:
    """ "stop #2", said late or clicked in an old message, never hits what came after."""
    assert [ordered(state, words) for words in ("h100", "h200")] == [(1, 1), (2, 2)]
    state.digests.stop(HERE.id)
    state.watches.drop(HERE.id, [1, 2])
    assert ordered(state, "l4") == (3, 3)


def test_numbers_go_on_after_an_upgrade(state_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database of the schema before keeps its rows and indexes, and counts on."""
    from alembic import command

    upgrade = command.upgrade
    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", lambda config, _: upgrade(config, "0002"))
        before = State.open(state_url)
    numbers = [ordered(before, words) for words in ("h100", "h200")]
    was = before.digests.of(HERE.id), before.watches.of(HERE.id)
    indexes = sa.inspect(before.engine).get_indexes("watch")
    before.close()
    state = State.open(state_url)
    assert (state.digests.of(HERE.id), state.watches.of(HERE.id)) == was
    assert sa.inspect(state.engine).get_indexes("watch") == indexes
    state.digests.stop(HERE.id)
    state.watches.drop(HERE.id, [1, 2])
    assert numbers == [(1, 1), (2, 2)]
    assert ordered(state, "l4") == (3, 3)
    state.close()


def test_a_newer_schema_is_refused_in_one_line(state_url: str) -> None:
    """A downgraded program does not write into tables it does not know."""
    state = State.open(state_url)
    with state.writing() as db:
        db.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    state.close()
    with pytest.raises(StateFault, match="newer version") as raised:
        State.open(state_url)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "no database address"),
        ("mysql://x/y", "names mysql"),
        ("postgresql://u:hunter2@127.0.0.1:1/x", "does not answer"),
        ("postgresql://u:a@hunter2@127.0.0.1:1/x", "written %40"),
    ],
)
def test_an_address_that_cannot_be_used_is_said_without_its_password(url: str, says: str) -> None:
    """One clear line for the operator, no secret in it."""
    with pytest.raises(StateFault, match=says) as raised:
        State.open(url)
    assert "hunter2" not in str(raised.value)


def test_a_file_is_for_nobody_else_to_read(tmp_path: Path) -> None:
    """Without a key, what people entrusted lies in it in clear."""
    State.open(f"sqlite:///{tmp_path / 'state.db'}").close()
    assert {one.stat().st_mode & 0o777 for one in tmp_path.glob("state.db*")} == {0o600}


def test_an_event_is_new_exactly_once(state: State) -> None:
    """Eight replicas ask at the same moment; one is told that the event is new."""
    gate = threading.Barrier(8)

    def ask(_: int) -> bool:
        gate.wait()
        return bool(state.people.first_times(["event-1"], NOW, timedelta(hours=1)))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == 1
    assert state.people.first_times(["event-1"], NOW + timedelta(hours=2), timedelta(hours=1))


def test_a_conversation_is_remembered_for_a_day(state: State) -> None:
    """A follow-up narrows the last question, tomorrow's does not."""
    state.people.remember_questions([("slack:T1:C1:1.2", "cheapest h100", None)], NOW)
    state.people.remember_questions([("slack:T1:C1:1.2", "cheapest a100", None)], NOW)
    assert state.people.last_question("slack:T1:C1:1.2", NOW) == "cheapest a100"
    assert state.people.last_question("slack:T1:C1:1.2", NOW + timedelta(hours=25)) is None


def test_preferences_are_kept_changed_and_removed(state: State) -> None:
    """Per user, place and workspace."""
    state.people.set_preference("slack:T1:U1", "lang", "pt")
    state.people.set_preference("slack:T1:U1", "region", "eu")
    state.people.set_preference("slack:T1:U1", "lang", "en")
    assert state.people.preferences("slack:T1:U1") == {"lang": "en", "region": "eu"}
    state.people.set_preference("slack:T1:U1", "region", None)
    assert state.people.preference("slack:T1:U1", "region") is None


def test_a_place_comes_back_as_it_was_saved(state: State) -> None:
    """Conversation included; one heard from again is well again."""
    state.places.save(HERE)
    assert state.places.get(HERE.id) == HERE
    assert state.places.disable(HERE.id, "channel deleted", NOW)
    assert not state.places.disable(HERE.id, "channel deleted", NOW)
    found = state.places.get(HERE.id)
    assert found is not None
    assert found.disabled_reason == "channel deleted"
    state.places.save(HERE)
    assert state.places.get(HERE.id) == HERE


def test_a_forgotten_workspace_takes_only_its_own(state: State) -> None:
    """`slack:T1` does not reach into `slack:T12`."""
    other = HERE._replace(id="slack:T12:C1", workspace="slack:T12")
    state.places.save(HERE)
    state.places.save(other)
    state.people.set_preference("slack:T1:U1", "lang", "pt")
    state.people.set_preference("slack:T12:U1", "lang", "pt")
    assert state.places.forget("slack:T1") == 1
    assert state.places.get(HERE.id) is None
    assert state.places.get(other.id) == other
    assert state.people.preferences("slack:T1:U1") == {}
    assert state.people.preferences("slack:T12:U1") == {"lang": "pt"}


def test_what_is_sensitive_cannot_be_read_in_the_database(state: State) -> None:
    """Conversations, tokens and contract prices are sealed; a dump shows none of them."""
    state.places.save(HERE)
    state.records.keep("slack-installation", "T1", {"token": "xoxb-secret"})
    state.contracts.save("slack:T1", "deal", [{"price": "secret-price"}])
    state.people.remember_questions([("t", "a secret question", None)], NOW)
    state.people.audit_many(
        [(NOW, "slack", HERE.id, "slack:T1:U1", "cheapest", "answered", "secret words")]
    )
    with state.reading() as db:
        for table in ("place", "record", "contract", "asked", "audit"):
            rows = db.execute(sa.text(f"SELECT * FROM {table}")).all()
            assert rows
            assert "secret" not in repr(rows)
    assert state.records.get("slack-installation", "T1") == {"token": "xoxb-secret"}
    assert state.contracts.get("slack:T1", "deal") == [{"price": "secret-price"}]


def test_keys_can_be_added_and_changed(state_url: str) -> None:
    """Plain values stay readable once a key is set, old keys once a newer stands before them."""
    first, second = Fernet.generate_key(), Fernet.generate_key()
    for keys, name in ((None, "a"), ([first], "b"), ([second, first], "c")):
        state = State.open(state_url, key=MultiFernet([Fernet(k) for k in keys]) if keys else None)
        state.records.keep("k", name, {"v": name})
        assert state.records.below("k") == {n: {"v": n} for n in "abc"[: "abc".index(name) + 1]}
        state.close()
    state = State.open(state_url, key=keyring([Fernet.generate_key().decode()]))
    with pytest.raises(StateFault, match="QUARTERMASTER_ENCRYPTION_KEYS"):
        state.records.get("k", "c")
    state.close()


def test_a_single_use_value_is_taken_once(state: State) -> None:
    """A sign-in state that two requests present is good for one."""
    state.records.keep("oauth-state", "x", {"at": 1})
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: state.records.take("oauth-state", "x"), range(4)))
    assert [one for one in taken if one] == [{"at": 1}]


def test_what_a_place_asks_most_comes_first(state: State) -> None:
    """The default of its digest."""
    state.people.add_interest({(HERE.id, "A100"): 1})
    state.people.add_interest({(HERE.id, "H100"): 1, (HERE.id, "A100"): 1, ("elsewhere", "L4"): 9})
    assert state.people.most_asked(HERE.id) == ["A100", "H100"]


def test_time_is_the_databases(state: State) -> None:
    """And it is about now."""
    assert abs(state.now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_forget_me_leaves_nothing_of_a_person(state: State) -> None:
    """No table holds their id afterwards; shared digests stay without a name."""
    from bot.state.tables import metadata

    user = "slack:T1:U7"
    own = HERE._replace(id=f"direct:{user}", kind="direct", channel="U7")
    state.places.save(HERE)
    state.places.save(own)
    shared = state.digests.add(HERE.id, user, Rule(), {"accelerators": ["H100"]}, "en")
    state.digests.add(own.id, user, Rule(), {"accelerators": ["H100"]}, "en")
    state.people.set_preference(user, "lang", "pt")
    state.people.audit_many([(NOW, "slack", HERE.id, user, "price", "answered", None)])
    state.people.feedback(NOW, "slack", HERE.id, user, "ref", "up")
    state.people.remember_questions([(f"{user}", "cheapest h100", None)], NOW)
    removed = state.people.forget(user)
    assert removed["digests"] == 1
    assert removed["audit"] == 1
    with state.reading() as db:
        for table in metadata.sorted_tables:
            assert user not in repr(db.execute(sa.select(table)).all()), table.name
    kept = state.digests.get(shared.id)
    assert kept is not None
    assert kept.user is None


def test_tidying_removes_what_is_over(state: State) -> None:
    """Seen events and conversations do not pile up."""
    state.people.first_times(["old"], NOW - timedelta(days=3), timedelta(days=1))
    state.people.first_times(["new"], NOW, timedelta(days=1))
    state.people.remember_questions([("old", "x", None)], NOW - timedelta(days=3))
    state.tidy(NOW)
    with state.reading() as db:
        assert db.scalars(sa.text("SELECT key FROM seen WHERE key NOT LIKE 'state:%'")).all() == [
            "new"
        ]
        assert db.scalars(sa.text("SELECT thread FROM asked")).all() == []


def test_importing_the_package_loads_no_database() -> None:
    """A cold question does not pay for SQLAlchemy."""
    import subprocess
    import sys

    code = (
        "import sys, bot.state, bot.commands.watch, bot.commands.digest;"
        "print(sorted({'sqlalchemy', 'alembic', 'cryptography'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
