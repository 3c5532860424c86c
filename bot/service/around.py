"""What every way in is built with."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from bot.core.settings import Settings
    from bot.service.core import Core
    from bot.service.parts import Part
    from bot.state import State
    from knowledge.prices.store import Store


class Around(NamedTuple):
    """What a way in is built with."""

    settings: Settings
    core: Core
    state: State
    store: Store
    clock: Callable[[], datetime]
    built: Mapping[str, Part]
    """Those before it in the list that are on, by name."""

    def turned_away(self, name: str) -> Callable[[str | None], bool]:
        """Whether more came than can be answered, of all or of one workspace."""
        return functools.partial(self.core.turned_away, name)
