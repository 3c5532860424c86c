"""Rows of tables: prices with what they are for, fees, totals; heads say what a cell is."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bot.quotes import conditions, layout, money, numbers, spans, words
from bot.quotes.about import About, Context, Item, Section, about_of, across_about, label_term
from bot.quotes.charges import charge_unit
from bot.quotes.labels import labelled_value
from bot.quotes.layout import Line, Table
from bot.quotes.money import Money, Unit
from bot.quotes.quote import Charge
from bot.quotes.roles import EXTRAS, is_included

PRICES = ("price", "net_price", "list_price")
_DESCRIBES = frozenset("card machine form billing volume support storage".split())
_NO_PRICE = frozenset("tax penalty overage earlier prepay minimum rival wish fx".split())
"""Rows that hold figures of another kind."""


class _Row:
    """A row of a table, its cells by what their columns hold."""

    def __init__(self, table: Table, cells: Line, context: Context) -> None:
        self.table, self.cells, self.context = table, cells, context
        self.shown = "  ".join(cell for cell in cells if cell)
        self.described = self._description() or (cells[0] if cells else "")

    def _description(self) -> str:
        """The words that say what the row is for."""
        figure = re.compile(r"[\d.,$€£\s%#-]*")
        return "  ".join(
            cell
            for cell, kind in zip(self.cells, self.table.kinds, strict=False)
            if cell and (kind in _DESCRIBES or (kind is None and not figure.fullmatch(cell)))
        )

    def spots(self, *kinds: str) -> list[int]:
        """Columns of these kinds, in the table's order."""
        return [spot for spot, kind in enumerate(self.table.kinds) if kind in kinds]

    def cell(self, spot: int) -> str:
        return self.cells[spot].strip() if spot < len(self.cells) else ""

    def stated(self) -> list[tuple[str, str, str]]:
        """(kind, head, cell) of the filled cells whose column holds something known."""
        return [
            (kind, self.table.heads[spot], cell)
            for spot, kind in enumerate(self.table.kinds)
            if kind and (cell := self.cell(spot))
        ]

    def sum(self, spot: int) -> Money | None:
        return _cell_sum(self.cell(spot), self.table.heads[spot], self.context)

    def head_unit(self, spot: int) -> Unit:
        return money.units_in(self.table.heads[spot])


def read_table(section: Section, table: Table, context: Context, carried: About) -> None:
    """The prices, fees and totals of a table."""
    if table.across:
        _read_across(section, table, context, carried)
        return
    section.has_table = True
    caption = about_of(table.caption, None).over(carried) if table.caption else carried
    previous: About | None = None
    for cells in table.rows:
        row = _Row(table, cells, context)
        role = _row_role(row.described)
        if words.ROLES["ordered"].search(row.shown) or role in _NO_PRICE:
            continue
        if role == "total":
            _total_row(section, table, cells, context)
        elif role == "discount":
            _discount_row(section, row)
        elif role in EXTRAS:
            _charge_row(section, role, row)
        else:
            previous = _price_row(section, row, caption, previous) or previous


def _discount_row(section: Section, row: _Row) -> None:
    """A percentage off; a sum off is not spread, so that nothing is all in."""
    if section.discount is not None:
        return
    pct = re.search(r"(\d{1,2}(?:[.,]\d+)?)\s?%", row.shown)
    if pct:
        section.discount = (conditions.whole(float(pct[1].replace(",", "."))), row.shown)
    elif any(char.isdigit() for char in row.shown):
        section.charges.append(Charge("discount", None, "?", row.shown))


def _price_row(section: Section, row: _Row, caption: About, previous: About | None) -> About | None:
    """The prices of a row; what it says of the card is returned for a next row that says nothing."""
    about = _row_about(row)
    if about.card is None and previous is not None and not row.described.strip():
        about = about.over(previous)
    about = about.over(caption)
    values = _row_values(row.table, row.cells, row.context)
    items = _net_alone(_priced(row, about, values))
    totals = _totals(row, about, values)
    if not items and not row.spots(*PRICES):
        items = totals
    elif items:
        section.items += totals
    section.items += items
    _setup_column(row, items)
    return about if about.card is not None else None


def _priced(row: _Row, about: About, values: dict[str, tuple[Any, str]]) -> list[Item]:
    """The sums of the price columns; `net` and `list` say which kind of price a column holds."""
    table, items = row.table, []
    caption_unit = money.units_in(table.caption) if money.currency_in(table.caption, row.context.dollar) else Unit()  # fmt: skip
    for spot in row.spots(*PRICES):
        head, cell = table.heads[spot], row.cell(spot)
        other = words.ROLES["earlier"].search(head) or words.ROLES["overage"].search(head)
        one = None if other or _role_in_cell(cell) else row.sum(spot)
        if one is None:
            continue
        if one.currency is None:
            one = one._replace(currency=_currency_column(table, row.cells, row.context))
        unit = one.unit | row.head_unit(spot) | _unit_column(table, row.cells) | caption_unit
        if unit.thing is None and _of_nodes(about, row.described):
            unit = unit | Unit("node", size=about.counts.per)
        role = {"list_price": "list", "net_price": "net"}.get(str(table.kinds[spot]), "price")
        said = f"{head}: {cell} ({row.shown})"[:240]
        items.append(Item(one, about, role, said, unit, dict(values), row.cells))
    return items


def _net_alone(items: list[Item]) -> list[Item]:
    """The net price where one stands beside a list price; a discount is in it already."""
    roles = {item.role for item in items}
    if "net" in roles:
        items = [item for item in items if item.role == "net" or (item.role == "price" and item.unit != items[0].unit)]  # fmt: skip
    elif {"list", "price"} <= roles:
        items = [item for item in items if item.role == "price"]
    if "net" in roles or {"list", "price"} <= roles:
        for item in items:
            item.values.pop("discount_pct", None)
    for item in items:
        item.role = "price"
    return items


def _totals(row: _Row, about: About, values: dict[str, tuple[Any, str]]) -> list[Item]:
    """The sums of the total columns."""
    return [
        Item(one, about, "total", f"{row.table.heads[spot]}: {row.cell(spot)} ({row.shown})"[:240], one.unit | row.head_unit(spot), dict(values), row.cells)
        for spot in row.spots("total")
        if (one := row.sum(spot)) is not None
    ]  # fmt: skip


def _setup_column(row: _Row, items: list[Item]) -> None:
    """A column of set-up fees: each row's own."""
    for spot in row.spots("setup")[:1]:
        one = row.sum(spot)
        if one is None or not one.amount:
            continue
        said = f"{row.table.heads[spot]}: {row.cell(spot)}"
        for item in items:
            fee = Charge("setup", one.amount, "once", said, currency=one.currency)
            item.values["_setup"] = (fee, row.cell(spot))


def _role_in_cell(cell: str) -> str | None:
    return next(
        (
            name
            for name in ("ordered", "earlier", "rival", "wish")
            if words.ROLES[name].search(cell)
        ),
        None,
    )


def _of_nodes(about: About, described: str) -> bool:
    """Whether the row's piece is a machine of several GPUs, so that its price is a machine's."""
    if not about.counts.per or about.counts.per == 1 or not about.counts.nodes:
        return False
    if re.search(rf"\b{about.counts.per}\s?[x×]", described):
        return True
    return bool(about.card and about.card.gpus) or bool(
        re.search(rf"\b{words.NODE}", described, re.IGNORECASE)
    )


def _currency_column(table: Table, row: Line, context: Context) -> str | None:
    """The currency that a column of units or of currencies names in this row."""
    for spot, kind in enumerate(table.kinds):
        if kind in {"unit", "currency"} and spot < len(row):
            found = money.currency_in(row[spot], context.dollar)
            if found:
                return found
    return None


def _unit_column(table: Table, row: Line) -> Unit:
    spot = next((index for index, kind in enumerate(table.kinds) if kind == "unit"), None)
    return money.units_in(row[spot]) if spot is not None and spot < len(row) else Unit()


def _row_role(described: str) -> str:
    cards = spans.cards_in(described)
    at = cards[0].start if cards else 10**6
    found: list[tuple[int, str]] = []
    for name, pattern in words.ROLES.items():
        if name in {"list", "ordered", "wish", "rival", "fx"}:
            continue
        for match in pattern.finditer(described):
            if name == "earlier" and re.fullmatch(
                r"\s*(?:de|from)\s*", match.group(), re.IGNORECASE
            ):
                continue
            if is_included(described, match):
                continue
            if (
                name == "overage"
                and cards
                and match.start() > at
                and not re.search(
                    r"overage|excess|exced|exceso|burst", match.group(), re.IGNORECASE
                )
            ):
                continue
            found.append((match.start(), name))
            break
    if re.match(r"\W*(?:discount|desconto|descuento|rebate|dto)\b", described, re.IGNORECASE):
        return "discount"
    if not found:
        return "price"
    first, name = min(found)
    if cards and at < first and name not in {"overage", "earlier"}:
        return "price"
    return name


def _row_about(row: _Row) -> About:
    """What a row's description and its columns say that it is for."""
    told = _Told(about_of(row.described, None), row.described)
    for kind, head, cell in row.stated():
        take = _TAKES.get(kind)
        if take is not None:
            take(told, kind, head, cell)
    return told.whole(_unit_column(row.table, row.cells))


class _Told:
    """What the columns of a row have said so far."""

    def __init__(self, about: About, described: str) -> None:
        self.about, self.described = about, described
        self.counts, self.per = about.counts, about.counts.per

    def bound(self, kind: str, head: str, cell: str) -> None:
        raw = f"{self.counts.raw} {head}: {cell}".strip()
        least = numbers.small(re.split(r"\s", cell)[0])
        self.counts = self.counts._replace(count=None, raw=raw, **{kind: least})

    def size(self, _kind: str, _head: str, cell: str) -> None:
        self.per = numbers.small(re.split(r"\s|x|×", cell)[0]) or self.per

    def machines(self, _kind: str, head: str, cell: str) -> None:
        n = numbers.small(re.split(r"\s", re.sub(r"\.0$", "", cell))[0])
        if n:
            self.counts = self.counts._replace(nodes=n, count=None, raw=f"{head}: {cell}")

    def count(self, kind: str, head: str, cell: str) -> None:
        """A quantity or a band of volume."""
        said, more = f"{head}: {cell}", spans.counts_in(cell)
        bounds, above = _BETWEEN.fullmatch(cell), _ABOVE.fullmatch(cell)
        banded = kind == "volume" and re.search(r"\D", re.sub(r"GPUs?|\s", "", cell))
        if bounds:
            self.counts = spans.Counts(None, self.per, None, int(bounds[1]), int(bounds[2]), said)
        elif more.low is not None or more.high is not None:
            self.counts = more._replace(per=self.per)
        elif above and (banded or _OPEN.search(cell)):
            self.counts = spans.Counts(None, self.per, None, int(above[1]), None, said)
        elif more.nodes and (more.per or self.per):
            per = more.per or self.per
            self.counts = more._replace(per=per, count=more.nodes * (per or 1))
        elif more.count:
            self.counts = more._replace(per=self.per)
        else:
            self._number(kind, head, cell)

    def _number(self, kind: str, head: str, cell: str) -> None:
        """A bare quantity: of machines where the row is about one, else of GPUs."""
        n = numbers.small(re.split(r"\s", re.sub(r"\.0+$", "", cell))[0])
        if not n:
            return
        card = self.about.card
        machines = bool(self.per and self.per > 1 and _MACHINES.search(self.described)) or (
            card is not None and (card.gpus or 1) > 1
        )
        said, set_of = f"{head}: {cell}", self.counts.count
        if kind == "count" and set_of in {2, 4, 8, 16, 72} and n != set_of and not self.per:
            self.per, machines = set_of, True  # "8x H100", quantity 2: two sets of eight
        if kind == "count" and machines and not re.search(r"gpu|placa|tarjeta|card", head, re.IGNORECASE):  # fmt: skip
            self.counts = self.counts._replace(nodes=n, count=n * (self.per or 1), raw=said)
        else:
            self.counts = self.counts._replace(count=n, raw=said)

    def term(self, _kind: str, head: str, cell: str) -> None:
        about = self.about
        term = label_term(layout.Labelled("term", head, cell, f"{head}: {cell}"))
        about.term = term or about.term
        about.rolling = about.rolling or bool(spans.MONTH_TO_MONTH.search(cell))
        about.billing = about.billing or _billing(cell)

    def place(self, _kind: str, _head: str, cell: str) -> None:
        self.about.place = cell

    def billing(self, _kind: str, _head: str, cell: str) -> None:
        self.about.billing = _billing(cell) or self.about.billing
        self.about.term = self.about.term or next(iter(spans.terms_in("term " + cell)), None)

    def whole(self, unit: Unit) -> About:
        """The row's About; `unit` is what its column of units says."""
        counts, per, stated = self.counts, self.per, self.about.counts.count
        if unit.thing == "node" and counts.nodes is None and counts.count and stated in {2, 4, 8, 16, 72}:  # fmt: skip
            per = per or stated  # the quantity is of machines, the description says how large
            counts = counts._replace(nodes=counts.count, count=counts.count * per)
        if counts.nodes and per and counts.count is None:
            counts = counts._replace(count=counts.nodes * per)
        self.about.counts = counts._replace(per=per)
        return self.about


_TAKES: dict[str, Callable[[_Told, str, str, str], None]] = {
    "low": _Told.bound, "high": _Told.bound, "gpus_per": _Told.size, "nodes": _Told.machines, "count": _Told.count,
    "volume": _Told.count, "term": _Told.term, "place": _Told.place, "billing": _Told.billing,
}  # fmt: skip
_BETWEEN = re.compile(r"(\d{1,5})\s*(?:-|–|to|a|até|hasta)\s*(\d{1,5})(?:\s*GPUs?)?", re.IGNORECASE)
_ABOVE = re.compile(
    r"(?:>=?|≥|from|above|desde|acima de|a partir de)?\s*(\d{1,5})\s*(?:\+|or more|and above|ou mais|o más|and up|e acima)?(?:\s*GPUs?)?",
    re.IGNORECASE,
)
_OPEN = re.compile(r"\+|>|≥|more|above|mais|más|acima|from|desde", re.IGNORECASE)
_MACHINES = re.compile(
    r"\bnode|\bserver|\bnó\b|\bnodo|servidor|\bHGX|\bDGX|instance|machine|máquina|\d\s?[x×]\s|\dx",
    re.IGNORECASE,
)


def _billing(cell: str) -> tuple[str, str] | None:
    return next(((name, cell) for name, pattern in words.BILLING.items() if pattern.search(cell)), None)  # fmt: skip


def _row_values(table: Table, row: Line, context: Context) -> dict[str, tuple[Any, str]]:
    """Fields that have a column of their own."""
    out: dict[str, tuple[Any, str]] = {}
    for spot, kind in enumerate(table.kinds):
        cell = row[spot].strip() if spot < len(row) else ""
        if not kind or not cell or cell in {"-", "–", "—", "n/a", "N/A", "?", "tbd", "TBD"}:
            continue
        for name, value in labelled_value(kind, table.heads[spot], cell, context).items():
            whole = {**out[name][0], **value} if name == "included" and name in out else value
            out[name] = (whole, f"{table.heads[spot]}: {cell}")
    said = ". ".join(
        cell
        for spot, cell in enumerate(row)
        if len(cell) > 8 and (spot >= len(table.kinds) or table.kinds[spot] is None)
    )
    for name, found in (
        conditions.all_in(said, context.sent, context.day_first).items() if said else ()
    ):
        out.setdefault(name, (found.value, found.words))
    return out


def _cell_sum(cell: str, head: str, context: Context) -> Money | None:
    """The sum of a cell; a bare number is one where the head says what it is."""
    text = cell.strip()
    if not re.search(r"\d", text):
        return None
    hint = money.units_in(head)
    found = money.sums_in(text, context.style, context.dollar, hint)
    currency = money.currency_in(head, context.dollar) or context.currency
    if found:
        if len(found) > 1 and not found[0].marked:
            return None
        one = found[0]
        return one if one.currency else one._replace(currency=currency)
    match = re.fullmatch(
        rf"(?P<from>from |a partir de |desde |~)?(?P<n>-?(?:{numbers.PLAIN}))(?:\s*(?:-|–|to|a)\s*(?P<hi>{numbers.PLAIN}))?\*?",
        text,
        re.IGNORECASE,
    )
    if not match:
        return None
    amount = money.amount_of(match["n"], context.style, hint)
    high = money.amount_of(match["hi"], context.style, hint) if match["hi"] else None
    return Money(
        amount,
        high,
        currency,
        Unit(),
        bool(match["from"] and match["from"].strip() != "~"),
        text,
        0,
        len(text),
        len(text),
        False,
    )


def _charge_row(section: Section, role: str, row: _Row) -> None:
    """A fee beside the card, from the first column that holds its sum."""
    if _no_fee(row):
        return
    for spot in (*row.spots(*PRICES), *row.spots("total")):
        one = row.sum(spot)
        if one is None:
            continue
        if one.amount is None:
            section.charges.append(Charge(role, None, "?", row.shown))
            return
        metered = _per_unit(one, row, spot) and _quantity(row) == 1 and row.table.kinds[spot] != "total"  # fmt: skip
        if metered and row.spots("total"):
            continue
        if one.amount and not metered:
            section.charges.append(_fee(role, one, row, spot))
        return
    pct = re.search(r"(\d{1,2}(?:[.,]\d+)?)\s?%", row.shown)
    if pct and role == "support":
        share = Decimal(pct[1].replace(",", "."))
        section.charges.append(Charge("support", None, "pct", row.shown[:160], pct=share))
    elif re.search(r"(?<![\w.,])\d{1,3}(?:[.,]\d{3})+|\d{3,}|[$€£]\s?\d", row.shown):
        section.charges.append(Charge(role, None, "?", row.shown[:160]))  # a fee, its sum unread


def _no_fee(row: _Row) -> bool:
    """Whether it is optional, or included without a sum of its own."""
    sums = "".join(row.cell(spot) for spot in row.spots("price", "net_price", "total"))
    included = words.INCLUDED.search(row.shown) and not re.search(r"[1-9]\d*[.,]?\d*", sums)
    return conditions.optional(row.shown) or bool(included)


def _quantity(row: _Row) -> Decimal:
    for spot in reversed(row.spots("count", "nodes")):
        n = re.match(r"\s*(\d[\d.,]*)", row.cell(spot))
        value = numbers.decimal(n[1], "point") if n else None
        if value and value > 0:
            return value
    return Decimal(1)


def _per_unit(one: Money, row: _Row, spot: int) -> bool:
    """Whether a sum is per gigabyte, address or the like."""
    unit = one.unit | _unit_column(row.table, row.cells) | _row_unit(row.described)
    said = row.described + row.table.heads[spot]
    return unit.thing == "other" or bool(re.search(r"per (?:GB|TB)|/\s?(?:GB|TB)|por (?:GB|TB)", said, re.IGNORECASE))  # fmt: skip


def _fee(role: str, one: Money, row: _Row, spot: int) -> Charge:
    """What a fee comes to and how often: by its own words, its head, else by the total beside it."""
    assert one.amount is not None  # noqa: S101  looked at by who calls
    is_total, head, quantity = row.table.kinds[spot] == "total", row.head_unit(spot), _quantity(row)
    unit = one.unit | _unit_column(row.table, row.cells) | _row_unit(row.described)
    if unit.time is None and unit.thing != "other" and role != "setup":
        unit = unit | Unit(time=head.time)
    if _per_unit(one, row, spot):
        unit = Unit(time=unit.time or "month")
    name = charge_unit(Unit(unit.thing if unit.thing in {"gpu", "node"} else None, unit.time), role)
    single = is_total or name.startswith(("gpu_", "node_"))
    amount = one.amount if single else one.amount * quantity
    if is_total and name == "?" and head.time in {"month", "term"}:
        name = head.time
    if name in {"gpu", "node"}:
        name = "once"
    if name == "?" and not is_total:
        name = _by_total(row, amount)
    return Charge(role, amount, name, row.shown[:160], currency=one.currency)


def _row_unit(described: str) -> Unit:
    unit = money.units_in(described)
    return Unit(
        unit.thing if unit.thing == "other" and re.search(r"per\s|/", described) else None,
        unit.time
        if re.search(
            r"per |/|monthly|mensal|mensual|por |one|\bal\b|\bao\b|hourly|annual|month",
            described,
            re.IGNORECASE,
        )
        else None,
    )


def _by_total(row: _Row, amount: Decimal) -> str:
    """Whether a fee without a unit comes once or every month, by the total that stands beside it."""
    for spot in row.spots("total"):
        one = row.sum(spot)
        if one is None or not one.amount:
            continue
        if one.amount == amount:
            return "month" if row.head_unit(spot).time == "month" else "once"
        ratio = one.amount / amount
        if ratio == ratio.to_integral_value() and 2 <= ratio <= 60:
            return "month"
    return "?"


def _total_row(section: Section, table: Table, row: Line, context: Context) -> None:
    for spot in range(len(row) - 1, 0, -1):
        kind = table.kinds[spot] if spot < len(table.kinds) else None
        one = (
            _cell_sum(row[spot], table.heads[spot] if spot < len(table.heads) else "", context)
            if kind in {"total", "price", "net_price", None}
            else None
        )
        if one is not None:
            unit = (
                one.unit
                | money.units_in(row[0])
                | money.units_in(table.heads[spot] if spot < len(table.heads) else "")
            )
            section.items.append(Item(one, About(), "grand_total", "  ".join(row), unit))
            return


def _read_across(section: Section, table: Table, context: Context, carried: About) -> None:
    section.has_table = True
    caption = about_of(table.caption, None).over(carried) if table.caption else carried
    stated = (
        money.units_in(table.caption)
        if money.currency_in(table.caption, context.dollar)
        or re.search(r"price|rate|preço|precio|tarifa", table.caption, re.IGNORECASE)
        else Unit()
    )
    corner = money.units_in(table.heads[0]) if table.heads else Unit()
    currency = money.currency_in(table.heads[0], context.dollar) or money.currency_in(
        table.caption, context.dollar
    )
    for row in table.rows:
        lead = [
            row[spot]
            for spot in range(len(row))
            if spot == 0 or (spot < len(table.kinds) and table.kinds[spot] is None)
        ]
        own = "  ".join(cell for cell in lead if cell and not re.fullmatch(r"[\d.,$€£ ]+", cell))
        if _row_role(own) != "price" or words.ROLES["ordered"].search("  ".join(row)):
            continue
        mine = across_about(own)
        if (
            re.fullmatch(r"\s*\d{1,4}\s*", row[0])
            and table.heads[0]
            and layout.kind_of(table.heads[0]) == "count"
        ):
            mine.counts = spans.Counts(count=int(row[0]), raw=f"{table.heads[0]}: {row[0]}")
        for spot in range(1, min(len(row), len(table.heads))):
            if table.kinds[spot] is None:
                continue
            one = _cell_sum(row[spot], table.heads[spot], context)
            if one is None or _role_in_cell(row[spot]):
                continue
            head = across_about(table.heads[spot])
            if one.currency is None and currency:
                one = one._replace(currency=currency)
            about = head.over(mine).over(caption)
            unit = (
                one.unit
                | money.units_in(
                    re.sub(
                        r"\d+\s*-?\s*(?:months?|mes\w*|mo|years?|an[o|s]+|año\w*)",
                        "",
                        table.heads[spot],
                    )
                )
                | corner
                | stated
            )
            section.items.append(
                Item(one, about, "price", f"{own} / {table.heads[spot]}: {row[spot]}"[:240], unit)
            )
