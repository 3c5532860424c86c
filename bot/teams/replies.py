"""Activities and invoke bodies the bot answers with, as plain JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.core.answer import Answer, Table
from bot.core.text import clean, shorten
from bot.core.wording import Wording, wording
from bot.teams.card import CONTENT_TYPE, MAX_ACTION_TITLE, render

MAX_SUMMARY = 250
MAX_SUGGESTED = 3
"""Teams shows no more beside each other."""
MAX_RESULTS = 25
"""Teams pages search results by 25."""
MAX_PREVIEW_TITLE, MAX_PREVIEW_TEXT = 48, 120
"""Ours: two narrow lines each beside the compose box."""
MAX_NAMES = 2
"""Provider and card name a row; further words stand with the figures."""
MESSAGE_TYPE = "application/vnd.microsoft.activity.message"
ERROR_TYPE = "application/vnd.microsoft.error"
Body = dict[str, Any]


class Written(str):
    """A value that is JSON already: a card that many get is written once."""

    __slots__ = ()


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def to_json(body: Mapping[str, Any]) -> str:
    """A body as JSON; its own values may be `Written`."""
    parts = (
        f"{dumps(name)}:{value if isinstance(value, Written) else dumps(value)}"
        for name, value in body.items()
    )
    return "{" + ",".join(parts) + "}"


def message(
    answer: Answer,
    *,
    image: bytes | None = None,
    delivery_id: str | None = None,
    mention_only: bool = False,
) -> Body:
    """A message activity with the answer's card; the headline is its notification."""
    headline = shorten(clean(answer.headline), MAX_SUMMARY)
    say = wording(answer.lang, answer.locale)
    body: Body = {
        "type": "message",
        "summary": headline,
        "locale": say.locale,
        "attachments": [{"contentType": CONTENT_TYPE, "content": render(answer, image=image)}],
        # Thumbs under the message; a click comes back as an invoke.
        "channelData": {"feedbackLoopEnabled": not mention_only},
    }
    if delivery_id:
        body["channelData"]["quartermaster"] = {"delivery": delivery_id}
    if answer.private:
        body["entities"] = [_label(say)]
    if suggested := _suggested(answer):
        body["suggestedActions"] = {"to": [], "actions": suggested}
    return body


def _label(say: Wording) -> Body:
    """Teams' mark of how a message may be used, beside contract prices.
    https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bot-messages-ai-generated-content"""
    usage = {
        "@type": "CreativeWork",
        "name": say.t("Confidential"),
        "description": say.t("Holds contract prices of your organisation."),
    }
    return {
        "type": "https://schema.org/Message", "@type": "Message", "@context": "https://schema.org",
        "@id": "", "usageInfo": usage,
    }  # fmt: skip


def _suggested(answer: Answer) -> list[Body]:
    """Under what opens a conversation, questions that a tap asks; under the others stand buttons."""
    if answer.question is None or answer.question.intent != "greeting":
        return []
    return [
        {"type": "imBack", "title": shorten(clean(one.label), MAX_ACTION_TITLE), "value": clean(one.question)}
        for one in answer.follow_ups[:MAX_SUGGESTED]
    ]  # fmt: skip


def text(words: str) -> Body:
    """A plain sentence."""
    return {"type": "message", "text": words, "textFormat": "plain", "summary": words[:MAX_SUMMARY]}


def typing() -> Body:
    return {"type": "typing"}


def card_swap(card: Body) -> Body:
    """The card takes the clicked one's place."""
    return {"statusCode": 200, "type": CONTENT_TYPE, "value": card}


def toast(words: str) -> Body:
    """A short message to the person who clicked; the card stays."""
    return {"statusCode": 200, "type": MESSAGE_TYPE, "value": words}


def click_fault(code: str, words: str, status: int = 400) -> Body:
    """Shown at the card; the HTTP status stays 200, as universal actions want it."""
    return {"statusCode": status, "type": ERROR_TYPE, "value": {"code": code, "message": words}}


def search_note(words: str) -> Body:
    """A sentence in place of search results."""
    return {"composeExtension": {"type": "message", "text": words}}


def search_results(answer: Answer, skip: int, count: int) -> Body:
    """The answer as a card to insert, then one card a row. Buttons stay out: the card is sent as
    the person, perhaps where the bot is not installed."""
    items = [(answer, *_preview(answer)), *_rows(answer)]
    shown = items[skip : skip + max(1, min(count, MAX_RESULTS))]
    return {
        "composeExtension": {
            "type": "result",
            "attachmentLayout": "list",
            "attachments": [_result(*one) for one in shown],
        }
    }


def _preview(answer: Answer) -> tuple[str, str]:
    """Title and text of the whole answer in the list."""
    under = answer.lines[0] if answer.lines else (answer.table.caption if answer.table else "")
    if not under and answer.evidence:
        say = wording(answer.lang, answer.locale)
        under = say.t(
            "Sources: {names} · {dates}",
            names=answer.evidence[0].source,
            dates=say.date(answer.evidence[0].as_of),
        )
    return answer.headline, under or ""


def _rows(answer: Answer) -> list[tuple[Answer, str, str]]:
    """Each row of the table as an answer of its own, with the evidence of the whole; what the list
    shows of it: its names above, its figures with their columns' titles below."""
    if answer.table is None:
        return []
    out = []
    for row in answer.table.rows:
        names: list[str] = []
        figures: list[str] = []
        for column, cell in zip(answer.table.columns, row.cells, strict=False):
            if not column.essential or clean(cell) in ("", "-"):
                continue
            if len(names) < MAX_NAMES and column.align == "left":
                names.append(cell)
            else:
                figures.append(f"{column.title} {cell}")
        if names or figures:
            table = Table(answer.table.columns, (row,))
            one = answer._replace(
                headline=" · ".join(names or figures), lines=(), table=table, chart=None, facts=()
            )
            out.append((one, one.headline, " · ".join(figures)))
    return out


def _result(answer: Answer, title: str, under: str) -> Body:
    return {
        "contentType": CONTENT_TYPE,
        "content": render(answer, actions=False),
        # Without a preview Teams shows no item at all.
        "preview": {
            "contentType": "application/vnd.microsoft.card.thumbnail",
            "content": {
                "title": shorten(clean(title), MAX_PREVIEW_TITLE),
                "text": shorten(clean(under), MAX_PREVIEW_TEXT),
            },
        },
    }
