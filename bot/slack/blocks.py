"""Answer -> Slack message: Block Kit as plain dicts, and the text phones show. Pure.

Reading order is the answer's: headline, sentences, table, facts, chart, cautions, provenance,
buttons, verdict. What does not fit is cut, and the message says so.
https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from bot.core.answer import Answer, Fact, Note
from bot.core.command import BY_NAME
from bot.core.phrase import phrase
from bot.core.question import Question
from bot.core.telemetry import timed
from bot.core.text import clean, shorten
from bot.core.wording import Wording, wording
from bot.render.provenance import age_mark, provenance
from bot.slack import values
from bot.slack.chart import chart_block, in_words
from bot.slack.table import plain_table, table_block
from bot.slack.text import entities, escape, link, literal, plain
from bot.understanding.understand import understood

MAX_BLOCKS = 50
"""https://docs.slack.dev/reference/block-kit/blocks"""
MAX_SECTION = 3000
"""https://docs.slack.dev/reference/block-kit/blocks/section-block"""
MAX_FIELDS = 10
MAX_CONTEXT = 10
"""https://docs.slack.dev/reference/block-kit/blocks/context-block"""
MAX_BUTTON_TEXT = 75
"""https://docs.slack.dev/reference/block-kit/block-elements/button-element"""
MAX_OVERFLOW = 5
"""https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element"""
MAX_TEXT = 3500
"""Ours, of 4,000 that Slack advises: https://docs.slack.dev/reference/methods/chat.postMessage"""
MAX_CHARACTERS = 12_000
"""Ours: Slack refuses messages whose blocks pass about 13,000 characters (`msg_blocks_too_long`)."""
MAX_BUTTONS = 5
"""Ours: a sixth makes a second row on a laptop."""
BUTTON_WORDS = 40
"""Ours: longer labels are cut by phones."""
MAX_NOTES = 2
EN_DASH = "–"
Where = Literal["thread", "private", "post", "home"]
"""`private`: seen by one person only, and can be shared. `post`: nobody asked just now."""
Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Room:
    """How much of each slot is shown; tightened until the message fits."""

    rows: int
    facts: int = 30
    lines: int = 12
    text: int = 1000
    carried: int = 1500
    """Characters of a question that a button may carry; longer ones get no button."""


def message(
    answer: Answer, *, where: Where = "thread", user: str = "", safe: bool = False
) -> dict[str, Any]:
    """`text` and `blocks` of a message. `safe` uses only blocks that every client knows."""
    return {
        "text": fallback_text(answer),
        "blocks": render(answer, where=where, user=user, safe=safe),
    }


@timed("render")
def render(
    answer: Answer, *, where: Where = "thread", user: str = "", safe: bool = False
) -> list[Block]:
    """The blocks of an Answer. `user` asked: only that person's clicks replace the card."""
    say = wording(answer.lang, answer.locale)
    room = _Room(rows=min(len(answer.table.rows), 99) if answer.table else 0)
    while True:
        blocks = _compose(answer, say, room, where, user, safe)
        size = weight(blocks)
        if size <= MAX_CHARACTERS and len(blocks) <= MAX_BLOCKS:
            return blocks
        tighter = _tighter(room, size)
        if tighter is None:
            return blocks
        room = tighter


def fallback_text(answer: Answer) -> str:
    """What phones notify and screen readers begin with: the answer in one line."""
    say = wording(answer.lang)
    text = clean(answer.headline) or say.t("No answer")
    if answer.chart is not None:
        finding = clean(answer.chart.finding)
        if finding and finding.rstrip(".") not in text:
            text = f"{text} {finding}"
    # Entities lengthen it: what Slack gets stays under its advice all the same.
    return plain(shorten(text, 1500), MAX_TEXT // 2)


def weight(blocks: Sequence[Block]) -> int:
    """Characters of the blocks as they are sent."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def answer_ref(answer: Answer) -> str:
    """A short name of this answer, to go with what people think of it."""
    asked = answer.question.text if answer.question else ""
    seed = f"{answer.headline}\n{asked}\n{answer.now}"
    return hashlib.blake2b(seed.encode("utf-8", "replace"), digest_size=8).hexdigest()


def asked_words(answer: Answer) -> str:
    """The question as it was understood, in words that mean the same without the conversation."""
    question = answer.question
    if question is None:
        return ""
    text = clean(question.text)
    if BY_NAME[question.intent].narrows and question.accelerators:
        # As typed it is exact, unless the conversation or a preference filled in what it leaves out.
        typed = understood(text)
        if (typed.accelerators, typed.region, typed.billing) != (
            question.accelerators, question.region, question.billing,
        ):  # fmt: skip
            return phrase(question)
    return text


def _tighter(room: _Room, size: int) -> _Room | None:
    """The next smaller room: rows go first, words last."""
    if room.rows > 10:
        return replace(room, rows=max(10, min(room.rows - 1, room.rows * MAX_CHARACTERS // size)))
    if room.facts > 20:
        return replace(room, facts=20)
    if room.text > 400:
        return replace(room, text=400)
    if room.facts > 10:
        return replace(room, facts=10, lines=6)
    if room.rows > 3:
        return replace(room, rows=room.rows // 2)
    if room.text > 150:
        return replace(room, text=150)
    if room.facts > 4:
        return replace(room, facts=4, lines=3)
    if room.carried > 200:
        return replace(room, carried=200)
    return None


def _compose(
    answer: Answer, say: Wording, room: _Room, where: Where, user: str, safe: bool
) -> list[Block]:
    headline = escape(answer.headline, room.text) or say.t("No answer")
    blocks: list[Block] = [_section(f"*{headline}*")]
    blocks += _table(answer, say, room, safe or where == "home")
    blocks += _lines(answer, say, room)
    blocks += _facts(answer.facts, say, room)
    if answer.chart is not None:
        blocks += _chart(answer, say, where, safe)
    blocks += [_note(note, say, room.text) for note in answer.notes[:MAX_NOTES]]
    small = []
    if answer.read_as:
        small.append(escape(answer.read_as, room.text))
    if answer.evidence:
        small.append(provenance(answer.evidence, say, partial(link, limit=100)))
    if answer.private:
        small.append(say.t("Holds contract prices of your organisation."))
    if small:
        blocks.append(fine_print(*small))
    if where != "home":
        if buttons := _buttons(answer, say, where, user, room.carried):
            blocks.append({"type": "actions", "elements": buttons})
        if not safe and answer.tone != "fault" and where != "post" and shareable(answer.question):
            blocks.append(_verdict(answer, say))
    return blocks


def _lines(answer: Answer, say: Wording, room: _Room) -> list[Block]:
    """Sentences, as many to a section as it holds."""
    words = [escape(line, room.text) for line in answer.lines]
    words = [line for line in words if line]
    shown = words[: room.lines]
    blocks = [_section(text) for text in _packed(shown)]
    if len(shown) < len(words):
        cut = say.t("{shown} of {total} sentences shown.", shown=len(shown), total=len(words))
        blocks.append(fine_print(escape(cut)))
    return blocks


def _table(answer: Answer, say: Wording, room: _Room, safe: bool) -> list[Block]:
    table = answer.table
    if table is None or not table.columns or not table.rows:
        return []
    shown = table.rows[: room.rows]
    blocks: list[Block] = []
    if safe:
        text = plain_table(table, shown)
        kept = max(1, text.count("\n"))
        blocks.append(_section(f"```{entities(text)}```"))
    else:
        blocks.append(table_block(table, shown))
        kept = len(shown)
    small = []
    if kept < len(table.rows):
        small.append(say.t("{shown} of {total} rows shown.", shown=kept, total=len(table.rows)))
    if table.caption and clean(table.caption):
        small.append(escape(table.caption, room.text))
    if mark := age_mark(table, say):
        small.append(mark)
    if small:
        blocks.append(fine_print(" ".join(small)))
    return blocks


def _facts(facts: Sequence[Fact], say: Wording, room: _Room) -> list[Block]:
    """Short ones in two columns, longer ones below each other."""
    known = [fact for fact in facts if clean(fact.label) or clean(fact.value)]
    shown = known[: room.facts]
    if not shown:
        return []
    short = all(len(fact.label) <= 60 and len(fact.value) <= 90 for fact in shown)
    blocks: list[Block] = []
    if short and len(shown) <= MAX_FIELDS:
        fields = [
            {"type": "mrkdwn", "text": f"*{escape(fact.label, 60) or EN_DASH}*\n{link(fact.value, fact.url, 90) or EN_DASH}", "verbatim": True}
            for fact in shown
        ]  # fmt: skip
        blocks.append({"type": "section", "fields": fields})
    else:
        lines = [
            f"*{escape(fact.label, min(room.text, 200)) or EN_DASH}*  {link(fact.value, fact.url, room.text)}".rstrip()
            for fact in shown
        ]
        blocks += [_section(text) for text in _packed(lines)]
    if len(shown) < len(known):
        cut = say.t("{shown} of {total} facts shown.", shown=len(shown), total=len(known))
        blocks.append(fine_print(escape(cut)))
    return blocks


def _chart(answer: Answer, say: Wording, where: Where, safe: bool) -> list[Block]:
    """The drawing where Slack can do it, its finding and provenance always in words."""
    chart = answer.chart
    if chart is None:
        return []
    # A picture uploaded to a channel is seen by all of it, so a private answer never has one.
    block = None
    if not safe and where != "home":
        block = chart_block(chart, say, thin=where == "private")
    blocks: list[Block] = []
    finding = escape(chart.finding, 500)
    if block is not None:
        blocks.append(block)
    else:
        lines = [f"*{escape(chart.title, 200)}*"] if clean(chart.title) else []
        lines += [escape(line, 300) for line in in_words(chart, say)]
        if lines:
            blocks.append(_section("\n".join(lines)))
    if finding and finding not in escape(answer.headline, 3000):
        blocks.append(_section(finding))
    small = " · ".join(filter(None, (escape(chart.unit, 100), escape(chart.source, 300))))
    if small:
        blocks.append(fine_print(small))
    return blocks


def _note(note: Note, say: Wording, limit: int) -> Block:
    """A caution or tip; *Why?* leads to the rule that it comes from."""
    word = say.t("Caution") if note.kind == "caution" else say.t("Tip")
    text = f"*{word}:* {escape(note.text, min(limit, 900))}"
    return fine_print(text) if note.kind == "tip" else _section(text)


# -- buttons ---------------------------------------------------------------------------------


def _buttons(answer: Answer, say: Wording, where: Where, user: str, carried: int) -> list[Block]:
    """At most five, and a menu for the questions that found no room."""
    asked = asked_words(answer)
    if len(asked) > carried:
        asked = ""
    question = answer.question
    own: list[Block] = []
    if question is not None and BY_NAME[question.intent].narrows and asked:
        value = values.write(asked, answer.lang, user)
        own.append(_button(say.t("Refine"), values.REFINE, value))
    if (alert := alert_question(answer)) is not None:
        own.append(_button(say.t("Alert me"), values.ASIDE, values.write(phrase(alert), answer.lang, user)))  # fmt: skip
    holds = bool(answer.offers or answer.table or answer.chart or answer.facts)
    if where == "private" and answer.tone != "fault" and holds and asked and shareable(question):
        value = values.write(asked, answer.lang, user)
        share = _button(say.t("Share to channel"), values.SHARE, value)
        own.append({**share, "confirm": _confirmation(say)} if answer.private else share)
    nexts = [
        (literal(item.label, BUTTON_WORDS) or literal(item.question, BUTTON_WORDS), item.question)
        for item in answer.follow_ups
        if clean(item.question) and len(item.question) <= carried
    ]
    room = MAX_BUTTONS - len(own)
    room -= len(nexts) > room  # for the menu
    buttons = [
        _button(label, f"{values.ASK}.{n}", values.write(words, answer.lang, user))
        for n, (label, words) in enumerate(nexts[:room])
    ]
    buttons += own
    if menu := _menu(nexts[room:], answer, user):
        buttons.append(menu)
    return buttons


def shareable(question: Question | None) -> bool:
    """Whether it can be asked again for everybody: sharing must change nothing."""
    return question is not None and BY_NAME[question.intent].reads


def alert_question(answer: Answer) -> Question | None:
    """A watch on the price just shown falling further; None where there is nothing to watch."""
    question = answer.question
    if question is None or not answer.offers:
        return None
    if not BY_NAME[question.intent].watchable or len(question.accelerators) != 1:
        return None
    best = answer.offers[0].price_usd_per_gpu_hour
    if best is None or answer.private:
        return None
    return Question(
        intent="watch",
        lang=answer.lang,
        accelerators=question.accelerators,
        memory_gb=question.memory_gb,
        region=question.region,
        billing=question.billing,
        direction="below",
        threshold=round(best, 2),
    )


def _button(label: str, action: str, value: str) -> Block:
    return {
        "type": "button",
        "action_id": action,
        "text": {"type": "plain_text", "text": shorten(label, MAX_BUTTON_TEXT), "emoji": False},
        "value": value,
    }


def _confirmation(say: Wording) -> Block:
    """https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object"""

    def plain_text(words: str) -> Block:
        return {"type": "plain_text", "text": words}

    return {
        "title": plain_text(say.t("Share to channel")),
        "text": plain_text(say.t("The channel is shown public prices. Your contract prices stay with you.")),
        "confirm": plain_text(say.t("Share")),
        "deny": plain_text(say.t("Cancel")),
    }  # fmt: skip


def _menu(nexts: Sequence[tuple[str, str]], answer: Answer, user: str) -> Block | None:
    options = []
    for label, words in nexts:
        value = values.write(words, answer.lang, user)
        if len(value) <= values.MAX_OPTION_VALUE:
            text = {"type": "plain_text", "text": shorten(label, MAX_BUTTON_TEXT), "emoji": False}
            options.append({"text": text, "value": value})
    if not options:
        return None
    return {"type": "overflow", "action_id": values.MORE, "options": options[:MAX_OVERFLOW]}


def _verdict(answer: Answer, say: Wording) -> Block:
    """Thumbs: https://docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element"""
    ref = f"{values.VERSION}|{answer.lang}||{answer_ref(answer)}"

    def thumb(words: str, verdict: str) -> Block:
        return {"text": {"type": "plain_text", "text": words}, "value": f"{ref}:{verdict}"}

    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": values.VERDICT,
                "positive_button": thumb(say.t("Helpful"), "good"),
                "negative_button": thumb(say.t("Not helpful"), "bad"),
            }
        ],
    }


# -- pieces ----------------------------------------------------------------------------------


def _section(text: str) -> Block:
    # Cut between entities, never inside one.
    if len(text) > MAX_SECTION:
        text = text[: MAX_SECTION - 1].rsplit("&", 1)[0].rstrip() + "…"
    return {
        "type": "section",
        "text": {"type": "mrkdwn", "text": text, "verbatim": True},
        "expand": True,
    }


def fine_print(*texts: str) -> Block:
    """Small print: escaped texts in one line."""
    return {
        "type": "context",
        "elements": [
            {"type": "mrkdwn", "text": shorten(text, MAX_SECTION), "verbatim": True}
            for text in texts[:MAX_CONTEXT]
        ],
    }


def _packed(lines: Sequence[str]) -> list[str]:
    """Lines joined into texts that each fit a section."""
    out: list[str] = []
    for line in lines:
        if out and len(out[-1]) + len(line) + 1 <= MAX_SECTION - 100:
            out[-1] += f"\n{line}"
        else:
            out.append(line)
    return out
