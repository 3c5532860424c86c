"""Rows of tables: prices with what they are for, fees, totals; heads say what a cell is."""

from __future__ import annotations

import re
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


def read_table(section: Section, table: Table, context: Context, carried: About) -> None:
    if table.across:
        _read_across(section, table, context, carried)
        return
    section.has_table = True
    caption = about_of(table.caption, None).over(carried) if table.caption else carried
    prices = [
        spot
        for spot, kind in enumerate(table.kinds)
        if kind in {"price", "net_price", "list_price"}
    ]
    totals = [spot for spot, kind in enumerate(table.kinds) if kind == "total"]
    previous: About | None = None
    for row in table.rows:
        described = "  ".join(
            cell for spot, cell in enumerate(row) if cell and spot < len(table.kinds) and table.kinds[spot] in {None, "card", "machine", "form", "billing", "volume", "support", "storage"} and (table.kinds[spot] is not None or not re.fullmatch(r"[\d.,$€£\s%#-]*", cell))
        ) or (row[0] if row else "")  # fmt: skip
        role = _row_role(described)
        shown = "  ".join(cell for cell in row if cell)
        if words.ROLES["ordered"].search(shown):
            continue
        about = _row_about(table, row, described)
        if (
            role == "price"
            and about.card is None
            and previous is not None
            and not described.strip()
        ):
            about = about.over(previous)
        if role in {
            "total",
            "tax",
            "penalty",
            "overage",
            "earlier",
            "prepay",
            "minimum",
            "rival",
            "wish",
            "fx",
        }:
            if role == "total":
                _total_row(section, table, row, context)
            continue
        if role == "discount":
            pct = re.search(r"(\d{1,2}(?:[.,]\d+)?)\s?%", shown)
            if pct and section.discount is None:
                section.discount = (conditions.whole(float(pct[1].replace(",", "."))), shown)
            elif section.discount is None and any(char.isdigit() for char in shown):
                section.charges.append(Charge("discount", None, "?", shown))
            continue
        if role in EXTRAS:
            _charge_row(section, role, table, row, described, context)
            continue
        about = about.over(caption)
        values = _row_values(table, row, context)
        items: list[Item] = []
        for spot in prices:
            cell = row[spot] if spot < len(row) else ""
            one = _cell_sum(cell, table.heads[spot], context)
            if one is None:
                continue
            if one.currency is None:
                one = one._replace(currency=_currency_column(table, row, context))
            unit = (
                one.unit
                | money.units_in(table.heads[spot])
                | _unit_column(table, row)
                | (
                    money.units_in(table.caption)
                    if money.currency_in(table.caption, context.dollar)
                    else Unit()
                )
            )
            if unit.thing is None and _of_nodes(about, described):
                unit = unit | Unit("node", size=about.counts.per)
            kind = table.kinds[spot]
            what = "list" if kind == "list_price" else "net" if kind == "net_price" else "price"
            if words.ROLES["earlier"].search(table.heads[spot]) or words.ROLES["overage"].search(
                table.heads[spot]
            ):
                continue
            more = _role_in_cell(cell)
            if more:
                continue
            items.append(
                Item(
                    one,
                    about,
                    what,
                    f"{table.heads[spot]}: {cell} ({shown})"[:240],
                    unit,
                    dict(values),
                    row,
                )
            )
        if any(item.role == "net" for item in items):
            items = [
                item
                for item in items
                if item.role == "net" or (item.role == "price" and item.unit != items[0].unit)
            ]
            values.pop("discount_pct", None)
            for item in items:
                item.values.pop("discount_pct", None)
        elif any(item.role == "list" for item in items):
            plain = [item for item in items if item.role == "price"]
            if plain:
                items = plain
                if not any(kind == "discount" for kind in table.kinds):
                    pass
                for item in items:
                    item.values.pop("discount_pct", None)
        for item in items:
            item.role = "price"
        if not items and not prices:
            for spot in totals:
                one = _cell_sum(row[spot] if spot < len(row) else "", table.heads[spot], context)
                if one is not None:
                    items.append(
                        Item(
                            one,
                            about,
                            "total",
                            f"{table.heads[spot]}: {row[spot]} ({shown})"[:240],
                            one.unit | money.units_in(table.heads[spot]),
                            dict(values),
                            row,
                        )
                    )
        else:
            for spot in totals:
                one = _cell_sum(row[spot] if spot < len(row) else "", table.heads[spot], context)
                if one is not None and items:
                    section.items.append(
                        Item(
                            one,
                            about,
                            "total",
                            shown[:240],
                            one.unit | money.units_in(table.heads[spot]),
                            dict(values),
                        )
                    )
        section.items += items
        if about.card is not None:
            previous = about
        setup = next((spot for spot, kind in enumerate(table.kinds) if kind == "setup"), None)
        if setup is not None and setup < len(row):
            one = _cell_sum(row[setup], table.heads[setup], context)
            if one is not None and one.amount:
                for item in items:
                    item.values["_setup"] = (
                        Charge(
                            "setup",
                            one.amount,
                            "once",
                            f"{table.heads[setup]}: {row[setup]}",
                            currency=one.currency,
                        ),
                        row[setup],
                    )


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


def _row_about(table: Table, row: Line, described: str) -> About:
    about = about_of(described, None)
    counts = about.counts
    per = counts.per
    for spot, kind in enumerate(table.kinds):
        cell = row[spot].strip() if spot < len(row) else ""
        if not cell:
            continue
        head = table.heads[spot]
        if kind in {"low", "high"}:
            bound = numbers.small(re.split(r"\s", cell)[0])
            counts = counts._replace(
                count=None, raw=f"{counts.raw} {head}: {cell}".strip(), **{kind: bound}
            )
        elif kind == "gpus_per":
            per = numbers.small(re.split(r"\s|x|×", cell)[0]) or per
        elif kind == "nodes":
            n = numbers.small(re.split(r"\s", re.sub(r"\.0$", "", cell))[0])
            counts = counts._replace(nodes=n, count=None, raw=f"{head}: {cell}") if n else counts
        elif kind in {"count", "volume"}:
            more = spans.counts_in(cell)
            n = numbers.small(re.split(r"\s", re.sub(r"\.0+$", "", cell))[0])
            bounds = re.fullmatch(
                r"(\d{1,5})\s*(?:-|–|to|a|até|hasta)\s*(\d{1,5})(?:\s*GPUs?)?", cell, re.IGNORECASE
            )
            above = re.fullmatch(
                r"(?:>=?|≥|from|above|desde|acima de|a partir de)?\s*(\d{1,5})\s*(?:\+|or more|and above|ou mais|o más|and up|e acima)?(?:\s*GPUs?)?",
                cell,
                re.IGNORECASE,
            )
            if bounds:
                counts = spans.Counts(
                    None, per, None, int(bounds[1]), int(bounds[2]), f"{head}: {cell}"
                )
            elif kind == "volume" and above and re.search(r"\D", re.sub(r"GPUs?|\s", "", cell)):
                counts = spans.Counts(None, per, None, int(above[1]), None, f"{head}: {cell}")
            elif more.low is not None or more.high is not None:
                counts = more._replace(per=per)
            elif above and re.search(
                r"\+|>|≥|more|above|mais|más|acima|from|desde", cell, re.IGNORECASE
            ):
                counts = spans.Counts(None, per, None, int(above[1]), None, f"{head}: {cell}")
            elif more.nodes and (more.per or per):
                counts = more._replace(
                    per=more.per or per, count=more.nodes * (more.per or per or 1)
                )
            elif more.count:
                counts = more._replace(per=per)
            elif n:
                of_nodes = (
                    per
                    and per > 1
                    and re.search(
                        r"\bnode|\bserver|\bnó\b|\bnodo|servidor|\bHGX|\bDGX|instance|machine|máquina|\d\s?[x×]\s|\dx",
                        described,
                        re.IGNORECASE,
                    )
                )
                machines = bool(of_nodes) or (about.card is not None and (about.card.gpus or 1) > 1)
                if (
                    kind == "count"
                    and machines
                    and not re.search(r"gpu|placa|tarjeta|card", head, re.IGNORECASE)
                ):
                    counts = counts._replace(nodes=n, count=n * (per or 1), raw=f"{head}: {cell}")
                else:
                    counts = counts._replace(count=n, raw=f"{head}: {cell}")
        elif kind == "term":
            term = label_term(layout.Labelled("term", head, cell, f"{head}: {cell}"))
            about.term = term or about.term
            if spans.MONTH_TO_MONTH.search(cell):
                about.rolling = True
            if about.billing is None:
                about.billing = next(
                    (
                        (name, cell)
                        for name, pattern in words.BILLING.items()
                        if pattern.search(cell)
                    ),
                    None,
                )
        elif kind == "place":
            about.place = cell
        elif kind == "billing":
            about.billing = next(
                ((name, cell) for name, pattern in words.BILLING.items() if pattern.search(cell)),
                about.billing,
            )
            if about.term is None:
                about.term = next(iter(spans.terms_in("term " + cell)), None)
    stated = about.counts.count
    if (
        _unit_column(table, row).thing == "node"
        and counts.nodes is None
        and counts.count
        and stated in {2, 4, 8, 16, 72}
    ):
        per = per or stated  # the quantity is of machines, the description says how large
        counts = counts._replace(nodes=counts.count, count=counts.count * per)
    if counts.nodes and per and counts.count is None:
        counts = counts._replace(count=counts.nodes * per)
    about.counts = counts._replace(per=per)
    return about


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


def _charge_row(
    section: Section, role: str, table: Table, row: Line, described: str, context: Context
) -> None:
    shown = "  ".join(cell for cell in row if cell)
    if conditions.optional(shown) or (
        words.INCLUDED.search(shown)
        and not re.search(
            r"[1-9]\d*[.,]?\d*",
            "".join(
                row[spot]
                for spot, kind in enumerate(table.kinds)
                if kind in {"price", "net_price", "total"} and spot < len(row)
            ),
        )
    ):
        return
    prices = [
        spot
        for spot, kind in enumerate(table.kinds)
        if kind in {"net_price", "price", "list_price"}
    ]
    totals = [spot for spot, kind in enumerate(table.kinds) if kind == "total"]
    quantity = Decimal(1)
    for spot, kind in enumerate(table.kinds):
        if kind in {"count", "nodes"} and spot < len(row):
            n = re.match(r"\s*(\d[\d.,]*)", row[spot])
            value = numbers.decimal(n[1], "point") if n else None
            quantity = value if value and value > 0 else quantity
    pct = re.search(r"(\d{1,2}(?:[.,]\d+)?)\s?%", shown)
    for spot in (*prices, *totals):
        one = _cell_sum(row[spot] if spot < len(row) else "", table.heads[spot], context)
        if one is None:
            continue
        if one.amount is None:
            section.charges.append(Charge(role, None, "?", shown))
            return
        if one.amount == 0:
            return
        unit = one.unit | _unit_column(table, row) | _row_unit(described)
        head = money.units_in(table.heads[spot])
        if unit.time is None and unit.thing != "other" and role != "setup":
            unit = unit | Unit(time=head.time)
        is_total = spot in totals
        if unit.thing == "other" or re.search(
            r"per (?:GB|TB)|/\s?(?:GB|TB)|por (?:GB|TB)",
            described + table.heads[spot],
            re.IGNORECASE,
        ):
            if quantity == 1 and not is_total:
                if totals:
                    continue
                return
            unit = Unit(time=unit.time or "month")
        name = charge_unit(
            Unit(unit.thing if unit.thing in {"gpu", "node"} else None, unit.time), role
        )
        amount = (
            one.amount if is_total or name.startswith(("gpu", "node")) else one.amount * quantity
        )
        if is_total and name == "?":
            name = "month" if head.time == "month" else "term" if head.time == "term" else "?"
        if name in {"gpu", "node"}:
            amount, name = one.amount * (quantity if not is_total else 1), "once"
        if name == "?" and not is_total:
            name = _by_total(table, row, amount, totals, context)
        section.charges.append(Charge(role, amount, name, shown[:160], currency=one.currency))
        return
    if pct and role == "support":
        section.charges.append(
            Charge("support", None, "pct", shown[:160], pct=Decimal(pct[1].replace(",", ".")))
        )
    elif re.search(r"(?<![\w.,])\d{1,3}(?:[.,]\d{3})+|\d{3,}|[$€£]\s?\d", shown):
        section.charges.append(Charge(role, None, "?", shown[:160]))  # a fee, its sum unread


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


def _by_total(table: Table, row: Line, amount: Decimal, totals: list[int], context: Context) -> str:
    """Whether a fee without a unit comes once or every month, by the total that stands beside it."""
    for spot in totals:
        one = _cell_sum(row[spot] if spot < len(row) else "", table.heads[spot], context)
        if one is None or not one.amount:
            continue
        if one.amount == amount:
            return "month" if money.units_in(table.heads[spot]).time == "month" else "once"
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
