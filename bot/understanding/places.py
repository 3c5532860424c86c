"""Finds regions: groups, countries and data-centre cities, in both languages."""

from __future__ import annotations

import re
from functools import cache

from bot.understanding.draft import Draft, Pattern

_GROUPS = {
    "us": "usa|u.s.|u.s.a.|u.s|united states|united states of america|eua|estados unidos|america|american|americana|americanas|americano|americanos|the states|stateside",
    "ca": "canada|canadian|canadense|canadenses",
    "eu": "eu|europe|european|europa|europeia|europeias|europeu|europeus|ue|uniao europeia|european union|continental europe|nordics|nordic|scandinavia|escandinavia",
    "uk": "uk|u.k.|united kingdom|britain|great britain|england|scotland|wales|british|reino unido|inglaterra|gra-bretanha|gra bretanha|escocia|london|londres|manchester|slough",
    "asia": "asia|apac|asia pacific|asia-pacific|asia pacifico|asian|asiatica|asiatico|southeast asia|east asia|sudeste asiatico|ap",
    "me": "middle east|oriente medio|gulf|saudi arabia|arabia saudita|mena|ksa",
    "sa": "south america|latam|latin america|america do sul|america latina|south american|sul-americana|sul americana",
    "oceania": "oceania|australasia",
    "africa": "africa|african|africana",
}
_COUNTRIES = {
    "de": "germany|alemanha|german|alema|deutschland|frankfurt|berlin|berlim|munich|munique|nuremberg|falkenstein|dusseldorf|hamburg|hamburgo",
    "br": "brazil|brasil|brazilian|brasileira|brasileiras|brasileiro|brasileiros|sao paulo|sampa|rio de janeiro|vinhedo|campinas|fortaleza|brasilia|sp",
    "fr": "france|franca|french|francesa|frances|paris|marseille|marselha|strasbourg|gravelines|roubaix|lyon",
    "nl": "netherlands|the netherlands|holland|holanda|paises baixos|dutch|amsterdam|amsterda|eemshaven|rotterdam|groningen",
    "no": "norway|noruega|norwegian|oslo|stavanger|bergen",
    "se": "sweden|suecia|swedish|sueca|stockholm|estocolmo|gavle|lulea",
    "fi": "finland|finlandia|finnish|helsinki|helsinque|hamina|espoo",
    "ie": "ireland|irlanda|irish|dublin",
    "jp": "japan|japao|japanese|japones|japonesa|tokyo|toquio|osaka",
    "sg": "singapore|singapura|cingapura|singaporean",
    "in": "india|indian|indiana|mumbai|bombaim|hyderabad|chennai|bangalore|bengaluru|delhi|new delhi|nova delhi|pune|noida",
    "au": "australia|australian|australiana|sydney|melbourne|brisbane|canberra|perth",
    "es": "spain|espanha|spanish|madrid|barcelona|zaragoza|saragoca|aragon",
    "it": "italy|italia|italian|milan|milao|rome|roma|turin|turim",
    "pl": "poland|polonia|polish|warsaw|varsovia",
    "ch": "switzerland|suica|swiss|zurich|zurique|geneva|genebra",
    "at": "austria|vienna|viena",
    "be": "belgium|belgica|brussels|bruxelas|saint-ghislain",
    "pt": "portugal|portuguese|portuguesa|lisbon|lisboa|porto|sines",
    "dk": "denmark|dinamarca|danish|copenhagen|copenhague",
    "is": "iceland|islandia|reykjavik|keflavik",
    "cz": "czech republic|czechia|republica tcheca|tchequia|prague|praga",
    "ro": "romania|romenia|bucharest|bucareste",
    "hu": "hungary|hungria|budapest|budapeste",
    "gr": "greece|grecia|athens|atenas",
    "bg": "bulgaria|sofia",
    "ee": "estonia|tallinn",
    "lv": "latvia|letonia|riga",
    "lt": "lithuania|lituania|vilnius",
    "lu": "luxembourg|luxemburgo",
    "rs": "serbia|servia|belgrade|belgrado",
    "ua": "ukraine|ucrania|kyiv|kiev",
    "sk": "slovakia|eslovaquia|bratislava",
    "si": "slovenia|eslovenia|ljubljana",
    "hr": "croatia|croacia|zagreb",
    "tr": "turkiye|turquia|istanbul|istambul|ankara",
    "kr": "south korea|korea|coreia|coreia do sul|korean|seoul|seul",
    "cn": "china|chinese|beijing|pequim|shanghai|xangai|shenzhen",
    "hk": "hong kong|hongkong",
    "tw": "taiwan|taipei|changhua",
    "id": "indonesia|jakarta|jacarta",
    "my": "malaysia|malasia|kuala lumpur|johor",
    "th": "thailand|tailandia|bangkok",
    "vn": "vietnam|vietna|hanoi|ho chi minh",
    "ph": "philippines|filipinas|manila",
    "il": "israel|tel aviv",
    "ae": "uae|united arab emirates|emirados arabes|emirados|emirates|dubai|abu dhabi",
    "qa": "qatar|catar|doha",
    "bh": "bahrain|bahrein|manama",
    "za": "south africa|africa do sul|johannesburg|joanesburgo|cape town|cidade do cabo",
    "ke": "kenya|quenia|nairobi",
    "ng": "nigeria|lagos",
    "eg": "egypt|egito|cairo",
    "mx": "mexico|mexican|mexicana|queretaro|cidade do mexico|mexico city",
    "cl": "chile|chilean|chilena|santiago",
    "co": "colombia|bogota",
    "ar": "argentina|argentine|buenos aires",
    "pe": "peru|lima",
    "uy": "uruguay|uruguai|montevideo|montevideu",
    "nz": "new zealand|nova zelandia|auckland",
}
_STATES = "virginia|north virginia|northern virginia|ohio|oregon|iowa|texas|dallas|california|utah|nevada|arizona|phoenix|chicago|illinois|new york|new jersey|nova york|seattle|atlanta|ashburn|silicon valley|los angeles|kansas|las vegas|miami|florida|washington|san jose|santa clara|san francisco|denver|houston|north carolina|south carolina|salt lake city|council bluffs|georgia"
_CANADA = "toronto|montreal|vancouver|quebec|calgary|beauharnois"

_PREFIXES = (
    (Pattern(r"\bus-(?:gov-)?(?:east|west|central|south|north|northeast|southeast|northwest|southwest|midwest)[a-z]*-?\d*[a-z]?\b"), "us"),
    (Pattern(r"\b(?:eu|europe)-(?:east|west|central|south|north)[a-z]*-?\d*[a-z]?\b"), "eu"),
    (Pattern(r"\b(?:ap|asia)-(?:east|west|central|south|north|northeast|southeast|southwest)[a-z]*-?\d*[a-z]?\b"), "asia"),
    (Pattern(r"\b(?:sa-east|southamerica)-?[a-z]*\d*\b"), "sa"),
    (Pattern(r"\b(?:ca-(?:central|west)|northamerica-northeast)-?\d?\b"), "ca"),
    (Pattern(r"\b(?:me-(?:central|south|west))-?\d?\b"), "me"),
)  # fmt: skip
_AFTER_US = frozenset(
    "east west central region regions only based datacenter datacentre datacenters soil".split()
)
_BEFORE_US = frozenset(
    "in the within across inside from region only us-based on-demand spot reserved cheapest".split()
)
_NOT_BEFORE_US = frozenset(
    "give show tell send cost costs let help get for to with of alert ping warn notify set between "
    "run charge charges save saves buy email dm remind keep lets makes make remove sell sells message "
    "around about than leave leaves offer quote find sign hook advise want bill".split()
)
_NEGATION = Pattern(
    r"(?:\b(?:not in|not from|outside(?: of)?|except(?: in)?|excluding|excl\.?|anywhere but|but not(?: in)?|other than|"
    r"avoid|without|away from|no|fora d[aoe]s?|fora|exceto(?: n[ao]s?)?|menos n[ao]s?|tirando|sem ser n[ao]s?|nao sej?a n[ao]s?|que nao (?:seja|fique) n[ao]s?)\s+(?:(?:the|a|o|os|as|na|no|nos|nas|em)\s+)?)$"
)


@cache
def _table() -> dict[str, str]:
    """Spelling -> code, built on first use."""
    groups = {**_GROUPS, **_COUNTRIES}
    table = {spelling: code for code in groups for spelling in groups[code].split("|")}
    table.update(dict.fromkeys(_STATES.split("|"), "us"))
    table.update(dict.fromkeys(_CANADA.split("|"), "ca"))
    return table


@cache
def _first_words() -> frozenset[str]:
    """First words of the places that have several."""
    return frozenset(place.split(" ")[0] for place in _table() if " " in place)


_WORD = Pattern(r"[a-z.]+(?:-[a-z]+)*")
# Words that are places only after a preposition, being words of a language first.
_NEEDS_IN = frozenset(
    "porto lima santiago georgia america washington phoenix sp ap indiana sofia roma sines perth bergen gulf aragon".split()
)
_PREPOSITION = frozenset("in at near from within em no na de da do nos nas para the".split())


def find(draft: Draft) -> None:
    """Takes places out of the text: `region`, or `regions` for several, and `exclude_regions`."""
    wanted: list[str] = []
    excluded: list[str] = []

    def note(code: str, start: int) -> None:
        cue = _NEGATION.search(draft.rest[:start])
        # In Portuguese "no Brasil" means "in Brazil".
        negated = cue is not None and not (draft.pt and cue.group().strip() == "no")
        (excluded if negated else wanted).append(code)

    for pattern, group in _PREFIXES if "-" in draft.rest else ():
        match = pattern.search(draft.rest)
        if match:
            note(group, match.start())
            draft.take_match(match)
    table, first_words = _table(), _first_words()
    words = list(_WORD.finditer(draft.rest))
    taken: list[tuple[int, int]] = []
    skip = -1
    for index, word in enumerate(words):
        if index <= skip:
            continue
        for length in (4, 3, 2, 1) if word.group() in first_words else (1,):
            if index + length > len(words):
                continue
            last = words[index + length - 1]
            phrase = draft.rest[word.start() : last.end()].rstrip(".")
            code: str | None = table.get(phrase)
            if code is None and "-" in phrase and length == 1:
                code = _hyphenated(phrase, table)
            if phrase == "eu" and draft.pt and not _after_place_word(draft.rest, word.start()):
                continue  # the pronoun
            if code is None or (
                phrase in _NEEDS_IN and not _after_preposition(draft.rest, word.start())
            ):
                continue
            note(code, word.start())
            taken.append((word.start(), last.end()))
            skip = index + length - 1
            break
        else:
            if word.group() == "us" and _is_country(words, index, draft.rest):
                note("us", word.start())
                taken.append((word.start(), word.end()))
    for start, end in reversed(taken):
        draft.take(start, end)
    _settle(draft, list(dict.fromkeys(wanted)), list(dict.fromkeys(excluded)))


def _hyphenated(phrase: str, table: dict[str, str]) -> str | None:
    """ "eu-only", "us-based", "europe-hosted"."""
    head, _, tail = phrase.partition("-")
    if tail in {"only", "based", "hosted", "region", "located", "side", "wide"}:
        return "us" if head == "us" else table.get(head)
    return None


def _after_preposition(text: str, start: int) -> bool:
    before = text[:start].split()
    return bool(before) and before[-1] in _PREPOSITION


def _after_place_word(text: str, start: int) -> bool:
    before = text[:start].split()
    return bool(before) and before[-1] in {"na", "da", "regiao", "em", "pra", "para"}


def _is_country(words: list[re.Match[str]], index: int, text: str) -> bool:
    """ "us" the country, not the pronoun: it stands after a place word or beside a bare name."""
    before = text[: words[index].start()].split()
    after = text[words[index].end() :].split()
    previous = before[-1] if before else ""
    following = after[0] if after else ""
    if following in _AFTER_US:
        return True
    if previous in _NOT_BEFORE_US:
        return False
    if previous in _BEFORE_US or not previous.isalpha():
        return True
    return not after or following in {
        "spot",
        "on-demand",
        "reserved",
        "or",
        "and",
        "under",
        "below",
    }


def _settle(draft: Draft, wanted: list[str], excluded: list[str]) -> None:
    # A country beside its own group is the country: "Frankfurt, Europe".
    from knowledge.regions import geo_of

    groups = set(_GROUPS)
    if len(wanted) > 1:
        wanted = [
            code
            for code in wanted
            if not (
                code in groups
                and any(geo_of(other) == code for other in wanted if other not in groups)
            )
        ]
    if len(wanted) == 1:
        draft.found["region"] = wanted[0]
    elif wanted:
        draft.found["regions"] = tuple(wanted)
    if excluded:
        draft.found["exclude_regions"] = tuple(excluded)
