"""Requests for quotes, the table that sellers fill in, comparisons as files, negotiation sheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from cryptography.fernet import Fernet

from bot.cli.main import cli
from bot.commands import rfq
from bot.core.answer import Answer
from bot.core.desk import Asker, Desk
from bot.core.question import Question
from bot.core.wording import wording
from bot.quotes import interpret, negotiation, request, saved, sheet, side
from bot.quotes.reading import read_text
from bot.reply.reply import reply
from bot.standing import deals
from bot.state import Place, State, tables
from bot.state.seal import keyring
from bot.understanding.understand import understand
from knowledge.market import gpu_hour
from knowledge.prices.store import Store

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
FILLED: list[dict[str, Any]] = [
    {"GPUs per node": 8, "Price": 2.35, "Unit": "per GPU-hour", "Currency": "USD", "Setup fee": 5000, "Interconnect": "InfiniBand", "Region": "Finland", "Start date": "2027-02-01", "SLA (%)": 99.9, "Notice period (days)": 60, "Renewal": "none", "Price adjustment": "none", "Prepayment": "20%", "Storage included (TB)": 50, "Egress included (TB)": 20, "Support": "24x7 support", "Taxes": "excluded", "Valid until": "2026-12-20", "Quote number": "NB-1"},
    {"GPUs per node": 8, "Price": 18.4, "Unit": "per node-hour", "Currency": "EUR", "Interconnect": "RoCE", "Region": "Iceland", "SLA (%)": 99.5, "Notice period (days)": 30, "Renewal": "automatic", "Prepayment": "2 months", "Storage included (TB)": 10, "Taxes": "included", "Valid until": "2026-12-31", "Quote number": "CR-2"},
    {"GPUs per node": 8, "Price": 9800.5, "Unit": "per GPU and month", "Currency": "BRL", "Region": "Fortaleza"},
    {"GPUs per node": 8, "Price": 109791.36, "Unit": "per month for all GPUs", "Currency": "USD"},
    {"GPUs per node": 8, "Price": 650000, "Unit": "for the whole term", "Currency": "USD"},
]  # fmt: skip
TRUTH: list[dict[str, Any]] = [
    {"price": ("2.35", "USD", "gpu_hour"), "interconnect": "InfiniBand", "place": "Finland", "start": "2027-02-01", "sla_pct": 99.9, "notice_days": 60, "renewal": "none", "price_rise": {"kind": "fixed"}, "prepayment": {"pct": 20}, "included": {"storage_tb": 50, "egress_tb": 20, "support": "24x7 support"}, "tax": "excluded", "valid_until": "2026-12-20", "quote_number": "NB-1"},
    {"price": ("18.4", "EUR", "node_hour"), "interconnect": "RoCE", "place": "Iceland", "start": None, "sla_pct": 99.5, "notice_days": 30, "renewal": "auto", "price_rise": None, "prepayment": {"months": 2}, "included": {"storage_tb": 10}, "tax": "included", "valid_until": "2026-12-31", "quote_number": "CR-2"},
    {"price": ("9800.5", "BRL", "gpu_month"), "interconnect": "InfiniBand", "place": "Fortaleza"},
    {"price": ("109791.36", "USD", "month")},
    {"price": ("650000", "USD", "term")},
]  # fmt: skip


def test_a_filled_table_comes_back_without_loss() -> None:
    question = understand("rfq 64 H100 SXM infiniband 6 months europe")
    names = ["Nebius", "Crusoe", "Ascenty", "Lambda", "Vultr"]
    book = openpyxl.load_workbook(io.BytesIO(request.table(question, names, wording("en"))))
    page = book.active
    assert page is not None
    heads = [cell.value for cell in page[1]]
    assert heads == list(request.FILL_IN)
    for row, filled in zip(page.iter_rows(min_row=2), FILLED, strict=True):
        for name, value in filled.items():
            row[heads.index(name)].value = value
    out = io.BytesIO()
    book.save(out)
    read = interpret.file(out.getvalue(), "filled.xlsx")
    assert [quote["seller"] for quote in read["quotes"]] == names
    for quote, truth in zip(read["quotes"], TRUTH, strict=True):
        assert (quote["card"], quote["form_factor"], quote["count"], quote["gpus_per_machine"]) == ("H100", "SXM", 64, 8)  # fmt: skip
        assert quote["term"] == {"value": 6, "unit": "month"}
        price = quote["price"]
        assert (price["amount"], price["currency"], price["unit"]) == truth["price"], quote[
            "doubts"
        ]
        for name, wanted in truth.items():
            assert name == "price" or quote[name] == wanted, (quote["seller"], name)


def test_a_comparison_is_written_as_xlsx_and_csv(tmp_path: Path) -> None:
    text = "1) Nebius: 64x H100 SXM, 12 months, $2.20/GPU-h, 20% prepay\n2) Crusoe: 64x H100 SXM, 12 months, $2.42/GPU-h\n"
    (tmp_path / "quotes.txt").write_text(text)
    for ending in ("xlsx", "csv"):
        out = tmp_path / f"table.{ending}"
        done = CliRunner().invoke(
            cli, ["quote", str(tmp_path / "quotes.txt"), "--json", "--table", str(out)]
        )
        assert done.exit_code == 0, done.output
        if ending == "csv":
            rows = list(csv.DictReader(io.StringIO(out.read_bytes().decode("utf-8-sig"))))
        else:
            page = openpyxl.load_workbook(out).active
            assert page is not None
            heads, *cells = page.iter_rows(values_only=True)
            rows = [dict(zip(map(str, heads), map(str, row), strict=True)) for row in cells]
        assert [(row["seller"], float(row["price"]), row["unit"], float(row["all_in_usd_gpu_h"])) for row in rows] == [
            ("Nebius", 2.2, "gpu_hour", 2.2), ("Crusoe", 2.42, "gpu_hour", 2.42),
        ]  # fmt: skip


def test_no_cell_of_a_written_table_is_a_formula() -> None:
    reading = read_text("Nebius: 8x H100 SXM, 12 months, $2.20/GPU-h")
    reading["quotes"][0]["seller"] = "=cmd|' /C calc'!A0"
    assert b"\n'=cmd" in sheet.as_csv([reading])


ME = "slack:T1:U1"
Say = Callable[..., Answer]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State.open(
        f"sqlite:///{tmp_path / 'state.db'}",
        key=keyring([Fernet.generate_key().decode()]),
        clock=lambda: NOW,
    )
    yield opened
    opened.close()


@pytest.fixture
def say(store: Store, state: State) -> Say:
    def said(words: str, **asker: Any) -> Answer:
        who = {"platform": "slack", "workspace": "slack:T1", "place": f"direct:{ME}", "user": ME, **asker}  # fmt: skip
        return reply(words, Asker(**who), NOW, store, state=state)

    return said


PASTED = "quotes Nebius: 64x H100 SXM, 12 months, $2.20/GPU-h; Lambda: 64x H100 SXM, 12 months, $4.40/GPU-h, 20% prepay"


def test_pasted_quotes_are_kept_listed_compared_later_and_dropped(say: Say, state: State) -> None:
    first = say(PASTED)
    assert first.private
    assert [one.quote["seller"] for one in saved.standing(state, f"direct:{ME}")] == [
        "Nebius",
        "Lambda",
    ]
    say(PASTED)
    assert len(saved.standing(state, f"direct:{ME}")) == 2, "the same quotes again are no others"
    say("quotes Crusoe: 64x H100 SXM, 12 months, $2.05/GPU-h")
    all_of_them = say("quotes")
    assert all_of_them.table is not None
    assert [row.cells[0] for row in all_of_them.table.rows] == ["Crusoe", "Nebius", "Lambda"]
    two = say("quotes #1 #2")
    assert two.table is not None
    assert [row.cells[0] for row in two.table.rows] == ["Nebius", "Lambda"]
    assert say("quotes drop #1").headline == "1 quote is gone."
    assert [one.number for one in saved.standing(state, f"direct:{ME}")] == [2, 3]
    assert say("cotações apagar todas").headline == "2 cotações foram apagadas."
    assert saved.standing(state, f"direct:{ME}") == []


def test_kept_quotes_are_sealed_and_nobody_elses(say: Say, state: State) -> None:
    say(PASTED)
    assert saved.standing(state, "direct:slack:T1:U2") == []
    other = say("quotes", place="direct:slack:T1:U2", user="slack:T1:U2")
    assert other.table is None
    public = say("quotes #1", may_see_contracts=False)
    assert public.table is None
    with state.reading() as db:
        held = [row.value for row in db.execute(sa.select(tables.record)).all()]
    assert held
    assert not any("Nebius" in str(value) for value in held)


def test_quotes_go_with_their_place(say: Say, state: State) -> None:
    say(PASTED)
    state.places.forget(f"direct:{ME}")
    assert saved.standing(state, f"direct:{ME}") == []


def test_a_quote_is_shown_with_what_binds_the_buyer(say: Say) -> None:
    answer = say(PASTED)
    facts = {fact.label: fact.value for fact in answer.facts}
    assert "20% paid in advance" in facts["Lambda"]
    assert facts["Nebius"].startswith("ask for")


@pytest.mark.parametrize("price", ["1.10", "2.20", "3.60", "6.50", "11.00"])
def test_a_negotiation_aims_between_the_lowest_like_offer_and_the_quote(
    store: Store, price: str
) -> None:
    quote = read_text(f"Acme Cloud: 64x H100 SXM, 12 months, ${price} per GPU-hour")["quotes"][0]
    desk = Desk(store, NOW, wording("en"))
    found = negotiation.aims(quote, desk)
    assert found is not None
    like = side.like_offers(quote, desk)
    assert like is not None
    listed = [gpu_hour(row.offer) for row in like[0]]
    sheet_made = negotiation.answer(quote, desk)
    if found.target is None or found.walk_away is None:
        assert float(price) <= min(listed)
        assert sheet_made.table is None
        return
    target, stop = gpu_hour(found.target.offer), gpu_hour(found.walk_away.offer)
    assert min(listed) <= target <= stop < float(price)
    assert sheet_made.table is not None
    assert 1 <= len(sheet_made.table.rows) <= 3
    assert all(row.url for row in sheet_made.table.rows)
    assert wording("en").money(target) in sheet_made.headline
    assert wording("en").money(target) in sheet_made.lines[-1]


def test_a_sheet_is_asked_for_by_number(say: Say) -> None:
    answer = say(PASTED)
    button = next(one for one in answer.follow_ups if "Negotiate #2" in one.label)
    assert "Lambda" in say(button.question).headline


def test_a_request_for_eight_asks_sellers_of_whole_machines_first(store: Store) -> None:
    desk = Desk(store, NOW, wording("en"))
    asked = rfq.worth_asking(understand("rfq 8 H100 6 months"), desk)
    assert len(asked) == rfq.ASKED
    assert all(best.offer.count >= 8 for best in asked)
    single = rfq.worth_asking(Question("rfq", accelerators=("H100",)), desk)
    assert single


def test_the_cli_writes_a_request_and_its_table(tmp_path: Path) -> None:
    out = tmp_path / "ask.xlsx"
    done = CliRunner().invoke(
        cli, ["rfq", "64 H100 SXM infiniband 6 months europe", "--table", str(out)]
    )
    assert done.exit_code == 0, done.output
    page = openpyxl.load_workbook(out).active
    assert page is not None
    assert page.max_row > 2
    assert [cell.value for cell in page[1]] == list(request.FILL_IN)
    assert page["C2"].value == 64


@pytest.mark.parametrize(
    ("kept", "order"),
    [
        ("quotes", "contract quote #1 from 1 Feb 2027"),
        ("cotações", "contrato cotação #1 desde 1 fev 2027"),
        ("cotizaciones", "contrato oferta #1 desde el 1 feb 2027"),
    ],
)
def test_a_kept_quote_becomes_a_contract_with_its_dates(say: Say, state: State, kept: str, order: str) -> None:  # fmt: skip
    state.places.save(Place(id=f"direct:{ME}", platform="slack", workspace="slack:T1", tenant="T1", channel="U1", kind="direct", person=ME))  # fmt: skip
    say(f"{kept} Lambda: 64x H100 SXM, 12 months, $2.40/GPU-h, 20% prepay, 60 days notice")
    assert (
        say(
            order.split(" from ", maxsplit=1)[0]
            .split(" a partir", maxsplit=1)[0]
            .split(" desde", maxsplit=1)[0]
        ).tone
        == "caution"
    )
    say(order)
    (deal,) = deals.standing(state, f"direct:{ME}")
    assert (deal.seller, deal.card, deal.gpus, deal.usd_per_gpu_hour) == ("Lambda", "H100", 64, 2.4)
    assert dict(deal.dates()) == {
        "prepayment": date(2027, 2, 1),
        "notice": date(2027, 12, 2),
        "end": date(2028, 1, 31),
    }
    assert deal.prepaid == "20%"
    days = {moment.date() for moment in deals.reminders(deal, NOW)}
    assert {date(2027, 1, 25), date(2027, 2, 1), date(2027, 12, 2), date(2028, 1, 31)} <= days
