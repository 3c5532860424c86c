"""Rows from outside, validated with pydantic: bundled files, imports, feeds' final offers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import ErrorDetails

from knowledge.facts import bundled
from knowledge.facts.accelerators import is_partition, resolve_feed_name, settled_memory, table
from knowledge.facts.regions import geo_of, place
from knowledge.prices.offer import Offer


class RowFault(Exception):
    """Rows that cannot be used; one line per fault, naming file and line."""

    def __init__(self, faults: list[str], more: int = 0) -> None:
        self.faults = faults
        tail = [f"... and {more} more"] if more else []
        super().__init__("\n".join([*faults, *tail]))


Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Url = Annotated[str, Field(pattern=r"^https?://\S+$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
FIRST_YEAR = 2010
"""Nobody rented accelerators by the hour before."""
BILLING = ("on-demand", "spot", "reserved")


Day = Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]
"""A day, or a month or year where the source says no more."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


class OfferRow(_Row):
    """One line of an offers file: the header of `quartermaster import`."""

    provider: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[a-z0-9][a-z0-9-]*$")]
    instance_type: Annotated[str, Field(min_length=1, max_length=200)]
    accelerator: str | None = None
    memory_gb: Positive | None = None
    count: Annotated[int, Field(ge=0, le=100_000)]
    form_factor: Literal["SXM", "PCIe", "NVL", "OAM", "Superchip"] | None = None
    vcpus: Annotated[float, Field(ge=0)] | None = None
    ram_gb: Annotated[float, Field(ge=0)] | None = None
    region: str | None = None
    country: Country | None = None
    billing: Literal["on-demand", "spot", "reserved"]
    term_months: Annotated[int, Field(gt=0, le=120)] | None = None
    price_usd_per_hour: Positive
    as_of: datetime
    source_url: Url
    host_included: bool = True
    starting_at: bool = False
    valid_until: date | None = None
    note: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _term_in_billing(cls, data: Any) -> Any:
        """ "reserved-1y" says kind and term in one word; files out there use it."""
        if isinstance(data, Mapping) and str(data.get("billing", "")).startswith("reserved-"):
            term = str(data["billing"]).removeprefix("reserved-")
            months = {"1y": 12, "3y": 36, "6m": 6, "1m": 1, "3m": 3, "2y": 24}.get(term)
            if months:
                return {
                    **data,
                    "billing": "reserved",
                    "term_months": data.get("term_months") or months,
                }
        return data

    @model_validator(mode="after")
    def _whole(self) -> OfferRow:
        if (self.accelerator is None) != (self.count == 0):
            raise ValueError("accelerator and count go together: a CPU-only machine has neither")
        if self.as_of.year < FIRST_YEAR:
            raise ValueError(f"as_of: a price of {self.as_of.year} is no price of ours")
        if self.term_months is not None and self.billing != "reserved":
            raise ValueError("a term belongs to reserved billing only")
        if self.accelerator is not None and is_partition(self.accelerator):
            raise ValueError(f"{self.accelerator!r} is a part of a card, and no card")
        if self.accelerator is not None and resolve_feed_name(self.accelerator) is None:
            raise ValueError(
                f"accelerator {self.accelerator!r} is not known; `quartermaster ask` suggests names"
            )
        return self

    def offer(
        self, *, source: str, fetched_at: datetime, good_for: timedelta, owner: str | None = None
    ) -> Offer:
        """The Offer this line states, names and place resolved."""
        as_of = self.as_of if self.as_of.tzinfo else self.as_of.replace(tzinfo=UTC)
        named = resolve_feed_name(self.accelerator) if self.accelerator else None
        canonical = named.canonical if named else None
        memory = self.memory_gb or (named.memory_gb if named else None)
        known = place(self.provider, self.region) if self.region else None
        country = self.country or (known.country if known else None)
        until = as_of + good_for
        if self.valid_until is not None:
            until = datetime(
                self.valid_until.year,
                self.valid_until.month,
                self.valid_until.day,
                23,
                59,
                59,
                tzinfo=UTC,
            )
        return Offer(
            provider=self.provider,
            instance_type=self.instance_type,
            accelerator=canonical,
            memory_gb=settled_memory(canonical, memory) if canonical and memory else memory,
            count=self.count,
            form_factor=self.form_factor or (named.form_factor if named else None),
            vcpus=self.vcpus,
            ram_gb=self.ram_gb,
            region=self.region,
            country=country,
            geo=geo_of(country) if country else known.geo if known else None,
            billing=self.billing,
            term_months=self.term_months,
            price_usd_per_hour=self.price_usd_per_hour,
            as_of=as_of,
            source=source,
            source_url=self.source_url,
            fetched_at=fetched_at,
            fresh_until=until,
            host_included=self.host_included,
            starting_at=self.starting_at,
            owner=owner,
            note=self.note,
        )


class HistoryRow(_Row):
    provider: Annotated[str, Field(min_length=1)]
    accelerator: Annotated[str, Field(min_length=1)]
    memory_gb: Positive | None = None
    billing: Literal["on-demand", "spot", "reserved"]
    term_months: int | None = None
    date: date
    price_usd_per_gpu_hour: Positive
    source_url: Url


class AcceleratorRow(_Row):
    canonical: Annotated[str, Field(min_length=1)]
    name: Annotated[str, Field(min_length=1)]
    aliases: str = ""
    vendor: Annotated[str, Field(min_length=1)]
    architecture: str = ""
    kind: Literal["gpu", "tpu", "asic"]
    memory_gb: Positive | None = None
    memory_type: str = ""
    memory_bandwidth_gbps: Positive | None = None
    fp16_dense_tflops: Positive | None = None
    fp8_dense_tflops: Positive | None = None
    fp32_tflops: Positive | None = None
    form_factor: Literal["SXM", "PCIe", "NVL", "OAM", "Superchip"] | None = None
    tdp_watts: Positive | None = None
    launch_year: Annotated[int, Field(ge=2006, le=2030)] | None = None
    source_url: Url
    checked_on: date


class ProviderRow(_Row):
    id: Annotated[str, Field(pattern=r"^[a-z0-9]+$")]
    name: Annotated[str, Field(min_length=1)]
    short_name: Annotated[str, Field(min_length=1)]
    aliases: str = ""
    kind: Literal["hyperscaler", "microcloud", "marketplace", "developer-cloud"]
    tier: Literal["hyperscaler", "microcloud", "marketplace"]
    headquarters_country: Country | None = None
    founded: str = ""
    ownership: Literal["public", "private", "acquired"] | None = None
    ticker: str = ""
    summary: str = ""
    risk_notes: str = ""
    last_event: str = ""
    last_event_date: Annotated[str, Field(pattern=r"^(\d{4}(-\d{2}){0,2})?$")] = ""
    compliance: str = ""
    egress_fee: str = ""
    min_commitment: str = ""
    regions_countries: Annotated[str, Field(pattern=r"^([A-Z]{2}(;[A-Z]{2})*)?$")] = ""
    website: Url
    confirmed: Literal["yes", "no"]
    source_url: Url
    checked_on: date


class ProviderWordsRow(_Row):
    """The sentences of a provider's row in another language."""

    id: Annotated[str, Field(min_length=1)]
    summary: str = ""
    risk_notes: str = ""
    last_event: str = ""
    egress_fee: str = ""
    min_commitment: str = ""


class RegionRow(_Row):
    provider: Annotated[str, Field(min_length=1)]
    region: Annotated[str, Field(min_length=1)]
    city: str = ""
    country: Country | None = None
    """Empty for an area of a price list that spans several countries of one group."""
    geo: Literal["us", "ca", "eu", "uk", "asia", "me", "sa", "oceania", "africa"]
    source_url: Url
    checked_on: Day


class FootprintRow(_Row):
    provider: Annotated[str, Field(min_length=1)]
    region: Annotated[str, Field(min_length=1)]
    city: str = ""
    country: Country
    accelerators: str = ""
    basis: Annotated[str, Field(min_length=1)]
    source_url: Url
    checked_on: Day
    note: str = ""


class MachineRow(_Row):
    provider: Annotated[str, Field(min_length=1)]
    instance_type: Annotated[str, Field(min_length=1)]
    accelerator: Annotated[str, Field(min_length=1)]
    memory_gb: Positive | None = None
    count: Annotated[float, Field(gt=0, le=10_000)]
    """Below one, a slice of a card."""
    form_factor: Literal["SXM", "PCIe", "NVL", "OAM", "Superchip"] | None = None
    vcpus: Positive | None = None
    ram_gb: Positive | None = None
    intra_node_link: str = ""
    fabric: str = ""
    network_gbps: Positive | None = None
    network_note: str = ""
    source_url: Url
    checked_on: Day


class TermRow(_Row):
    """One fact of a provider's terms in the source's words."""

    provider: Annotated[str, Field(min_length=1)]
    topic: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    term: str = ""
    value: str = ""
    unit: str = ""
    condition: str = ""
    source_url: Url
    source_date: Day = ""
    """Empty: the copy that was read carries no date."""
    note: str = ""

    @model_validator(mode="after")
    def _says_something(self) -> TermRow:
        if not (self.term or self.value or self.condition):
            raise ValueError("a term that says nothing")
        return self


class ComplianceRow(_Row):
    provider: Annotated[str, Field(min_length=1)]
    """An id, also of a provider without prices here; "-" for a rule that holds for all."""
    item: Annotated[str, Field(min_length=1)]
    status: Literal["stated", "listed", "in progress", "conflict", "rating", "rule", "not found"]
    detail: str = ""
    evidence: Literal["provider", "third-party", "probe", "rating", "memory"]
    source_url: Url
    source_date: Day = ""
    note: str = ""


class FabricRow(_Row):
    provider: Annotated[str, Field(min_length=1)]
    product: Annotated[str, Field(min_length=1)]
    clusters_offered: Annotated[str, Field(min_length=1)]
    fabric: str = ""
    gbps_per_node: Positive | None = None
    largest_stated: str = ""
    smallest_block: str = ""
    minimum_term: str = ""
    lead_time: str = ""
    self_service_or_sales: str = ""
    source_url: Url
    source_date: Day = ""
    note: str = ""


class CurrencyRow(_Row):
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    per_eur: Positive
    usd_per_unit: Positive
    date: date
    source: Annotated[str, Field(min_length=1)]
    official: Literal["yes", "no"]
    largest_month_move_pct: Annotated[float, Field(ge=0)] | None = None
    source_url: Url
    licence: Annotated[str, Field(min_length=1)]


class LeadRow(_Row):
    """How capacity is got where no feed tells stock, in each language."""

    provider: Annotated[str, Field(min_length=1)]
    lang: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    says: Annotated[str, Field(min_length=1)]
    source_url: Url
    source_date: Day


class BillingRow(_Row):
    """How a provider bills, as codes that `bot.answers.extras` words."""

    provider: Annotated[str, Field(min_length=1)]
    topic: Literal["step", "stopped", "payment", "tax"]
    code: Literal[
        "second", "minute", "hour",
        "disk_only", "disk_and_address", "no_stopped_state", "hibernates",
        "prepaid", "first_payment_25", "blocks_up_front", "local_invoice_br",
        "excluded",
    ]  # fmt: skip
    source_url: Url
    source_date: date


class TaxRow(_Row):
    country: Country
    lang: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    says: Annotated[str, Field(min_length=1)]
    source_url: Url
    source_date: Day = ""


class ChargeRow(_Row):
    """What a provider charges beside the machine, as figures."""

    provider: Annotated[str, Field(min_length=1)]
    kind: Literal["egress", "block", "file", "object", "stopped", "ip"]
    rates: Annotated[str, Field(pattern=r"^(\d+:)?\d+(\.\d+)?(;(\d+:)?\d+(\.\d+)?)*$")]
    """A figure, or steps "10000:0.09;0.085": the first 10,000 GB at 0.09, the rest at 0.085."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    unit: Literal["GB", "GB-month", "month"]
    free_gb: Annotated[float, Field(ge=0)] = 0
    condition: str = ""
    source_url: Url
    source_date: date
    note: str = ""


class ThroughputRow(_Row):
    """One measured result of serving a model."""

    benchmark: Annotated[str, Field(min_length=1)]
    model: Annotated[str, Field(min_length=1)]
    proxy_for: str = ""
    accelerator: str = ""
    """Empty: the processor in `cpu`."""
    count: Annotated[int, Field(ge=0, le=10_000)]
    memory_gb: Positive | None = None
    form_factor: Literal["SXM", "PCIe", "NVL", "OAM", "Superchip"] | None = None
    cpu: str = ""
    scenario: Literal["offline", "server", "interactive", "serving-max", "serving-20", "serving-50"]
    precision: Literal[
        "fp32", "fp16", "bf16", "fp8", "int8", "fp4", "mxfp4", "int4", "mixed", ""
    ] = ""
    unit: Literal["tokens/s", "samples/s", "queries/s"]
    throughput: Positive
    """Of the whole machine."""
    statistic: Annotated[str, Field(min_length=1)]
    results: Annotated[int, Field(ge=1)]
    submitter: str = ""
    input_tokens: Positive | None = None
    output_tokens: Positive | None = None
    concurrency: Positive | None = None
    ttft_ms: Positive | None = None
    tpot_ms: Positive | None = None
    result_id: Annotated[str, Field(min_length=1)]
    source_url: Url
    as_of: Day = ""
    """Empty: the sample carries no date."""
    licence: Annotated[str, Field(min_length=1)]
    note: str = ""

    @model_validator(mode="after")
    def _on_something(self) -> ThroughputRow:
        if bool(self.accelerator) == bool(self.cpu) or bool(self.accelerator) != (self.count > 0):
            raise ValueError("a result is of cards, with their count, or of a processor")
        return self


class BenchmarkRow(_Row):
    """What a benchmark of one model asks: mean lengths, and the limits of its scenarios."""

    model: Annotated[str, Field(min_length=1)]
    input_tokens: Positive | None = None
    output_tokens: Positive | None = None
    server_ttft_ms: Positive
    server_tpot_ms: Positive
    interactive_ttft_ms: Positive | None = None
    interactive_tpot_ms: Positive | None = None
    source_url: Url
    checked_on: date
    note: str = ""


class TrainingRow(_Row):
    """One measured result of training or tuning a model."""

    benchmark: Annotated[str, Field(min_length=1)]
    model: str = ""
    """Empty: a model that nobody rents cards for by name (MPT)."""
    name: Annotated[str, Field(min_length=1)]
    method: Literal["pretraining", "full", "lora"]
    accelerator: Annotated[str, Field(min_length=1)]
    count: Annotated[int, Field(gt=0, le=100_000)] | None = None
    """Empty: a whole run over weeks, on clusters of several sizes."""
    memory_gb: Positive | None = None
    form_factor: Literal["SXM", "PCIe", "NVL", "OAM", "Superchip"] | None = None
    precision: str = ""
    sequence_length: Positive | None = None
    tokens_per_second_per_accelerator: Positive | None = None
    tflops_per_accelerator: Positive | None = None
    tflops_basis: str = ""
    pct_of_bf16_peak: Positive | None = None
    statistic: str = ""
    submitter: Annotated[str, Field(min_length=1)]
    result_id: str = ""
    source_url: Url
    as_of: Day
    licence: Annotated[str, Field(min_length=1)]
    note: str = ""


class ApiPriceRow(_Row):
    """A list price of an API, USD per million tokens."""

    provider: Annotated[str, Field(min_length=1)]
    kind: Literal["host", "maker", "aggregator"]
    model_id: Annotated[str, Field(min_length=1)]
    name: str = ""
    model: str = ""
    open_weights: Literal["yes"] | None = None
    input_usd: Annotated[float, Field(ge=0)] | None = None
    output_usd: Annotated[float, Field(ge=0)] | None = None
    cached_usd: Annotated[float, Field(ge=0)] | None = None
    standing: Literal["listed", "retired", "resold", "batch", "outlier", "undated"]
    """Only what is listed with a date is ranked."""
    price_since: Day = ""
    as_of: Day = ""
    checked_on: date
    source_url: Url
    licence: Annotated[str, Field(min_length=1)]
    note: str = ""

    @model_validator(mode="after")
    def _dated(self) -> ApiPriceRow:
        if self.standing == "listed" and not self.as_of:
            raise ValueError("a listed price needs the month of its list")
        if self.input_usd is None and self.output_usd is None:
            raise ValueError("a price of nothing")
        return self


class NativeModelRow(_Row):
    slug: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
    released_precision: str = ""
    other_precisions: str = ""
    weights_gb: Positive | None = None
    weights_basis: str = ""
    kv_values_per_token: Annotated[float, Field(ge=0)] | None = None
    kv_values_per_token_windowed: Annotated[float, Field(ge=0)] | None = None
    window_tokens: Annotated[float, Field(ge=0)] | None = None
    max_context: Positive | None = None
    makers_card: str = ""
    source_url: Url
    as_of: Day = ""
    licence: str = ""
    note: str = ""


class QuantisationRow(_Row):
    scheme: Annotated[str, Field(min_length=1)]
    kind: Annotated[str, Field(min_length=1)]
    bits_per_weight: Annotated[float, Field(gt=0, le=64)]
    basis: Annotated[str, Field(min_length=1)]
    hardware: str = ""
    source_url: Url | None = None
    """Empty: arithmetic of the format."""
    checked_on: date
    licence: str = ""
    note: str = ""


class GridRow(_Row):
    country: Country
    grams_per_kwh: Annotated[float, Field(ge=0, le=2000)]
    year: Annotated[int, Field(ge=2015, le=2030)]
    source_url: Url
    licence: Annotated[str, Field(min_length=1)]
    checked_on: date


class ServerlessRow(_Row):
    """What one card costs for each second that it works."""

    provider: Annotated[str, Field(min_length=1)]
    accelerator: Annotated[str, Field(min_length=1)]
    memory_gb: Positive
    usd_per_second: Annotated[float, Field(gt=0, lt=0.1)]
    source_url: Url
    source_date: Day = ""
    checked_on: date
    note: str = ""


class ModelRow(_Row):
    slug: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
    name: Annotated[str, Field(min_length=1)]
    aliases: str = ""
    params_b: Positive
    active_params_b: Positive
    hidden_layers: int | None = None
    kv_heads: int | None = None
    head_dim: int | None = None
    default_context: int | None = None
    source_url: Url
    checked_on: date


BUNDLED_FILES: dict[str, type[_Row]] = {
    "accelerators": AcceleratorRow,
    "providers": ProviderRow,
    **dict.fromkeys(("providers_pt", "providers_es"), ProviderWordsRow),
    "regions": RegionRow,
    "footprint": FootprintRow,
    "models": ModelRow,
    "machines": MachineRow,
    "terms": TermRow,
    "charges": ChargeRow,
    "lead_times": LeadRow,
    "billing": BillingRow,
    "taxes": TaxRow,
    "compliance": ComplianceRow,
    "fabric": FabricRow,
    "currencies": CurrencyRow,
    "offers": OfferRow,
    "history": HistoryRow,
    "throughput": ThroughputRow,
    "benchmarks": BenchmarkRow,
    "training_throughput": TrainingRow,
    "api_prices": ApiPriceRow,
    "models_native": NativeModelRow,
    "quantisation": QuantisationRow,
    "grid": GridRow,
    "serverless": ServerlessRow,
}


def checked(
    name: str, rows: Iterable[Mapping[str, Any]], model: type[_Row], *, limit: int = 10
) -> list[Any]:
    """Every row as `model`; raises RowFault with the first faults, each naming file and line."""
    given = [{column: cell for column, cell in row.items() if cell != ""} for row in rows]
    try:
        return _list_of(model).validate_python(given)
    except ValidationError as fault:
        found: dict[int, str] = {}
        for error in fault.errors(include_url=False):
            found.setdefault(int(error["loc"][0]), told(error, 1))
        faults = [f"{name}:{place + 2}: {words}" for place, words in sorted(found.items())]
        raise RowFault(faults[:limit], max(0, len(faults) - limit)) from None


@cache
def _list_of(model: type[_Row]) -> TypeAdapter[list[Any]]:
    return TypeAdapter(list[model])  # type: ignore[valid-type]  # one adapter a model, built once


def told(error: ErrorDetails, at: int) -> str:
    """One fault in words; the column's name stands at place `at` of its location."""
    where = ": ".join(str(part) for part in error["loc"][at : at + 1])
    given = error.get("input")
    shown = f" (got {given!r:.60})" if isinstance(given, str | int | float) else ""
    message = error["msg"].removeprefix("Value error, ")
    return f"{where}: {message}{shown}" if where else message


def check_bundled() -> None:
    """Validates every bundled row; raises RowFault naming file and line."""
    for name, model in BUNDLED_FILES.items():
        checked(f"{name}.csv", bundled.rows(name), model)
    known = {card.canonical for card in table()}
    used = {
        row["accelerator"]
        for name in ("offers", "history", "machines", "throughput", "training_throughput")
        for row in bundled.rows(name)
    }
    unknown = sorted(used - known - {""})
    if unknown:
        raise RowFault([f"accelerators.csv: accelerators without a row of their own: {unknown}"])
