"""Pages made for people: price cells are read or refused, tables become grids."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from knowledge.feeds import pages
from knowledge.feeds.source import ParseFault, Payload


@pytest.mark.parametrize(
    ("cell", "price"),
    [
        ("$49.24", pages.Price(49.24)),
        ("\\$1,204.50", pages.Price(1204.5)),
        (" $\u00a03.45\n", pages.Price(3.45)),
        ("from $1.82", pages.Price(1.82, starting_at=True)),
        ("Starting at $2", pages.Price(2, starting_at=True)),
        ("$0.00", pages.Price(None, why="no price: '$0.00'")),
        ("Contact us", pages.Price(None, why="no price: 'Contact us'")),
        ("—", pages.Price(None, why="no price: '—'")),
        ("", pages.Price(None, why="no price")),
        *(
            (cell, pages.Price(None, why=f"no plain price in dollars: {cell!r}", refused=True))
            for cell in ("8.19 EUR", "€2.50", "$2.50/mo", "$1-$2", "US$3", "2.50", "$3.99 $2.99")
        ),
    ],
)
def test_a_price_cell_is_read_or_refused(cell: str, price: pages.Price) -> None:
    """A figure that is no plain price in dollars is never taken for one."""
    assert pages.dollars(cell) == price


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_cell_has_a_price_or_a_reason(cell: str) -> None:
    """Exactly one of the two."""
    price = pages.dollars(cell)
    assert (price.amount is None) == bool(price.why)


def _grid(html: str) -> tuple[list[list[str]], list[list[str]]]:
    table = LexborHTMLParser(f"<table>{html}</table>").css_first("table")
    assert table is not None
    header, body = pages.grid(table)
    return tuple([[cell.text for cell in line] for line in part] for part in (header, body))  # type: ignore[return-value]


def test_spanning_cells_stand_in_every_place_they_cover() -> None:
    """Two rows of header over three columns, and a body cell over two."""
    header, body = _grid(
        "<thead><tr><th rowspan=2>Card</th><th colspan=2>Reserved</th></tr>"
        "<tr><th>1 m</th><th>3 m</th></tr></thead>"
        "<tr><td>H100</td><td>$2</td><td>$1</td></tr><tr><td>B200</td><td colspan=2>Contact</td></tr>"
    )
    assert header == [["Card", "Reserved", "Reserved"], ["Card", "1 m", "3 m"]]
    assert body == [["H100", "$2", "$1"], ["B200", "Contact", "Contact"]]


@given(
    st.lists(
        st.lists(
            st.tuples(
                st.sampled_from(["td", "th"]),
                st.sampled_from(["", "0", "1", "2", "99999999999", "-3", "x", "²"]),
                st.sampled_from(["", "0", "1", "3", "99999999999", "y"]),
            ),
            max_size=4,
        ),
        max_size=5,
    )
)
@settings(max_examples=200, deadline=None)
def test_any_table_becomes_a_grid(lines: list[list[tuple[str, str, str]]]) -> None:
    """Spans that are no numbers, or enormous, make no grid that never ends."""
    html = "".join(
        "<tr>"
        + "".join(f"<{tag} colspan='{wide}' rowspan='{tall}'>x</{tag}>" for tag, wide, tall in line)
        + "</tr>"
        for line in lines
    )
    header, body = _grid(html)
    assert all(len(line) <= 400 for line in [*header, *body])


def _payload(body: str) -> Payload:
    return Payload("https://example.com/pricing", body.encode(), datetime(2026, 11, 25, tzinfo=UTC))


def test_a_page_must_be_whole() -> None:
    """A page ends with its own end."""
    assert pages.page(_payload("<html><body>x</body></html>"))
    for body, why in (("<html><body>x", "cut off"), ("{}", "no HTML page")):
        with pytest.raises(ParseFault, match=why):
            pages.page(_payload(body))


@pytest.mark.parametrize(
    ("attribute", "hidden"),
    [
        ("class='hide'", True),
        ("class='row w-condition-invisible'", True),
        ("style='display: none'", True),
        ("hidden", True),
        ("class='hide-mobile'", False),
        ("", False),
    ],
)
def test_what_is_never_shown_is_hidden(attribute: str, *, hidden: bool) -> None:
    """Also by an element around it."""
    node = LexborHTMLParser(f"<div {attribute}><p><b>x</b></p></div>").css_first("b")
    assert node is not None
    assert pages.is_hidden(node) is hidden
