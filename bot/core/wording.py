"""Money, ages, counts and names, in the reader's language.

Sentences are gettext messages whose ids are the English text; everything else that differs between
languages is read from their folders (`bot/language`). Numbers are put together here because a table
holds twenty of them and Babel's formatter costs more than the whole query behind it.
"""

from __future__ import annotations

import copy
import gettext
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.core.question import Lang
from bot.language import DOMAIN, FOLDERS, HERE, locale_of, pack
from knowledge.facts.units import MONTH, YEAR

if TYPE_CHECKING:
    from knowledge.prices.currencies import Exchange

_SYMBOLS = {
    "EUR": "€", "GBP": "£", "BRL": "R$", "JPY": "¥", "INR": "₹", "MXN": "MX$", "CAD": "CA$",
    "AUD": "A$", "NZD": "NZ$", "CNY": "CN¥", "KRW": "₩",
}  # fmt: skip
_SMALL_UNIT_USD = 0.02
"""A currency whose unit is worth less is written without decimals from a hundred up."""


@lru_cache(maxsize=16)
def wording(lang: Lang, locale: str | None = None) -> Wording:
    """The shared Wording of a language, with the formats of a reader's locale ("es-MX")."""
    return Wording(lang, locale)


class Wording:
    """Words and numbers in one language. Cheap to call, built once per language and locale."""

    def __init__(self, lang: Lang, locale: str | None = None) -> None:
        self.lang: Lang = lang
        self.locale = locale_of(lang, locale)
        """The locale whose formats are used, as CLDR writes it ("es-MX")."""
        self.pack = pack(lang)
        formats = self.pack["formats"][self.locale]
        separators = {",": formats["group"], ".": formats["decimal"]}
        self._separators = str.maketrans(separators) if separators != {",": ",", ".": "."} else None
        self._plain = str.maketrans({formats["group"]: "", formats["decimal"]: "."})
        self._smallest_grouped: int = formats["smallest_grouped"]
        self._money: str = formats["money"]
        self._percent: str = formats["percent"]
        self._plural_from: float = self.pack["plural_from"]
        self._months: list[str] = formats["months"]
        self._full_months: list[str] = formats["full_months"]
        self._month_of_year: str = formats["month_of_year"]
        self.exchange: Exchange | None = None
        """What sums are shown in beside dollars; None: dollars alone."""
        self._places: dict[str, list[str]] = self.pack["places"]["groups"]
        self._before = {
            code: words
            for words, codes in self.pack["places"]["countries"]["before"].items()
            for code in codes.split()
        }
        compiled = HERE / FOLDERS[lang] / f"{DOMAIN}.mo"
        self._catalogue: gettext.NullTranslations = gettext.NullTranslations()
        if compiled.exists():
            with compiled.open("rb") as file:
                self._catalogue = gettext.GNUTranslations(file)

    # -- sentences ---------------------------------------------------------------------------

    def t(self, message: str, /, **values: object) -> str:
        """The sentence in this language with `{placeholders}` filled."""
        text = self._catalogue.gettext(message)
        return text.format(**values) if values else text

    def tn(self, one: str, many: str, n: float, /, **values: object) -> str:
        """The singular or plural sentence; `{n}` is the number in this language."""
        text = self._catalogue.ngettext(one, many, 1 if 1 <= n < self._plural_from else 2)
        return text.format(n=self.number(n), **values)

    def listing(self, items: Sequence[str], *, last: str = "and") -> str:
        """ "A, B and C"; `last` is "and", "or" or "nor"."""
        if len(items) < 2:
            return "".join(items)
        return f"{', '.join(items[:-1])} {self.pack[last]} {items[-1]}"

    # -- numbers and money -------------------------------------------------------------------

    def number(self, x: float, digits: int | None = None) -> str:
        """1234.5 -> "1,234.5"; without `digits`, whole numbers have none and others up to two."""
        if digits is None:
            text = f"{x:,.2f}".rstrip("0").rstrip(".")
        else:
            text = f"{x:,.{digits}f}"
        if abs(x) < self._smallest_grouped:
            text = text.replace(",", "")
        if text.startswith("-") and not text.strip("-0."):
            text = text[1:]  # what rounds to nothing has no sign
        return text.translate(self._separators) if self._separators else text

    def tokens(self, n: float) -> str:
        """A volume as people say it: "300 million tokens", "21.8 billion tokens"."""
        if n < 0.9995e6:
            return self.tn("{n} token", "{n} tokens", round(n))
        least = next(size for size in (1e12, 1e9, 1e6) if n >= 0.9995 * size)
        scaled = n / least
        scaled = round(scaled, 0 if scaled >= 100 else 1 if scaled >= 10 else 2)
        if least == 1e12:
            return self.tn("{n} trillion tokens", "{n} trillion tokens", scaled)
        if least == 1e9:
            return self.tn("{n} billion tokens", "{n} billion tokens", scaled)
        return self.tn("{n} million tokens", "{n} million tokens", scaled)

    def money(self, usd: float, digits: int | None = None) -> str:
        """US dollars: "$1.29", "US$ 1,29", "1,29 USD". Under ten cents a third digit is shown.

        With another currency in use, that one first: "R$ 7,01 (US$ 1,29)".
        """
        amount = self._money.format(n=self.plain_money(abs(usd), digits))
        if self.exchange is not None:
            amount = f"{self._foreign(self.exchange, abs(usd), digits)} ({amount})"
        return f"-{amount}" if usd < 0 else amount

    def showing(self, exchange: Exchange) -> Wording:
        """The same words with sums in another currency too."""
        other = copy.copy(self)
        other.exchange = exchange
        return other

    def _foreign(self, exchange: Exchange, usd: float, digits: int | None) -> str:
        amount = exchange.from_usd(usd)
        if exchange.usd_per_unit < _SMALL_UNIT_USD and amount >= 100:
            digits = 0
        return self.sum_in(exchange.currency, amount, digits)

    def sum_in(self, currency: str, amount: float, digits: int | None = None) -> str:
        """A sum of any currency as this language writes it."""
        n = self.plain_money(amount, digits)
        if currency == "USD":
            return self._money.format(n=n)
        sign = self.currency_sign(currency)
        if self._money.startswith("{n}"):
            return f"{n} {sign}"
        return f"{sign}{'' if ' ' not in self._money and not sign.isalpha() else ' '}{n}"

    def currency_sign(self, currency: str) -> str:
        """ "€", "R$", else the code. Where the dollar is "USD", only the euro and the pound have one."""
        if "USD" in self._money and currency not in ("EUR", "GBP"):
            return currency
        return _SYMBOLS.get(currency, currency)

    def plain_money(self, usd: float, digits: int | None = None) -> str:
        """The amount without its sign, for a column whose title carries the unit."""
        if digits is None:
            digits = 2 if usd >= 0.1 or round(usd, 2) == round(usd, 4) else 3 if usd >= 0.01 else 4
        return self.number(usd, digits)

    def amount_in(self, cell: str) -> float | None:
        """The number that `number` wrote into a cell; None for words and dashes."""
        plain = cell.translate(self._plain)
        try:
            return float(plain)
        except ValueError:
            return None

    def sum(self, usd: float) -> str:
        """A total rounded to sense: "$105.60", "$11,622", "$1.96 million"."""
        if usd < 1_000_000:
            return self.money(usd, 2 if usd < 10_000 else 0)
        millions = self.tn("{n} million", "{n} million", round(usd / 1_000_000, 2))
        return self._money.format(n=millions)

    def per_gpu_hour(self, usd: float) -> str:
        """ "$1.29 per GPU-hour"."""
        return self.t("{price} per GPU-hour", price=self.money(usd))

    def percent(self, share: float, digits: int = 0) -> str:
        """0.52 -> "52%", in Spain "52 %"."""
        return self._percent.format(n=self.number(share * 100, digits))

    def times(self, ratio: float) -> str:
        """How many times as much: 3.13 -> "3.1"."""
        return self.number(ratio, 1)

    # -- time --------------------------------------------------------------------------------

    def date(self, when: date | datetime, now: datetime | None = None) -> str:
        """ "22 Aug"; with the year when it is not this year or `now` is not given."""
        month = self._months[when.month - 1]
        if now is not None and when.year == now.year:
            return f"{when.day} {month}"
        return f"{when.day} {month} {when.year}"

    def iso_date(self, text: str) -> str:
        """A date as tables of facts hold it: "2026-04-09", "2026-01" ("January 2026"), "2026"."""
        parts = [int(part) for part in text.split("-") if part.isdigit()]
        if len(parts) == 3:
            return self.date(date(*parts))
        if len(parts) == 2:
            return self._month_of_year.format(month=self._full_months[parts[1] - 1], year=parts[0])
        return text

    def time(self, when: datetime, tz: tzinfo | None = None) -> str:
        """ "22 Aug 2026, 14:05 UTC" in the given zone."""
        local = when.astimezone(tz or UTC)
        return f"{self.date(local)}, {local:%H:%M} {local.tzname()}"

    def age(self, then: datetime, now: datetime) -> str:
        """ "3 days ago", from minutes to years."""
        seconds = max(0.0, (now - then).total_seconds())
        if seconds < 90:
            return self.t("just now")
        if seconds < 5400:
            return self.tn("{n} minute ago", "{n} minutes ago", round(seconds / 60))
        if seconds < 129_600:
            return self.tn("{n} hour ago", "{n} hours ago", round(seconds / 3600))
        days = round(seconds / 86_400)
        if days < 61:
            return self.tn("{n} day ago", "{n} days ago", days)
        if days < 730:
            return self.tn("{n} month ago", "{n} months ago", round(days / 30.4))
        return self.tn("{n} year ago", "{n} years ago", round(days / 365))

    def hours(self, hours: float) -> str:
        """A length of time as people say it: 72 -> "72 h", 730 -> "1 month", 8760 -> "1 year"."""
        if hours >= YEAR and hours % YEAR == 0:
            return self.tn("{n} year", "{n} years", hours / YEAR)
        if hours >= MONTH and hours % MONTH == 0:
            return self.tn("{n} month", "{n} months", hours / MONTH)
        if hours >= 168 and hours % 168 == 0:
            return self.tn("{n} week", "{n} weeks", hours / 168)
        if hours > 96 and hours % 24 == 0:
            return self.tn("{n} day", "{n} days", hours / 24)
        return f"{self.number(hours)} h"

    def term(self, months: int | None) -> str:
        """Length of a commitment: 36 -> "3 years"."""
        if months is None:
            return self.t("term n/a")
        if months % 12 == 0:
            return self.tn("{n} year", "{n} years", months // 12)
        return self.tn("{n} month", "{n} months", months)

    # -- names -------------------------------------------------------------------------------

    def provider(self, provider_id: str) -> str:
        from knowledge.facts.providers import provider

        known = provider(provider_id)
        return known.short_name if known else provider_id

    def card(
        self,
        accelerator: str | None,
        memory_gb: float | None = None,
        form_factor: str | None = None,
    ) -> str:
        """ "A100 80 GB SXM": memory and form factor are never hidden when known."""
        parts = [card_name(accelerator) if accelerator else "CPU"]
        if memory_gb:
            parts.append(self.memory(memory_gb))
        if form_factor:
            parts.append(form_factor)
        return " ".join(parts)

    def memory(self, gb: float) -> str:
        return f"{self.number(round(gb, 1))} GB"

    def region(self, code: str) -> str:
        """A group or country as a label: "Europe", "Alemanha"."""
        return self._places[code][0] if code in self._places else self.country(code)

    def in_region(self, code: str) -> str:
        """ "in Europe", "na Alemanha", "en los Países Bajos"."""
        if code in self._places:
            return self._places[code][1]
        before = self._before.get(code.upper(), self.pack["places"]["countries"]["otherwise"])
        return f"{before} {self.country(code)}"

    def country(self, code: str) -> str:
        """ "United States", "Alemanha": as an address has it."""
        names: dict[str, str] = self.pack["country_names"]
        return names.get(code.upper(), code.upper())

    def billing(self, billing: str) -> str:
        """ "on demand", "sob demanda"."""
        return {
            "on-demand": self.t("on demand"),
            "spot": self.t("spot"),
            "reserved": self.t("reserved"),
        }[billing]

    def tier(self, tier: str) -> str:
        return {
            "hyperscaler": self.t("hyperscaler"),
            "microcloud": self.t("GPU cloud"),
            "marketplace": self.t("marketplace"),
        }[tier]


_CARD_SPACES = (
    (re.compile(r"^RTXPRO(\d+)"), r"RTX PRO \1"),
    (re.compile(r"^QuadroRTX(\d+)"), r"Quadro RTX \1"),
    (re.compile(r"^(RTX|GTX)(\d+)"), r"\1 \2"),
    (re.compile(r"(\d)(Ti|Super|Ada)"), r"\1 \2"),
    (re.compile(r"^(Gaudi|Trainium|Inferentia)(\d)"), r"\1 \2"),
    (re.compile(r"^TPU-"), "TPU "),
)


@lru_cache(maxsize=512)
def card_name(accelerator: str) -> str:
    """A canonical name as people write it: "RTX4090" -> "RTX 4090"."""
    for pattern, spaced in _CARD_SPACES:
        accelerator = pattern.sub(spaced, accelerator)
    return accelerator
