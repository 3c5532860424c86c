"""The one JSON of answers and of stated questions: their published schemas, and what keeps them true."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any

import gallery
import pytest
from conftest import NOW, ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from test_same_facts import QUESTIONS

from bot.core.answer import Answer
from bot.core.question import Question
from bot.language import LANGS
from bot.render import question_json
from bot.render.answer_json import AnswerDocument, answer_json, fields, offer_id, schema
from bot.render.question_json import NotUnderstood, question_of
from knowledge.prices.store import Store

SCHEMA = schema()
VALID = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)


def closed(value: Any) -> Any:
    """A schema whose objects hold nothing that it does not name."""
    if isinstance(value, list):
        return [closed(part) for part in value]
    if not isinstance(value, dict):
        return value
    made = {key: closed(part) for key, part in value.items()}
    if made.get("type") == "object" and "properties" in made:
        made["additionalProperties"] = False
    return made


EXACT = Draft202012Validator(closed(SCHEMA))


@pytest.mark.parametrize(("name", "made"), [("answer", schema), ("question", question_json.schema)])
def test_the_published_schema_is_the_one_of_the_code(name: str, made: Callable[[], Any]) -> None:
    """`make schemas` was run after the last change."""
    published = json.loads((ROOT / "docs" / f"{name}.schema.json").read_text("utf-8"))
    assert published == made()
    Draft202012Validator.check_schema(published)


@pytest.mark.parametrize("name", gallery.GALLERY)
def test_every_sample_answer_is_as_the_schema_says(name: str) -> None:
    """Through JSON and back, every slot, nothing beside the schema and nothing missing."""
    document = json.loads(json.dumps(answer_json(gallery.GALLERY[name]), allow_nan=False))
    assert [error.message for error in EXACT.iter_errors(document)] == []


@pytest.mark.parametrize("words", QUESTIONS)
def test_every_real_answer_is_as_the_schema_says(words: str, ask: Callable[..., Answer]) -> None:
    answer = ask(words)
    document = json.loads(json.dumps(answer_json(answer), allow_nan=False))
    assert [error.message for error in EXACT.iter_errors(document)] == []
    assert document["answer"]["headline"] == answer.headline
    assert len(document["offers"]) == len(answer.offers)
    assert all(math.isfinite(one["price_usd_per_hour"]) for one in document["offers"])
    if answer.chart:
        assert sum(len(one["points"]) for one in document["answer"]["chart"]["series"]) > 1


def test_a_document_that_breaks_the_schema_is_noticed(ask: Callable[..., Answer]) -> None:
    document: Any = answer_json(ask("cheapest h100"))
    for change in ({"answer": {}}, {"offers": [{}]}, {"question": 1}, {"more": 1}):
        assert not EXACT.is_valid(document | change)


def test_the_readme_describes_the_document_that_is_printed() -> None:
    """The table of the JSON's fields: names and meanings as in the schema, none left out."""
    readme = (ROOT / "docs" / "json.md").read_text("utf-8")
    rows = re.findall(r"^\| `([\w.\[\]]+)` \| (.*?) \| (?:(.*) )?\|$", readme, re.MULTILINE)
    assert rows == fields(SCHEMA)


def test_an_offer_keeps_its_id_when_its_price_changes(
    store: Store, ask: Callable[..., Answer]
) -> None:
    offers = [*ask("cheapest 8x h100").offers, *ask("price h100").offers, *ask("spot a100").offers]
    for offer in offers:
        assert offer_id(offer) == offer_id(offer._replace(price_usd_per_hour=1.0, as_of=NOW))
        assert offer_id(offer) != offer_id(offer._replace(region="elsewhere"))
        assert offer_id(offer) != offer_id(offer._replace(owner="slack:T1"))
    different = {offer._replace(price_usd_per_hour=0, as_of=NOW, fetched_at=NOW, fresh_until=NOW, source_url="") for offer in offers}  # fmt: skip
    assert len({offer_id(offer) for offer in offers}) == len(different)


# -- stated questions -------------------------------------------------------------------------


def test_every_field_of_a_question_can_be_stated() -> None:
    """A new field of Question is there without a further line, unless understanding keeps it."""
    properties = question_json.schema()["properties"]
    assert set(properties) == set(Question._fields) - question_json.OURS


@pytest.mark.parametrize("lang", LANGS)
def test_a_stated_question_is_answered_as_the_words_are(lang: Any, store: Store) -> None:
    from bot.core.desk import Asker
    from bot.reply.reply import reply

    stated = question_of(
        {"intent": "cheapest", "accelerators": ["h100 sxm"], "count": 8, "region": "eu"}, lang
    )
    said = reply("cheapest 8x h100 sxm in europe", Asker(lang=lang), NOW, store)
    answer = reply(stated, Asker(lang=lang), NOW, store)
    assert answer.offers == said.offers
    assert answer.offers
    assert answer.headline == said.headline
    assert answer.lang == lang


@pytest.mark.parametrize(
    ("given_value", "pointer", "kind"),
    [
        ({"intent": "cheapest", "regoin": "eu"}, "/regoin", "extra_forbidden"),
        ({"intent": "cheapest", "region": "atlantis"}, "/region", "unknown_place"),
        ({"intent": "price", "providers": ["nobody"]}, "/providers/0", "unknown_provider"),
        ({"intent": "cheapest", "count": True}, "/count", "int_type"),
        ({"intent": "cheapest", "count": "8"}, "/count", "int_type"),
        ({"intent": "cheapest", "hours": math.nan}, "/hours", "finite_number"),
        ({"intent": "cheapest", "billing": "SPOT"}, "/billing", "literal_error"),
        ({"intent": "forget"}, "/intent", "literal_error"),
        ({"accelerators": ["H100"]}, "/intent", "missing"),
        ({"intent": "cheapest", "accelerators": ["x"] * 21}, "/accelerators", "too_long"),
        ({"intent": "digest", "schedule": {"time": "24:00"}}, "/schedule/time", "string_pattern_mismatch"),
        ([], "", "model_type"),
        (None, "", "model_type"),
    ],
)  # fmt: skip
def test_what_is_no_question_says_where_and_why(
    given_value: object, pointer: str, kind: str
) -> None:
    """And is never answered as a wider question."""
    with pytest.raises(NotUnderstood) as raised:
        question_of(given_value)
    assert (pointer, kind) in [(one.pointer, one.kind) for one in raised.value.faults]


def test_an_unknown_card_is_asked_back_and_never_widened(store: Store) -> None:
    from bot.core.desk import Asker
    from bot.reply.reply import reply

    question = question_of({"intent": "cheapest", "accelerators": ["H300"]})
    assert question.unknown == ("H300",)
    answer = reply(question, Asker(), NOW, store)
    assert answer.tone == "caution"
    assert answer.offers == ()
    assert "H300" in answer.headline


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.dictionaries(st.sampled_from(sorted(question_json.model().model_fields)), JSON, max_size=6),
    st.sampled_from(sorted(question_json.CHOICES["intent"])),
)
def test_no_json_value_breaks_the_reader(stated: dict[str, Any], intent: str) -> None:
    """A Question that only states what was given, or a refusal with places: no other exception."""
    try:
        question = question_of({**stated, "intent": intent})
    except NotUnderstood as fault:
        wrong = fault.faults
    else:
        assert isinstance(question, Question)
        said = set(question.stated()) - {"lang", "unknown", "memory_gb", "form_factor"}
        assert said <= set(stated) | {"intent"}
        return
    assert wrong
    assert all(not one.pointer or one.pointer.startswith("/") for one in wrong)


def test_the_document_type_and_the_schema_name_the_same_fields() -> None:
    assert set(SCHEMA["properties"]) == set(AnswerDocument.__annotations__)
    assert SCHEMA["required"] == list(AnswerDocument.__annotations__)
