"""What people entrusted to us: places, digests, watches, preferences, contract prices.

Importing this package is light; `State` brings SQLAlchemy and is loaded when it is first named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.state.rows import (
    Delivery,
    Place,
    Published,
    Rule,
    StateFault,
    Subscription,
    Watch,
)

if TYPE_CHECKING:
    from bot.state.opened import State

__all__ = [
    "Delivery", "Place", "Published", "Rule", "State", "StateFault", "Subscription", "Watch",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name == "State":
        from bot.state.opened import State

        return State
    raise AttributeError(name)
