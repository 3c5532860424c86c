"""The Home tab: what stands here for a person, how fresh prices are, examples, settings. Pure.

https://docs.slack.dev/surfaces/app-home
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from bot.core.answer import Answer
from bot.core.command import BY_NAME, RANKED
from bot.core.question import Lang
from bot.core.text import clean
from bot.core.wording import Wording, wording
from bot.language import LANGS, pack
from bot.slack import values, views
from bot.slack.blocks import Block
from bot.slack.text import escape, literal

MAX_BLOCKS = 100
"""https://docs.slack.dev/reference/views/home-tab-views"""
MAX_ORDERS = 8
MAX_LINES = 8
"""Ours, of one kind at one place."""
MAX_SECTION = 2900
"""https://docs.slack.dev/reference/block-kit/blocks/section-block"""
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,30}")
EXAMPLES = 5


class Order(NamedTuple):
    """The answer to one list of what stands at a place: "digests", "watches", "contracts"."""

    channel: str
    """Slack's id of the channel; of a person, for direct messages."""
    answer: Answer


def home_view(
    lang: Lang,
    preferences: Mapping[str, str],
    orders: Sequence[Order],
    sources: Answer | None,
) -> dict[str, Any]:
    """The view for `views.publish`.

    `orders` are what stands at the person's places, those of one place together; `sources` is the
    answer to "sources".
    """
    say = wording(lang)
    blocks = [
        _header(say.t("GPU prices, with source and date")),
        _section(say.t("Write to me here, mention me in a channel, or type /gpu in any conversation.")),
        *_examples(say),
        {"type": "divider"},
        _header(say.t("Your digests and alerts")),
        *_orders(orders, say),
        {"type": "divider"},
        _header(say.t("How fresh prices are")),
        *_sources(sources, say),
        {"type": "divider"},
        _header(say.t("Your settings")),
        *_settings(preferences, say),
    ]  # fmt: skip
    return {"type": "home", "callback_id": "qm.home.v1", "blocks": blocks[:MAX_BLOCKS]}


def _examples(say: Wording) -> list[Block]:
    buttons = []
    for n, command in enumerate(RANKED[:EXAMPLES]):
        words = command.example(say.lang)
        buttons.append(_button(words, f"{values.ASK}.home.{n}", values.write(words, say.lang)))
    form = {**_button(say.t("Ask with a form"), values.FORM, values.write("form", say.lang)), "style": "primary"}  # fmt: skip
    return [
        {"type": "actions", "elements": [form]},
        {"type": "actions", "elements": buttons},
    ]


def _orders(orders: Sequence[Order], say: Wording) -> list[Block]:
    if not orders:
        return [
            _section(
                say.t("No digest and no alert yet. Ask for one: {example}", example=_example("watch", say))
            )
        ]  # fmt: skip
    blocks: list[Block] = []
    for channel, group in groupby(orders[:MAX_ORDERS], key=lambda order: order.channel):
        lines = [f"*{_where(channel, say)}*"]
        for order in group:
            lines += _listed(order.answer, say)
        text = lines[0]
        for line in lines[1:]:
            if len(text) + len(line) < MAX_SECTION:
                text += f"\n{line}"
        blocks.append(_marked(text))
    return blocks


def _where(channel: str, say: Wording) -> str:
    if not _CHANNEL.fullmatch(channel):
        return escape(say.t("In our direct messages"))
    return f"<#{channel}>"  # Slack shows its name to whoever may see it


def _listed(answer: Answer, say: Wording) -> list[str]:
    """What stands, a line each: a table of them is too wide for this page."""
    table = answer.table
    if table is None:
        return [escape(answer.headline, 300)]
    titles = [column.title for column in table.columns]
    intent = answer.question.intent if answer.question else "watches"
    kind = say.t(BY_NAME[intent].order or "Watch")
    titled = 2 if intent == "contracts" else 3  # two dates are told apart by their titles
    lines = []
    for row in table.rows[:MAX_LINES]:
        parts = [f"{kind} #{': '.join(row.cells[:2])}", *row.cells[2:titled]]
        parts += [f"{titles[n]}: {row.cells[n]}" for n in range(titled, min(4, len(row.cells)))]
        lines.append(f"• {escape(' · '.join(parts), 250)}")
    if len(lines) < len(table.rows):
        cut = say.t("{shown} of {total} rows shown.", shown=len(lines), total=len(table.rows))
        lines.append(escape(cut))
    return lines


def _example(name: str, say: Wording) -> str:
    return BY_NAME[name].example(say.lang)


def _sources(sources: Answer | None, say: Wording) -> list[Block]:
    if sources is None:
        return [_section(say.t("The price store cannot be read just now."))]
    button = _button(say.t("All sources"), f"{values.ASK}.sources", values.write(_example("sources", say), say.lang))  # fmt: skip
    return [{**_section(clean(sources.headline)), "accessory": button}]


def _settings(preferences: Mapping[str, str], say: Wording) -> list[Block]:
    languages: dict[str, str] = {
        "auto": say.t("That of the question"),
        **{lang: pack(lang)["name"] for lang in LANGS},
    }
    return [
        _choice("lang", say.t("Language of answers"), languages, preferences.get("lang", "auto")),
        _choice("region", say.t("Region, when a question names none"), views.regions(say), preferences.get("region", views.ANY)),
        _choice("billing", say.t("How it is paid, when a question does not say"), views.billings(say), preferences.get("billing", views.ANY)),
        _choice("currency", say.t("Currency beside dollars"), views.currencies(say), preferences.get("currency", views.ANY)),
    ]  # fmt: skip


def preference_of(name: str, value: object) -> str | bool | None:
    """What a chosen option means: a value to keep, None to forget it, False for nonsense."""
    allowed: dict[str, tuple[str, ...]] = {
        "lang": LANGS,
        "region": views.REGIONS,
        "billing": views.BILLINGS,
        "currency": views.CURRENCIES,
    }
    if name not in allowed or not isinstance(value, str):
        return False
    if value in ("auto", views.ANY):
        return None
    return value if value in allowed[name] else False


def _choice(name: str, label: str, options: Mapping[str, str], chosen: str) -> Block:
    made = {
        value: {"text": {"type": "plain_text", "text": literal(words, 75)}, "value": value}
        for value, words in options.items()
    }
    return {
        **_section(label),
        "accessory": {
            "type": "static_select",
            "action_id": f"{values.PREFERENCE}.{name}",
            "options": list(made.values()),
            "initial_option": made.get(chosen) or next(iter(made.values())),
        },
    }


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": literal(text, 150)}}


def _section(text: str) -> Block:
    return _marked(escape(text, MAX_SECTION) or "–")


def _marked(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _button(label: str, action: str, value: str) -> Block:
    return {
        "type": "button",
        "action_id": action,
        "text": {"type": "plain_text", "text": literal(label, 75), "emoji": False},
        "value": value,
    }
