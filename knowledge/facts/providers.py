"""Providers: names, tiers and what is known of them (data/providers.csv)."""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple, cast

from knowledge.facts import bundled

Tier = Literal["hyperscaler", "microcloud", "marketplace"]


class Provider(NamedTuple):
    """A row of the table; empty text means the facts do not say."""

    id: str
    name: str
    short_name: str
    """As a table shows it."""
    aliases: tuple[str, ...]
    kind: str
    """hyperscaler, microcloud, marketplace or developer-cloud."""
    tier: Tier
    headquarters_country: str
    founded: str
    ownership: str
    ticker: str
    summary: str
    risk_notes: str
    last_event: str
    last_event_date: str
    compliance: tuple[str, ...]
    egress_fee: str
    min_commitment: str
    countries: tuple[str, ...]
    website: str
    confirmed: bool
    """False: no source beyond the provider's own site was read."""
    source_url: str
    checked_on: str


@cache
def _by_id() -> dict[str, Provider]:
    return {
        row["id"]: Provider(
            id=row["id"],
            name=row["name"],
            short_name=row["short_name"],
            aliases=bundled.names(row["aliases"]),
            kind=row["kind"],
            tier=cast("Tier", row["tier"]),
            headquarters_country=row["headquarters_country"],
            founded=row["founded"],
            ownership=row["ownership"],
            ticker=row["ticker"],
            summary=row["summary"],
            risk_notes=row["risk_notes"],
            last_event=row["last_event"],
            last_event_date=row["last_event_date"],
            compliance=bundled.names(row["compliance"]),
            egress_fee=row["egress_fee"],
            min_commitment=row["min_commitment"],
            countries=bundled.names(row["regions_countries"]),
            website=row["website"],
            confirmed=row["confirmed"] == "yes",
            source_url=row["source_url"],
            checked_on=row["checked_on"],
        )
        for row in bundled.rows("providers")
    }


WORDED = ("pt", "es")
"""Languages with a file of their own for the sentences of the table, which is in English."""


@cache
def _sentences(lang: str) -> dict[str, dict[str, str]]:
    """Provider -> its sentences in that language; empty for the language of the table itself."""
    if lang not in WORDED:
        return {}
    return {row.pop("id"): row for row in bundled.rows(f"providers_{lang}")}


def translated(known: Provider, lang: str) -> Provider:
    """The provider with its sentences in that language; names, dates and sources stay."""
    return known._replace(**_sentences(lang).get(known.id, {}))  # type: ignore[arg-type]


def provider(provider_id: str) -> Provider | None:
    return _by_id().get(provider_id)


def all_providers() -> tuple[Provider, ...]:
    return tuple(_by_id().values())


@cache
def tier_of(provider_id: str) -> Tier:
    """A provider we do not know is a microcloud: neither a hyperscaler nor a market of hosts."""
    known = provider(provider_id)
    return known.tier if known else "microcloud"


def normalised(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())


@cache
def _aliases() -> dict[str, str]:
    known: dict[str, str] = {}
    for known_provider in all_providers():
        for spelling in (
            known_provider.id,
            known_provider.name,
            known_provider.short_name,
            *known_provider.aliases,
        ):
            known.setdefault(normalised(spelling), known_provider.id)
    return known


def resolve(name: str) -> str | None:
    """The id a spelling names ("Lambda Labs" -> lambda), or None."""
    return _aliases().get(normalised(name))
