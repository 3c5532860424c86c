"""The price sources: SOURCES is the one list; a source's module is imported when it is used.

To add a source: a file in this folder that defines `SOURCE`, a line here, a payload in
`tests/feeds/payloads/`, a test in `tests/knowledge/sources/`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from knowledge.facts.feeds import FEEDS
from knowledge.feeds.source import Source

RATES = "ecb"
"""The currency rates: a feed like the others, but it sells nothing (`knowledge.refresh.rates`)."""


class _Sources(Mapping[str, Source]):
    """Name -> Source; listing imports nothing, asking for one imports its file."""

    def __getitem__(self, name: str) -> Source:
        if name not in FEEDS:
            raise KeyError(name)
        # By name: `lambda` is a source and no word for an import statement.
        source: Source = import_module(f"{__name__}.{name}").SOURCE
        return source

    def __contains__(self, name: object) -> bool:
        return name in FEEDS

    def __iter__(self) -> Iterator[str]:
        return iter(FEEDS)

    def __len__(self) -> int:
        return len(FEEDS)


SOURCES: Mapping[str, Source] = _Sources()
