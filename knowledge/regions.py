"""Places: a provider's own region code -> city, country and group (data/regions.csv)."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple, cast, get_args

from knowledge import bundled
from knowledge.offer import Geo

GEOS: tuple[str, ...] = get_args(Geo)

# Country -> group. "eu" is Europe apart from the UK, Mexico and Central America count as "sa".
_COUNTRIES: dict[Geo, str] = {
    "us": "US PR",
    "ca": "CA",
    "uk": "GB GG JE IM",
    "eu": "AD AL AT BA BE BG BY CH CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MC MD ME "
    "MK MT NL NO PL PT RO RS RU SE SI SK SM UA XK",
    "asia": "AF AM AZ BD BN BT CN GE HK ID IN JP KG KH KR KZ LA LK MM MN MO MV MY NP PH PK SG TH TJ "
    "TM TW UZ VN",
    "me": "AE BH IL IQ IR JO KW LB OM QA SA SY TR YE",
    "sa": "AR BO BR CL CO CR CU DO EC GT HN JM MX NI PA PE PY SV TT UY VE",
    "oceania": "AU FJ NZ PG",
    "africa": "AO BW CI CM DZ EG ET GH KE LY MA MU MZ NA NG RW SN TN TZ UG ZA ZM ZW",
}


class Place(NamedTuple):
    city: str
    country: str | None
    """ISO 3166 alpha-2, upper case; None for an area of a price list that spans several."""
    geo: Geo


@cache
def _by_country() -> dict[str, Geo]:
    return {country: geo for geo, codes in _COUNTRIES.items() for country in codes.split()}


@cache
def _by_code() -> dict[tuple[str, str], Place]:
    return {
        (row["provider"], row["region"].lower()): Place(
            row["city"], row["country"] or None, cast("Geo", row["geo"])
        )
        for row in bundled.rows("regions")
    }


_ZONE = re.compile(r"^(.+\d)(?:-?[a-z])$")


@lru_cache(maxsize=4096)
def place(provider: str, code: str) -> Place | None:
    """Where a provider's region (or zone of it) stands; None for a code we do not know."""
    low = code.strip().lower()
    known = _by_code().get((provider, low))
    if known is None and (zone := _ZONE.match(low)):
        known = _by_code().get((provider, zone.group(1)))
    return known


@lru_cache(maxsize=4096)
def home_region(provider: str, code: str) -> str:
    """The region of a zone the table knows only by its region; every other code as it is."""
    low = code.strip().lower()
    if (provider, low) not in _by_code() and (zone := _ZONE.match(low)):
        if (provider, zone.group(1)) in _by_code():
            return zone.group(1)
    return code.strip()


@lru_cache(maxsize=512)
def geo_of(country: str) -> Geo | None:
    """The group of an ISO country code in either case; None for a code we do not know."""
    return _by_country().get(country.upper())


_NAMED = {
    "australia": "AU", "belgium": "BE", "brazil": "BR", "canada": "CA", "denmark": "DK",
    "finland": "FI", "france": "FR", "germany": "DE", "iceland": "IS", "india": "IN",
    "israel": "IL", "italy": "IT", "japan": "JP", "netherlands": "NL", "norway": "NO",
    "poland": "PL", "portugal": "PT", "romania": "RO", "singapore": "SG", "south korea": "KR",
    "spain": "ES", "sweden": "SE", "uk": "GB", "united kingdom": "GB", "united states": "US",
    "us": "US", "usa": "US",
}  # fmt: skip


def country_named(name: str) -> str | None:
    """The ISO code of a country as resellers write it ("usa", "Canada"); None for another word."""
    return _NAMED.get(name.strip().lower())


def countries_of(geo: str) -> tuple[str, ...]:
    return tuple(_COUNTRIES[cast("Geo", geo)].split())
