"""The terminal: everything fits, nothing steers it, and colour is for terminals only."""

from __future__ import annotations

import io

import pytest
from gallery import GALLERY, NASTY

from bot.core.text import clean
from bot.render.terminal import plain, show


@pytest.mark.parametrize("name", list(GALLERY))
@pytest.mark.parametrize("width", [40, 80, 120])
def test_every_answer_fits_the_width(name: str, width: int) -> None:
    """No line is wider than the terminal, whatever the answer holds."""
    for line in plain(GALLERY[name], width).splitlines():
        assert len(line) <= width


@pytest.mark.parametrize("name", list(GALLERY))
def test_no_control_character_reaches_a_terminal(name: str) -> None:
    """A feed's text cannot colour, move or reverse anything."""
    text = plain(GALLERY[name])
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "\u202e" not in text


def test_every_slot_is_shown() -> None:
    """Headline, lines, table, caption, notes, provenance and next questions all appear."""
    text = plain(GALLERY["table"])
    for part in (
        "$0.89",
        "Vast.ai",
        "Provider 4",
        "31 providers",
        "10 Oct 2026",
        "CC BY 4.0",
        "cheapest A100 spot",
    ):
        assert part in text


def test_numbers_stand_under_each_other() -> None:
    """Right-aligned columns end at one place."""
    lines = plain(GALLERY["forty rows"], 100).splitlines()
    start = next(n for n, line in enumerate(lines) if "$/GPU-h" in line)
    edge = lines[start].index("$/GPU-h") + len("$/GPU-h")
    for line in lines[start + 1 : start + 41]:
        assert line[edge - 1].isdigit()
        assert line[edge] == " "


def test_a_pipe_gets_plain_text() -> None:
    """No escape sequence when the output is no terminal."""
    out = io.StringIO()
    show(GALLERY["table"], out)
    assert "\x1b" not in out.getvalue()


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_links_and_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colour on a terminal; NO_COLOR switches it off."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    out = _Terminal()
    show(GALLERY["caution"], out, width=80)
    assert "\x1b[1m" in out.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    bare = _Terminal()
    show(GALLERY["fault"], bare, width=80)
    assert "31m" not in bare.getvalue()


def test_cleaning_keeps_words() -> None:
    """Only what is invisible or harmful goes."""
    assert clean("São Paulo\t8x") == "São Paulo 8x"
    assert "\x1b" not in clean(NASTY)
