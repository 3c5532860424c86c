"""The Question: what a person asked, and only what the text itself states."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from bot.language import Lang as Lang  # noqa: PLC0414  others import it from here

Direction = Literal["below", "above"]


class Schedule(NamedTuple):
    weekday: str | None = None
    """English, lower case, in full."""
    time: str | None = None
    """HH:MM, 24 hours."""
    tz: str | None = None
    """IANA name."""


_ABOUT_THE_TEXT = frozenset(
    {"intent", "lang", "text", "confidence", "guesses", "unused", "notes", "earlier"}
)


VERSION = 2
"""Of the fields below, for questions that were written down."""
_NOT_PACKED = frozenset({"text", "confidence", "unused", "guesses", "notes"})


class Question(NamedTuple):
    """Fields mean what the `parse --json` contract says; None or () means "not stated"."""

    intent: str
    lang: Lang = "en"
    text: str = ""
    """The cleaned text."""
    accelerators: tuple[str, ...] = ()
    memory_gb: float | None = None
    count: int | None = None  # type: ignore[assignment]  # a field, not tuple.count
    region: str | None = None
    """A group or a lower-case country code."""
    billing: str | None = None
    providers: tuple[str, ...] = ()
    exclude_providers: tuple[str, ...] = ()
    tier: str | None = None
    max_price: float | None = None
    hours: float | None = None
    budget_usd: float | None = None
    model: str | None = None
    workload: str | None = None
    schedule: Schedule | None = None
    threshold: float | None = None
    direction: Direction | None = None
    period_days: int | None = None
    # Below: understood and used, printed by `parse`, not scored.
    form_factor: str | None = None
    """`SXM`, `PCIe`, `NVL` or `OAM` when stated."""
    precision: str | None = None
    cache_precision: str | None = None
    """Of the key-value cache, when it is stated apart from the weights ("fp8 kv cache")."""
    paid_price: float | None = None
    """A price somebody already pays or was quoted, USD per GPU-hour."""
    context_tokens: int | None = None
    concurrency: int | None = None
    limit: int | None = None
    confidence: float | None = None
    notes: tuple[str, ...] = ()
    exclude_tiers: tuple[str, ...] = ()
    exclude_billing: tuple[str, ...] = ()
    exclude_regions: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    """Names that look like a card and are not known: the answer asks "did you mean"."""
    variants: tuple[float, ...] = ()
    """Two memory sizes of one card set side by side."""
    currency: str | None = None
    """ISO code when a sum was not in USD; then `amount` holds it and USD fields stay empty."""
    amount: float | None = None
    gpu_hours: float | None = None
    """GPU-hours given as one number ("57,600 A100 GPU hours")."""
    nodes: int | None = None
    """Machines, when the text counts them ("4 nodes of 8")."""
    interconnect: str | None = None
    """`infiniband`, `roce`, `ethernet` or `nvlink` when stated."""
    tokens_per_month: float | None = None
    own: tuple[str, ...] = ()
    """Cards that the asker has."""
    instance_types: tuple[str, ...] = ()
    """Instance names of the clouds as written ("p5.48xlarge")."""
    tokens_per_second: float | None = None
    """Output tokens a second of all the cards together, that the asker measured."""
    input_tokens: float | None = None
    """Of one request, on average ("2k in, 300 out")."""
    output_tokens: float | None = None
    api_price: float | None = None
    """USD per million tokens that the asker pays at an API ("$0.60 per M")."""
    api_bill: float | None = None
    """USD a month that the asker pays at an API ("our OpenAI bill is $9,400 a month")."""
    train_tokens: float | None = None
    """Tokens of a data set, trained on or turned into vectors ("1B tokens")."""
    epochs: float | None = None
    documents: float | None = None
    """Documents, chunks or abstracts to turn into vectors."""
    audio_hours: float | None = None
    """Hours of sound to transcribe."""
    images: float | None = None
    """Pictures to make."""
    per_dollar: str | None = None
    """`performance` or `tokens` when "best perf/$", "tokens per dollar" is asked for."""
    utilisation: float | None = None
    """Stated share of the time in use, 0..1 ("at 60% use")."""
    years: float | None = None
    """"3 years" in a rent-or-buy question."""
    kwh_price: float | None = None
    percent: float | None = None
    """"drops 10 %" in a watch."""
    every: str | None = None
    """For digests: `daily`, `weekdays`, `weekly` or `monthly` when stated."""
    topic: str | None = None
    """What an `advise` question is about: gpu-need, tier, billing, buy, quote, concentration,
    timing, alternatives, sizing; or the topic after `help`."""
    action: str | None = None
    """For digests and watches: pause, resume, now, snooze, change."""
    unused: tuple[str, ...] = ()
    """Words that could not be placed, said back to the asker."""
    urgency: str | None = None
    """`urgent` or `patient` when the text says so."""
    egress_tb: float | None = None
    """Data going out, TB a month."""
    compliance: tuple[str, ...] = ()
    """Audit reports or laws that were named: `SOC2 ISO27001 HIPAA GDPR LGPD C5 PCI`."""
    data_sensitivity: str | None = None
    """`personal` or `public` when stated."""
    circumstances: tuple[str, ...] = ()
    """Flags of a question for advice: `bot.understanding.circumstances` lists them."""
    capex_usd: float | None = None
    """Purchase price of a node, in a rent-or-buy question."""
    rules: tuple[str, ...] = ()
    """Advice rules whose reason is asked for ("why spot-unfit?")."""

    numbers: tuple[int, ...] = ()
    """Numbers of the orders that are meant ("unwatch #7")."""
    everything: bool | None = None
    """All orders are meant ("stop all digests")."""
    remind: bool | None = None
    """Told again while a price stays past its line."""
    rising: bool | None = None
    """A watch for a rise, by percent."""
    days: int | None = None
    """Days said in an order: of a fall ("10 % in a week"), of a pause."""
    month_day: int | None = None
    """Day of a monthly digest."""
    any_region: bool | None = None
    any_provider: bool | None = None
    """An order that is changed loses its region, or its providers."""
    guesses: tuple[Question, ...] = ()
    """Of an `unclear` text: the likeliest readings, best first."""
    earlier: Question | None = None
    """The thread's question before a text that asks nothing ("thanks"): the next may build on it."""

    def fields(self) -> dict[str, Any]:
        """What is stated beside intent, language and words, by field name."""
        return {
            name: value
            for name, value in self._asdict().items()
            if name not in _ABOUT_THE_TEXT and value is not None and value != ()
        }

    def stated(self) -> dict[str, Any]:
        """`parse --json`: the fields that the text states, in order, `intent` and `lang` first."""
        out: dict[str, Any] = {"intent": self.intent, "lang": self.lang}
        for name, value in self._asdict().items():
            if name in ("intent", "lang", "text", "earlier") or value is None or value == ():
                continue
            if name == "guesses":
                out[name] = [guess.stated() for guess in value]
            elif isinstance(value, Schedule):
                out[name] = {part: v for part, v in value._asdict().items() if v is not None}
            else:
                out[name] = list(value) if isinstance(value, tuple) else value
        return out

    def packed(self) -> str:
        """What a thread's next text may build on, as JSON; without the words themselves."""
        import json

        held = {
            name: list(value) if isinstance(value, Schedule) else value
            for name, value in self._asdict().items()
            if name not in _NOT_PACKED and value not in (None, ())
        }
        if self.earlier is not None:
            held["earlier"] = self.earlier._replace(earlier=None).packed()
        return json.dumps({"v": VERSION, **held})

    @classmethod
    def unpacked(cls, text: str) -> Question | None:
        """The question that `packed` wrote; None for anything else, or what another version wrote."""
        import json

        try:
            row = json.loads(text)
            if row.pop("v", None) != VERSION:
                return None
            fields: dict[str, Any] = {
                name: tuple(value) if isinstance(value, list) else value
                for name, value in row.items()
                if name in cls._fields
            }
            if "schedule" in fields:
                fields["schedule"] = Schedule(*fields["schedule"])
            if "earlier" in fields:
                fields["earlier"] = cls.unpacked(fields["earlier"])
            return cls(**fields)
        except (ValueError, TypeError, AttributeError):
            return None
