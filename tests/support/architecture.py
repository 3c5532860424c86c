"""The floors of the house, and its picture drawn from the imports: `make architecture`."""

from __future__ import annotations

import ast
import sys
from html import escape
from pathlib import Path
from textwrap import wrap

ROOT = Path(__file__).parent.parent.parent
FLOORS = (
    ("bot.cli",),
    ("bot.app",),
    ("bot.mcp",),
    ("bot.api",),
    ("bot.slack", "bot.teams", "bot.commands"),
    ("bot.service",),
    ("bot.reply",),
    ("bot.standing", "bot.advice", "bot.economics", "bot.quotes"),
    ("bot.conversation",),
    ("bot.answers",),
    ("bot.render", "bot.understanding"),
    ("bot.core",),
    ("bot.state",),
    ("bot.language",),
    ("knowledge.building", "knowledge.refresh"),
    ("knowledge.sources",),
    ("knowledge.feeds", "knowledge.market", "knowledge.economics"),
    ("knowledge.prices", "knowledge.sizing"),
    ("knowledge.facts", "knowledge.advice"),
)
"""From the roof down. A room leans on rooms of lower floors only, never on its neighbours."""
LEVEL = {room: -floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def modules() -> dict[str, Path]:
    """Every module of the product by its dotted name; made files are left out."""
    found = {}
    for package in ("bot", "knowledge"):
        for path in (ROOT / package).rglob("*.py"):
            names = list(path.relative_to(ROOT).with_suffix("").parts)
            if path.name == "pack.py":
                continue
            found[".".join(names[:-1] if names[-1] == "__init__" else names)] = path
    return found


def imports(name: str, files: dict[str, Path]) -> set[str]:
    """Modules that one module imports, at its top, inside functions and for types."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(files[name].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in files else node.module)
    return (found & set(files)) - {name}


def room(module: str) -> str:
    """`bot.slack` of `bot.slack.blocks`."""
    return ".".join(module.split(".")[:2])


def arrows() -> dict[tuple[str, str], list[str]]:
    """(room, room it leans on) -> the imports that say so."""
    files = modules()
    found: dict[tuple[str, str], list[str]] = {}
    for name in sorted(files):
        for other in sorted(imports(name, files)):
            pair = (room(name), room(other))
            if pair[0] != pair[1]:
                found.setdefault(pair, []).append(f"{name} -> {other}")
    return found


WIDE, HIGH, GAP, MARGIN, ACROSS = 196, 56, 26, 12, 1080
LETTERS = 36
"""That fit on a line of a box."""


def purpose(name: str) -> str:
    """What a room is for: the first sentence of its docstring."""
    text = ast.get_docstring(
        ast.parse((ROOT / name.replace(".", "/") / "__init__.py").read_text("utf-8"))
    )
    return (text or "").split("\n")[0].rstrip(".")


def _needed() -> list[tuple[str, str]]:
    """Arrows that do not follow from two others."""
    leans: dict[str, set[str]] = {}
    for upper, lower in arrows():
        if upper in LEVEL and LEVEL.get(lower, 1) < LEVEL[upper]:  # a test refuses the others
            leans.setdefault(upper, set()).add(lower)

    def below(name: str) -> set[str]:
        return {far for near in leans.get(name, ()) for far in {near, *below(near)}}

    return sorted(
        (upper, lower)
        for upper, found in leans.items()
        for lower in found
        if not any(lower in below(other) for other in found - {lower})
    )


def _places() -> dict[str, tuple[float, float]]:
    """The middle of each room's box."""
    return {
        name: (
            ACROSS * (2 * at + 1) / (2 * len(rooms)) + MARGIN,
            MARGIN + HIGH / 2 + floor * (HIGH + GAP),
        )
        for floor, rooms in enumerate(FLOORS)
        for at, name in enumerate(rooms)
    }


def _box(name: str, x: float, y: float) -> str:
    said = [name.replace(".", "/"), *wrap(purpose(name), LETTERS)][:4]
    kind = "knowledge" if name.startswith("knowledge") else "bot"
    lines = "".join(
        f'<text x="{x:.0f}" y="{y - HIGH / 2 + 14 + 12 * at:.0f}"{"" if at else BOLD}>{escape(line)}</text>'
        for at, line in enumerate(said)
    )
    return (
        f'<rect class="{kind}" x="{x - WIDE / 2:.0f}" y="{y - HIGH / 2:.0f}" width="{WIDE}" '
        f'height="{HIGH}" rx="5"/>{lines}'
    )


BOLD = ' class="name"'


def drawing() -> str:
    """The picture: floors from the roof down, an arrow for each room that another leans on, but for
    arrows that follow from others."""
    places = _places()
    high = MARGIN * 2 + len(FLOORS) * (HIGH + GAP) - GAP
    body = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {ACROSS + 2 * MARGIN} {high}" '
            'font-family="sans-serif" font-size="10">'
        ),
        (
            "<style>svg{background:#fff}path{fill:none;stroke:#94a3b8;stroke-width:1.2}"
            "rect{fill:#f8fafc;stroke:#334155}.knowledge{fill:#ecfdf5}"
            "text{fill:#475569;text-anchor:middle}.name{fill:#0f172a;font-size:12px;font-weight:600}</style>"
        ),
    ]
    for upper, lower in _needed():
        (x1, y1), (x2, y2) = places[upper], places[lower]
        start, end = y1 + HIGH / 2, y2 - HIGH / 2
        bend = (end - start) / 2
        body.append(
            f'<path d="M{x1:.0f} {start:.0f}C{x1:.0f} {start + bend:.0f} {x2:.0f} '
            f'{end - bend:.0f} {x2:.0f} {end:.0f}"><title>{upper} leans on {lower}</title></path>'
        )
    body += [_box(name, *place) for name, place in places.items()]
    return "\n".join([*body, "</svg>\n"])


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(drawing(), "utf-8")
