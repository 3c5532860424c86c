"""Places: a provider's own region code -> city, country and group (data/regions.csv)."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Literal, NamedTuple, cast, get_args

from knowledge.facts import bundled

Geo = Literal["us", "ca", "eu", "uk", "asia", "me", "sa", "oceania", "africa"]
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
    "afghanistan": "AF", "albania": "AL", "algeria": "DZ", "angola": "AO", "argentina": "AR",
    "armenia": "AM", "australia": "AU", "austria": "AT", "azerbaijan": "AZ", "bahrain": "BH",
    "bangladesh": "BD", "belarus": "BY", "belgium": "BE", "bolivia": "BO", "botswana": "BW",
    "brazil": "BR", "bulgaria": "BG", "cambodia": "KH", "cameroon": "CM", "canada": "CA",
    "chile": "CL", "china": "CN", "colombia": "CO", "costa rica": "CR", "croatia": "HR",
    "cyprus": "CY", "czech republic": "CZ", "czechia": "CZ", "denmark": "DK",
    "dominican republic": "DO", "ecuador": "EC", "egypt": "EG", "el salvador": "SV",
    "estonia": "EE", "ethiopia": "ET", "finland": "FI", "france": "FR", "georgia": "GE",
    "germany": "DE", "ghana": "GH", "greece": "GR", "guatemala": "GT", "honduras": "HN",
    "hong kong": "HK", "hungary": "HU", "iceland": "IS", "india": "IN", "indonesia": "ID",
    "iraq": "IQ", "ireland": "IE", "israel": "IL", "italy": "IT", "jamaica": "JM", "japan": "JP",
    "jordan": "JO", "kazakhstan": "KZ", "kenya": "KE", "korea": "KR", "kuwait": "KW",
    "kyrgyzstan": "KG", "latvia": "LV", "lebanon": "LB", "liechtenstein": "LI", "lithuania": "LT",
    "luxembourg": "LU", "macao": "MO", "malaysia": "MY", "malta": "MT", "mauritius": "MU",
    "mexico": "MX", "moldova": "MD", "monaco": "MC", "mongolia": "MN", "montenegro": "ME",
    "morocco": "MA", "namibia": "NA", "nepal": "NP", "netherlands": "NL", "the netherlands": "NL",
    "new zealand": "NZ", "nicaragua": "NI", "nigeria": "NG", "north macedonia": "MK",
    "norway": "NO", "oman": "OM", "pakistan": "PK", "panama": "PA", "paraguay": "PY",
    "peru": "PE", "philippines": "PH", "poland": "PL", "portugal": "PT", "puerto rico": "PR",
    "qatar": "QA", "republic of korea": "KR", "romania": "RO", "russia": "RU", "rwanda": "RW",
    "saudi arabia": "SA", "senegal": "SN", "serbia": "RS", "singapore": "SG", "slovakia": "SK",
    "slovenia": "SI", "south africa": "ZA", "south korea": "KR", "spain": "ES", "sri lanka": "LK",
    "sweden": "SE", "switzerland": "CH", "taiwan": "TW", "tajikistan": "TJ", "tanzania": "TZ",
    "thailand": "TH", "trinidad and tobago": "TT", "tunisia": "TN", "turkey": "TR",
    "turkiye": "TR", "türkiye": "TR", "uae": "AE", "uganda": "UG", "uk": "GB", "ukraine": "UA",
    "united arab emirates": "AE", "united kingdom": "GB", "great britain": "GB", "england": "GB",
    "scotland": "GB", "united states": "US", "united states of america": "US", "uruguay": "UY",
    "us": "US", "usa": "US", "uzbekistan": "UZ", "venezuela": "VE", "vietnam": "VN",
    "viet nam": "VN", "zambia": "ZM", "zimbabwe": "ZW",
}  # fmt: skip


def country_named(name: str) -> str | None:
    """The ISO code of a country as resellers write it ("usa", "Canada"); None for another word."""
    return _NAMED.get(name.strip().lower())


_CITY = re.compile(r"^[a-z]+-([a-z]+)-\d+$", re.IGNORECASE)


def city_country(code: str) -> str | None:
    """The country in a place as resellers write it ("saltlakecity-usa-1"); None for other codes."""
    found = _CITY.match(code)
    return country_named(found[1]) if found else None


def countries_of(geo: str) -> tuple[str, ...]:
    return tuple(_COUNTRIES[cast("Geo", geo)].split())
