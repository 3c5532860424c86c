"""A Question as JSON, for programs that state what they want instead of writing words.

The model is made of the Question's own fields, so that a new field is understood here without a
further line. Nothing is widened: an unknown field, a word outside a closed set or a provider nobody
knows is a fault that names its place; only an unknown card goes on, to be answered "did you mean".
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, get_args, get_type_hints

from bot.core.command import COMMANDS
from bot.core.phrase import phrase
from bot.core.question import Direction, Question, Schedule
from bot.language import LANGS, Lang
from bot.state.rows import Every
from bot.state.schedule import WEEKDAYS
from knowledge.facts.accelerators import resolve, resolve_feed_name
from knowledge.facts.providers import Tier
from knowledge.facts.providers import resolve as provider_of
from knowledge.facts.regions import GEOS, geo_of
from knowledge.prices.offer import Billing

if TYPE_CHECKING:
    from pydantic import BaseModel

SCHEMA_ID = "urn:quartermaster:schema:question:1"
LONGEST = 200
MOST_NAMES = 20
MOST = 1e16
"""Larger figures are nobody's."""
OURS = frozenset(
    {"text", "confidence", "notes", "unused", "unknown", "rules", "guesses", "earlier"}
)
"""Fields that understanding writes for itself."""
ECHOED = OURS - {"unknown", "rules"}
"""Those of them that stand in the document of an answer and change none: who sends it back may leave
them in."""
CHOICES: dict[str, tuple[str, ...]] = {
    "intent": tuple(command.name for command in COMMANDS if command.listed and command.name != "forget"),
    "lang": LANGS,
    "billing": get_args(Billing),
    "exclude_billing": get_args(Billing),
    "tier": get_args(Tier),
    "exclude_tiers": get_args(Tier),
    "form_factor": ("SXM", "PCIe", "NVL", "OAM"),
    "direction": get_args(Direction),
    "interconnect": ("infiniband", "roce", "ethernet", "nvlink"),
    "every": get_args(Every),
    "weekday": WEEKDAYS,
    "urgency": ("urgent", "patient"),
    "per_dollar": ("performance", "tokens"),
    "data_sensitivity": ("personal", "public"),
    "workload": ("training", "fine-tuning", "inference", "batch", "embeddings", "classical-ml", "rendering", "dev"),
    "topic": ("gpu-need", "tier", "billing", "buy", "quote", "concentration", "timing", "alternatives", "sizing"),
}  # fmt: skip
"""Closed sets, as understanding yields them."""
_PLACES = ("region", "regions", "exclude_regions")
_CARDS = ("accelerators", "own")
_PROVIDERS = ("providers", "exclude_providers")


class Wrong(NamedTuple):
    """One thing that is wrong with what was sent."""

    pointer: str
    """JSON pointer to it: `/question/count`."""
    kind: str
    """pydantic's name for the fault (`extra_forbidden`, `missing`), or one of ours: `unknown_name`."""
    choices: tuple[str, ...] = ()
    """What would have been right, where that is a short list."""


class NotUnderstood(ValueError):
    """What was sent is no question of ours; `faults` name every place."""

    def __init__(self, faults: list[Wrong]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


@cache
def model() -> type[BaseModel]:
    """The pydantic model of a structured question, made of the fields of `Question`."""
    from pydantic import ConfigDict, Field, create_model

    def kind(name: str, hint: Any) -> Any:
        parts = get_args(hint)
        if hint is Schedule or Schedule in parts:
            return schedule_model | None
        optional = type(None) in parts
        inner = next((part for part in parts if part is not type(None)), hint) if optional else hint
        if name in CHOICES:
            choice: Any = Literal[CHOICES[name]]
            inner = tuple[choice, ...] if get_args(inner)[1:] == (...,) else choice
        elif inner is str:
            inner = Annotated[str, Field(min_length=1, max_length=LONGEST)]
        elif inner is int:
            inner = Annotated[int, Field(ge=0, le=10**9)]
        elif inner is float:
            inner = Annotated[float, Field(ge=0, le=MOST, allow_inf_nan=False)]
        elif get_args(inner)[:1] == (str,):
            inner = tuple[Annotated[str, Field(min_length=1, max_length=LONGEST)], ...]
        elif get_args(inner)[:1] == (float,):
            inner = tuple[Annotated[float, Field(ge=0, le=MOST, allow_inf_nan=False)], ...]
        if get_args(inner)[1:] == (...,):
            inner = Annotated[inner, Field(max_length=MOST_NAMES)]
        return inner | None if optional else inner

    closed = ConfigDict(extra="forbid", strict=True)
    times: dict[str, Any] = {
        "weekday": (Literal[tuple(WEEKDAYS)] | None, None),
        "time": (Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] | None, None),
        "tz": (Annotated[str, Field(min_length=1, max_length=64)] | None, None),
    }
    schedule_model: Any = create_model("Schedule", __config__=closed, **times)
    hints = get_type_hints(Question)
    fields: dict[str, Any] = {
        name: (kind(name, hint), Question._field_defaults.get(name, ...))
        for name, hint in hints.items()
        if name not in OURS
    }
    fields["lang"] = (Literal[LANGS] | None, None)
    made: type[BaseModel] = create_model("Question", __config__=closed, **fields)
    return made


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a structured question."""
    from bot.render.answer_json import plain

    made = plain(model().model_json_schema(mode="validation"))
    for name in (*_PLACES, *_CARDS, *_PROVIDERS):
        made["properties"][name]["description"] = _MEANT[name]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **made}


_MEANT = {
    "region": "A group (us, ca, eu, uk, asia, me, sa, oceania, africa) or an ISO country code.",
    "regions": "Any of these places.",
    "exclude_regions": "None of these places.",
    "accelerators": 'Names as in "H100" or "MI300X".',
    "own": "Cards the asker has.",
    "providers": "Ids or names of providers.",
    "exclude_providers": "None of these providers.",
}


def question_of(value: object, lang: Lang = "en", *, at: str = "") -> Question:
    """The Question of a JSON object; raises NotUnderstood. `lang` where the object names none, `at`
    where the object stands in what was sent."""
    from pydantic import ValidationError

    try:
        given = model().model_validate(_tuples(_sent_back(value)))
    except ValidationError as fault:
        raise NotUnderstood(wrong(fault, at)) from None
    stated: dict[str, Any] = {
        name: value
        for name in model().model_fields
        if (value := getattr(given, name)) is not None and value != ()
    }
    faults: list[Wrong] = []
    for name in _PLACES:
        if name in stated:
            stated[name] = _places(stated[name], f"{at}/{name}", faults)
    for name in _PROVIDERS:
        if name in stated:
            stated[name] = _providers(stated[name], f"{at}/{name}", faults)
    if faults:
        raise NotUnderstood(faults)
    for name in _CARDS:
        if name in stated:
            _cards(stated, name)
    if "schedule" in stated:
        stated["schedule"] = Schedule(**stated["schedule"].model_dump())
    made = Question(**{"lang": lang, **stated})
    # People who read it later, in a list of watches, read words.
    return made._replace(text=phrase(made))


def _sent_back(value: object) -> object:
    """The question of an answer's document as it was stated: names that nobody knows are names again."""
    if not isinstance(value, dict):
        return value
    kept = {name: held for name, held in value.items() if name not in ECHOED}
    unknown, cards = kept.get("unknown"), kept.get("accelerators", [])
    if isinstance(unknown, list) and isinstance(cards, list):
        kept["accelerators"] = [*cards, *unknown]
        del kept["unknown"]
    return kept


def wrong(fault: Any, at: str = "") -> list[Wrong]:
    """The faults of a pydantic ValidationError, without its words and without what was sent."""
    found = []
    for error in fault.errors(include_url=False, include_input=False)[:20]:
        where = "".join(f"/{str(part)[:60]}" for part in error["loc"])
        expected = error.get("ctx", {}).get("expected", "")
        choices = (
            tuple(expected.replace(" or ", ", ").replace("'", "").split(", ")) if expected else ()
        )
        found.append(Wrong(at + where, error["type"], choices[:30]))
    return found


def _tuples(value: object) -> object:
    """Lists as tuples: the model is strict, and JSON has no other sequence."""
    if isinstance(value, dict):
        return {key: _tuples(held) for key, held in value.items()}
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value


def _places(value: Any, at: str, faults: list[Wrong]) -> Any:
    codes = (value,) if isinstance(value, str) else value
    out = []
    for code in codes:
        low = code.lower()
        if low not in GEOS and geo_of(code.upper()) is None:
            faults.append(Wrong(at, "unknown_place", GEOS))
        out.append(low)
    return out[0] if isinstance(value, str) else tuple(out)


def _providers(names: tuple[str, ...], at: str, faults: list[Wrong]) -> tuple[str, ...]:
    found = [provider_of(name) for name in names]
    faults.extend(
        Wrong(f"{at}/{place}", "unknown_provider")
        for place, value in enumerate(found)
        if value is None
    )
    return tuple(value for value in found if value)


def _cards(stated: dict[str, Any], name: str) -> None:
    """Canonical names; what a name says of memory and form counts where nothing else is stated."""
    known = []
    for spelling in stated[name]:
        card = resolve(spelling) or resolve_feed_name(spelling)
        if card is None:
            stated["unknown"] = (*stated.get("unknown", ()), spelling)
            continue
        known.append(card.canonical)
        if name == "accelerators":
            if card.memory_gb and len(stated[name]) == 1:
                stated.setdefault("memory_gb", card.memory_gb)
            if card.form_factor and len(stated[name]) == 1:
                stated.setdefault("form_factor", card.form_factor)
    stated[name] = tuple(dict.fromkeys(known))
