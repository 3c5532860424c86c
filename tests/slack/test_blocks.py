"""What Slack gets: within every limit, without a ping, and the same as yesterday."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import slack_validator as validator
from gallery import DAY, GALLERY
from hypothesis import given
from hypothesis import strategies as st

from bot.core.answer import (
    Answer,
    Chart,
    Column,
    Evidence,
    Fact,
    FollowUp,
    Note,
    Series,
    Table,
    TableRow,
)
from bot.core.command import COMMANDS
from bot.core.question import Question
from bot.core.wording import wording
from bot.slack import blocks, home, values, views
from bot.understanding.understand import understand

GOLDEN = Path(__file__).parent / "golden"
USER = "U0DANA0001"
WHERE = ("thread", "private", "post")


def file_of(name: str) -> Path:
    return GOLDEN / f"{name.replace(' ', '-')}.json"


@pytest.mark.parametrize("name", list(GALLERY))
def test_the_gallery_looks_as_it_did(name: str) -> None:
    """Meant to change? `python tests/slack/test_blocks.py` writes the files anew; read the diff."""
    made = blocks.message(GALLERY[name], user=USER)
    assert made == json.loads(file_of(name).read_text("utf-8"))


def test_no_golden_file_is_left_over() -> None:
    assert {path.name for path in GOLDEN.glob("*.json")} == {file_of(name).name for name in GALLERY}


@pytest.mark.parametrize("safe", [False, True])
@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("name", list(GALLERY))
def test_the_gallery_is_within_slacks_limits(name: str, where: blocks.Where, safe: bool) -> None:
    validator.message(blocks.message(GALLERY[name], where=where, user=USER, safe=safe))


NASTY = ("<!channel>", "<@U1>", "&amp;", "&", "<", ">", "*b*", "`x`", "_i_", "~s~", "|", "\u202e", "\x00", "\n", "<https://evil.example|free>", "🧮", "é", "$1.20", " ", "`" * 3, "H100", "per GPU-hour", "word")  # fmt: skip


class Maker:
    """Answers that no command of ours would make; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def maybe(self, made: Callable[[], Any]) -> Any:
        return made() if self.rng.random() < 0.7 else None

    def some(self, most: int, made: Callable[[], Any]) -> tuple[Any, ...]:
        return tuple(made() for _ in range(self.rng.randint(0, most)))

    def text(self, most: int) -> str:
        pieces = self.rng.choices(NASTY, k=self.rng.randint(0, 12))
        space = self.rng.choice(["", " "])
        return (space.join(pieces) * self.rng.choice([1, 1, 1, 1, 8, 60]))[:most]

    def table(self) -> Table:
        width = self.rng.randint(1, 25)
        columns = tuple(Column(self.text(40), self.rng.choice(["left", "right"]), essential=self.rng.random() < 0.5) for _ in range(width))  # fmt: skip
        rows = self.some(4, lambda: TableRow(tuple(self.text(60) for _ in range(width)), self.maybe(lambda: self.rng.choice([self.text(80), "https://x.example/a|b>c"])), self.rng.random() < 0.3))  # fmt: skip
        return Table(columns, rows * self.rng.randint(1, 40), self.maybe(lambda: self.text(200)))

    def series(self) -> Series:
        start = date(2026, 8, 1)
        days = range(self.rng.randint(1, 45))
        return Series(self.text(40), tuple((start + timedelta(days=n), self.maybe(lambda: self.rng.uniform(0.01, 500))) for n in days))  # fmt: skip

    def chart(self) -> Chart:
        return Chart(self.text(120), self.text(60), self.some(8, self.series), self.text(200), self.text(80))  # fmt: skip

    def fact(self) -> Fact:
        return Fact(self.text(100), self.text(400), self.maybe(lambda: self.text(50)))

    def note(self) -> Note:
        return Note(self.rng.choice(["tip", "caution"]), "rule", self.text(600))

    def answer(self) -> Answer:
        words = self.rng.choice([self.text(300), *(one.example("en") for one in COMMANDS)])
        return Answer(
            headline=self.text(4000),
            lang=self.rng.choice(["en", "pt"]),
            tone=self.rng.choice(["plain", "caution", "fault"]),
            lines=self.some(10, lambda: self.text(1500)),
            table=self.maybe(self.table),
            facts=self.some(25, self.fact),
            chart=self.maybe(self.chart),
            notes=self.some(4, self.note),
            evidence=self.some(8, lambda: Evidence(self.text(60), self.text(60), DAY, DAY)),
            follow_ups=self.some(9, lambda: FollowUp(self.text(90), self.text(2500))),
            question=self.maybe(lambda: understand(words)),
            private=self.rng.random() < 0.2,
            now=DAY,
        )


@pytest.mark.parametrize("seed", range(4))
def test_any_answer_is_within_slacks_limits(seed: int) -> None:
    """A thousand of them."""
    maker = Maker(seed)
    for _ in range(250):
        answer = maker.answer()
        where, safe = maker.rng.choice(WHERE), maker.rng.random() < 0.4
        validator.message(blocks.message(answer, where=where, user=USER, safe=safe))  # type: ignore[arg-type]


@given(st.text(max_size=3000), st.one_of(st.text(max_size=60), st.just(USER)))
def test_a_button_carries_its_question_back(words: str, user: str) -> None:
    """Whatever it holds fits, and what is read again is the same person's same question."""
    carried = values.write(words, "pt", user)
    assert len(carried) <= values.MAX_VALUE
    click = values.read(carried)
    if click is not None:
        assert click.lang == "pt"
        assert len(click.question) <= values.MAX_QUESTION
        assert values.read(values.write(click.question, click.lang, click.user)) == click
        assert "|" not in click.user


@given(st.one_of(st.text(max_size=3000), st.none(), st.integers(), st.lists(st.text())))
def test_any_value_of_a_button_is_read_without_a_fault(value: Any) -> None:
    values.read(value)


@pytest.mark.parametrize("lang", ["en", "pt"])
def test_home_and_forms_are_within_slacks_limits(lang: Any) -> None:
    question = Question("history", lang=lang, accelerators=("H100",), count=8, region="eu", billing="spot", max_price=2.5)  # fmt: skip
    validator.view(views.find_form(lang))
    validator.view(views.find_form(lang, question, {"url": "https://hooks.slack.com/" + "x" * 500}))
    validator.view(views.reason_form(lang, "abcdef"))
    validator.view(views.note(lang, "Old."))
    for name in GALLERY:
        kept = {"lang": lang, "region": "eu", "billing": "spot"}
        validator.view(
            home.home_view(lang, kept, [home.Order("C0GPU0001", GALLERY[name])] * 8, GALLERY[name])
        )
    validator.view(home.home_view(lang, {"region": "nowhere"}, [], None))


def test_the_text_says_what_the_picture_would() -> None:
    """Phones and screen readers get the finding once, not the chart's absence."""
    text = blocks.fallback_text(GALLERY["chart"])
    assert text == "H100: up 12 %. Up 12 % since August."
    same = GALLERY["chart"]._replace(headline="H100, on demand: up 12 %, from $1 to $2. More.")
    assert same.chart is not None
    same = same._replace(
        chart=same.chart._replace(finding="H100, on demand: up 12 %, from $1 to $2.")
    )
    assert blocks.fallback_text(same) == "H100, on demand: up 12 %, from $1 to $2. More."


def test_a_thread_card_says_what_it_leaves_out() -> None:
    say = wording("en")
    shown = json.dumps(blocks.render(GALLERY["forty rows"]))
    assert say.t("{shown} of {total} rows shown.", shown=40, total=40) not in shown


if __name__ == "__main__":
    sys.path[:0] = [
        str(Path(__file__).parent.parent),
        str(Path(__file__).parent.parent / "support"),
    ]
    GOLDEN.mkdir(exist_ok=True)
    for old in GOLDEN.glob("*.json"):
        old.unlink()
    for title, sample in GALLERY.items():
        message = blocks.message(sample, user=USER)
        file_of(title).write_text(json.dumps(message, ensure_ascii=False, indent=1) + "\n", "utf-8")
