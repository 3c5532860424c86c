"""Who sees contract prices, and who may change what stands: one rule each. Unknown is no."""

from __future__ import annotations

from typing import Literal, get_args

Member = Literal["member", "guest", "foreign", "unknown"]
"""Whether somebody belongs to the workspace that owns the prices, as the platform told us."""
Audience = Literal["alone", "ours", "shared", "unknown"]
"""Who reads an answer: who asked alone; everybody of a room that is one company's, that other
companies read too, or of which nobody told us. Guests and later members read all but the first."""
MEMBERS: tuple[Member, ...] = get_args(Member)
AUDIENCES: tuple[Audience, ...] = get_args(Audience)


def may_see_contracts(member: Member, audience: Audience) -> bool:
    """Only somebody known to be ours, and only where nobody else reads."""
    return member == "member" and audience == "alone"


def may_change(member: Member, audience: Audience) -> bool:
    """Orders of a room are its members'; in their own messages people do as they like."""
    return member == "member" or audience == "alone"
