"""From a document to its quotes: which sum is the price of what, and what belongs to which quote.

A sum becomes a price only where the words leave no other reading; else it stays unread and is
asked about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.quotes import layout, money, numbers, spans
from bot.quotes.about import (
    About,
    Context,
    Item,
    Section,
    about_of,
    agreed,
    dated,
    day_first_in,
    prices_in,
    style_by_language,
)
from bot.quotes.charges import bare_setup, note_charge, note_discount, percent_charges
from bot.quotes.document import Document
from bot.quotes.layout import Line
from bot.quotes.quote import Charge, Quote
from bot.quotes.quoting import quotes_in, take_about
from bot.quotes.rest import fill, finish, takes_over
from bot.quotes.roles import EXTRAS, heading, no_money, not_ours, pieces_of, role_of
from bot.quotes.sellers import from_mail
from bot.quotes.tables import read_table

MOST_SUMS, MOST_WORDS = 40, 3000
"""Sums and characters of one sentence; what is longer is not looked at for prices."""
_NO_SUMS = frozenset("valid date number sla notice reseller memory".split())


def quotes_of(document: Document) -> list[Quote]:
    """Every quote of a document."""
    text = document.text
    sums_style = document.style or numbers.style_of(text)
    context = Context(
        style=sums_style or style_by_language(text), dollar=money.dollar_of(text), sent=document.sent or dated(document.lines, text),
        day_first=day_first_in(text), text=text,
    )  # fmt: skip
    context.unit, context.currency = prices_in(text, context)
    sections, common = _sections(layout.unfolded(document.lines))
    out: list[Quote] = []
    shared = Section(common)
    _read_section(shared, context)
    for section in sections:
        _read_section(section, context)
        base = About()
        if shared.seen and sections:
            base = agreed(shared.seen)
        made = quotes_in(section, context, base)
        for quote in made:
            fill(quote, section, context, document)
            if len(sections) > 1:
                fill(quote, shared, context, document)
        out += made
    if not out and common and sections:
        return out
    for quote in out:
        from_mail(quote, document, alone=not any(one.seller for one in sections))
        if takes_over(document):
            earlier = Section(list(document.earlier))
            _read_section(earlier, context)
            fill(quote, earlier, context, document, prices=False)
            take_about(quote, agreed(earlier.seen))
        if quote["card"] is None and any(document.asked):
            # Answers between quoted lines: what these ask about is what is priced.
            take_about(
                quote,
                agreed([about_of(" ".join(line), None) for line in document.asked if any(line)]),
            )
        finish(quote, context)
    return out


_SECTION = re.compile(
    r"^\W{0,4}(?:(?:quote|quotation|option|offer|proposal|bid|bidder|vendor|supplier|seller|provider|proposta|opção|cotação|oferta|opción|cotización|propuesta|fornecedor|proveedor|fornecedora|alternative|alternativa|cenário|scenario|escenario)\s+(?:n[ºo°.]*\s*|#\s*)?(?P<name>[A-H1-9]|one|two|three|uma?|dois|dos|tres|três)\b(?!\s*(?:x|×|%|GPU))\W{0,3})",
    re.IGNORECASE,
)


def _sections(lines: Sequence[Line]) -> tuple[list[Section], list[Line]]:
    """Parts of different sellers or options, and what stands before and after them all."""
    starts: list[tuple[int, spans.Seller | None, str]] = []
    tables = layout.tables_in(lines)
    inside = {at for first, last, _ in tables for at in range(first, last)}
    for index, line in enumerate(lines):
        if not line or index in inside:
            continue
        first = line[0].strip()
        match = _SECTION.match(first)
        sellers = spans.sellers_in(first[:80])
        bare = re.sub(r"^\W+|^\(?\w[.)]\s+", "", first)
        heads = next(
            (
                one
                for one in sellers
                if bare.startswith(one.raw)
                and re.match(
                    r"\s*(?:[:–—|(,-]|$|\s\d|(?:quoted|quotes|offers?|says|proposes|cotou|oferece|ofrece|cotiza|propone|propôs|asks?|came back)\b)",
                    bare[len(one.raw) :].lstrip("*"),
                )
            ),
            None,
        )
        label = layout.labelled(line)
        if _is_option(first):
            starts.append((index, sellers[0] if sellers else None, re.sub(r"\W", "", first)[:1]))
        elif match and (len(first) < 90 or re.search(r"\d[.,]\d", first)):
            starts.append((index, sellers[0] if sellers else None, match["name"]))
        elif label and label.kind == "seller":
            named = spans.sellers_in(label.value)
            starts.append(
                (index, named[0] if named else spans.Seller("", label.value, 0, 0), label.value)
            )
        elif heads:
            starts.append((index, heads, heads.raw))
    names = {(seller.id or seller.raw) if seller else name for _, seller, name in starts}

    def priced(part: Sequence[Line]) -> bool:
        return any(re.search(r"\d[.,]\d|[$€£]\s?\d|\bUSD\b", cell) for one in part for cell in one)

    if len(starts) < 2 or len(names) < 2:
        return [Section(list(lines))], []
    bounds = [*[one[0] for one in starts], len(lines)]
    kept = [
        (spot, one)
        for spot, one in enumerate(starts)
        if priced(lines[bounds[spot] : bounds[spot + 1]])
    ]
    if len(kept) < 2:
        return [Section(list(lines))], []
    common = list(lines[: kept[0][1][0]])
    sections: list[Section] = []
    one_line = all(priced([lines[one[0]]]) for _, one in kept)
    for place, (_, one) in enumerate(kept):
        end = kept[place + 1][1][0] if place + 1 < len(kept) else len(lines)
        part = list(lines[one[0] : end])
        if place + 1 == len(kept):
            cut = _end_of_last(part, one_line=one_line)
            common += part[cut:]
            part = part[:cut]
        sections.append(Section(part, one[1], one[2]))
    return sections, common


def _is_option(line: str) -> bool:
    """ "B) 24 months: R$ 18.70 per GPU-hour": an item of a list that is an offer by itself."""
    if not re.match(r"\(?[A-Ha-h1-9][).]\s", line):
        return False
    whole = any(
        one.unit.thing in {"gpu", "node"} and one.unit.time for one in money.sums_in(line, "point")
    )
    return whole and bool(spans.terms_in(line) or spans.cards_in(line))


_OF_ALL = re.compile(
    r"\W*(?:(?:this |the |our |a |la |el )?(?:quotes?|offers?|proposals?|prices?|rates?|valid\w*|proposta|oferta|cotización|preços|valores|precios|tarifas|propuesta|válid\w+)|both|all|either|each|any of|in (?:both|all|either)|for (?:both|all|either)|common|the above|ambas|ambos|todas|todos|cada um[a]?|para (?:todas|todos|ambas|ambos)|en (?:todas|ambos|ambas)|em (?:todas|todos|ambas|ambos))\b",
    re.IGNORECASE,
)


def _end_of_last(part: list[Line], *, one_line: bool) -> int:
    """Where the last part ends: at a blank line, after which all are meant."""
    for index, line in enumerate(part):
        if (
            index
            and line
            and _OF_ALL.match(line[0])
            and not re.search(r"[$€£]\s?\d|\d[.,]\d\d\b", " ".join(line))
        ):
            return index
        if index and not line:
            rest = [cell for later in part[index:] for cell in later]
            if one_line or not any(re.search(r"[$€£]\s?\d|\d[.,]\d\d\b", cell) for cell in rest):
                return index
    return len(part)


def _read_section(section: Section, context: Context) -> None:
    tables = layout.tables_in(section.lines)
    inside = {at: table for first, last, table in tables for at in range(first, last)}
    prose: list[str] = []
    done: set[int] = set()
    apart: set[int] = set()
    rows: set[Line] = set()
    options = False
    carried = About()
    for index, line in enumerate(section.lines):
        table = inside.get(index)
        if table is not None:
            if id(table) not in done:
                done.add(id(table))
                known = len(section.items)
                read_table(section, table, context, carried)
                rows = {item.row for item in section.items[known:] if item.row}
                apart |= {id(table)} if len(rows) > 1 else set()
            if tuple(line) == tuple(table.heads):
                continue
            if id(table) in apart and line in rows:
                continue  # what a row of several says holds for that row alone
            prose += [cell for cell in line if len(cell) > 25]
            if len([cell for cell in line if cell]) > 1:
                prose.append("  ".join(line))
            continue
        if not any(line):
            options = False
            prose.append("")
            continue
        options = (options or bool(_OPTIONS.match(line[0]))) and not _OPTIONS_OVER.match(line[0])
        if options and not spans.cards_in(" ".join(line)):
            continue
        one = layout.labelled(line)
        whole = "  ".join(cell for cell in line if cell)
        if one:
            section.labels.setdefault(one.kind, []).append(one)
            prose.append(f"{one.label}: {one.value}")
        else:
            prose.append(whole)
        carried = _read_line(
            section, whole if one is None else f"{one.label}: {one.value}", one, context, carried
        )
    section.prose = "\n".join(prose)


_OPTIONS = re.compile(
    r"\W*(?:options?|optional\b[^:]{0,40}|add-?ons?|extras?|available (?:extras|options|upgrades)|opcionais|opcionales|adicionais|adicionales|opções|opciones)\b[^:]{0,60}:\s*$",
    re.IGNORECASE,
)
_OPTIONS_OVER = re.compile(r"(?![-*•·●▪(\d])(?:[^\W\d_][\w ./()%-]{1,40}):\s+\S")
"""A label that is no item of a list: the options are over."""


def _read_line(
    section: Section, text: str, label: layout.Labelled | None, context: Context, carried: About
) -> About:
    """The sums of a line of prose, each with what is said about it."""
    if label and label.kind in _NO_SUMS and not (label.kind == "number" and len(label.value) > 25):
        return carried
    if label and label.kind == "number":
        label = None  # "Proposal: 8x H100 at ..." is a sentence
    spoken = carried
    for sentence in _sentences(text):
        hint = money.units_in(label.label) if label else money.Unit()
        sums = money.sums_in(sentence, context.style, context.dollar, hint)
        sums = [one for one in sums if not no_money(sentence, one)]
        if len(sums) > MOST_SUMS:
            continue  # no sentence of a quote
        about = about_of(sentence, label)
        if not sums:
            if about != About() and not not_ours(sentence):
                section.seen.append(about)
                spoken = about.over(spoken) if heading(sentence, about) else spoken
            percent_charges(section, sentence)
            note_discount(section, sentence)
            bare_setup(section, sentence, context)
            continue
        if len(sums) > 1 and all(one.marked and one.unit == money.Unit() for one in sums[:-1]):
            sums = [
                one._replace(unit=sums[-1].unit) for one in sums
            ]  # "A $1, B $2, C $3 per GPU-hour"
        roles = [role_of(sentence, sums, spot, label, context) for spot in range(len(sums))]
        for spot in range(len(sums) - 1):
            between = sentence[sums[spot].unit_end : sums[spot + 1].start]
            if re.fullmatch(r"\s*(?:to|para|a|hasta|->|→|=>|—>)\s*", between) and re.search(
                r"\b(?:from|de|desde|lower\w*|reduc\w*|reduz\w*|baj\w*|drop\w*|revis\w*|down)\b[^.;]{0,40}$",
                sentence[: sums[spot].start],
                re.IGNORECASE,
            ):
                rises = re.search(
                    r"\b(?:increas|rais|ris(?:e|es|ing)|sub[eir]|aument|increment|go(?:es)? up)\w*\b[^.;]{0,40}$",
                    sentence[: sums[spot].start],
                    re.IGNORECASE,
                )
                if rises:
                    sums[spot] = sums[spot]._replace(is_from=False)
                roles[spot] = "price" if rises else "earlier"
                roles[spot + 1] = "price"
        pieces = pieces_of(sentence, sums)
        tail = sentence[sums[-1].unit_end :]
        of_all = about_of(tail, None) if len(sums) > 1 and _ALL_ABOVE.search(tail) else About()
        last = spoken
        for spot, one in enumerate(sums):
            role = roles[spot]
            if role in {"price", "list", "total", "unknown"}:
                mine = about_of(pieces[spot], None) if len(sums) > 1 else about
                if label and label.kind in {"card", "term", "count"}:
                    mine = mine.over(about)
                mine = mine.over(of_all).over(last if spot else spoken)
                if len(sums) > 1 and spot and mine.term is None and roles.count("price") == 1:
                    mine = mine.over(about)
                if (
                    len(sums) > 1
                    and roles.count("price") + roles.count("list") + roles.count("total") == 1
                ):
                    mine = mine.over(about)
                unit = one.unit
                if role == "total" and unit == money.Unit() and _WHOLE_TERM.search(pieces[spot]):
                    unit = money.Unit("all", "term")
                if label and label.kind in {
                    "price",
                    "list_price",
                    "net_price",
                    "total",
                    "card",
                    "term",
                    "count",
                }:
                    unit = unit | money.units_in(label.label) if unit.thing != "other" else unit
                section.items.append(Item(one, mine, role, sentence.strip(), unit))
                if role == "price":
                    last = mine
            elif role == "penalty" and _CREDIT.search(sentence):
                section.charges.append(Charge("credit", None, "?", sentence.strip()[:160]))
            elif role in EXTRAS:
                note_charge(
                    section,
                    role,
                    one,
                    pieces[spot] if len(sums) > 1 else sentence,
                    label,
                    context.style,
                )
        if about != About() and not not_ours(sentence):
            if sum(1 for role in roles if role == "price") > 1:  # each price has its own
                about = About(about.card, about.counts, None, False, None, about.place)
            section.seen.append(about)
        percent_charges(section, sentence)
        note_discount(section, sentence)
    return spoken


_CREDIT = re.compile(
    r"\b(?:sign(?:ing|-?on|-?up)?|welcome|launch|less an?|minus|one[- ]time)\b[^.;]{0,30}\bcredits?\b|\bcashback\b",
    re.IGNORECASE,
)
"""Money given back once: how it is spread is not said, so that no sum is all in."""
_ALL_ABOVE = re.compile(r"\b(?:both|all|each|either|ambos|ambas|todos|todas|cada)\b", re.IGNORECASE)
_WHOLE_TERM = re.compile(
    r"\b(?:contract (?:value|total|sum)|TCV|total (?:fees|commitment)|(?:valor|total|importe|monto) (?:total )?(?:do|del) contrato|(?:whole|entire|full) (?:term|period|contract)|todo o (?:período|contrato|prazo)|todo el (?:periodo|contrato|plazo))\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(
    r"(?<=[.!?;])\s+(?=[A-ZÁÉÍÓÚÇÑ¿¡(\"'\d$€£•*-])(?<!\bincl\.\s)(?<!\bNo\.\s)(?<!\bapprox\.\s)(?<!\bqty\.\s)(?<!\bcant\.\s)(?<!\bqtd\.\s)(?<!\bmin\.\s)(?<!\bca\.\s)"
)


def _sentences(text: str) -> list[str]:
    return [part for part in _SENTENCE.split(text) if part.strip() and len(part) < MOST_WORDS]
