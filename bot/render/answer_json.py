"""The one JSON of answers: `ask --json`, the HTTP API and the MCP server print it.

Its shape is these typed dictionaries, and its published schema (`docs/answer.schema.json`) is made
from them. Fields are added freely; one that is renamed or removed makes another `schema_version`.
Prices are USD and say so in their names; moments are RFC 3339 in UTC; null means not known.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import Any, Literal

from typing_extensions import TypedDict

from bot.core.answer import Answer, Chart, Table
from knowledge.facts import attribution
from knowledge.facts.providers import tier_of
from knowledge.prices.offer import Offer

SCHEMA_ID = "urn:quartermaster:schema:answer:1"
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
"""The moment of an answer that has none: no price is stale then."""


class OfferDocument(TypedDict):
    """One price of one machine at one place, with where and when it was seen."""

    id: str
    """The same for the same machine, place, billing and source, whatever its price."""
    provider: str
    """The provider's id; words of a feed where we do not know it."""
    instance_type: str
    accelerator: str | None
    """Canonical name; null for a machine without any."""
    memory_gb: float | None
    """Memory of one accelerator, GB."""
    count: int
    """Accelerators in the machine."""
    form_factor: str | None
    vcpus: float | None
    ram_gb: float | None
    region: str | None
    """The provider's own code; null when the source states none."""
    country: str | None
    """ISO 3166 alpha-2."""
    billing: Literal["on-demand", "spot", "reserved"]
    term_months: int | None
    """Length of the commitment of a reserved price."""
    price_usd_per_hour: float
    """For the whole machine."""
    price_usd_per_gpu_hour: float | None
    """The figure that ranks; null without accelerators."""
    host_included: bool
    """False: processor and memory are billed on top."""
    starting_at: bool
    """True: a "from" price; the seller may ask more."""
    fx: str | None
    """How a foreign price became USD."""
    tier: Literal["hyperscaler", "microcloud", "marketplace"]
    contract: bool
    """True: this workspace's own negotiated price."""
    note: str | None
    as_of: str
    """When the seller showed this price."""
    fetched_at: str
    """When it was read."""
    stale: bool
    """True: older than its source says a price is good for."""
    source: str
    """Who brought it: a feed, `bundled`, an import."""
    publisher: str
    """Whose figures these are, as the attribution names them."""
    source_url: str
    """Where the price can be checked."""


class ColumnDocument(TypedDict):
    title: str
    align: Literal["left", "right"]
    unit: str | None
    """What the numbers are, in words."""


class RowDocument(TypedDict):
    cells: list[str]
    url: str | None
    stale: bool


class TableDocument(TypedDict):
    """The table people see."""

    columns: list[ColumnDocument]
    rows: list[RowDocument]
    caption: str | None
    """How much of what is known is shown."""


class FactDocument(TypedDict):
    label: str
    value: str
    url: str | None


class NoteDocument(TypedDict):
    kind: Literal["tip", "caution"]
    rule: str
    """The advice rule that speaks."""
    text: str


class EvidenceDocument(TypedDict):
    """A publisher whose figures are in the answer: named wherever they are shown."""

    source: str
    page: str
    as_of: str
    """The oldest price date from it."""
    as_of_newest: str
    fetched_at: str | None


class SeriesDocument(TypedDict):
    name: str
    points: list[tuple[str | float, float | None]]
    """Day (or the amount that `across` names) and figure, ascending; null where none is known."""


class ChartDocument(TypedDict):
    title: str
    unit: str
    finding: str
    source: str
    across: str
    """What the points stand over; empty: days."""
    mark: tuple[float, float, str] | None
    """A named place: where across, its figure, its name."""
    series: list[SeriesDocument]


class AnswerPart(TypedDict):
    """What is said, in the language of `lang`."""

    schema_version: Literal["1"]
    now: str | None
    """The moment it was made: ages and `stale` are of then."""
    headline: str
    """One sentence that stands alone."""
    lines: list[str]
    table: TableDocument | None
    facts: list[FactDocument]
    chart: ChartDocument | None
    notes: list[NoteDocument]
    evidence: list[EvidenceDocument]
    follow_ups: list[str]
    """Questions that lead on, in words."""
    tone: Literal["plain", "caution", "fault"]
    lang: Literal["en", "pt", "es"]
    private: bool
    """True: it holds prices of the workspace's contracts, for nobody else's eyes."""
    reference: str | None
    """What to quote to the operator, when something broke."""


class AnswerDocument(TypedDict):
    """An answer with the offers behind it."""

    question: dict[str, Any]
    """What was understood, only what was stated (the contract of `parse --json`)."""
    answer: AnswerPart
    offers: list[OfferDocument]
    """The rows behind the table, in the order shown."""
    figures: list[dict[str, float | str | None]]
    """What was worked out for each row (USD per million tokens, GPU-hours): names say the unit."""


def answer_json(answer: Answer) -> AnswerDocument:
    """The answer as a document of plain values, ready for `json.dumps`."""
    now = answer.now or _BEFORE_ALL
    return {
        "question": answer.question.stated() if answer.question else {},
        "answer": {
            "schema_version": "1",
            "now": moment(answer.now) if answer.now else None,
            "headline": answer.headline,
            "lines": list(answer.lines),
            "table": _table(answer.table) if answer.table else None,
            "facts": [
                {"label": fact.label, "value": fact.value, "url": fact.url} for fact in answer.facts
            ],
            "chart": _chart(answer.chart) if answer.chart else None,
            "notes": [
                {"kind": note.kind, "rule": note.rule, "text": note.text} for note in answer.notes
            ],
            "evidence": [
                {
                    "source": item.source,
                    "page": item.page,
                    "as_of": moment(item.as_of),
                    "as_of_newest": moment(item.as_of_newest),
                    "fetched_at": moment(item.fetched_at) if item.fetched_at else None,
                }
                for item in answer.evidence
            ],
            "follow_ups": [item.question for item in answer.follow_ups],
            "tone": answer.tone,
            "lang": answer.lang,
            "private": answer.private,
            "reference": answer.reference,
        },
        "offers": [offer_json(offer, now) for offer in answer.offers],
        "figures": list(answer.figures),
    }


def offer_json(offer: Offer, now: datetime) -> OfferDocument:
    """One offer; `now` decides whether its price is stale."""
    return {
        "id": offer_id(offer),
        "provider": offer.provider,
        "instance_type": offer.instance_type,
        "accelerator": offer.accelerator,
        "memory_gb": offer.memory_gb,
        "count": offer.count,
        "form_factor": offer.form_factor,
        "vcpus": offer.vcpus,
        "ram_gb": offer.ram_gb,
        "region": offer.region,
        "country": offer.country,
        "billing": offer.billing,
        "term_months": offer.term_months,
        "price_usd_per_hour": offer.price_usd_per_hour,
        "price_usd_per_gpu_hour": offer.price_usd_per_gpu_hour,
        "host_included": offer.host_included,
        "starting_at": offer.starting_at,
        "fx": offer.fx,
        "tier": tier_of(offer.provider),
        "contract": offer.owner is not None,
        "note": offer.note,
        "as_of": moment(offer.as_of),
        "fetched_at": moment(offer.fetched_at),
        "stale": offer.is_stale(now),
        "source": offer.source,
        "publisher": attribution.publisher(offer.source_url, offer.source),
        "source_url": offer.source_url,
    }


def offer_id(offer: Offer) -> str:
    """Names the thing that is offered, whatever its price is today: `o` and 16 hexadecimal digits."""
    what = (
        offer.provider, offer.instance_type, offer.accelerator, offer.memory_gb, offer.count,
        offer.form_factor, offer.region, offer.country, offer.billing, offer.term_months,
        offer.host_included, offer.source, offer.owner,
    )  # fmt: skip
    return "o" + hashlib.blake2b(repr(what).encode(), digest_size=8).hexdigest()


def moment(when: datetime) -> str:
    """RFC 3339 in UTC, as every moment of the document is written."""
    return when.astimezone(UTC).isoformat()


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the document."""
    made = described(AnswerDocument)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **made}


def described(kind: Any, *, refs: str = "#/$defs/{model}") -> dict[str, Any]:
    """The schema of one of these dictionaries, with what stands under a field as its description."""
    from pydantic import TypeAdapter

    for document in (*globals().values(), kind):
        if isinstance(document, type) and hasattr(document, "__total__"):
            document.__pydantic_config__ = {"use_attribute_docstrings": True}  # type: ignore[attr-defined]
    made = TypeAdapter(kind).json_schema(mode="serialization", ref_template=refs)
    found: dict[str, Any] = plain(made)
    return found


def plain(made: Any) -> Any:
    """A schema without the titles pydantic makes of field names: they say nothing new."""
    if isinstance(made, list):
        return [plain(part) for part in made]
    if not isinstance(made, dict):
        return made
    return {
        name: {key: plain(held) for key, held in value.items()}
        if name in ("properties", "$defs")
        else plain(value)
        for name, value in made.items()
        if name != "title"
    }


def fields(made: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Path, type and meaning of every field of a schema, in order: the table of docs/json.md."""
    kinds = made["$defs"]

    def kind(node: dict[str, Any]) -> str:
        if "$ref" in node:
            return "object"
        if "anyOf" in node:
            return " or ".join(kind(part) for part in node["anyOf"])
        if "enum" in node:
            return " or ".join(f"`{value}`" for value in node["enum"])
        if "const" in node:
            return f"`{node['const']}`"
        return "list" if node["type"] == "array" else str(node["type"])

    def walk(node: dict[str, Any], before: str) -> list[tuple[str, str, str]]:
        rows = []
        for name, held in node["properties"].items():
            path = f"{before}{name}"
            meaning = " ".join(held.get("description", "").split())
            rows.append((path, kind(held), meaning))
            inner = next((p for p in (held, *held.get("anyOf", ())) if "$ref" in p), None)
            many = held.get("items", {})
            if inner is None and "$ref" in many:
                inner, path = many, f"{path}[]"
            if inner is not None:
                rows += walk(kinds[inner["$ref"].rsplit("/", 1)[1]], f"{path}.")
        return rows

    return walk(made, "")


def _table(table: Table) -> TableDocument:
    return {
        "columns": [
            {"title": column.title, "align": column.align, "unit": column.unit}
            for column in table.columns
        ],
        "rows": [
            {"cells": list(row.cells), "url": row.url, "stale": row.stale} for row in table.rows
        ],
        "caption": table.caption,
    }


def _chart(chart: Chart) -> ChartDocument:
    return {
        "title": chart.title,
        "unit": chart.unit,
        "finding": chart.finding,
        "source": chart.source,
        "across": chart.across,
        "mark": chart.mark,
        "series": [
            {
                "name": series.name,
                "points": [
                    (at.isoformat() if isinstance(at, date) else at, value)
                    for at, value in series.points
                ],
            }
            for series in chart.series
        ],
    }
