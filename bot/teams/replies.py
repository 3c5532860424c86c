"""Activities and invoke bodies the bot answers with, as plain JSON."""

from __future__ import annotations

from typing import Any

from bot.answer import Answer, Table
from bot.teams.card import CONTENT_TYPE, LANGUAGE_TAGS, render
from bot.teams.markdown import clean, shorten
from bot.wording import wording

MAX_SUMMARY = 250
MAX_RESULTS = 25
"""Teams pages search results by 25."""
MESSAGE_TYPE = "application/vnd.microsoft.activity.message"
ERROR_TYPE = "application/vnd.microsoft.error"
Body = dict[str, Any]


def message(
    answer: Answer,
    *,
    image: bytes | None = None,
    delivery_id: str | None = None,
    mention_only: bool = False,
) -> Body:
    """A message activity with the answer's card; the headline is its notification."""
    headline = shorten(clean(answer.headline), MAX_SUMMARY)
    body: Body = {
        "type": "message",
        "summary": headline,
        "locale": LANGUAGE_TAGS[answer.lang],
        "attachments": [{"contentType": CONTENT_TYPE, "content": render(answer, image=image)}],
        # Thumbs under the message; a click comes back as an invoke.
        "channelData": {"feedbackLoopEnabled": not mention_only},
    }
    if delivery_id:
        body["channelData"]["quartermaster"] = {"delivery": delivery_id}
    return body


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
    items = [answer, *_rows(answer)]
    shown = items[skip : skip + max(1, min(count, MAX_RESULTS))]
    return {
        "composeExtension": {
            "type": "result",
            "attachmentLayout": "list",
            "attachments": [_result(one) for one in shown],
        }
    }


def _rows(answer: Answer) -> list[Answer]:
    """Each row of the table as an answer of its own, with the evidence of the whole."""
    if answer.table is None:
        return []
    out = []
    for row in answer.table.rows:
        words = [
            cell
            for column, cell in zip(answer.table.columns, row.cells, strict=False)
            if column.essential and clean(cell) not in ("", "-")
        ]
        headline = " · ".join(words)
        if headline:
            out.append(
                answer._replace(
                    headline=headline,
                    lines=(),
                    table=Table(answer.table.columns, (row,)),
                    chart=None,
                    facts=(),
                )
            )
    return out


def _result(answer: Answer) -> Body:
    headline = shorten(clean(answer.headline), 120)
    under = answer.lines[0] if answer.lines else (answer.table.caption if answer.table else "")
    if not under and answer.evidence:
        say = wording(answer.lang)
        under = say.t(
            "Sources: {names} · {dates}",
            names=answer.evidence[0].source,
            dates=say.date(answer.evidence[0].as_of),
        )
    return {
        "contentType": CONTENT_TYPE,
        "content": render(answer, actions=False),
        # Without a preview Teams shows no item at all.
        "preview": {
            "contentType": "application/vnd.microsoft.card.thumbnail",
            "content": {"title": headline, "text": shorten(clean(under or ""), 160)},
        },
    }
