"""A sealed value opens in its own row alone; a clear one is refused once keys are set."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from conftest import NOW
from cryptography.fernet import Fernet
from standing_parts import place
from state_parts import KEY, opened

from bot.state import State, StateFault, tables
from bot.state.resealing import reseal

OFFERS = [{"price": "1.10"}]


def filled(url: str) -> State:
    state = opened(url)
    for name in ("1", "2"):
        state.places.save(place(f"C{name}", conversation={"ref": f"secret {name}"}))
        state.contracts.save(f"slack:T{name}", "deal", [{"price": f"1.{name}0"}])
        state.records.keep("deal", f"slack:T{name}:#1", {"user": name})
        state.people.remember_questions([(f"slack:T{name}:C1:1", f"words {name}", None)], NOW)
    return state


READS: dict[str, tuple[sa.Table, sa.Column, sa.Column, Callable[[State], object]]] = {
    "place": (tables.place, tables.place.c.conversation, tables.place.c.id, lambda state: state.places.get(place("C1").id)),
    "contract": (tables.contract, tables.contract.c.offers, tables.contract.c.owner, lambda state: state.contracts.get("slack:T1", "deal")),
    "record": (tables.record, tables.record.c.value, tables.record.c.key, lambda state: state.records.get("deal", "slack:T1:#1")),
    "asked": (tables.asked, tables.asked.c.text, tables.asked.c.thread, lambda state: state.people.last_question("slack:T1:C1:1", NOW)),
}  # fmt: skip


@pytest.mark.parametrize("name", READS)
def test_a_value_moved_to_another_row_is_refused(state_url: str, name: str) -> None:
    """Whoever may write the database gives nobody another's prices, conversations or tokens."""
    table, column, key, read = READS[name]
    state = filled(state_url)
    assert read(state) is not None
    with state.writing() as db:
        first, second = db.scalars(sa.select(key).order_by(key)).all()
        moved = db.scalar(sa.select(column).where(key == second))
        db.execute(sa.update(table).where(key == first).values({column.name: moved}))
    with pytest.raises(StateFault, match="another row"):
        read(state)
    state.close()


@pytest.mark.parametrize("planted", ["p:[]", "[]", 'p:[{"price": "0.01"}]'])
@pytest.mark.parametrize("name", READS)
def test_a_value_in_clear_is_refused_from_the_first_start_with_keys(
    state_url: str, planted: str, name: str
) -> None:
    table, column, _, read = READS[name]
    state = filled(state_url)
    with state.writing() as db:
        db.execute(sa.update(table).values({column.name: planted}))
    with pytest.raises(StateFault, match="in clear"):
        read(state)
    state.close()


def old(text: str) -> str:
    """As versions before this one sealed it."""
    return f"f:{Fernet(KEY).encrypt(text.encode()).decode()}"


def test_what_older_versions_sealed_is_bound_at_the_first_start(state_url: str) -> None:
    state = filled(state_url)
    with state.writing() as db:
        db.execute(sa.delete(tables.seen))
        db.execute(sa.update(tables.contract).values(offers=old('[{"price": "1.10"}]')))
        db.execute(sa.update(tables.asked).values(text="p:cheapest h100"))
    state.close()
    state = opened(state_url)
    with state.reading() as db:
        texts = [*db.scalars(sa.select(tables.contract.c.offers)), *db.scalars(sa.select(tables.asked.c.text))]  # fmt: skip
    assert {text[:2] for text in texts} == {"b:"}
    assert state.contracts.get("slack:T1", "deal") == OFFERS
    assert state.people.last_question("slack:T1:C1:1", NOW) == "cheapest h100"
    with state.writing() as db:
        db.execute(sa.update(tables.contract).values(offers=old("[]")))
    with pytest.raises(StateFault, match="sealed for no place"):
        state.contracts.get("slack:T1", "deal")
    assert reseal(state)["contract"] == 2, "what the operator says is theirs"
    assert state.contracts.get("slack:T1", "deal") == []
    state.close()


def test_what_an_import_brings_is_bound_where_it_was(state_url: str, tmp_path: object) -> None:
    from pathlib import Path

    from bot.state.moving import export_state, import_state

    source, path = filled(state_url), Path(str(tmp_path)) / "state.jsonl"
    export_state(source, path)
    target = opened(f"sqlite:///{tmp_path}/other.db")
    import_state(target, path)
    assert target.contracts.get("slack:T1", "deal") == OFFERS
    for one in (source, target):
        one.close()
