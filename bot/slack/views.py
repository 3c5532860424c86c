"""Forms: asking without knowing the words, refining an answer, saying what was wrong. Pure.

https://docs.slack.dev/surfaces/modals
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.core.command import BY_NAME, COMMANDS
from bot.core.phrase import phrase
from bot.core.question import Lang, Question
from bot.core.text import clean
from bot.core.wording import Wording, card_name, wording
from bot.slack import values
from bot.slack.text import literal

MAX_TITLE = 24
MAX_PRIVATE = 3000
MAX_OPTION = 75
MAX_OPTIONS = 100
MAX_WORDS = 2000
REGIONS = ("us", "eu", "uk", "ca", "asia", "me", "sa", "oceania", "africa")
BILLINGS = ("on-demand", "spot", "reserved")
CURRENCIES = ("BRL", "EUR", "GBP", "MXN", "CAD", "INR", "JPY", "AUD", "CHF")
"""What prices can be shown in beside dollars without asking each time."""
COUNTS = ("1", "2", "4", "8", "16")
WHAT = {command.name: command.form for command in COMMANDS if command.form}
REASONS = ("price", "old", "misread", "other")
ANY = "any"
View = dict[str, Any]


def find_form(
    lang: Lang, question: Question | None = None, origin: Mapping[str, str] | None = None
) -> View:
    """The form for people who do not remember words; `question` fills it in beforehand.

    `origin` says where the answer goes: its values travel in `private_metadata`.
    """
    say = wording(lang)
    known = question or Question(intent="cheapest")
    card = known.accelerators[0] if known.accelerators else None
    what = known.intent if known.intent in WHAT else next(iter(WHAT))
    return {
        "type": "modal",
        "callback_id": values.FIND,
        "private_metadata": _metadata({**(origin or {}), "lang": lang}),
        "title": _plain(say.t("Find GPUs"), MAX_TITLE),
        "submit": _plain(say.t("Ask"), MAX_TITLE),
        "close": _plain(say.t("Cancel"), MAX_TITLE),
        "blocks": [
            _input(
                "what", say.t("What do you want to know?"),
                _select("what", {name: say.t(label) for name, label in WHAT.items()}, what),
            ),
            _input(
                "card", say.t("GPU"),
                {
                    "type": "external_select",
                    "action_id": values.CARD,
                    "min_query_length": 1,
                    "placeholder": _plain(say.t("Type a name: H100, A100, L4"), 150),
                    **({"initial_option": _option(card_name(card), card)} if card else {}),
                },
            ),
            _input(
                "count", say.t("How many"),
                _select("count", {ANY: say.t("Any number"), **{n: n for n in COUNTS}}, str(known.count or ANY)),
            ),
            _input("region", say.t("Where"), _select("region", regions(say), known.region or ANY)),
            _input("billing", say.t("How it is paid"), _select("billing", billings(say), known.billing or ANY)),
            _input(
                "most", say.t("At most, in US dollars per GPU-hour"),
                {
                    "type": "plain_text_input",
                    "action_id": "most",
                    "max_length": 12,
                    "placeholder": _plain("2.50", 150),
                    **({"initial_value": f"{known.max_price:g}"} if known.max_price else {}),
                },
                optional=True,
            ),
        ],
    }  # fmt: skip


def regions(say: Wording) -> dict[str, str]:
    return {ANY: say.t("Anywhere"), **{code: say.region(code) for code in REGIONS}}


def currencies(say: Wording) -> dict[str, str]:
    return {ANY: say.t("US dollars"), **{code: code for code in CURRENCIES}}


def billings(say: Wording) -> dict[str, str]:
    return {ANY: say.t("Any way"), **{kind: say.billing(kind) for kind in BILLINGS}}


def card_options(typed: str, known: list[str]) -> list[dict[str, Any]]:
    """What the GPU field offers for what is typed so far: names that begin with it, then others."""
    wanted = "".join(typed.lower().split())
    names = [(card_name(name), name) for name in known]
    found = [
        (label, name)
        for label, name in names
        if wanted in "".join(label.lower().split()) or wanted in name.lower()
    ]
    found.sort(key=lambda one: (not one[1].lower().startswith(wanted), len(one[1]), one[1]))
    return [_option(label, name) for label, name in found[:MAX_OPTIONS]]


def words_of_form(view: Mapping[str, Any], lang: Lang) -> str | dict[str, str]:
    """The question in words, or what is wrong with which field (block_id -> sentence)."""
    say = wording(lang)
    fields = _fields(view)
    card = fields.get("card")
    if not card:
        return {"card": say.t("Choose a GPU.")}
    most: float | None = None
    if typed := clean(fields.get("most") or ""):
        most = _price(typed)
        if most is None:
            return {"most": say.t("A price looks like 2.50.")}
    count = fields.get("count")
    what = fields.get("what")
    question = Question(
        intent=what if what in WHAT else next(iter(WHAT)),
        lang=lang,
        accelerators=(card[:40],),
        count=int(count) if count in COUNTS else None,
        region=_among(fields.get("region"), REGIONS),
        billing=_among(fields.get("billing"), BILLINGS),
        max_price=most,
        period_days=90 if what and BY_NAME[what].looks_back else None,
    )
    return phrase(question)


def reason_form(lang: Lang, ref: str) -> View:
    """What was wrong with an answer."""
    say = wording(lang)
    words = {
        "price": say.t("A price is wrong"),
        "old": say.t("A price is too old"),
        "misread": say.t("My question was misread"),
        "other": say.t("Something else"),
    }
    radios = {
        "type": "radio_buttons",
        "action_id": "reason",
        "options": [_option(words[name], name) for name in REASONS],
    }
    return {
        "type": "modal",
        "callback_id": values.REASON,
        "private_metadata": _metadata({"ref": ref, "lang": lang}),
        "title": _plain(say.t("What was wrong?"), MAX_TITLE),
        "submit": _plain(say.t("Send"), MAX_TITLE),
        "close": _plain(say.t("Cancel"), MAX_TITLE),
        "blocks": [_input("reason", say.t("It helps to know which part."), radios)],
    }


def note(lang: Lang, words: str) -> View:
    """A sentence in place of a form."""
    say = wording(lang)
    return {
        "type": "modal",
        "callback_id": "qm.note.v1",
        "title": _plain(say.t("Please note"), MAX_TITLE),
        "close": _plain(say.t("Close"), MAX_TITLE),
        "blocks": [{"type": "section", "text": _plain(words, 3000)}],
    }


def reason_of(view: Mapping[str, Any]) -> str:
    return _among(_fields(view).get("reason"), REASONS) or "other"


def origin_of(view: Mapping[str, Any]) -> dict[str, str]:
    """What a form carried with it; empty for nonsense."""
    try:
        found = json.loads(str(view.get("private_metadata") or "{}"))
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _fields(view: Mapping[str, Any]) -> dict[str, str]:
    """block_id -> what was chosen or typed. Anything may come in here."""
    state = view.get("state")
    blocks = state.get("values") if isinstance(state, Mapping) else None
    out: dict[str, str] = {}
    for block, actions in blocks.items() if isinstance(blocks, Mapping) else ():
        for action in actions.values() if isinstance(actions, Mapping) else ():
            if not isinstance(action, Mapping):
                continue
            option = action.get("selected_option")
            value = option.get("value") if isinstance(option, Mapping) else action.get("value")
            if isinstance(value, str):
                out[str(block)] = value[:MAX_WORDS]
    return out


def _price(typed: str) -> float | None:
    digits = typed.removeprefix("US").strip(" $").replace(",", ".")
    try:
        price = float(digits)
    except ValueError:
        return None
    return price if 0 < price < 10_000 else None


def _among(value: str | None, known: tuple[str, ...]) -> str | None:
    return value if value in known else None


def _metadata(values_: Mapping[str, str]) -> str:
    text = json.dumps(dict(values_), separators=(",", ":"))
    return text if len(text) <= MAX_PRIVATE else "{}"


def _plain(text: str, limit: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": literal(text, limit), "emoji": False}


def _option(label: str, value: str) -> dict[str, Any]:
    return {"text": _plain(label, MAX_OPTION), "value": value[:150]}


def _select(name: str, options: Mapping[str, str], chosen: str) -> dict[str, Any]:
    made = {value: _option(label, value) for value, label in options.items()}
    return {
        "type": "static_select",
        "action_id": f"choice.{name}",
        "options": list(made.values()),
        "initial_option": made.get(chosen) or next(iter(made.values())),
    }


def _input(block: str, label: str, element: Mapping[str, Any], *, optional: bool = False) -> View:
    return {
        "type": "input",
        "block_id": block,
        "label": _plain(label, 2000),
        "element": dict(element),
        "optional": optional,
    }
