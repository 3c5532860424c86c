"""The whole state moves between SQLite and PostgreSQL, and no subscription is lost."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from standing_parts import place
from state_parts import filled, opened

from bot.state import State, StateFault
from bot.state.moving import export_state, import_state
from bot.state.rows import Rule
from bot.state.tables import metadata


def everything(state: State) -> dict[str, list[tuple[object, ...]]]:
    with state.reading() as db:
        return {
            table.name: [tuple(row) for row in db.execute(sa.select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
            if table.name != "published"
        }  # fmt: skip


@pytest.fixture
def other_url(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], str]:
    """An empty database of the other kind."""

    def other(url: str) -> str:
        if url.startswith("sqlite"):
            return str(request.getfixturevalue("postgres").database())
        return f"sqlite:///{tmp_path / 'other.db'}"

    return other


def test_everything_arrives_on_the_other_kind_of_database(
    state_url: str, other_url: Callable[[str], str], tmp_path: Path
) -> None:
    """Row for row; sealed values open with the same key; new rows get new numbers."""
    source, target = filled(state_url), opened(other_url(state_url))
    path = tmp_path / "state.jsonl"
    written = export_state(source, path)
    assert written["subscription"] == 300
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "secret" not in path.read_text("utf-8")
    assert import_state(target, path) == written
    assert everything(target) == everything(source)
    found = target.places.get(place("C7").id)
    assert found is not None
    assert found.conversation == {"ref": "secret 7"}
    made = target.digests.add(place("C1").id, None, Rule(), {"accelerators": ["L4"]}, "en")
    assert made.id > max(row.id for row in source.digests.of(place("C1196").id))
    assert target.prices.versions() == []
    for state in (source, target):
        state.close()


def test_watches_look_again_at_a_store_that_counts_from_one(tmp_path: Path) -> None:
    """A look knows the number of the price store it was of; the new database begins at one."""
    source = State.open(f"sqlite:///{tmp_path / 'old.db'}")
    with source.writing() as db:
        db.execute(
            sa.insert(metadata.tables["scope"]).values(
                key="h100", question="{}", kind="price", version=40
            )
        )
    export_state(source, tmp_path / "state.jsonl")
    target = State.open(f"sqlite:///{tmp_path / 'new.db'}")
    import_state(target, tmp_path / "state.jsonl")
    with target.reading() as db:
        assert db.scalars(sa.text("SELECT version FROM scope")).all() == [0]
    for state in (source, target):
        state.close()


def test_only_an_empty_state_takes_an_import(state_url: str, tmp_path: Path) -> None:
    """What stands there is never written over; a running service's own rows are no hindrance."""
    path = tmp_path / "state.jsonl"
    source = filled(f"sqlite:///{tmp_path / 'source.db'}")
    export_state(source, path)
    source.close()
    target = opened(state_url)
    target.jobs.claim("refresh", "me", timedelta(seconds=60))
    import_state(target, path)
    with pytest.raises(StateFault, match="needs an empty one"):
        import_state(target, path)
    target.close()


def test_an_export_of_the_schema_before_is_read(tmp_path: Path) -> None:
    """Yesterday's backup stays good after an upgrade that changed no column."""
    path = tmp_path / "state.jsonl"
    source, target = (filled(f"sqlite:///{tmp_path / 'a.db'}"), opened(f"sqlite:///{tmp_path / 'b.db'}"))  # fmt: skip
    written = export_state(source, path)
    head, rows = path.read_text("utf-8").split("\n", 1)
    path.write_text(json.dumps(json.loads(head) | {"schema": "0002"}) + "\n" + rows, "utf-8")
    assert import_state(target, path) == written
    for state in (source, target):
        state.close()


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "no export"),
        (["{}"], "no export"),
        (['{"format": "quartermaster-state", "schema": "9999"}'], "schema 9999"),
        ([None, "nonsense"], "line 2"),
        ([None, json.dumps({"table": "place", "row": {"id": "x"}})], "line 2"),
        ([None, json.dumps({"table": "users", "row": {}})], "line 2"),
        (
            [
                None,
                json.dumps(
                    {"table": "preference", "row": {"subject": {"a": 1}, "name": "x", "value": "y"}}
                ),
            ],
            "line 2",
        ),
        (
            [
                None,
                json.dumps(
                    {"table": "preference", "row": {"subject": ["a"], "name": "x", "value": "y"}}
                ),
            ],
            "line 2",
        ),
        ([None, '{"table": "watch", "row": {"threshold": NaN}}'], "line 2"),
        ([None, '{"table": "watch", "row": {"threshold": -Infinity}}'], "line 2"),
        (
            [
                None,
                '{"table": "preference", "row": {"subject": "\\ud800", "name": "x", "value": "y"}}',
            ],
            "line 2",
        ),
        ([None, "[" * 100_000], "line 2"),
        ([None, '{"table": "preference", "row": ' + '{"a":' * 100_000], "line 2"),
        ([None, json.dumps({"table": ["preference"], "row": {}})], "line 2"),
        (
            [
                None,
                json.dumps(
                    {"table": "preference", "row": {"subject": 9**40, "name": "x", "value": "y"}}
                ),
            ],
            "line 2",
        ),
        ([None, "\x00\x01"], "line 2"),
    ],
)
def test_a_damaged_export_changes_nothing(
    tmp_path: Path, lines: list[str | None], says: str
) -> None:
    """The bad line is named."""
    good = tmp_path / "good.jsonl"
    state = opened(f"sqlite:///{tmp_path / 'state.db'}")
    before = everything(state)
    export_state(state, good)
    head = good.read_text("utf-8").splitlines()[0]
    path = tmp_path / "bad.jsonl"
    path.write_text("\n".join(head if line is None else line for line in lines), "utf-8")
    with pytest.raises(StateFault, match=says):
        import_state(state, path)
    assert everything(state) == before
    state.close()
