"""CoreWeave's price page: prices of whole machines, for North America and for Europe.

There is no price API. The page is rendered by its server; each row labels its own prices.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from selectolax.lexbor import LexborNode

from knowledge.feeds.pages import dollars, elements, following, heading, is_hidden, own, page, shown
from knowledge.feeds.reading import quantity
from knowledge.feeds.rows import offered, uncontradicted
from knowledge.feeds.source import Http, NotUnderstood, Payload, PerInstance, RawOffer, Row, Source

PAGE = "https://www.coreweave.com/pricing"
_REGION = re.compile(r"^REGION:\s*(.+)$", re.IGNORECASE)
_LABELLED = re.compile(r"^(.*?):?\s*/\s*Hour$", re.IGNORECASE)
_BILLING = {"on-demand price": "on-demand", "spot price": "spot"}
_COUNT = re.compile(r"^(\d{1,2})(?:\^\d+)?$")
"""A superchip's count has a footnote: "4^1"."""
_COUNTS = {1, 2, 4, 8, 16, 72}
"""Without its markup a footnote would make 41 of 4."""


async def fetch(http: Http) -> Sequence[Payload]:
    """One page."""
    return [await http.get("/pricing", expect="html", tag="pricing")]


def parse(payloads: Sequence[Payload]) -> list[Row]:
    """The rows between the GPU and the CPU heading: rows of both look the same."""
    rows: list[Row] = []
    for payload in payloads:
        nodes = elements(page(payload))
        start = heading(nodes, "On-demand GPU instances", payload.tag)
        end = heading(nodes, "On-demand CPU instances", payload.tag)
        region: str | None = None
        for node in nodes[start:end]:
            if node.attributes.get("role") == "listitem" and not is_hidden(node):
                rows += _machine(node, region)
            elif found := _REGION.match(own(node)):
                region = found.group(1).upper()
    # Without its heading a region would lend its prices to the one before it.
    return offered(uncontradicted(rows), "coreweave")


def _machine(row: LexborNode, region: str | None) -> Iterator[Row]:
    # The name stands twice, for wide and for narrow screens.
    names = {shown(node): node.attributes.get("data-product") for node in row.css("h3")}
    if len(names) != 1:
        yield NotUnderstood(
            shown(row)[:80] or "a row without text", f"{len(names)} names in one row"
        )
        return
    name, product = names.popitem()
    count = _count(row)
    if count is None:
        yield NotUnderstood(name, f"GPU count {sorted(_labelled(row, 'GPU Count'))}")
        return
    missing: list[str] = []
    priced: dict[str, float] = {}
    for value in row.css(".item-value"):
        around = _LABELLED.match(own(value.parent)) if value.parent is not None else None
        label = around.group(1).strip().lower() if around else ""
        if label.startswith("inference"):
            continue  # for customers of the inference platform only
        billing = _BILLING.get(label)
        price = dollars(shown(value))
        if billing is None:
            if price.amount is not None:
                yield NotUnderstood(name, f"a price under {label or 'no label'!r}")
        elif price.refused:
            yield NotUnderstood(name, price.why)
        elif price.amount is None:
            missing.append(price.why)
        elif priced.setdefault(billing, price.amount) != price.amount:
            yield NotUnderstood(name, f"two {billing} prices in one row")
            return
    if not priced:
        yield NotUnderstood(name, "; ".join(dict.fromkeys(missing)) or "no price")
    for billing, figure in priced.items():
        yield RawOffer(
            provider="coreweave",
            instance_type=product or name,
            accelerator_name=name,
            count=count,
            price=PerInstance(figure),
            billing=billing,  # type: ignore[arg-type]  # a value of _BILLING
            memory_gb=_figure(row, "VRAM"),
            # An HGX board carries SXM modules.
            form_factor="SXM" if "HGX" in name.upper().split() else None,
            vcpus=_figure(row, "vCPUs"),
            ram_gb=_figure(row, "System RAM"),
            region=region,
            source_url=PAGE,
        )


def _labelled(row: LexborNode, label: str) -> set[str]:
    """The values that stand before this label; a footnote in an element of its own is no part."""
    found = set()
    for node in row.css(".table-meta-value"):
        beside = following(node)
        if beside is not None and shown(beside).lower() == label.lower():
            found.add(own(node))
    return found


def _count(row: LexborNode) -> int | None:
    cells = _labelled(row, "GPU Count")
    found = _COUNT.match(cells.pop()) if len(cells) == 1 else None
    count = int(found.group(1)) if found else 0
    return count if count in _COUNTS else None


def _figure(row: LexborNode, label: str) -> float | None:
    cells = _labelled(row, label)
    return quantity(cells.pop()) if len(cells) == 1 else None


SOURCE = Source(
    name="coreweave",
    title="CoreWeave price page",
    page=PAGE,
    base_url="https://www.coreweave.com",
    good_for=timedelta(hours=48),
    providers=("coreweave",),
    fetch=fetch,
    parse=parse,
    first_party=True,
    complete=True,
    min_interval=timedelta(hours=6),
)
