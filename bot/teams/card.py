"""Answer -> Adaptive Card 1.5, a plain dict. Pure: no SDK, no network, no clock.

Reading order is the answer's: headline, sentences, table, facts, chart, cautions, provenance,
buttons. What does not fit is cut, and the card says so.
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from bot.core.answer import Answer, Note
from bot.core.question import Lang
from bot.core.telemetry import timed
from bot.core.text import clean, shorten
from bot.core.wording import Wording, wording
from bot.render.provenance import age_mark, provenance
from bot.teams.chart import chart_elements
from bot.teams.markdown import escape, link
from bot.teams.table import tables

SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
VERSION = "1.5"
"""The highest version Teams states; newer elements ride on it with a fallback."""
CONTENT_TYPE = "application/vnd.microsoft.card.adaptive"
MAX_BYTES = 25_000
"""Ours: a quarter of what a message may weigh, so that every client draws it at once."""
MAX_ACTIONS = 5
"""Ours: further ones shrink the others to a letter on a narrow card."""
MAX_ACTION_TITLE = 40
MAX_QUESTION = 500
DATA_VERSION = 1
Element = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Room:
    """How much of each slot is shown; tightened until the card fits."""

    rows: int
    points: int = 60
    facts: int = 30
    lines: int = 12
    text: int = 1000
    image: bool = True


@timed("render")
def render(
    answer: Answer,
    *,
    actions: bool = True,
    back: str | None = None,
    image: bytes | None = None,
    refresh_for: Sequence[str] = (),
) -> dict[str, Any]:
    """The card of an Answer.

    `actions` False leaves the buttons out (a card sent where the bot is not installed).
    `back` is the question a replaced card answered: it becomes a button. `image` is the chart as
    PNG for hosts that draw none. `refresh_for` lists up to 60 user ids whose clients ask for the
    card anew when they show it.
    """
    say = wording(answer.lang, answer.locale)
    room = _Room(rows=len(answer.table.rows) if answer.table else 0)
    while True:
        card = _compose(
            answer, say, room, actions, back, image if room.image else None, refresh_for
        )
        size = weight(card)
        if size <= MAX_BYTES:
            return card
        tighter = _tighter(room, answer, image, size)
        if tighter is None:
            return card
        room = tighter


def weight(card: dict[str, Any]) -> int:
    """Bytes of the card as it is sent."""
    return len(json.dumps(card, ensure_ascii=False, separators=(",", ":")).encode())


def _tighter(room: _Room, answer: Answer, image: bytes | None, size: int) -> _Room | None:
    """The next smaller room: rows go first, words last."""
    if room.rows > 10:
        return replace(room, rows=max(10, min(room.rows - 1, room.rows * MAX_BYTES // size)))
    if room.image and image is not None:
        return replace(room, image=False)
    if answer.chart is not None and room.points > 15:
        return replace(room, points=room.points // 2)
    if room.text > 300:
        return replace(room, text=300)
    if room.rows > 2:
        return replace(room, rows=room.rows // 2)
    if room.facts > 8:
        return replace(room, facts=8, lines=5)
    if room.text > 100:
        return replace(room, text=100)
    return None


def _compose(
    answer: Answer,
    say: Wording,
    room: _Room,
    actions: bool,
    back: str | None,
    image: bytes | None,
    refresh_for: Sequence[str],
) -> dict[str, Any]:
    headline = shorten(clean(answer.headline), room.text) or say.t("No answer")
    body: list[Element] = [_headline(answer, headline)]
    if answer.table is not None and answer.table.columns and answer.table.rows:
        shown = answer.table.rows[: room.rows]
        body += tables(answer.table, shown)
        if len(shown) < len(answer.table.rows):
            body.append(
                _small(
                    say.t(
                        "{shown} of {total} rows fit into this card.",
                        shown=len(shown),
                        total=len(answer.table.rows),
                    )
                )
            )
        if answer.table.caption and clean(answer.table.caption):
            body.append(_small(answer.table.caption, room.text, spacing="Default"))
        if mark := age_mark(answer.table, say):
            body.append(_small(mark))
    body += [
        _text(line, room.text, spacing="Small")
        for line in answer.lines[: room.lines]
        if clean(line)
    ]
    if len(answer.lines) > room.lines:
        body.append(
            _small(
                say.t(
                    "{shown} of {total} sentences shown.", shown=room.lines, total=len(answer.lines)
                )
            )
        )
    if answer.facts:
        facts = answer.facts[: room.facts]
        body.append(
            {
                "type": "FactSet",
                "spacing": "Medium",
                "facts": [
                    {
                        "title": escape(fact.label, min(room.text, 200)) or " ",
                        "value": link(fact.value, fact.url, room.text) or " ",
                    }
                    for fact in facts
                ],
            }
        )
        if len(facts) < len(answer.facts):
            body.append(
                _small(
                    say.t(
                        "{shown} of {total} facts fit into this card.",
                        shown=len(facts),
                        total=len(answer.facts),
                    )
                )
            )
    if answer.chart is not None:
        body += chart_elements(answer.chart, say, points=room.points, image=image)
    body += [_note(note, say, room.text) for note in answer.notes]
    if answer.read_as:
        body.append(_small(escape(answer.read_as, room.text)))
    if answer.private:
        body.append(_small(say.t("Holds contract prices of your organisation.")))
    if answer.evidence:
        # Links are already escaped: the sentence is put together around them.
        text = provenance(answer.evidence, say, partial(link, limit=100))
        body.append(
            {
                "type": "TextBlock",
                "text": text,
                "wrap": True,
                "size": "Small",
                "isSubtle": True,
                "spacing": "Medium",
            }
        )
    card: dict[str, Any] = {
        "$schema": SCHEMA,
        "type": "AdaptiveCard",
        "version": VERSION,
        "lang": answer.lang,
        "fallbackText": headline,
        "speak": headline,
        "body": body,
        "msteams": {"width": "Full"},
    }
    if actions and (buttons := _actions(answer, say, back)):
        card["actions"] = buttons
    if refresh_for and answer.question is not None and (asked := clean(answer.question.text)):
        card["refresh"] = {
            "action": {
                "type": "Action.Execute",
                "verb": "refresh",
                "data": {"v": DATA_VERSION, "q": asked[:MAX_QUESTION], "l": answer.lang},
            },
            "userIds": list(refresh_for)[:60],
        }
    return card


def _headline(answer: Answer, headline: str) -> Element:
    text: Element = {
        "type": "TextBlock",
        "text": escape(headline, len(headline)),
        "wrap": True,
        "style": "heading",
        "weight": "Bolder",
        "size": "Medium",
    }
    if answer.tone == "plain":
        return text
    style = "attention" if answer.tone == "fault" else "warning"
    return {"type": "Container", "style": style, "items": [text]}


def _note(note: Note, say: Wording, limit: int) -> Element:
    """A caution or tip: the word says which, the colour only repeats it."""
    word = say.t("Caution") if note.kind == "caution" else say.t("Tip")
    return {
        "type": "Container",
        "style": "warning" if note.kind == "caution" else "emphasis",
        "spacing": "Medium",
        "items": [
            {
                "type": "TextBlock",
                "text": f"**{word}:** {escape(note.text, limit)}",
                "wrap": True,
            }
        ],
    }


def _actions(answer: Answer, say: Wording, back: str | None) -> list[Element]:
    asked = clean(answer.question.text) if answer.question else ""
    room = MAX_ACTIONS - 1 if back else MAX_ACTIONS
    buttons = [
        execute(item.label, item.question, lang=answer.lang, back=asked)
        for item in answer.follow_ups[:room]
        if clean(item.question)
    ]
    if back:
        buttons.append(execute(say.t("Back"), back, lang=answer.lang))
    return buttons


def execute(label: str, question: str, *, lang: Lang = "en", back: str = "") -> Element:
    """A button that asks: Action.Execute, and for clients without it the same as a message."""
    asked = clean(question)[:MAX_QUESTION]
    title = shorten(clean(label), MAX_ACTION_TITLE) or shorten(asked, MAX_ACTION_TITLE)
    data: dict[str, Any] = {"v": DATA_VERSION, "q": asked, "l": lang}
    if back and back != asked:
        data["back"] = back[:MAX_QUESTION]
    return {
        "type": "Action.Execute",
        "title": title,
        "verb": "ask",
        "data": data,
        "fallback": {
            "type": "Action.Submit",
            "title": title,
            "data": {
                **data,
                "msteams": {"type": "messageBack", "displayText": asked, "text": asked},
            },
        },
    }


def _text(text: str, limit: int, **more: Any) -> Element:
    return {"type": "TextBlock", "text": escape(text, limit), "wrap": True, **more}


def _small(text: str, limit: int = 400, spacing: str = "Small") -> Element:
    return _text(text, limit, size="Small", isSubtle=True, spacing=spacing)
