"""Negotiated prices, from the file to the answer: for their workspace alone, with their end."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import NOW, ROOT
from offers import offer

from bot.cli.main import cli
from bot.core.answer import Answer
from bot.core.paths import default_data_dir
from bot.state import State
from knowledge.prices.offer import OfferFilter
from knowledge.prices.store import Store
from knowledge.refresh.importing import import_csv

QUOTES = ROOT / "tests" / "quotes.csv"
WORDS = "cheapest 8x h100 reserved"
OURS = {"workspace": "acme"}


@pytest.fixture
def quoted(store: Store) -> Store:
    import_csv(QUOTES, store, source="quotes", owner="acme", now=NOW)
    return store


@pytest.mark.usefixtures("quoted")
def test_a_contract_ranks_beside_list_prices_for_its_owner(ask: Callable[..., Answer]) -> None:
    """Marked in the sentence and in the table, with its end and its note; the answer is private."""
    answer = ask(WORDS, **OURS)
    assert "$2.35 per GPU-hour at Lambda on your contract" in answer.headline
    assert answer.table
    assert "Lambda (your contract)" in answer.table.rows[0].cells
    assert len(answer.table.rows) > 1
    (fact,) = [fact for fact in answer.facts if fact.label == "Your contract with Lambda"]
    assert fact.value == "good until 31 Dec 2026; one year; paid monthly"
    assert answer.private


@pytest.mark.usefixtures("quoted")
@pytest.mark.parametrize(
    "words",
    ["price h100 lambda reserved", "compare h100 lambda vs aws reserved", "provider lambda",
     "estimate 8xH100 for 720h reserved", "budget 20000 dollars h100 reserved", "cheapest h100",
     "preço h100 lambda reservado"],
)  # fmt: skip
@pytest.mark.parametrize(
    "asker", [{}, {"workspace": "rival"}, {**OURS, "may_see_contracts": False}], ids=str
)
def test_nobody_else_sees_it(ask: Callable[..., Answer], words: str, asker: dict[str, Any]) -> None:
    """Not another workspace, not a guest, not whoever states no workspace."""
    assert ask(words, **OURS).headline
    assert "quotes.example" not in repr(ask(words, **asker))
    assert not any("contract with" in fact.label for fact in ask(words, **asker).facts)


@pytest.mark.parametrize("usd", [1.0, 24.0, 8234.0])
@pytest.mark.parametrize(
    "words",
    ["price h100 lambda", "cheapest h100", "cheapest h100 reserved", "compare h100 vs h200",
     "availability h100", "is $2.50 good for an h100?", "budget 20000 dollars h100", "cheapest a100"],
)  # fmt: skip
def test_what_a_contract_changed_is_private(
    store: Store, ask: Callable[..., Answer], words: str, usd: float
) -> None:
    """Also where it is only counted, or moves a median: who may not see it is told other things."""
    own = offer(price_usd_per_hour=usd, instance_type="own", owner="acme", source="quotes")
    store.replace("quotes", [own], NOW, owner="acme")
    seen, public = ask(words, **OURS), ask(words, **OURS, may_see_contracts=False)
    assert not public.private
    assert seen.private or seen == public
    assert seen.private or words == "cheapest a100"


def test_a_contract_that_ran_out_does_not_lead(
    store: Store, ask: Callable[..., Answer], tmp_path: Path
) -> None:
    """It is shown, marked, with the day it ended."""
    late = tmp_path / "late.csv"
    late.write_text(QUOTES.read_text("utf-8").replace("2026-12-31", "2026-11-21"), "utf-8")
    import_csv(late, store, source="quotes", owner="acme", now=NOW)
    answer = ask("price h100 lambda reserved", **OURS)
    assert any("ran out on 21 Nov 2026" in fact.value for fact in answer.facts)
    assert answer.table
    assert answer.table.rows[0].stale


def test_an_import_is_kept_for_every_replica_and_in_no_export(tmp_path: Path) -> None:
    """The state database holds it; the list that leaves the house does not."""
    run = CliRunner()
    running = tmp_path / "quotes.csv"  # the command asks what day it is today
    ends = f"{datetime.now(UTC).year + 1}-12-31"
    running.write_text(QUOTES.read_text("utf-8").replace("2026-12-31", ends), "utf-8")
    words = ["import", str(running), "--source", "quotes", "--owner", "acme"]
    done = run.invoke(cli, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "Kept in clear: set QUARTERMASTER_ENCRYPTION_KEYS" in done.stderr
    state = State.open(f"sqlite:///{default_data_dir() / 'state.db'}")
    try:
        assert list(state.contracts.versions()) == [("acme", "quotes")]
        (row,) = state.contracts.get("acme", "quotes")
        assert (row["provider"], row["price_usd_per_hour"]) == ("lambda", 18.8)
    finally:
        state.close()
    assert "quotes.example" not in run.invoke(cli, ["export"], catch_exceptions=False).stdout
    asked = run.invoke(
        cli, ["ask", "--json", "--owner", "acme", *WORDS.split()], catch_exceptions=False
    )
    assert json.loads(asked.stdout)["offers"][0]["source"] == "quotes"
    assert "quotes.example" not in run.invoke(cli, ["ask", *WORDS.split()]).stdout
    again = run.invoke(cli, words, catch_exceptions=False)
    assert "0 new, 0 changed, 0 gone" in again.output
    for file in default_data_dir().glob("prices.db*"):
        assert b"quotes.example" not in file.read_bytes()


def test_an_end_before_today_is_known_at_once() -> None:
    """`valid_until` is the last day it holds, to the end of that day."""
    store = Store.open(default_data_dir() / "prices.db", datetime.now(UTC))
    try:
        import_csv(QUOTES, store, source="quotes", owner="acme", now=NOW)
        (offer,) = store.contracts.offers(OfferFilter(owner="acme"))
        assert offer.fresh_until == datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    finally:
        store.close()
