"""Reading pages made for people: text as it is shown, tables as a grid, price cells or refusals.

Pure. A page changes without notice, so nothing here guesses: a cell that carries a figure but is
no plain price in dollars is refused with its own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from knowledge.feeds.reading import amount, name_of, text_of
from knowledge.feeds.source import ParseFault, Payload

_HIDDEN = {"hide", "hidden", "w-condition-invisible"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_WIDEST = 40
"""A cell cannot span more columns or rows than this."""


def page(payload: Payload) -> LexborHTMLParser:
    """The page as a tree; raises ParseFault for a body that is no page or was cut off."""
    text = text_of(payload)
    low = text.lower()
    if "<html" not in low:
        raise ParseFault(f"{name_of(payload)}: no HTML page")
    if "</html>" not in low:
        raise ParseFault(f"{name_of(payload)}: the page is cut off")
    return LexborHTMLParser(text)


def collapsed(text: str) -> str:
    """Every run of white space, no-break spaces too, as one space."""
    return " ".join(text.split())


def shown(node: LexborNode) -> str:
    """All text of an element, as one line."""
    return collapsed(node.text(separator=" "))


def own(node: LexborNode) -> str:
    """The text of an element without that of the elements in it."""
    return collapsed(node.text(deep=False, separator=" "))


def is_hidden(node: LexborNode) -> bool:
    """Whether an element, or one around it, is never shown."""
    at: LexborNode | None = node
    while at is not None:
        given = at.attributes
        if "hidden" in given or _HIDDEN & set((given.get("class") or "").split()):
            return True
        if "display:none" in (given.get("style") or "").replace(" ", "").lower():
            return True
        at = at.parent
    return False


def following(node: LexborNode) -> LexborNode | None:
    """The next element beside this one."""
    at = node.next
    while at is not None and (at.tag or "-").startswith("-"):  # "-text", "-comment"
        at = at.next
    return at


def elements(tree: LexborHTMLParser) -> list[LexborNode]:
    """Every element of the page in the order of the document."""
    return list(tree.root.traverse()) if tree.root is not None else []


def heading(nodes: Sequence[LexborNode], words: str, name: str) -> int:
    """Where the one heading with these words stands; raises ParseFault for none and for several."""
    found = [
        place
        for place, node in enumerate(nodes)
        if node.tag in _HEADINGS and shown(node).lower() == words.lower()
    ]
    return _only(found, f"heading {words!r}", name)


def anchor(nodes: Sequence[LexborNode], ident: str, name: str) -> int:
    """Where the one element with this id stands; raises ParseFault for none and for several."""
    found = [place for place, node in enumerate(nodes) if node.attributes.get("id") == ident]
    return _only(found, f"section {ident!r}", name)


def _only(found: list[int], what: str, name: str) -> int:
    if len(found) != 1:
        raise ParseFault(f"{name}: {what} stands {len(found)} times on the page, not once")
    return found[0]


class Price(NamedTuple):
    """What a price cell says: a figure, or why there is none."""

    amount: float | None
    starting_at: bool = False
    why: str = ""
    refused: bool = False
    """It carries a figure that may not be taken for a price."""


_DOLLARS = re.compile(
    r"^(from |starting (?:at|from) )?\\?\$\s*(\d[\d,]*(?:\.\d+)?)$", re.IGNORECASE
)


def dollars(cell: str) -> Price:
    """ "$49.24", "from $1.82"; "Contact us", "N/A" and a dash say no price; "8.19 EUR" is refused."""
    text = collapsed(cell)
    found = _DOLLARS.match(text)
    if found is not None:
        figure = amount(found.group(2))
        if figure is not None:
            return Price(figure, starting_at=found.group(1) is not None)
        return Price(None, why=f"no price: {text!r}")
    if any(char.isdigit() for char in text):
        return Price(None, why=f"no plain price in dollars: {text!r:.60}", refused=True)
    return Price(None, why=f"no price: {text!r:.60}" if text else "no price")


class Cell(NamedTuple):
    """One place of a table's grid."""

    text: str
    width: int
    """Columns its cell spans."""


def grid(table: LexborNode) -> tuple[list[list[Cell]], list[list[Cell]]]:
    """Header rows and body rows, spanning cells repeated in every place they cover."""
    header: list[list[Cell]] = []
    body: list[list[Cell]] = []
    hanging: dict[int, tuple[int, Cell]] = {}
    for line in table.css("tr"):
        cells: list[Cell] = []
        for node in [*_cells(line), None]:
            while len(cells) in hanging:
                place = len(cells)
                rows, cell = hanging.pop(place)
                cells.append(cell)
                if rows > 1:
                    hanging[place] = (rows - 1, cell)
            if node is None:
                break
            cell = Cell(shown(node), _span(node, "colspan"))
            tall = _span(node, "rowspan")
            for _ in range(cell.width):
                if tall > 1:
                    hanging[len(cells)] = (tall - 1, cell)
                cells.append(cell)
        heads = line.css_first("td") is None
        (header if heads else body).append(cells)
    return header, body


def _cells(line: LexborNode) -> Iterator[LexborNode]:
    return (node for node in line.iter() if node.tag in {"td", "th"})


def _span(node: LexborNode, name: str) -> int:
    given = node.attributes.get(name) or "1"
    return min(max(int(given), 1), _WIDEST) if given.isascii() and given.isdigit() else 1
