"""Finds the tables and the labelled lines of a document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from bot.quotes import money, spans, words

Line = tuple[str, ...]
_KEY = re.compile(r"^\W{0,4}(?P<label>[^\W_][^:|]{1,48}?)\s*[:=]\s+(?P<value>\S.*)$")


MOST_FIELDS = 80
"""Lines of a table whose fields stand below each other, or whose heads are terms."""


class Table(NamedTuple):
    heads: tuple[str, ...]
    kinds: tuple[str | None, ...]
    """What each column holds: a name of `words.LABELS`; None where its head says nothing known."""
    rows: tuple[Line, ...]
    across: bool = False
    """Heads are values (terms, cards, volumes) and the cells prices."""
    caption: str = ""


class Labelled(NamedTuple):
    kind: str
    label: str
    value: str
    words: str


def kind_of(label: str) -> str | None:
    """What a head or a label announces."""
    if "_" in label and " " not in label.strip():
        label = label.replace("_", " ")
    bare = re.sub(r"\s+", " ", label).strip(" :*#.-–").strip()
    if not bare or len(bare) > 60 or re.search(r"[$€£]\s?\d|\d[.,]\d", bare):
        return None
    without = re.sub(r"\s*(?:[(\[][^)\]]*[)\]]|%|USD|EUR|BRL)\s*$", "", bare).strip()
    order = list(words.LABELS)
    exact = [
        name for name in order if name not in {"list_price", "net_price", "total", "price", "setup"}
    ]
    for text in (bare, without):
        for name in exact:
            if words.LABELS[name].match(text):
                return name
    for name in ("setup", "list_price", "net_price"):
        if words.LABELS[name].search(bare):
            return name
    if words.LABELS["total"].match(bare) and not re.search(
        r"per GPU|/GPU|por GPU", bare, re.IGNORECASE
    ):
        return "total"
    if words.LABELS["price"].search(bare):
        return "price"
    unit = money.units_in(bare)
    if (
        unit.time
        and (
            money.currency_in(bare, "USD")
            or re.search(r"\b(?:hourly|monthly|mensal|mensual|per|por)\b|/", bare, re.IGNORECASE)
        )
        and len(bare) < 30
    ):
        return "price"
    return None


def labelled(line: Line) -> Labelled | None:
    """A line that is a label and its value."""
    cells = [cell for cell in line if cell]
    if len(cells) == 1:
        match = _KEY.match(cells[0])
        if match and not re.search(r"[.;]\s+[A-ZÁÉÍÓÚ¿]", match["value"]):  # several sentences
            kind = kind_of(match["label"])
            if kind:
                return Labelled(
                    kind, match["label"].strip(" *-•"), match["value"].strip(), cells[0]
                )
        return None
    if len(cells) >= 2:
        kind = kind_of(cells[0])
        if kind and not (kind_of(cells[1]) and len(cells) > 2):
            value = "  ".join(cells[1:])
            return Labelled(kind, cells[0].strip(" :"), value, f"{cells[0].strip(' :')}: {value}")
        match = _KEY.match("  ".join(cells))
        if match:
            kind = kind_of(match["label"])
            if kind:
                return Labelled(kind, match["label"], match["value"], "  ".join(cells))
    return None


_PARTY = re.compile(
    r"(?:seller|vendor|supplier|provider|from|issued by|buyer|customer|client|bill(?:ed)? to|ship(?:ped)? to|sold to|prepared (?:for|by)|fornecedor|cliente|comprador|proveedor|vendedor|contratante|contratada|de|para)\s*:?",
    re.IGNORECASE,
)
_OURS = re.compile(
    r"(?:seller|vendor|supplier|provider|from|issued by|prepared by|fornecedor|proveedor|vendedor|contratada|de)\b",
    re.IGNORECASE,
)


def _by_seller(text: str) -> list[str]:
    """The parts of a line of which each begins with another seller: "Nebius: ...; Lambda: ..."."""
    parts = re.split(r";\s+|(?<=[\d\w])\.\s+(?=[A-Z])", text)
    if len(parts) < 2:
        return []
    sellers = [next(iter(spans.sellers_in(part[:60])), None) for part in parts]
    begins = [one is not None and one.start == 0 for one in sellers]
    priced = [bool(money.sums_in(part, "point")) for part in parts]
    same = len({one.id for one in sellers if one}) < len(parts)
    return [] if same or not all(begins) or not all(priced) else parts


def unfolded(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Two columns of labels side by side as lines below each other; of two parties the seller."""
    out: list[Line] = []
    parties: Line = ()
    for line in lines:
        filled = tuple(cell for cell in line if cell)
        each = _by_seller(filled[0]) if len(filled) == 1 else []
        if each:
            out += [(part,) for part in each]
            continue
        if len(filled) == 2 and all(_PARTY.fullmatch(cell) for cell in filled):
            parties = filled
            continue
        if parties and filled:
            spot = next((at for at, cell in enumerate(parties) if _OURS.match(cell)), None)
            if spot is not None and len(filled) == 2:
                out.append((f"{parties[spot].strip(' :')}: {filled[spot]}",))
                parties = ()
                continue
        parties = ()
        stated = [cell for cell in filled if (key := _KEY.match(cell)) and kind_of(key["label"])]
        if (
            (2 <= len(filled) <= 3 and stated and not kind_of(filled[0]))
            or len(stated) > 1
            or (len(filled) == 2 and stated == [filled[1]])
        ):
            out += [(cell,) for cell in filled]
        else:
            out.append(line)
    return tuple(out)


def attribute(cell: str) -> str | None:
    """What a head of values holds: term, card, volume or billing."""
    if not cell.strip() or len(cell) > 60:
        return None
    if spans.terms_in(cell) or re.fullmatch(r"\s*\d{1,2}\s?(?:m|mo|y|M|Y)\s*", cell):
        return "term"
    if spans.cards_in(cell):
        return "card"
    counts = spans.counts_in(cell)
    if (
        counts.count
        or counts.low
        or counts.high
        or re.fullmatch(r"\s*\d{1,4}\s*(?:-|–|to|a)\s*\d{1,4}\s*|\s*\d{1,4}\s*\+\s*", cell)
    ):
        return "volume"
    if any(
        pattern.search(cell) for pattern in words.BILLING.values()
    ) or spans.MONTH_TO_MONTH.search(cell):
        return "billing"
    return None


def tables_in(lines: Sequence[Line]) -> list[tuple[int, int, Table]]:
    """(first line, line after the last, table), in order."""
    found: list[tuple[int, int, Table]] = []
    index = 0
    while index < len(lines):
        headed = _headed(lines, index)
        across = None if headed and _priced(headed[1]) else _across(lines, index)
        made = _transposed(lines, index) or across or headed
        if made is None:
            index += 1
            continue
        end, table = made
        found.append((index, end, table._replace(caption=_caption(lines, index))))
        index = end
    return found


def _priced(table: Table) -> bool:
    return bool({"price", "net_price", "list_price", "total"} & set(table.kinds))


def _caption(lines: Sequence[Line], index: int) -> str:
    for back in range(index - 1, max(-1, index - 4), -1):
        filled = [cell for cell in lines[back] if cell]
        if len(filled) == 1:
            return filled[0]
        if len(filled) > 1:
            return ""
    return ""


def _width(line: Line) -> int:
    return sum(1 for cell in line if cell)


def _headed(lines: Sequence[Line], index: int) -> tuple[int, Table] | None:
    heads = tuple(
        cell.replace("_", " ") if " " not in cell.strip() else cell for cell in lines[index]
    )
    if _width(heads) < 2:
        return None
    kinds = tuple(kind_of(cell) for cell in heads)
    hits = {kind for kind in kinds if kind}
    if len(hits) < 2:
        return None
    if (
        len(hits) == 2
        and _width(heads) == 2
        and kinds[0] in {"number", "date", "valid", "term", "place"}
        and not hits & {"price", "net_price", "total"}
    ):
        return None
    # A label and its value may both look like heads ("Price | Total"): figures below decide.
    rows: list[Line] = []
    at, gaps, last = index + 1, 0, index
    lead, wrapped = "", False  # a cell of two lines: its beginning above the row, its end below
    while at < len(lines):
        line = lines[at]
        if _width(line) == 0:
            gaps += 1
            if gaps > 1 and rows:
                break
            at += 1
            continue
        if _width(line) < 2:
            piece = next(cell for cell in line if cell)
            if not gaps and len(line) == 1 and len(piece) < 45 and ":" not in piece:
                if wrapped and rows and len(piece) < 30 and not _thinner(lines, at + 1, len(heads)):
                    rows[-1] = (f"{rows[-1][0]} {piece}", *rows[-1][1:])
                    last = at
                    at += 1
                    continue
                if _thinner(lines, at + 1, len(heads)):
                    lead = piece
                    at += 1
                    continue
            if rows and gaps:
                break
            single = next(cell for cell in line if cell)
            if rows and len(line) == 1 and len(single) > 60:
                break
            if not rows and at - index > 2:
                break
            if len(line) == 1 and (rows and ":" in single):
                break
            at += 1
            gaps = 0
            continue
        if gaps and rows and kind_of(line[0]) and _width(line) == 2 and len(heads) > 3:
            break
        if sum(1 for cell in line if kind_of(cell)) >= 3 and not any(
            re.search(r"\d", cell) for cell in line
        ):
            break  # another head
        last = at
        wrapped = bool(lead) and len(line) == len(heads) - 1
        rows.append(_fitted((lead, *line) if wrapped else line, heads))
        lead = ""
        gaps = 0
        at += 1
    if not rows or not any(re.search(r"\d", cell) for row in rows for cell in row):
        return None
    kinds = _by_cells(kinds, rows)
    if not hits & {"price", "net_price", "list_price", "total", "card", "term", "count"}:
        return None
    return last + 1, Table(tuple(heads), kinds, tuple(rows))


_BOUNDS = re.compile(
    r"\s*(?:[<>≥≤]=?\s*|up to |from |até |hasta |desde |acima de |más de )?\d{1,5}(?:\s*(?:-|–|to|a|até|hasta)\s*\d{1,5}|\s*\+|\s*(?:or|and|ou|o) (?:more|above|mais|más))?(?:\s*GPUs?)?\s*",
    re.IGNORECASE,
)


def _by_cells(kinds: tuple[str | None, ...], rows: Sequence[Line]) -> tuple[str | None, ...]:
    """A column headed "GPUs" or "Item" that holds numbers alone counts them."""
    out = list(kinds)
    for spot, kind in enumerate(kinds):
        cells = [row[spot] for row in rows if spot < len(row) and row[spot]]
        if kind in {"card", "machine"} and cells and all(_BOUNDS.fullmatch(cell) for cell in cells):
            plain = all(cell.strip().isdigit() for cell in cells)
            serial = plain and [int(cell) for cell in cells] == list(range(1, len(cells) + 1))
            out[spot] = None if serial and len(cells) > 1 else "count" if plain else "volume"
        elif (
            kind in {"price", "term", "minimum"}
            and cells
            and all(
                re.fullmatch(
                    r"\s*\d{1,5}\s*(?:GPUs?|cards|placas|tarjetas)\s*", cell, re.IGNORECASE
                )
                for cell in cells
            )
        ):
            out[spot] = "count"
    if ("low" in out) != ("high" in out):
        out = ["volume" if kind == "low" else None if kind == "high" else kind for kind in out]
    return tuple(out)


def _thinner(lines: Sequence[Line], at: int, width: int) -> bool:
    """Whether a row follows that lacks its first cell."""
    if at >= len(lines) or len(lines[at]) != width - 1 or _width(lines[at]) != width - 1:
        return False
    return not re.search(r"[^\W\d_]{2}", lines[at][0])  # begins with a figure, as second cells do


def _fitted(line: Line, heads: Line) -> Line:
    """A row with as many cells as there are heads, where empty ones were lost in a layout."""
    if len(line) >= len(heads):
        return line
    glued = re.fullmatch(r"(.*[A-Za-z)])(\d{1,4})", line[0])
    if len(line) == len(heads) - 1 and glued and not spans.cards_in(line[0]):
        return (glued[1], glued[2], *line[1:])  # two cells without a blank between them
    return line + ("",) * (len(heads) - len(line))


def _across(lines: Sequence[Line], index: int) -> tuple[int, Table] | None:
    heads = lines[index]
    if _width(heads) < 3:
        return None
    kinds = [attribute(cell) for cell in heads[1:]]
    known = [kind for kind in kinds if kind]
    if len(known) < 2 or len(known) < sum(1 for cell in heads[1:] if cell) - 1:
        return None
    rows: list[Line] = []
    at = index + 1
    while at < min(len(lines), index + MOST_FIELDS) and (
        _width(lines[at]) >= 2 or (_width(lines[at]) == 0 and not rows)
    ):
        rows.append(_fitted(lines[at], heads))
        at += 1
    rows = [row for row in rows if _width(row)]
    figures = sum(
        1 for row in rows for cell in row[1:] if re.search(r"\d", cell) and not attribute(cell)
    )
    if not rows or figures < 2:
        return None
    return at, Table(
        tuple(heads), (attribute(heads[0]) or kind_of(heads[0]), *kinds), tuple(rows), across=True
    )


def _transposed(lines: Sequence[Line], index: int) -> tuple[int, Table] | None:
    """Fields down, quotes across: turned, so that each quote is a row."""
    head = lines[index]
    below = next((line for line in lines[index + 1 : index + 4] if line), ())
    if (
        len(head) >= 2
        and len(head) == len(below) - 1
        and kind_of(below[0])
        and not kind_of(head[0])
    ):
        head = ("", *head)  # the empty corner was lost with the blanks
    if len(head) < 3:
        return None
    rows: list[Line] = []
    at = index
    while (
        at < min(len(lines), index + MOST_FIELDS)
        and len(lines[at]) >= 2
        and (_width(lines[at]) >= 2 or rows)
    ):
        if abs(len(lines[at]) - len(head)) > 1:
            break
        rows.append(_fitted(lines[at], head) if at > index else head)
        at += 1
    kinds = [kind_of(row[0]) for row in rows]
    if sum(1 for kind in kinds[1:] if kind) < 3 or sum(1 for kind in kinds if kind) < 0.5 * len(
        rows
    ):
        return None
    # A table with heads has labels across its first line, this one down its first column.
    if sum(1 for cell in head[1:] if kind_of(cell)) >= 2:
        return None
    columns = len(rows[0])
    if columns < 3:
        return None
    heads = tuple(row[0] or ("seller" if spot == 0 else "") for spot, row in enumerate(rows))
    if kinds[0] is None:
        kinds[0] = "seller"
    turned = tuple(
        tuple(row[column] if column < len(row) else "" for row in rows)
        for column in range(1, columns)
    )
    turned = tuple(row for row in turned if sum(1 for cell in row if cell) >= 2)
    if len(turned) < 2:
        return None
    return at, Table(heads, tuple(kinds), turned)
