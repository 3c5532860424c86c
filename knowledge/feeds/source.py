"""What a price source is: a name, a page, how to fetch it, and a pure function that reads it.

A source lives in one file of `knowledge/sources/` and stands once in `SOURCES`. `fetch` does
the network and nothing else; `parse` is pure, so every trap of a feed is a test without a
network. Nothing here knows a setting or a person.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, Protocol

from knowledge.prices.offer import Billing, Stock


@dataclass(frozen=True, slots=True)
class PerInstance:
    """A quote for the whole machine, per hour."""

    amount: float
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class PerAccelerator:
    """A quote for one accelerator of the machine, per hour."""

    amount: float
    currency: str = "USD"


class RawOffer(NamedTuple):
    """One row as the feed states it, before names, places and money are resolved.

    A named tuple: a catalogue has a hundred thousand, and a frozen dataclass takes four times as long.
    """

    provider: str
    instance_type: str
    accelerator_name: str | None
    """The feed's own spelling ("H100_SXM", "NVIDIA A100-SXM4-80GB"); None: CPU-only machine."""
    count: int  # type: ignore[assignment]  # a field, not tuple.count
    price: PerInstance | PerAccelerator
    billing: Billing
    source_url: str
    term_months: int | None = None
    memory_gb: float | None = None
    form_factor: str | None = None
    vcpus: float | None = None
    ram_gb: float | None = None
    region: str | None = None
    """The provider's own code, as `knowledge.facts.regions` knows it."""
    country: str | None = None
    as_of: datetime | None = None
    """The feed's own stamp for this row; None: the payload's stamp."""
    host_included: bool = True
    starting_at: bool = False
    note: str | None = None
    via: str | None = None
    """Id of a reseller this quote comes through, when its terms govern the row ("shadeform")."""
    stock: Stock | None = None
    """What the feed says of stock; None where it says nothing."""


@dataclass(frozen=True)
class NotUnderstood:
    """A row the parser saw and could not read: counted and shown by `sources`, never dropped."""

    name: str
    """The raw accelerator, SKU or column that was not understood."""
    why: str
    no_price: bool = False
    """True when a price stands there that is none (negative, NaN, a word where a number was due):
    a fault of the feed, where a missing price is the seller's silence."""


@dataclass(frozen=True)
class PartFault:
    """One provider's part of a catalogue that cannot be read: its old offers stay, the rest is new."""

    provider: str
    why: str


Row = RawOffer | NotUnderstood | PartFault


class FetchFault(Exception):
    """A server misbehaved; the message is one readable line without keys."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        """The HTTP status that was the fault, when it was one: 404 lets a source skip a region."""


class ParseFault(Exception):
    """A payload is not what its source documents; the message is one readable line."""


@dataclass(frozen=True)
class Payload:
    """One response body with what parsing needs to know of it."""

    url: str
    body: bytes
    fetched_at: datetime
    last_modified: datetime | None = None
    tag: str = ""
    """What was asked for (a region, a provider, a page), for parsers of several payloads."""
    fault: str = ""
    """Why there is no body, where one part of several could not be had: its old offers stay."""


class Http(Protocol):
    """What `fetch` is given: polite, bounded, retried GETs and POSTs against the source's base.

    Implemented by `knowledge.feeds.fetching`. `path` begins at the host's root, query included or in
    `params`; a full address (a feed's own next-page link) is taken too when its host is the
    source's. `base` is another of the source's documented hosts; an operator's own address
    replaces both. Raises FetchFault with one readable line for every way a server can misbehave.
    """

    async def get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        expect: Literal["json", "csv", "zip", "html", "xml", "text"] = "json",
        tag: str = "",
        base: str | None = None,
    ) -> Payload: ...

    async def post(
        self,
        path: str,
        *,
        json: Any,
        headers: Mapping[str, str] | None = None,
        expect: Literal["json"] = "json",
        tag: str = "",
    ) -> Payload: ...

    def key(self) -> str:
        """The operator's key for this source (only when `key_setting` is set)."""
        ...


@dataclass(frozen=True)
class Source:
    """One place prices come from."""

    name: str
    """The file's name in knowledge/sources/."""
    title: str
    """As a reader should see it ("Azure Retail Prices")."""
    page: str
    """Where a person can check the prices."""
    base_url: str
    """The feed's own address; an operator may point it at a mirror."""
    good_for: timedelta
    """How long a price stays fresh: marketplace 1 h, feed 24 h, hand-kept list 30 days."""
    providers: tuple[str, ...]
    """Provider ids it covers; the provider's own feed wins over a third party's."""
    fetch: Callable[[Http], Awaitable[Sequence[Payload]]]
    parse: Callable[[Sequence[Payload]], Iterable[Row]]
    first_party: bool = False
    """True when the provider itself publishes it."""
    complete: bool = False
    """True when one answer lists all that the provider sells: what is not in it is not sold."""
    licence: str | None = None
    attribution: str | None = None
    """Shown beside the prices where the licence asks for it."""
    key_setting: str | None = None
    """Environment variable that holds its key (`QUARTERMASTER_SOURCE_KEY_LAMBDA`); off without it."""
    opt_in: str | None = None
    """Why it is off until an operator names it in QUARTERMASTER_SOURCES_OPT_IN."""
    comes_and_goes: bool = False
    """True when the feed lists only what is free at the moment: then a lost row is no fault."""
    min_interval: timedelta = timedelta(hours=1)
    extra_hosts: tuple[str, ...] = field(default=())
    """Other hosts this source may be sent to by its own documented addresses."""
