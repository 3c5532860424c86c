"""The plan of the house: rooms on floors, no circle, no arrow upward, and the picture of it."""

from __future__ import annotations

from architecture import LEVEL, arrows, drawing, imports, modules, room
from conftest import ROOT


def test_no_module_lies_outside_a_room() -> None:
    """`bot` and `knowledge` hold rooms; each room stands on a floor."""
    flat = [
        str(path.relative_to(ROOT))
        for package in ("bot", "knowledge")
        for path in sorted((ROOT / package).glob("*.py"))
        if path.name not in {"__init__.py", "__main__.py"}
    ]
    assert flat == []
    rooms = {room(name) for name in modules() if "." in name} - {"bot.__main__"}
    assert rooms == set(LEVEL)


def test_no_room_leans_on_one_above_it_or_beside_it() -> None:
    upward = {
        pair: found
        for pair, found in arrows().items()
        if pair[0] in LEVEL and LEVEL.get(pair[1], 0) >= LEVEL[pair[0]]
    }
    assert upward == {}


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Not even inside functions or for types only."""
    files = modules()
    left = {name: imports(name, files) for name in files}
    while True:
        leaves = {name for name, found in left.items() if not found & set(left)}
        if not leaves:
            break
        left = {name: found for name, found in left.items() if name not in leaves}
    assert sorted(left) == []


def test_the_picture_of_the_house_is_the_house() -> None:
    """`make architecture` was run after an import between rooms came or went."""
    assert (ROOT / "docs" / "architecture.svg").read_text("utf-8") == drawing()
