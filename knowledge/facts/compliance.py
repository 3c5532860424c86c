"""Audit reports, attestations and head offices that were read (data/compliance.csv).

No row proves a certificate: whoever signs asks for the report.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from knowledge.facts import bundled
from knowledge.facts.providers import provider as find


class Statement(NamedTuple):
    """What one page says of one provider."""

    provider: str
    item: str
    """`SOC 2`, `ISO 27001`, `HIPAA`, `GDPR/DPA`, `C5`, `SecNumCloud`, `LGPD`, `EU residency`,
    `jurisdiction` (country of the head office), `ClusterMAX` or `other`."""
    status: str
    """`stated`, `listed` (by a tracker), `in progress`, `conflict`, `rating` or `rule`."""
    detail: str
    evidence: str
    """`provider` (own page), `third-party`, `probe` (a word found on a trust page) or `rating`."""
    source_url: str
    source_date: str
    """Empty when the copy that was read carries no date."""
    note: str


@cache
def _by_provider() -> dict[str, tuple[Statement, ...]]:
    found: dict[str, list[Statement]] = {}
    for record in bundled.records("compliance", Statement):
        found.setdefault(record.provider, []).append(record)
    return {name: tuple(all_of) for name, all_of in found.items()}


def of(provider: str, item: str | None = None) -> tuple[Statement, ...]:
    """What was read of a provider, on one item or on all."""
    return tuple(
        statement
        for statement in _by_provider().get(provider, ())
        if item is None or statement.item == item
    )


_ITEMS = {
    "SOC2": "SOC 2", "ISO27001": "ISO 27001", "HIPAA": "HIPAA", "GDPR": "GDPR/DPA", "LGPD": "LGPD",
    "C5": "C5",
}  # fmt: skip
REPORTS = frozenset({"SOC2", "ISO27001", "HIPAA", "C5", "PCI"})
"""What an auditor attests, or a seller signs; the others are laws, which the buyer has to keep."""


def code(name: str) -> str:
    """A report as a Question names it: "ISO 27001" -> `ISO27001`, "PCI DSS" -> `PCI`."""
    short = name.replace(" ", "").upper()
    return "PCI" if short.startswith("PCI") else short


_TITLES = {"SOC2": "SOC 2", "ISO27001": "ISO 27001", "PCI": "PCI DSS", "HIPAA": "HIPAA", "C5": "C5"}


def title(name: str) -> str:
    """A report or law as people write it: `SOC2` -> "SOC 2"."""
    return _TITLES.get(code(name), name)


def stated(provider: str) -> tuple[str, ...]:
    """Titles of the reports that a page which was read says that the provider has."""
    return tuple(text for name, text in _TITLES.items() if states(provider, name))


def states(provider: str, name: str) -> bool:
    """Whether a page that was read says that the provider has it, `name` in any spelling."""
    wanted = code(name)
    item = _ITEMS.get(wanted, name)
    if any(
        statement.item == item and statement.status in ("stated", "listed")
        for statement in of(provider)
    ):
        return True
    known = find(provider)
    listed = known.compliance if known is not None and known.confirmed else ()
    return any(code(report).startswith(wanted) for report in listed) or (
        wanted == "PCI" and any(statement.detail.startswith("PCI") for statement in of(provider))
    )
